"""Taking rows that were supplied: validated, linked to what is there already, kept as a file; and the state they make together.

A row that fails a check is quarantined: it stays out of the kept file, is kept apart (`supply.quarantine`) and counted by its
rule, the receipt tells how many, and feedback which (`supply.standing`). Rows that came as lines of JSON are kept as Parquet,
like the others, so that all that follows is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from quanmin.errors import Denied, Invalid, NotFound, QuanminError
from quanmin.exchange.delivery import TAKERS, Result, place
from quanmin.exchange.delivery import schema as schemas
from quanmin.exchange.delivery.crash import CONVERTED, crash
from quanmin.exchange.delivery.taking import keep
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply import chain, parcel, quarantine
from quanmin.exchange.supply.errors import ContentBroken, FormDiffers, NotLinked
from quanmin.exchange.supply.mark import noted
from quanmin.exchange.supply.quarantine import Aside
from quanmin.exchange.supply.reader import Reader
from quanmin.exchange.supply.validation import Check, Failing, passing
from quanmin.ledger import Document

ROWS = 100_000


class Taken(NamedTuple):
    """How many rows passed and failed, and the file that holds those that passed."""

    accepted: int
    quarantined: int
    file: Path


def take(node: Node, intake: Document, file: Path) -> Result:
    """Take a delivery of content `full` or `change`. What the sender has to put right is a refusal with its error."""
    told = intake.data["manifest"]
    terms = node.agreements.standing(str(told["agreement"]), node.ledger.now())
    check = Check(terms, str(told["content"]))
    try:
        if terms.content not in chain.CONTENTS or check.content not in ("full", terms.content):
            raise ContentBroken(fault="content")
        if (told["format"] == "ndjson") != (terms.form == "ndjson"):
            raise FormDiffers(agreed=terms.form)
        _linked(node, intake)
        aside = quarantine.path(node.settings.home, told)
        taken = _converted(check, told, file, aside) if told["format"] == "ndjson" else _validated(check, file, aside)
    except (Invalid, Denied, NotFound, NotLinked) as error:
        return Result(error=_plain(error))
    kept = keep(node, intake, taken.file, chain.kept_name(told))
    more = {**kept.more, "faults": dict(sorted(check.faults.items()))}
    return Result(taken.accepted, taken.quarantined, more=more)


def _plain(error: QuanminError) -> dict[str, object]:
    return error.to_dict()


def _linked(node: Node, intake: Document) -> None:
    """A change starts from a state that is here. NotLinked, ContentBroken."""
    own = chain.link(intake)
    if own.content == "full":
        return
    if own.since is None or not own.snapshot:
        raise ContentBroken(fault="since, snapshot")
    there = chain.accepted(node.ledger, own.agreement.partition(";")[0])
    if own not in chain.path([*(one for one in there if one.event < own.event), own]):
        raise NotLinked(since=own.since)


def _converted(check: Check, told: dict[str, Any], file: Path, aside: Path) -> Taken:
    """Lines of JSON as a Parquet file of the rows that pass. What `Reader` and `Check.schema` raise, ContentBroken."""
    if "schema" not in told:
        raise ContentBroken(fault="schema")
    schema = schemas.read(told["schema"])
    check.schema(schema.arrow())
    note = {name: told[name] for name in ("content", "snapshot", "since")}
    kept = schema.arrow().with_metadata(parcel.noted(schema.key, schema.optional, note))
    check, reader, bad, target = (
        replace(check, known=noted(kept)),
        Reader(schema),
        0,
        file.with_name(f"good.{file.name}"),
    )
    with (
        place.room(int(told["bytes"])),
        pq.ParquetWriter(target, kept, compression="zstd", compression_level=1) as writer,
        Aside(aside, kept, check.known) as apart,
    ):
        for batch, before in reader.batches(file):
            failing = check.failing(batch, before)
            _part(batch, failing, writer, apart)
            bad += _failed(failing)
    crash(CONVERTED)
    return Taken(reader.count - bad, bad, target)


def _validated(check: Check, file: Path, aside: Path) -> Taken:
    """A Parquet file of the rows that pass: the one that came where all do. Those that do not are kept in `aside`."""
    with _opened(file) as source:
        check.schema(source.schema_arrow)
        check = replace(check, known=noted(source.schema_arrow))
        bad = sum(_failed(failing) for _, failing in _checked(check, source))
        count = source.metadata.num_rows
        if not bad:
            return Taken(count, 0, file)
        target, again = file.with_name(f"good.{file.name}"), replace(check, faults={})
        with (
            place.room(int(file.stat().st_size)),
            pq.ParquetWriter(target, source.schema_arrow, compression="zstd", compression_level=1) as writer,
            Aside(aside, source.schema_arrow, check.known) as apart,
        ):
            for batch, failing in _checked(again, source):
                _part(batch, failing, writer, apart)
        return Taken(count - bad, bad, target)


def _part(batch: pa.RecordBatch, failing: Failing, writer: pq.ParquetWriter, apart: Aside) -> None:
    """Rows that pass go on, those that fail aside."""
    good = passing(failing)
    writer.write_batch(batch if good is None else batch.filter(good))
    apart.write(batch, failing)


def _failed(failing: Failing) -> int:
    """How many rows of a batch fail."""
    good = passing(failing)
    return 0 if good is None else int(good.false_count)


def _checked(check: Check, source: pq.ParquetFile) -> Iterator[tuple[pa.RecordBatch, Failing]]:
    for batch in source.iter_batches(ROWS):
        yield batch, check.failing(batch)


@contextmanager
def _opened(file: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file that came from outside. ContentBroken."""
    try:
        with pq.ParquetFile(file) as source:
            yield source
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise ContentBroken(fault=type(error).__name__) from error


TAKERS["full"] = TAKERS["change"] = take
