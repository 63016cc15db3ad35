"""One run of a source: everything is read, then everything is judged, and only then the catalogue is changed.

What the source has no more is withdrawn with a reason, at its old address. What an officer withdrew here stays withdrawn. A
record that became invalid stays as it was, and is reported with the rule and the place that it breaks. What was new and changed
goes in together; a run that is killed before it withdrew what is gone is finished by the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from quanmin.errors import QuanminError
from quanmin.ledger.progress import tell, told
from quanmin.opendata.catalogue import Catalogue, problems
from quanmin.opendata.catalogue.errors import UnknownRecord
from quanmin.opendata.harvest import from_core, from_json, from_rdf
from quanmin.opendata.harvest.adopt import HARVEST, adopted, digest, record_id
from quanmin.opendata.harvest.errors import NothingThere, PageLoop, TooMuch, Unreadable
from quanmin.opendata.harvest.fetch import Fetcher, Limits, Page
from quanmin.opendata.harvest.found import Batch, Broken, Found
from quanmin.opendata.harvest.source import FORMATS, Known, Source

ACTOR = "harvest"
KEPT = 100
"""Refusals that a report keeps; all are counted."""
GONE = "源目录已不再提供该数据集。The source no longer offers this dataset."
ROWS = 100
LIMITS = Limits()


@dataclass
class Report:
    """What became of a run. `refused` says of each record where it broke which rule; `gone` when each was last seen."""

    source: str
    at: str
    pages: int = 0
    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    held: int = 0
    refusals: int = 0
    seconds: float = 0.0
    gone: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    error: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)

    def refuse(self, original: str, path: str, code: str) -> None:
        """Note a record that cannot be taken."""
        self.refusals += 1
        if len(self.refused) < KEPT:
            self.refused.append({"original": original[:200], "path": path or "/", "rule": code})


def run(
    catalogue: Catalogue,
    known: Known,
    *,
    local: bool = False,
    accept_empty: bool = False,
    limits: Limits = LIMITS,
    note: Callable[[int], None] = lambda _read: None,
) -> Report:
    """Harvest a source; an error leaves the catalogue as it was, and is kept with the report. SourceAway and the others."""
    ledger, source = catalogue.store.ledger, known.source
    report, began = Report(source.name, ledger.now().isoformat()), time.monotonic()
    try:
        found = list(_read(source, Fetcher(source, limits, local=local), limits, report, note))
        _apply(catalogue, known, found, report, accept_empty)
    except QuanminError as error:
        report.error = error.to_dict()
        raise
    finally:
        report.seconds = round(time.monotonic() - began, 3)
        if known.document:
            ledger.act(known.document, "run", {"report": report.to_dict()}, ACTOR)
    return report


def _read(
    source: Source, fetcher: Fetcher, limits: Limits, report: Report, note: Callable[[int], None]
) -> Iterator[Found]:
    """Every record of the source, page by page."""
    pages = _ckan(source, fetcher, report) if source.format == "ckan" else _pages(source, fetcher, report)
    for batch in pages:
        report.pages += 1
        report.read += len(batch.found)
        if report.read > limits.records or report.pages > limits.pages:
            raise TooMuch(source=source.name, limit=f"{limits.records:,} records, {limits.pages:,} pages")
        note(report.read)
        yield from batch.found


def _pages(source: Source, fetcher: Fetcher, report: Report) -> Iterator[Batch]:
    """Pages that lead to the next one, each asked once."""
    seen: set[str] = set()
    address: str | None = source.address
    accept = from_rdf.ACCEPT if source.format == "dcat" else from_json.ACCEPT
    while address is not None:
        if address in seen:
            raise PageLoop(source=source.name, page=report.pages + 1)
        seen.add(address)
        batch = _parsed(source, fetcher.get(address, accept), report)
        yield batch
        address = batch.next


def _parsed(source: Source, page: Page, report: Report) -> Batch:
    try:
        match source.format:
            case "dcat":
                return from_rdf.read(page, source.language)
            case "data_json":
                return from_json.data_json(page, source.language)
            case "datapackage":
                return from_json.package(page, source.language)
            case _:
                return from_core.read(page)
    except Broken as error:
        raise _unreadable(source, report, error) from None


def _unreadable(source: Source, report: Report, error: Broken) -> Unreadable:
    said = {"source": source.name, "page": report.pages + 1, "format": FORMATS[source.format], "reason": str(error)}
    return Unreadable(**said)


def _ckan(source: Source, fetcher: Fetcher, report: Report) -> Iterator[Batch]:
    """Pages by number of rows, as long as each brings something new."""
    base = (
        source.address
        if "package_search" in source.address
        else urljoin(source.address.rstrip("/") + "/", "api/3/action/package_search")
    )
    seen: set[str] = set()
    start, total = 0, 1
    while start < total:
        joint = "&" if urlsplit(base).query else "?"
        try:
            batch, total = from_json.ckan(
                fetcher.get(f"{base}{joint}rows={ROWS}&start={start}&sort=id+asc", from_json.ACCEPT), source.language
            )
        except Broken as error:
            raise _unreadable(source, report, error) from None
        new = {one.original for one in batch.found} - seen
        if not new and start < total:
            raise PageLoop(source=source.name, page=report.pages + 1)
        seen |= new
        yield batch
        start += len(batch.found)


def _apply(catalogue: Catalogue, known: Known, found: list[Found], report: Report, accept_empty: bool) -> None:
    source, store = known.source, catalogue.store
    ours = {
        step.record: step.document[HARVEST].get("digest")
        for step in store.published(f"{source.name}.")
        if step.document is not None and isinstance(step.document.get(HARVEST), dict)
    }
    if ours and not found and not accept_empty:
        raise NothingThere(source=source.name, known=len(ours))
    seen: set[str] = set()
    wanted = list(_wanted(catalogue, source, found, ours, seen, report))
    with store.ledger.reading() as connection:
        before = told(connection, [known.document]).get(known.document)
    last = dict(before.data.get("seen", {})) if before else {}
    if wanted:
        catalogue.publish_all(wanted, ACTOR)
    for record in sorted(set(ours) - seen):
        catalogue.withdraw(record, GONE, ACTOR)
        report.gone.append({"record": record, "last_seen": last.get(record)})
    last |= dict.fromkeys(seen, report.at)
    with store.ledger.writing() as connection:
        if known.document:
            tell(
                connection,
                known.document,
                {"seen": {one: at for one, at in last.items() if one in seen}},
                store.ledger.now(),
            )


def _wanted(
    catalogue: Catalogue, source: Source, found: list[Found], ours: dict[str, Any], seen: set[str], report: Report
) -> Iterator[dict[str, Any]]:
    """The documents that are new or changed and keep the rules; `seen` gets whatever the source still has."""
    for one in found:
        own = record_id(source, one.original)
        if not one.original or own in seen:
            report.refuse(one.original, "/dct:identifier", "C02" if not one.original else "C14")
            continue
        seen.add(own)
        if ours.get(own) == digest(one):
            report.unchanged += 1
            continue
        document = adopted(source, one, report.at)
        wrong = problems(document)
        if wrong:
            report.refuse(one.original, wrong[0].path, wrong[0].code)
        elif own not in ours and _held(catalogue, own):
            report.held += 1
        else:
            report.changed, report.added = report.changed + (own in ours), report.added + (own not in ours)
            yield document


def _held(catalogue: Catalogue, record: str) -> bool:
    """Whether an officer withdrew it here."""
    try:
        steps = catalogue.history(record)
    except UnknownRecord:
        return False
    return steps[-1].action == "withdraw" and steps[-1].actor != ACTOR
