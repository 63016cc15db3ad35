"""One export: asked for, made by a job, kept; as a document of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import pyarrow as pa

from quanmin.errors import QuanminError
from quanmin.ledger import Action, Document, Ledger, Workflow, database, register
from quanmin.ledger.errors import UnknownDocument
from quanmin.opendata.access import AccountNeeded, Reader, require
from quanmin.opendata.catalogue import Record
from quanmin.opendata.exports.errors import BadExport, TooManyExports, UnknownExport
from quanmin.opendata.holding import published, table_of
from quanmin.opendata.portal import Portal
from quanmin.opendata.rows import Query, names, order, parse, words
from quanmin.opendata.rows.errors import NoTable
from quanmin.opendata.rows.writing import WRITERS
from quanmin.text import Text

EXPORT = register(
    Workflow(
        "export",
        start="queued",
        actions=[
            Action("finish", "queued", "done", needs=["sha256", "rows", "bytes"]),
            Action("fail", "queued", "failed", needs=["error"]),
        ],
    )
)
FORMATS = tuple(WRITERS)
AT_ONCE = 3
"""Exports that one account may have under way."""
SECONDS = 3_600.0
"""What making one may take."""
WAIT = 30
FORGOTTEN = timedelta(days=1)
"""An export that waits longer than that does not count: its job came to nothing."""


@dataclass(frozen=True)
class Export:
    """An export as it stands. `table` is the SHA-256 of the file that was asked; `version` that of the record, then."""

    number: int
    account: str
    record: str
    name: str
    title: Text
    publisher: Text
    version: str | None
    table: str
    query: Mapping[str, Any]
    format: str
    state: str
    at: datetime
    done: datetime | None
    sha256: str | None
    rows: int | None
    bytes: int | None
    error: Mapping[str, Any] | None

    def cited(self, origin: str) -> Text:
        """How it is cited: publisher, title, version, what part, day, address, checksum."""
        address, day = f"{origin}/data/v1/exports/{self.number}", self.at.date().isoformat()
        check = f"SHA-256 {self.sha256}" if self.sha256 else f"SHA-256 {self.table}"
        version = self.version or self.table[:12]
        return Text(
            f"{self.publisher.zh}. {self.title.zh}（版本 {version}，数据子集）[数据集]. {day} 导出. {address}. {check}",
            f"{self.publisher.en}. {self.title.en} (version {version}, subset) [Data set]. Exported {day}. {address}. {check}",
        )

    def to_dict(self, origin: str) -> dict[str, Any]:
        """The JSON document of its address."""
        file = f"/data/v1/exports/{self.number}/file" if self.state == "done" else None
        return {
            "export": self.number,
            "state": self.state,
            "dataset": self.name,
            "title": self.title,
            "record": self.record,
            "version": self.version,
            "table": self.table,
            "query": self.query,
            "format": self.format,
            "created": self.at.isoformat(),
            "finished": self.done.isoformat() if self.done else None,
            "rows": self.rows,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "file": file,
            "citation": self.cited(origin),
            "error": self.error,
        }


def query_of(given: Mapping[str, Any]) -> Query:
    """The query of the JSON body of an export: filter, q, fields, order, distinct. BadExport, BadFilter, BadParameter."""
    kinds: dict[str, type | tuple[type, ...]] = {
        "filter": (dict, list),
        "q": str,
        "fields": str,
        "order": str,
        "distinct": bool,
    }
    for name, value in given.items():
        if name not in kinds or not isinstance(value, kinds[name]):
            raise BadExport(parameter=name if name in kinds else "?")
    return Query(
        filter=parse(given.get("filter", {})),
        q=words(given.get("q", "")),
        fields=names(given["fields"]) if "fields" in given else None,
        order=order(given["order"]) if "order" in given else (),
        distinct=given.get("distinct", False),
    )


def ask(portal: Portal, reader: Reader, record: Record, query: Mapping[str, Any], format: str) -> Export:  # noqa: A002
    """Put an export of a dataset's table in order; a job makes it.

    AccountNeeded, TooManyExports, NoTable, BadExport, and what access and query refuse.
    """
    require(record, reader)
    if reader.account is None:
        raise AccountNeeded(name=record.name)
    if format not in FORMATS:
        raise BadExport(parameter="format")
    table = table_of(record)
    if table is None:
        raise NoTable(name=record.name)
    portal.tables.open(table).check(query_of(query))
    data = {
        "account": reader.account,
        "record": record.id,
        "name": record.name,
        "title": record.title._asdict(),
        "publisher": record.publisher.name._asdict(),
        "version": record.version,
        "table": table,
        "query": dict(query),
        "format": format,
    }
    with portal.ledger.writing() as connection:
        database.lock(connection, "export")
        waiting = portal.ledger.find(EXPORT.kind, ref=reader.account, state="queued", connection=connection)
        if sum(portal.ledger.now() - one.at < FORGOTTEN for one in waiting) >= AT_ONCE:
            raise TooManyExports(limit=AT_ONCE, seconds=WAIT)
        made = portal.ledger.create(EXPORT.kind, reader.account, data, reader.account, connection=connection)
    return _export(made)


def get(portal: Portal, number: int, reader: Reader) -> Export:
    """An export, for whoever may have the data of its record; UnknownExport, and what access refuses."""
    found = _get(portal.ledger, number)
    require(published(portal, found.record), reader)
    return found


def of(portal: Portal, account: str) -> list[Export]:
    """The exports that an account asked for, the newest first."""
    return [_export(one) for one in portal.ledger.find(EXPORT.kind, ref=account)][::-1]


def make(portal: Portal, number: int, told: Callable[[int], None] = lambda _rows: None) -> Export:
    """Make the file of an export; one that was made already stays. `told` is told the rows written so far."""
    export = _get(portal.ledger, number)
    if export.state != "queued":
        return export
    try:
        given = query_of(export.query)
        table = portal.tables.prepare(export.table)
        written = 0

        def pieces() -> Iterator[pa.Table]:
            nonlocal written
            for piece in table.batches(given, SECONDS):
                yield piece
                written += piece.num_rows
                told(written)

        def write(out: BinaryIO) -> None:
            WRITERS[export.format](pieces(), table.arrow(given.fields), out)

        kept = portal.storage.write(write)
    except QuanminError as error:
        portal.ledger.act(number, "fail", {"error": error.to_dict()})
        raise
    done = {"sha256": kept.sha256, "rows": written, "bytes": kept.size}
    return _export(portal.ledger.act(number, "finish", done))


def _get(ledger: Ledger, number: int) -> Export:
    try:
        return _export(ledger.get(number, kinds=(EXPORT.kind,)))
    except UnknownDocument:
        raise UnknownExport(export=number) from None


def _export(document: Document) -> Export:
    data = document.data
    return Export(
        number=document.id,
        title=Text(**data["title"]),
        publisher=Text(**data["publisher"]),
        state=document.state,
        at=document.at,
        done=document.since if document.state != "queued" else None,
        account=data["account"],
        record=data["record"],
        name=data["name"],
        version=data["version"],
        table=data["table"],
        query=data["query"],
        format=data["format"],
        sha256=data.get("sha256"),
        rows=data.get("rows"),
        bytes=data.get("bytes"),
        error=data.get("error"),
    )
