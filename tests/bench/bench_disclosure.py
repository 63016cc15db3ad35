"""Disclosure control of tables: one check with distinct people, and a new table against 300 releases."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from figure import Figure

from quanmin.opendata.disclosure import Population, Register, evaluate, profile
from quanmin.opendata.disclosure.rule import primary

ROWS, PEOPLE, RELEASES = 10_000_000, 10_000_000, 300
COUNTIES, AGES = 34, 20


def rows_of(count: int, apart: int) -> pa.Table:
    """Rows of 800 cells; a person has one and a quarter on average, all in one cell. Numbers of people lie `apart`."""
    draw = np.random.default_rng(1)
    person = draw.integers(0, max(int(count * 0.8), 1), count)
    mixed = person * 2654435761 % 2**32
    county = pa.array([f"county {n}" for n in range(40)]).take(pa.array(mixed % 40))
    age = pa.array([f"{n}" for n in range(20)]).take(pa.array(mixed // 40 % 20))
    return pa.table({"person": person * apart, "county": county, "age": age, "cost": draw.lognormal(6, 1, count)})


def check(count: int, apart: int = 1) -> tuple[float, float]:
    """Processor and wall seconds of one check: distinct people, sums, dominance of all cells and margins; the better of two."""
    rows, taken = rows_of(count, apart), []
    for _ in range(2):
        used, begun = time.process_time(), time.perf_counter()
        cells = evaluate(rows, ["county", "age"], "cost")
        primary(cells, profile("strict"))
        taken.append((time.process_time() - used, time.perf_counter() - begun))
    assert cells.persons[0] == len(np.unique(np.asarray(rows.column("person"))))
    return min(taken)


def population(codes: np.ndarray, classes: int, tag: str) -> Population:
    """A release of one cell a class, and their total."""
    members = np.vstack([np.ones(classes + 1, np.uint16), np.eye(classes + 1, dtype=np.uint16)[1:]])
    members[:, 0] = 0
    names = ((), *((f"{tag}={n}",) for n in range(classes)))
    shown = np.concatenate([[0], np.bincount(codes, minlength=classes + 1)[1:]]).astype(np.int64)
    shown[0] = shown.sum()
    return Population(codes.astype(np.uint16 if classes > 255 else np.uint8), members, shown, names, "nearest:5", False)


def tables(people: int, count: int) -> Iterator[tuple[str, Population]]:
    """Releases as a portal has them: counties or ages or both, of a year's or a sex's people, by one of many diagnoses."""
    draw = np.random.default_rng(2)
    county, age, sex = (draw.integers(0, n, people) for n in (COUNTIES, AGES, 2))
    year = draw.integers(0, 6, people)
    for number in range(count):
        kind, inside = number % 3, (year == number % 6) | ((sex == number % 2) & (number % 7 == 0))
        codes = (county, age, county * AGES + age)[kind] + 1
        classes = (COUNTIES, AGES, COUNTIES * AGES)[kind]
        yield f"r{number}", population(np.where(inside, codes, 0), classes, "cag"[kind])


def unrelated(people: int, count: int) -> Iterator[tuple[str, Population]]:
    """Releases whose people have nothing to do with one another: everybody is an atom."""
    draw = np.random.default_rng(3)
    for number in range(count):
        yield f"r{number}", population((draw.random(people, np.float32) < 0.5).astype(np.int64), 1, f"x{number}")


def against(made: Iterator[tuple[str, Population]]) -> tuple[float, float, int, float]:
    """Seconds to compare the last release with all before (the better of two), to open the register; atoms; MB on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        register = Register.open(Path(folder))
        name, last = next(made)
        for following, one in made:
            register.keep(name, last)
            name, last = following, one
        begun = time.perf_counter()
        register = Register.open(Path(folder))
        opened, seconds = time.perf_counter() - begun, []
        for _ in range(2):
            begun = time.perf_counter()
            register.difference(replace(last), 8)
            seconds.append(time.perf_counter() - begun)
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
        return min(seconds), opened, register.atoms, size


def measure(scale: float) -> list[Figure]:
    """The lines of the performance table."""
    rows, people, count = (max(int(n * scale), 1000) for n in (ROWS, PEOPLE, RELEASES * 1000))
    count = max(count // 1000, 3)
    limit, figures = 2.5 * rows / ROWS, []
    for numbered, apart in (("places", 1), ("citizen numbers", 10**9 + 7)):
        used, wall = check(rows, apart)
        figures.append(
            Figure(
                f"disclosure: check of {rows:,} rows by {numbered}: distinct people, sums, dominance, margins",
                f"≤ {limit:.3g} CPU-s",
                f"{used:.2f} CPU-s",
                used <= limit,
                f"{wall:.2f} s; 800 cells and their margins",
            )
        )
    for shape, made in (("tables of a portal", tables), ("unrelated groups", unrelated)):
        seconds, opened, atoms, size = against(made(people, count + 1))
        figures.append(
            Figure(
                f"disclosure: differencing against {count} releases of {people:,} people, {shape}",
                "≤ 1 s",
                f"{seconds:.2f} s",
                seconds <= 1,
                f"{atoms:,} atoms, {size:,.0f} MB of disk, opened in {opened:.1f} s",
            )
        )
    return figures


if __name__ == "__main__":
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(figure)
