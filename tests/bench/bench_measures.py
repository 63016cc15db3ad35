"""Every indicator of the catalogue for all counties and the months of a year, from 50 M events and a population base.

The peer is what an analyst writes: one SQL query in DuckDB for every measure and kind of period, over the same files. It counts
the events only (no stocks, no intervals, no marks, no table written), on a tenth of the events, and so does ours beside it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from figure import Figure, machine

from quanmin import measures, standards
from quanmin.lake import Lake
from quanmin.population.plan import plan_of
from quanmin.population.tables import PERSON, person_schema
from quanmin.settings import Settings
from quanmin.standards.reading import ARROW_TYPES

EVENTS = {"health.birth": 30_000_000, "health.death": 12_000_000, "health.childbirth_history": 8_000_000}
PEOPLE = 2_000_000
PIECE, BUCKETS, YEAR = 1_000_000, 16, 2019
SECONDS = 60.0

COMPUTE = """
import sys, time, resource, json
from quanmin import measures
from quanmin.lake import Lake
from quanmin.settings import Settings
with Lake.open(Settings(home=sys.argv[1], buckets=16)) as lake:
    began = time.perf_counter()
    report = measures.compute(lake, full=True)
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, report.figures, len(report.computed)]))
"""


def coded(rng: np.random.Generator, count: int, words: list[str], shares: list[float] | None = None) -> pa.Array:
    """A column of words."""
    places = rng.choice(len(words), count, p=shares).astype(np.int16)
    return pa.DictionaryArray.from_arrays(pa.array(places), words)


def days(values: np.ndarray) -> pa.Array:
    """A column of days since 1970."""
    return pa.array(values.astype(np.int32)).cast(pa.date32())


def columns(dataset: str, rng: np.random.Generator, count: int, counties: list[str]) -> dict[str, pa.Array]:
    """The columns of an event that indicators look at, over one year and all counties."""
    start = np.datetime64(f"{YEAR}-01-01").astype(int)
    day = start + rng.integers(0, 365, count)
    place, sex = coded(rng, count, counties), coded(rng, count, ["1", "2"], [0.52, 0.48])
    if dataset == "health.death":
        causes = [f"{letter}{number:02}" for letter in "ABCDEFGIJKLMNOPQRSTVWXYZ" for number in (1, 34, 60, 96)]
        born = day - rng.gamma(14, 1800, count).clip(0, 40_000)
        return {
            "sex": sex,
            "birth_date": days(born),
            "death_date": days(day),
            "region": place,
            "underlying_cause_code": coded(rng, count, causes),
            "filled_on": days(day + rng.integers(0, 20, count)),
        }
    if dataset == "health.childbirth_history":
        orders = pa.array(rng.integers(1, 6, count))
        return {
            "child_birth_date": days(day),
            "region": place,
            "child_order": orders,
            "outcome": coded(rng, count, ["1", "2"]),
        }
    return {
        "issue": coded(rng, count, ["1", "2"], [0.97, 0.03]),
        "sex": sex,
        "birth_date": days(day),
        "birth_place": place,
        "birth_place_type": coded(rng, count, ["1", "2", "3", "9"]),
        "gestational_weeks": pa.array(rng.normal(39, 2, count).clip(20, 45).astype(np.int64)),
        "weight": pa.array(rng.normal(3300, 450, count).clip(300, 8000).astype(np.int64)),
        "delivery": coded(rng, count, ["1", "2", "3", "9"]),
        "mother_birth_date": days(day - rng.normal(28, 5, count).clip(14, 52) * 365),
        "issued_on": days(day + rng.integers(0, 30, count)),
    }


def written(lake: Lake, table: str, stage: str, schema: pa.Schema, count: int, made: Any) -> None:
    """Write rows piece by piece; what is not made is missing."""
    with lake.session(stage, transaction=f"bench {table}") as session:
        writer = session.writer(table, schema, "bucket")
        for first in range(0, count, PIECE):
            rows = min(PIECE, count - first)
            told = made(np.random.default_rng(first), rows)
            told |= {
                "bucket": pa.array(np.sort(np.arange(rows) % BUCKETS).astype(np.int32)),
                "_batch": pa.array([1] * rows),
            }
            given = {field.name: told.get(field.name) for field in schema}
            writer.write(
                pa.table({f.name: pa.nulls(rows, f.type) if given[f.name] is None else given[f.name] for f in schema})
            )
        session.commit(note={"from": 0, "plan": "bench"})


def people(counties: list[str]) -> Any:
    """A maker of golden records: birth, sex, and a number issued in a county."""

    def made(rng: np.random.Generator, rows: int) -> dict[str, pa.Array]:
        numbers = [f"{code}19700101001X" for code in counties]
        born = np.datetime64("2019-12-31").astype(int) - rng.integers(0, 32_000, rows)
        return {
            "citizen_number": coded(rng, rows, numbers),
            "sex": coded(rng, rows, ["1", "2"]),
            "birth_date": days(born),
            "person_key": pa.array(np.arange(rows)),
        }

    return made


def fill(home: Path, scale: float) -> int:
    """A lake with the events and the base; how many events."""
    catalogue, total = standards.catalogue(), 0
    counties = [one.code for one in catalogue.regions.current(np.datetime64(f"{YEAR}-12-31").item())]
    with Lake.open(Settings(home=home, buckets=BUCKETS)) as lake:
        for dataset, rows in EVENTS.items():
            elements = [(one.name, ARROW_TYPES[one.type]) for one in catalogue.dataset(dataset).elements]
            schema = pa.schema([*elements, ("bucket", pa.int32()), ("_batch", pa.int64())])
            count = int(rows * scale)
            written(
                lake, f"clean.{dataset}", "collect", schema, count,
                lambda rng, n, dataset=dataset: columns(dataset, rng, n, counties),
            )  # fmt: skip
            total += count
        schema = person_schema(plan_of(catalogue))
        written(lake, PERSON, "population", schema, int(PEOPLE * scale), people(counties))
    return total


def computed(home: Path) -> list[float]:
    """Seconds, processor seconds, peak megabytes, figures and indicators of a full computation in a process of its own."""
    import json

    ended = subprocess.run([sys.executable, "-c", COMPUTE, str(home)], check=True, capture_output=True, text=True)
    found: list[float] = json.loads(ended.stdout)
    return found


def queries(lake: Lake) -> Iterator[tuple[str, str, str]]:
    """The peer's query of every measure of events: its name, the kind of period, SQL of period, county and count."""
    catalogue = standards.catalogue()
    parts = {
        "month": "strftime({0}, '%Y-%m')",
        "quarter": "year({0}) || '-Q' || quarter({0})",
        "year": "year({0})::VARCHAR",
    }
    with lake.session("measures") as session:
        for one in catalogue.indicators.measures.values():
            if one.kind != "events":
                continue
            when = one.when.replace("==", "=").replace("not present(issue)", "issue IS NULL")
            for name in one.types:
                when = when.replace(f"present({name})", f"{name} IS NOT NULL").replace(
                    f"not present({name})", f"{name} IS NULL"
                )
            when = when.replace("not present(outcome)", "outcome IS NULL").replace(
                "not outcome IS NOT NULL", "outcome IS NULL"
            )
            if one.age:
                when = when.replace("age", f"date_sub('year', {one.age[0]}, {one.age[1]})")
            rows = session.relation(one.table)
            for kind, part in parts.items():
                keys = f"{part.format(one.date)} AS period, {one.region} AS county"
                source = f"SELECT {keys} FROM {rows} WHERE {when or 'true'}"
                sets = "(period, county), (period, left(county, 4)), (period, left(county, 2)), (period)"
                told = "SELECT period, coalesce(county, '000000') AS place, count(*)"
                yield one.id, kind, f"{told} FROM ({source}) GROUP BY GROUPING SETS ({sets})"


def peer(home: Path) -> tuple[float, dict[tuple[str, str], float]]:
    """Seconds of all queries, and the nation's births by period, which ours must tell, too."""
    births = {}
    with Lake.open(Settings(home=home, buckets=BUCKETS)) as lake:
        asked = list(queries(lake))
        with lake.session("measures") as session:
            began = time.perf_counter()
            for name, _, query in asked:
                counts = session.connection.execute(
                    f"SELECT period, max(c) FROM ({query}) AS t(period, place, c) GROUP BY 1"
                )
                births |= {(name, period): float(count) for period, count in counts.fetchall()}
            return time.perf_counter() - began, births


def checked(home: Path, told: dict[tuple[str, str], float]) -> int:
    """How many of the nation's figures the peer has told alike; it raises where one differs."""
    with Lake.open(Settings(home=home, buckets=BUCKETS)) as lake:
        alike = 0
        for name, measure in (("vital.births", "births"), ("vital.deaths", "deaths")):
            for one in measures.figures(lake, name, level="nation", categories={"sex": "total"}):
                assert told[measure, one.period] == one.numerator, (name, one.period)
                alike += 1
        return alike


def measure(scale: float) -> list[Figure]:
    """The whole, and a tenth beside the peer."""
    with tempfile.TemporaryDirectory() as folder:
        total = fill(Path(folder), scale)
        print(f"{total:,} events are there ({machine()})", file=sys.stderr, flush=True)
        seconds, processor, memory, figures, count = computed(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        tenth = fill(Path(folder), scale / 10)
        ours = computed(Path(folder))[0]
        theirs, told = peer(Path(folder))
        alike = checked(Path(folder), told)
    note = f"{total:,} events, {int(count)} indicators, {int(figures):,} figures; "
    note += f"{processor:.0f} s of processor time, {memory:,.0f} MB"
    beside = f"{tenth:,} events: {ours:.1f} s with stocks, intervals and the table, {theirs:.1f} s; {alike} figures told alike"
    return [
        Figure(
            "all indicators, counties and months", f"≤ {SECONDS:.0f} s", f"{seconds:.1f} s", seconds <= SECONDS, note
        ),
        Figure("one query a measure : ours", "—", f"{theirs / ours:.1f}", None, beside),
    ]
