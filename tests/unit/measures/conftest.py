"""A library that counts: its catalogue with indicators, a lake with its loans and readers, and the plain reference beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from quanmin import measures, standards
from quanmin.lake import Lake
from quanmin.measures.reference import figures_of
from quanmin.settings import Settings
from quanmin.standards.reading import ARROW_TYPES

LOANS = Path(__file__).parents[2] / "library_loans"
LOAN, READER = "library.loan", "library.reader"


class Library:
    """Writes typed rows as collecting would, and compares what was computed with the reference."""

    def __init__(self, lake: Lake, catalogue: standards.Catalogue | None = None) -> None:
        self.lake, self.catalogue = lake, catalogue or standards.load(LOANS)
        self.kept: dict[str, list[dict[str, Any]]] = {LOAN: [], READER: []}
        self.batch = 0

    def schema(self, dataset: str) -> pa.Schema:
        """The clean table of a dataset."""
        elements = [(one.name, ARROW_TYPES[one.type]) for one in self.catalogue.dataset(dataset).elements]
        return pa.schema([*elements, ("bucket", pa.int32()), ("_batch", pa.int64())])

    def add(self, dataset: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """One batch; what a row does not say is missing. A row with the key of an earlier batch takes its place."""
        self.batch += 1
        declared = self.catalogue.dataset(dataset)
        names = [one.name for one in declared.elements]
        whole = [{name: row.get(name) for name in names} for row in rows]
        schema = self.schema(dataset)
        place = {"_batch": self.batch}
        told = [row | place | {"bucket": hash(row[declared.key[0]]) % 4} for row in whole]
        with self.lake.session("collect", transaction=f"batch {self.batch}") as session:
            writer = session.writer(f"clean.{dataset}", schema, "bucket", key=declared)
            writer.write(pa.Table.from_pylist(told, schema))
            session.commit()
        self.kept[dataset] += [row | place for row in whole]

    def withdraw(self, dataset: str, batch: int) -> None:
        """Take a batch away."""
        with self.lake.session("collect", transaction=f"without {batch}") as session:
            session.writer(f"clean.{dataset}", self.schema(dataset), "bucket").delete(f"_batch = {batch}")
            session.commit()
        self.kept[dataset] = [row for row in self.kept[dataset] if row["_batch"] != batch]

    def live(self, dataset: str) -> list[dict[str, Any]]:
        """The rows that count: per key, those of the latest batch."""
        [key] = self.catalogue.dataset(dataset).key
        latest: dict[Any, int] = {}
        for row in self.kept[dataset]:
            if row[key] is not None:
                latest[row[key]] = max(latest.get(row[key], 0), row["_batch"])
        return [row for row in self.kept[dataset] if row[key] is None or row["_batch"] == latest[row[key]]]

    def compute(self, **more: Any) -> measures.Report:
        """A computation by the library's catalogue."""
        return measures.compute(self.lake, catalogue=self.catalogue, **more)

    def stored(self) -> dict[tuple[str, ...], tuple[Any, ...]]:
        """Every stored figure by indicator, period, level, region and categories; no key is there twice."""
        columns = "indicator, period, level, region, categories, numerator, denominator, value, lower, upper, marks"
        with self.lake.session("measures") as session:
            query = f"SELECT {columns} FROM {session.relation(measures.FIGURE)}"
            rows = session.connection.execute(query).fetchall()
        found = {row[:5]: row[5:] for row in rows}
        assert len(found) == len(rows)
        return found

    def expected(self) -> dict[tuple[str, ...], tuple[Any, ...]]:
        """The same by the reference."""
        tables = {f"clean.{dataset}": self.live(dataset) for dataset in self.kept}
        return {
            (name, *key): tuple(told)
            for name in self.catalogue.indicators.indicators
            for key, told in figures_of(self.catalogue, tables, name).items()
        }

    def check(self) -> None:
        """What is stored is what the reference says, to the last digits of the intervals."""
        stored, expected = self.stored(), self.expected()
        assert stored.keys() == expected.keys()
        for key, told in expected.items():
            assert same(stored[key], told), (key, stored[key], told)


def same(left: Sequence[Any], right: Sequence[Any]) -> bool:
    """Whether two figures are the same but for rounding."""
    return all(
        math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) if isinstance(a, float) and isinstance(b, float) else a == b
        for a, b in zip(left, right, strict=True)
    )


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A library with an empty lake."""
    with Lake.open(Settings(home=tmp_path / "home", buckets=4)) as lake:
        yield Library(lake)


@pytest.fixture(scope="session")
def library_class() -> type[Library]:
    """The library for tests that open lakes themselves."""
    return Library
