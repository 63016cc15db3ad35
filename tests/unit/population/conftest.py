"""A small base for unit tests: rows put into the clean tables as collect leaves them, without files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from quanmin import population, standards, trust
from quanmin.collect.batch import BATCH
from quanmin.lake import Lake
from quanmin.population.plan import plan_of
from quanmin.population.tables import arrow_type
from quanmin.settings import Settings
from quanmin.standards import kernels

COMPARED = ("person_key", "citizen_number", "name")


class Office:
    """An installation whose agencies send what a test says."""

    bench = "public_security.household_registration"
    whole = "health.whole_population"
    death = "health.death"

    def __init__(self, home: Path) -> None:
        self.lake = Lake.open(Settings(home=home, buckets=2, threads=1))
        self.sent = 0

    def send(
        self,
        dataset: str,
        *rows: dict[str, Any],
        flags: str | None = None,
        sent_as: str = "sent.csv",
        also: tuple[str, ...] = (),
    ) -> int:
        """One batch of a dataset; a row gives `number` and `name`, and any element of a build or of `also`; the batch's number.

        What the dataset's key lacks is numbered through, so that no row corrects another by accident.
        """
        found = standards.catalogue().dataset(dataset)
        source = plan_of(standards.catalogue()).by_dataset[dataset]
        batch = self.lake.ledger.create(BATCH.kind, data={"file": sent_as}).id
        names = dict.fromkeys([*found.key, *source.elements, *also])
        fields = [(name, arrow_type(source.types.get(name, "string"))) for name in names]
        fields += [("person_key", pa.int64()), ("bucket", pa.int32()), ("_flags", pa.string())]
        schema = pa.schema([*fields, ("_batch", pa.int64()), ("_source", pa.string()), ("_row", pa.int64())])
        made = [self._row(dataset, batch, place, row, flags) for place, row in enumerate(rows, start=1)]
        with self.lake.session("collect", batch=batch) as session:
            writer = session.writer(f"clean.{dataset}", schema, "bucket", found.key)
            writer.write(pa.Table.from_pylist(made, schema))
            session.commit()
        return batch

    def _row(self, dataset: str, batch: int, place: int, row: dict[str, Any], flags: str | None) -> dict[str, Any]:
        found = standards.catalogue().dataset(dataset)
        source = plan_of(standards.catalogue()).by_dataset[dataset]
        given = dict(row)
        number = given.pop("number", None)
        key = kernels.encode(pa.array([number], pa.string()))[0].as_py()
        self.sent += 1
        types = {"date": dt.date(2015, 1, 1), "int64": self.sent}
        values = {name: types.get(source.types[name], f"K{self.sent:06}") for name in found.key}
        values |= {source.number: number, str(source.name): given.pop("name", None)}
        bucket = kernels.bucket_of(
            pa.array([key], pa.int64()), pa.array([place], pa.int64()), self.lake.settings.buckets
        )[0]
        address = {"_batch": batch, "_source": found.steward, "_row": place, "_flags": flags, "bucket": int(bucket)}
        return {**values, **given, "person_key": key, **address}

    def build(self, full: bool = False) -> population.BuildReport:
        """Build the base."""
        return population.build(self.lake, full=full)

    def decision(
        self, purpose: str = "verification", columns: tuple[str, ...] = COMPARED, case: str | None = None
    ) -> trust.Decision:
        """A decision of the local administrator on the base."""
        return trust.decide(self.lake.ledger, trust.local_administrator(), purpose, "linked.person", columns, case)

    def outcomes(self, dataset: str) -> dict[int, str]:
        """What became of each row of a dataset, by its row number."""
        with self.lake.session("population") as session:
            rows = session.connection.execute(
                f"SELECT _row, outcome FROM {session.relation('linked.statement')} AS s WHERE dataset = ? ORDER BY ALL",
                [dataset],
            ).fetchall()
        return dict(rows)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An empty installation."""
    made = Office(tmp_path / "home")
    yield made
    made.lake.close()
