"""Decisions a second by the shipped policies, what they add to a look-up, and what the gate costs on ten million rows.

The gate is measured against the same query without it: the same twenty stored columns of the same files, through the same engine
to Arrow. Both run in turns, and the least of each counts.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import numpy as np
import pyarrow as pa
from figure import Figure

from quanmin import standards, trust
from quanmin.lake import Lake, engine
from quanmin.lake.session import Session
from quanmin.settings import Settings
from quanmin.trust.decision import consider
from quanmin.trust.policy import Situation, shipped
from quanmin.trust.policy.expected import BASE, FULL, columns_of
from quanmin.trust.policy.role import ROLES, typical
from quanmin.trust.policy.weighing import ORDER, Sort, entities, facts, judge, request
from quanmin.trust.purpose import PURPOSES

DATASET = "health.whole_population"
ROWS, CHUNK = 10_000_000, 500_000
AT = datetime(2026, 1, 1, tzinfo=UTC)
DECISIONS, ADDED, COST = 10_000, 1.0, 1.3


def asked_of_cedar(seconds: float = 2.0) -> float:
    """Answers of Cedar a processor second: all policies, nothing remembered, requests held against the schema."""
    rules, actor = shipped(), typical("clinician")
    sorts = [Sort(grade, grade, role, False, "closed", "base") for grade in range(1, 6) for role in ("quasi", "direct")]
    context = facts("treatment", FULL, "370000")
    wanted = [request(action, sort, context) for sort in sorts for action, _ in ORDER]
    told, count, start = entities(actor, "370000", sorts), 0, time.process_time()
    while time.process_time() - start < seconds:
        assert not any(one.failed for one in judge(rules, wanted, told))
        count += len(wanted)
    return count / (time.process_time() - start)


def decided(seconds: float = 2.0) -> float:
    """Whole decisions on the base's columns a processor second, warm: every role, purpose and a thousand people in turn."""
    rules, columns = shipped(), columns_of(BASE)
    people = [Situation(case=True, care=True, own=True, person=37_010_219_491_231_000 + n) for n in range(1000)]
    asked = [(typical(role), purpose) for role in ROLES for purpose in PURPOSES]
    for actor, purpose in asked:
        consider(rules, AT, actor, purpose, BASE, columns, "C-1", people[0])
    count, start = 0, time.process_time()
    for (actor, purpose), person in zip(cycle(asked), cycle(people), strict=False):
        consider(rules, AT, actor, purpose, BASE, columns, "C-1", person)
        count += 1
        if not count % 1000 and time.process_time() - start > seconds:
            return count / (time.process_time() - start)
    raise AssertionError("cycles do not end")


def added(home: Path, count: int = 300) -> float:
    """Milliseconds that `decide` takes with all it does: policies in force from the ledger, the decision, its audit entry."""
    with Lake.open(Settings(home=home)) as lake:
        me, columns, taken = trust.local_administrator(), columns_of(BASE), []
        for _ in range(count):
            start = time.perf_counter()
            assert trust.decide(lake.ledger, me, "treatment", BASE, columns, case="C-1").allowed
            taken.append(time.perf_counter() - start)
    return sorted(taken)[count // 2] * 1000


def filled(lake: Lake, rows: int) -> None:
    """A whole-population table of so many rows: distinct numbers, names and addresses."""
    elements = standards.catalogue().dataset(DATASET).elements
    random, begun = np.random.default_rng(7), 0
    with lake.session("collect", transaction="bench") as session:
        writer = None
        while begun < rows:
            count = min(CHUNK, rows - begun)
            part = pa.table({one.name: _column(one.name, one.type, count, random) for one in elements})
            part = part.append_column("bucket", pa.array(np.zeros(count, np.int32)))
            part = part.append_column("_batch", pa.array(np.ones(count, np.int64)))
            writer = writer or session.writer(f"clean.{DATASET}", part.schema, "bucket", key=("person_code",))
            writer.write(part)
            begun += count
        session.commit()


def _column(name: str, kind: str, count: int, random: np.random.Generator) -> pa.Array:
    if kind == "date":
        return pa.array(random.integers(-14_000, 20_000, count).astype("datetime64[D]"))
    if kind in ("region", "code"):
        low, many = (110_101, 500_000) if kind == "region" else (1, 9)
        return pa.array((low + random.integers(0, many, count)).astype(str))
    digits = pa.array(random.integers(10**15, 9 * 10**15, count).astype(str)).cast(pa.string())
    join = pa.compute.binary_join_element_wise
    if kind == "citizen_number":
        return join("37", digits, "")
    if name == "name":
        return join(
            *(pa.array(np.array(list(c))[random.integers(0, len(c), count)]) for c in ("李王张刘陈", NAMES, NAMES)), ""
        )
    if name.endswith("address"):
        towns = pa.array(np.array(TOWNS)[random.integers(0, len(TOWNS), count)])
        return join(towns, "经十路", pa.compute.utf8_slice_codeunits(digits, 0, 4), "号", "")
    return join("P", digits, "") if name.endswith("code") else pa.array(random.integers(0, 500, count).astype(str))


NAMES = "明芳伟娜秀英敏静丽强磊军洋勇艳杰娟涛超霞平刚桂华建国志文"
TOWNS = ["山东省济南市历下区", "山东省青岛市市南区", "河北省石家庄市长安区", "四川省成都市锦江区", "北京市朝阳区"]


def gate_cost(home: Path, rows: int, turns: int = 4) -> tuple[float, float, int]:
    """Seconds of the bare scan and of the gate, and how many columns the gate transforms."""
    columns = tuple(one.name for one in standards.catalogue().dataset(DATASET).elements)
    with Lake.open(Settings(home=home)) as lake:
        filled(lake, rows)
        made = trust.decide(lake.ledger, trust.local_administrator(), "supervision", DATASET, columns)
        changed = sum(one.outcome != "clear" for one in made.columns)

        def bare() -> int:
            reading = lake.read(made)
            with Session(lake, reading._stage(), snapshot=reading.snapshot) as session:
                names = ", ".join(engine.quote(name) for name in columns)
                relation = session.connection.sql(f"SELECT {names} FROM {session.live(DATASET)} AS t")
                return sum(batch.num_rows for batch in relation.to_arrow_reader(100_000))

        def gated() -> int:
            return sum(batch.num_rows for batch in lake.read(made).batches())

        seconds: dict[Callable[[], int], list[float]] = {bare: [], gated: []}
        for _ in range(turns):
            for work, taken in seconds.items():
                start = time.perf_counter()
                assert work() == rows
                taken.append(time.perf_counter() - start)
    return min(seconds[bare]), min(seconds[gated]), changed


def measure(scale: float) -> list[Figure]:
    """The lines of the performance table."""
    policies = len(shipped().policies)
    cedar, whole = asked_of_cedar(), decided()
    rows = max(int(ROWS * scale), 100_000)
    with tempfile.TemporaryDirectory() as folder:
        page = added(Path(folder) / "home")
        plain, gate, changed = gate_cost(Path(folder) / "gate", rows)
    ratio, floor = gate / plain, f"≥ {DECISIONS:,}/s/core"
    note = f"{policies} policies, schema-checked, nothing remembered"
    columns = len(standards.catalogue().dataset(DATASET).elements)
    what = f"the gate: {rows / 1e6:g} M rows, {columns} columns, {changed} transforms (two addresses)"
    return [
        Figure("answers of the policies, cold", floor, f"{cedar:,.0f}/s/core", cedar >= DECISIONS, note),
        Figure(
            "whole decisions, warm",
            floor,
            f"{whole:,.0f}/s/core",
            whole >= DECISIONS,
            "14 columns of the base, 17 roles",
        ),
        Figure("a decision with its audit entry", f"≤ {ADDED:g} ms", f"{page:.2f} ms", page <= ADDED, "median, SQLite"),
        Figure(what, f"≤ {COST:g} × the scan", f"{ratio:.2f} ×", ratio <= COST, f"{plain:.1f} s and {gate:.1f} s"),
    ]


if __name__ == "__main__":
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(figure)
