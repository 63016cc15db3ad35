"""Taking rows that were supplied: validated, linked to what is there already, kept as a file; and the state they make together.

A row that fails a check is quarantined: it stays out of the kept file, is counted by its rule, and the receipt tells how many.
Rows that came as lines of JSON are kept as Parquet, like the others, so that all that follows is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
from quanmin.exchange.supply import chain
from quanmin.exchange.supply.errors import ContentBroken, FormDiffers, NotLinked
from quanmin.exchange.supply.parcel import noted
from quanmin.exchange.supply.reader import Reader
from quanmin.exchange.supply.validation import Check
from quanmin.ledger import Document

ROWS = 100_000


class Taken(NamedTuple):
    """How many rows passed and failed, the file that holds those that passed, and its name if it is another than came."""

    accepted: int
    quarantined: int
    file: Path
    name: str | None = None


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
        taken = _converted(check, told, file) if told["format"] == "ndjson" else _validated(check, file)
    except (Invalid, Denied, NotFound, NotLinked) as error:
        return Result(error=_plain(error))
    kept = keep(node, intake, taken.file, taken.name)
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


def _converted(check: Check, told: dict[str, Any], file: Path) -> Taken:
    """Lines of JSON as a Parquet file of the rows that pass. What `Reader` and `Check.schema` raise, ContentBroken."""
    if "schema" not in told:
        raise ContentBroken(fault="schema")
    schema = schemas.read(told["schema"])
    check.schema(schema.arrow())
    note = {name: told[name] for name in ("content", "snapshot", "since")}
    kept = schema.arrow().with_metadata(noted(schema.key, schema.optional, note))
    reader, accepted, target = Reader(schema, check.faults), 0, file.with_name(f"good.{file.name}")
    with place.room(int(told["bytes"])), pq.ParquetWriter(target, kept, compression="zstd", compression_level=1) as to:
        for batch in reader.batches(file):
            good = check.good(batch)
            passed = batch if good is None else batch.filter(good)
            to.write_batch(passed)
            accepted += len(passed)
    crash(CONVERTED)
    name = f"{told['dataset']}.{told['content']}.{int(told['snapshot'] or 0)}.parquet"
    return Taken(accepted, reader.count - accepted, target, name)


def _validated(check: Check, file: Path) -> Taken:
    """A Parquet file of the rows that pass: the one that came where all do."""
    with _opened(file) as source:
        check.schema(source.schema_arrow)
        bad = sum(int(good.false_count) for _, good in _checked(check, source) if good is not None)
        count = source.metadata.num_rows - bad
        if not bad:
            return Taken(count, bad, file)
        target = file.with_name(f"good.{file.name}")
        again = Check(check.terms, check.content)
        with pq.ParquetWriter(target, source.schema_arrow, compression="zstd", compression_level=1) as writer:
            for batch, good in _checked(again, source):
                writer.write_batch(batch if good is None else batch.filter(good))
        return Taken(count, bad, target)


def _checked(check: Check, source: pq.ParquetFile) -> Iterator[tuple[pa.RecordBatch, pa.BooleanArray | None]]:
    for batch in source.iter_batches(ROWS):
        yield batch, check.good(batch)


@contextmanager
def _opened(file: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file that came from outside. ContentBroken."""
    try:
        with pq.ParquetFile(file) as source:
            yield source
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise ContentBroken(fault=type(error).__name__) from error


TAKERS["full"] = TAKERS["change"] = take
