"""Which rows that were supplied stand as wrong: a fold over the deliveries of an agreement, in their order.

An error is a row of a mark (`supply.mark`) that fails a rule; of several rows of one mark each counts by itself. It belongs to
the delivery that brought it, and stays there while the next word on the row is the same error; it is gone when a later delivery
brings the row and it passes, or no longer has it. Full rows are a word on every row, a change on those that it names. Rows that
are known by their values are counted: one that is deleted takes the one that came last.

What stands is a Parquet file beside the rows that were set aside; it tells from which deliveries it was made, so that it goes on
from there, and is made anew where one of them was recalled. Everything is joined on disk by the lake's engine.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from quanmin.exchange.delivery import place
from quanmin.exchange.delivery.crash import crash
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply import chain, quarantine
from quanmin.exchange.supply.chain import Link
from quanmin.exchange.supply.mark import BY_KEY, noted, whole
from quanmin.exchange.supply.validation import DELETE
from quanmin.lake.feed import CHANGE
from quanmin.population.feedback import STAGE

SCHEMA = pa.schema(
    [
        ("event", pa.int64()),
        ("row", pa.int64()),
        ("mark", pa.string()),
        ("rule", pa.string()),
        ("nth", pa.int64()),
    ]
)
"""An error: the event number of the delivery that it belongs to, the row there, and which of the errors of its mark it is."""
MADE_FROM, COUNTS = b"quanmin.deliveries", b"quanmin.counts"
"""The names in the file's metadata of the deliveries that it was made from, and of how many errors each has."""
ROWS = 100_000
_SAME = "(mark, rule, nth)"


def sequence(links: Sequence[Link]) -> list[Link]:
    """The deliveries that have a say, in order: from each full one the changes that lead to the newest state before the next."""
    ordered = sorted(links, key=lambda one: one.event)
    starts = [place_ for place_, one in enumerate(ordered) if one.content == "full"]
    ends = [*starts[1:], len(ordered)][: len(starts)]
    return [one for start, end in zip(starts, ends, strict=True) for one in chain.path(ordered[start:end])]


def file(home: Path, agreement: str) -> Path:
    """Where it is kept what stands of an agreement."""
    return quarantine.folder(home, agreement) / quarantine.STANDING


def update(node: Node, agreement: str) -> Path | None:
    """The file of what stands, up to date; None where no row was ever set aside."""
    target = file(node.settings.home, agreement)
    if not target.parent.is_dir():
        return None
    links = sequence(chain.accepted(node.ledger, agreement))
    made_from = _made_from(target)
    names = [one.delivery for one in links]
    if made_from == names:
        return target
    known = len(made_from or ()) if made_from is not None and names[: len(made_from)] == made_from else 0
    with node.lake.session(STAGE) as session:
        run = session.connection
        _load(run, "standing", target if known else None, SCHEMA)
        for one in links[known:]:
            _step(run, node.settings.home, agreement, one)
        _write(run, target, names)
    return target


def _made_from(target: Path) -> list[str] | None:
    """From which deliveries a file was made; None where there is none, or none that can be read."""
    if not target.is_file():
        return None
    try:
        with pq.ParquetFile(target) as found:
            return [str(one) for one in json.loads((found.schema_arrow.metadata or {})[MADE_FROM])]
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError):
        return None


def _write(run: Any, target: Path, names: Sequence[str]) -> None:
    draft = target.with_name(f".{target.name}")  # the feedback of an agreement is told by one process at a time
    counted = dict(run.execute("SELECT event, count(*) FROM standing GROUP BY event").fetchall())
    schema = SCHEMA.with_metadata({MADE_FROM: json.dumps(list(names)).encode(), COUNTS: json.dumps(counted).encode()})
    try:
        with place.room(1), pq.ParquetWriter(draft, schema, compression="zstd", compression_level=1) as writer:
            reader = run.sql("SELECT * FROM standing ORDER BY event, row, rule").to_arrow_reader(ROWS)
            for batch in reader:
                writer.write_batch(batch.cast(schema))
        os.replace(draft, target)
        crash("standing kept")
    finally:
        draft.unlink(missing_ok=True)


def _step(run: Any, home: Path, agreement: str, link: Link) -> None:
    """Put one delivery on top of what stands (`standing`)."""
    apart = quarantine.folder(home, agreement) / link.file
    _load(run, "aside", apart, quarantine.ADDED)
    run.execute(
        f"CREATE OR REPLACE TEMP TABLE told AS SELECT {link.event}::BIGINT AS event, _row AS row, _mark AS mark, "
        "unnest(_rules) AS rule FROM aside WHERE NOT _deleted"  # one that is deleted is nothing to correct
    )
    if link.content == "full":
        _number(run, "0")
        left = f"SELECT * FROM standing SEMI JOIN fresh USING {_SAME}"
    else:
        _touched(run, place.kept(home, agreement) / link.file)
        _number(run, f"CASE WHEN starts_with(mark, '{BY_KEY}') THEN 0 ELSE coalesce(kept, 0) END")
        left = (
            f"SELECT s.* FROM standing AS s LEFT JOIN touched AS t USING (mark) "
            f"LEFT JOIN counted AS c ON c.mark = s.mark AND c.rule = s.rule "
            f"WHERE CASE WHEN starts_with(s.mark, '{BY_KEY}') "
            f"THEN t.mark IS NULL OR EXISTS (SELECT 1 FROM fresh AS f "
            f"WHERE f.mark = s.mark AND f.rule = s.rule AND f.nth = s.nth) "
            f"ELSE s.nth <= c.kept END"
        )
    run.execute(
        f"CREATE OR REPLACE TEMP TABLE after AS {left} "
        f"UNION ALL SELECT f.* FROM fresh AS f ANTI JOIN standing AS s USING {_SAME}"
    )
    run.execute("CREATE OR REPLACE TEMP TABLE standing AS SELECT * FROM after")


def _load(run: Any, name: str, path: Path | None, schema: pa.Schema) -> None:
    """Put the columns of a Parquet file into a table of the session; an empty one where there is no file."""
    run.register("read", pa.RecordBatchReader.from_batches(schema, _read(path, schema)))
    run.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM read")
    run.unregister("read")


def _read(path: Path | None, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    if path is None or not path.is_file():
        return
    with pq.ParquetFile(path) as source:
        for batch in source.iter_batches(ROWS, columns=schema.names):
            yield batch.select(schema.names).cast(schema)


def _touched(run: Any, kept: Path) -> None:
    """Of the marks that stand, those that a change names (`touched`), and how many errors of each are left (`counted`).

    A row that is known by its values is named by its deletion; what comes with the same values comes beside it.
    """
    run.register("passed", pa.RecordBatchReader.from_batches(_NAMED, _named(kept)))
    run.execute(
        "CREATE OR REPLACE TEMP TABLE touched AS SELECT mark, sum(deleted::INT) AS gone "
        "FROM (SELECT mark, deleted FROM passed UNION ALL SELECT _mark, _deleted FROM aside) "
        "SEMI JOIN standing USING (mark) GROUP BY mark"
    )
    run.unregister("passed")
    run.execute(
        "CREATE OR REPLACE TEMP TABLE counted AS SELECT mark, rule, greatest(max(nth) - coalesce(any_value(gone), 0), 0) "
        "AS kept FROM standing LEFT JOIN touched USING (mark) GROUP BY mark, rule"
    )


_NAMED = pa.schema([("mark", pa.string()), ("deleted", pa.bool_())])


def _named(kept: Path) -> Iterator[pa.RecordBatch]:
    """The mark of every row of a change that passed, and whether it was deleted."""
    if not kept.is_file():
        return
    with pq.ParquetFile(kept) as source:
        known = noted(source.schema_arrow)
        names = [name for name in source.schema_arrow.names if name != CHANGE]
        for batch in source.iter_batches(ROWS):
            deleted = pc.fill_null(pc.equal(batch.column(CHANGE), DELETE), False)
            yield pa.record_batch([whole(batch, known, names), deleted], schema=_NAMED)


def _number(run: Any, before: str) -> None:
    """The errors of a delivery, numbered within their mark and rule after those that are `before` (`fresh`)."""
    counted = "" if before == "0" else "LEFT JOIN counted USING (mark, rule)"
    run.execute(
        f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT event, row, mark, rule, "
        f"({before}) + row_number() OVER (PARTITION BY mark, rule ORDER BY row) AS nth FROM told {counted}"
    )


def counts(node: Node, agreement: str) -> Mapping[int, int]:
    """How many errors stand of each delivery, by its event number."""
    found = file(node.settings.home, agreement)
    if not found.is_file():
        return {}
    with pq.ParquetFile(found) as source:
        told = json.loads((source.schema_arrow.metadata or {})[COUNTS])
    return {int(event): int(count) for event, count in told.items()}


def errors(node: Node, agreement: str, event: int, told: pa.Array, most: int) -> pa.Table:
    """The errors of one delivery that stand: those of the rows `told`, and those of the first `most` others, by row.

    The file is in this order, and is read no further than needed.
    """
    found, others, last = [SCHEMA.empty_table()], set[int](), pc.max(told).as_py() or 0
    for batch in _read(file(node.settings.home, agreement), SCHEMA):
        own = batch.filter(pc.equal(batch.column("event"), event))
        if len(own):
            new = own.column("row").filter(pc.invert(pc.is_in(own.column("row"), value_set=told))).unique().to_pylist()
            others.update(sorted(set(new) - others)[: most - len(others)])
            wanted = pa.array([*told.to_pylist(), *others.intersection(new)], pa.int64())
            found.append(pa.Table.from_batches([own.filter(pc.is_in(own.column("row"), value_set=wanted))], SCHEMA))
        end = max(last, max(others, default=0)) if len(others) >= most else None
        if batch.column("event")[-1].as_py() > event or (end and len(own) and own.column("row")[-1].as_py() > end):
            break
    return pa.concat_tables(found)
