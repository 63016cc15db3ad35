"""Look-ups of single golden records by many clients, on a base that is written as a build writes it."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from figure import Figure

import quanmin
from quanmin import standards
from quanmin.installation import Installation
from quanmin.lake import Lake
from quanmin.population.plan import plan_of
from quanmin.population.tables import PERSON, person_schema
from quanmin.settings import Settings
from quanmin.standards import kernels

PERSONS, BUCKETS = 1_000_000, 16
"""People and buckets at scale 1; both grow with the scale, as an installation of that size would be set up."""
PIECE = 250_000
CLIENTS, SECONDS, ALONE = 8, 10.0, 1_000
P95_MS, RATE = 20.0, 1_000

BORN = np.datetime64("1930-01-01").astype(int)
TEXTS = {
    "name": "王建国李明娟",
    "registered_address": "某省某市某区某街道某路某号",
    "residence": "某市某区某路某号",
    "workplace": "某某有限公司",
}


def keys_of(places: np.ndarray) -> np.ndarray:
    """Person keys that are valid numbers: six thousand counties, a day of birth, a place in the day."""
    county, rest = 110101 + (places % 3000), places // 3000
    days = (BORN + rest % 30_000).astype("datetime64[D]")
    text = np.datetime_as_string(days)
    born = np.char.replace(text, "-", "").astype(np.int64)
    return county * 10**11 + born * 1000 + rest // 30_000


def people(keys: np.ndarray, buckets: int, schema: pa.Schema) -> pa.Table:
    """Golden records with every column filled: values as long as real ones, three sources, some batches."""
    rng = np.random.default_rng(int(keys[0]))
    count, held = len(keys), pa.array(keys)
    columns: dict[str, pa.Array] = {
        "bucket": pa.array(kernels.bucket_of(held, held, buckets), pa.int32()),
        "person_key": held,
        "contested": pa.array(np.zeros(count, bool)),
        "citizen_number": kernels.decode(held),
    }
    sources = pa.array([one.dataset for one in plan_of(standards.catalogue()).sources])
    for field in schema:
        if field.name in columns:
            continue
        if field.name in TEXTS:
            endings = rng.integers(0, 10**5, count).astype("U")
            columns[field.name] = pa.array(np.char.add(TEXTS[field.name], endings))
        elif pa.types.is_string(field.type):
            columns[field.name] = sources.take(pa.array(rng.integers(0, len(sources), count)))
        else:
            columns[field.name] = pa.array(rng.integers(0, 20_000, count).astype(np.int32)).cast(pa.int32())
    made = [columns[field.name] for field in schema]
    return pa.table(
        [c if c.type == f.type else c.cast(f.type) for c, f in zip(made, schema, strict=True)], schema=schema
    )


def fill(home: Path, persons: int, buckets: int) -> None:
    """Write a base of so many people, in no order."""
    schema = person_schema(plan_of(standards.catalogue()))
    with Lake.open(Settings(home=home, buckets=buckets)) as lake, lake.session("population") as session:
        writer = session.writer(PERSON, schema, "bucket")
        places = np.random.default_rng(1).permutation(persons).astype(np.int64)
        for start in range(0, persons, PIECE):
            writer.write(people(keys_of(places[start : start + PIECE]), buckets, schema))
        session.commit(note={"from": 0, "plan": "bench"})


def numbers(persons: int, count: int, seed: int) -> list[str]:
    """Citizen numbers of people chosen at random."""
    places = np.random.default_rng(seed).integers(0, persons, count)
    return list(kernels.decode(pa.array(keys_of(places))).to_pylist())


def alone(home: Installation, asked: list[str]) -> np.ndarray:
    """Milliseconds of each look-up, one after another."""
    found = []
    for number in asked:
        began = time.perf_counter()
        shown = home.population.show(number, "treatment", "C-1")
        found.append(time.perf_counter() - began)
        assert shown["person"] == number
    return np.array(found) * 1000


def together(home: Installation, persons: int) -> tuple[float, np.ndarray]:
    """Look-ups a second by all clients, and the milliseconds of each."""
    asked = [numbers(persons, int(SECONDS * RATE), 100 + place) for place in range(CLIENTS)]
    taken = [list[float]() for _ in range(CLIENTS)]
    until = time.perf_counter() + SECONDS

    def client(place: int) -> None:
        for number in asked[place]:
            began = time.perf_counter()
            if began > until:
                return
            home.population.show(number, "treatment", "C-1")
            taken[place].append(time.perf_counter() - began)

    threads = [threading.Thread(target=client, args=(place,)) for place in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    flat = np.concatenate([np.array(one) for one in taken])
    return len(flat) / seconds, flat * 1000


def measure(scale: float) -> list[Figure]:
    """Alone and together, on one base in one process."""
    persons, buckets = int(PERSONS * scale), max(4, int(BUCKETS * scale))
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), persons, buckets)
        print(f"base of {persons:,} people in {buckets} buckets", file=sys.stderr, flush=True)
        with quanmin.connect(folder) as home:
            cold = alone(home, numbers(persons, 20, 1))
            began = time.perf_counter()
            taken = home.population.warm()
            warming = time.perf_counter() - began
            warm = alone(home, numbers(persons, ALONE, 2))
            rate, many = together(home, persons)
    p95 = float(np.percentile(warm, 95))
    note = f"{persons:,} people; median {np.median(warm):.1f} ms; cold: median {np.median(cold):.0f} ms"
    note += f"; made ready in {warming:.1f} s, {taken / persons:.0f} bytes of disk a person"
    crowd = f"median {np.median(many):.1f} ms, p95 {np.percentile(many, 95):.1f} ms"
    return [
        Figure("one look-up, p95", f"≤ {P95_MS:.0f} ms", f"{p95:.1f} ms", p95 <= P95_MS, note),
        Figure(f"look-ups, {CLIENTS} clients", f"≥ {RATE:,}/s", f"{rate:,.0f}/s", rate >= RATE, crowd),
    ]
