"""A release's published table as those who check it look at it: the first rows, and what differs from the version before.

Reads the Parquet file of the release, which went through disclosure control: nothing else of a release is ever read here.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from quanmin.opendata.release.office import OUT, Releases
from quanmin.opendata.release.release import Release

STAR, FIGURES = "*", ("persons", "sum")
LARGEST = 200_000
"""Rows up to which versions are compared row by row."""
Row = tuple[str | None, ...]


class Preview(NamedTuple):
    """The first rows of a published table, how many there are in all, and how many of its figures are starred."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    whole: int
    starred: int


class Difference(NamedTuple):
    """How a release differs from the one that went out before it under the same name: `before` is its number.

    `rows` and `starred` are counts of before and now. `added`, `gone`, `changed`, `hidden` and `shown` count rows by their
    dimensions: new ones, those that are gone, whose figure changed, got a star, lost it. None where rows are not told apart:
    microdata, tables of other dimensions, and those longer than `LARGEST`.
    """

    before: int
    version: int | None
    rows: tuple[int, int]
    starred: tuple[int, int]
    fields_added: tuple[str, ...]
    fields_gone: tuple[str, ...]
    added: int | None = None
    gone: int | None = None
    changed: int | None = None
    hidden: int | None = None
    shown: int | None = None


def preview(releases: Releases, release: Release, most: int = 20) -> Preview | None:
    """The first rows as they are published; None of a release that made no files. UnknownFile."""
    file = _file(releases, release)
    return None if file is None else _preview(file, most)


def difference(releases: Releases, release: Release) -> Difference | None:
    """What differs from the version before; None where there is none. UnknownFile."""
    earlier = [one for one in releases.listing(OUT, release.name) if one.number < release.number]
    file, before = _file(releases, release), earlier[-1] if earlier else None
    old = None if before is None else _file(releases, before)
    if file is None or before is None or old is None:
        return None
    kinds = {release.kind, before.kind}
    return _difference(old, file, kinds == {"table"})._replace(before=before.number, version=before.version)


def _file(releases: Releases, release: Release) -> Path | None:
    found = next((one.sha256 for one in release.files if one.format == "parquet"), None)
    return None if found is None else releases.portal.storage.path(found)


@lru_cache(64)  # a file's name is the checksum of what it holds
def _preview(path: Path, most: int) -> Preview:
    with pq.ParquetFile(path) as file:
        columns, whole = tuple(file.schema_arrow.names), file.metadata.num_rows
        batches = (row for batch in file.iter_batches(min(most, 1024)) for row in batch.to_pylist())
        rows = tuple(tuple(row[name] for name in columns) for row in islice(batches, most))
        return Preview(columns, rows, whole, _starred(path))


@lru_cache(64)
def _starred(path: Path) -> int:
    """Figures that are a star."""
    found = 0
    with pq.ParquetFile(path) as file:
        figures = [name for name in FIGURES if name in file.schema_arrow.names]
        for batch in file.iter_batches(columns=figures) if figures else ():
            found += sum(pc.sum(pc.equal(column, STAR)).as_py() or 0 for column in batch.columns)
    return found


@lru_cache(64)
def _difference(before: Path, now: Path, tables: bool) -> Difference:
    old, new = _preview(before, 1), _preview(now, 1)
    added = tuple(name for name in new.columns if name not in old.columns)
    gone = tuple(name for name in old.columns if name not in new.columns)
    made = Difference(0, None, (old.whole, new.whole), (old.starred, new.starred), added, gone)
    if not tables or old.columns != new.columns or max(old.whole, new.whole) > LARGEST:
        return made
    was, now_is = _keyed(pq.read_table(before)), _keyed(pq.read_table(now))
    both = [(was[key], figures) for key, figures in now_is.items() if key in was]
    return made._replace(
        added=len(now_is.keys() - was.keys()),
        gone=len(was.keys() - now_is.keys()),
        changed=sum(one != other and STAR not in (*one, *other) for one, other in both),
        hidden=sum(STAR in other and STAR not in one for one, other in both),
        shown=sum(STAR in one and STAR not in other for one, other in both),
    )


def _keyed(table: pa.Table) -> dict[Row, Row]:
    """The figures of each row by its dimensions."""
    figures = [name for name in table.column_names if name in FIGURES]
    keys = [name for name in table.column_names if name not in FIGURES and not name.endswith("_name")]
    return {
        tuple(row[name] for name in keys): tuple(row[name] for name in figures)
        for row in table.select([*keys, *figures]).to_pylist()
    }
