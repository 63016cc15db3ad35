"""Incremental equals full, row for row, over batches, corrections that move a number, and withdrawals; and a killed build."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from quanmin import population, standards
from quanmin.collect.batch import BATCH
from quanmin.lake import Lake
from quanmin.population import change
from quanmin.population.adoption import adopted_schema
from quanmin.population.errors import NoBenchmark
from quanmin.population.linkage import adoptions, record
from quanmin.population.linkage.table import LINK_SCHEMA
from quanmin.population.plan import plan_of
from quanmin.population.tables import ADOPTED, arrow_type
from quanmin.settings import Settings
from quanmin.standards import kernels

BUCKETS = 3
BENCH, DEATH, WORK = "public_security.household_registration", "health.death", "social_security.employment"
KEYS = [11010519491231002, 11010519800101001, 44052418800101001, 11010519800101002, 11010519800101003]
NAMES = ["李明", "王芳", "赵一", "欧阳娜"]
LINKED = ("linked.person", "linked.statement", "linked.discrepancy")


def row(chance: random.Random, dataset: str, batch: int, place: int) -> dict[str, Any]:
    """A plausible live row; its dataset key is drawn from few, so that later batches correct earlier ones."""
    key = chance.choice([*KEYS, None]) if dataset != BENCH else chance.choice(KEYS)
    source = plan_of(standards.catalogue()).by_dataset[dataset]
    values: dict[str, Any] = {name: str(chance.randint(1, 6)) for name in standards.catalogue().dataset(dataset).key}
    if dataset == BENCH:
        values["member_no"] = chance.randint(1, 3)
    values |= {source.name: chance.choice(NAMES), source.number: None if key is None else str(key)}
    values[source.event] = dt.date(2015, 1, chance.randint(1, 20))
    values |= stated(chance, dataset)
    flags = chance.choice([None, None, "sex.derived"])
    bucket = int(kernels.bucket_of(pa.array([key], pa.int64()), pa.array([place], pa.int64()), BUCKETS)[0])
    address = {"_batch": batch, "_source": "office", "_row": place, "_flags": flags, "bucket": bucket}
    return {**values, "person_key": key, **address}


def stated(chance: random.Random, dataset: str) -> dict[str, Any]:
    """Items that sources contradict each other about, and jobs that have ended."""
    employer, level = chance.choice(["第一中学", "第二中学"]), chance.choice(["11", "21", "61"])
    if dataset == BENCH:
        return {"education": level}
    if dataset == DEATH:
        return {"education": level, "workplace": employer}
    ended = chance.choice([None, dt.date(2015, 1, chance.randint(1, 20))])
    return {"education": level, "employer_name": employer, "ended_on": ended}


def add(lake: Lake, chance: random.Random, dataset: str) -> int:
    """One batch of a dataset as collect would leave it in the clean table; its number."""
    batch = lake.ledger.create(BATCH.kind).id
    found, source = standards.catalogue().dataset(dataset), plan_of(standards.catalogue()).by_dataset[dataset]
    names = dict.fromkeys([*found.key, *source.elements])
    fields = [(name, arrow_type(source.types[name])) for name in names]
    fields += [("person_key", pa.int64()), ("bucket", pa.int32()), ("_flags", pa.string())]
    schema = pa.schema([*fields, ("_batch", pa.int64()), ("_source", pa.string()), ("_row", pa.int64())])
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for place in range(1, chance.randint(2, 8)):
        made = row(chance, dataset, batch, place)
        rows.setdefault(tuple(made[name] for name in found.key), made)
    with lake.session("collect", batch=batch) as session:
        session.writer(f"clean.{dataset}", schema, "bucket", found.key).write(
            pa.Table.from_pylist(list(rows.values()), schema)
        )
        session.commit()
    return batch


def withdraw(lake: Lake, dataset: str, batch: int) -> None:
    """Take a batch out of the clean table."""
    with lake.session("collect", transaction=f"withdraw {batch}") as session:
        schema = session.schema(f"clean.{dataset}")
        session.writer(f"clean.{dataset}", schema, "bucket").delete(f"_batch = {batch}")
        session.commit()


def link(lake: Lake, chance: random.Random, guests: float = 0) -> None:
    """Give records that no number joined to people, as linkage does: those without a number to anybody.

    A share of `guests` of those with a number go to anybody, too, as reviewers may decide.
    """
    links = []
    with lake.session("linkage") as session:
        plan = plan_of(standards.catalogue())
        plan = plan.limited([s.dataset for s in plan.sources if session.exists(f"clean.{s.dataset}")])
        writer = session.writer(ADOPTED, adopted_schema(plan_of(standards.catalogue())), "bucket")
        rows = record.stated(session, plan, record.SET_ASIDE).to_pylist()
        for row in rows:
            if chance.random() < 0.7:
                own = None if guests and chance.random() < guests else row["person_key"]
                key = own or chance.choice(KEYS)
                links.append({**{name: row[name] for name in LINK_SCHEMA.names if name in row}, "person_key": key})
        given = [{**row, "decision": "attach"} for row in links]
        session.connection.execute(adoptions.GIVEN)
        adoptions.note(session, pa.Table.from_pylist(given, LINK_SCHEMA))
        adoptions.give(session, plan, writer)
        writer.overwrite()
        session.commit()


def contents(lake: Lake) -> dict[str, list[str]]:
    """The three tables as sorted rows."""
    with lake.session("population") as session:
        relations = {table: session.relation(table) for table in LINKED}
        return {
            table: sorted(str(found) for found in session.connection.execute(f"SELECT * FROM {sql}").fetchall())
            for table, sql in relations.items()
        }


@pytest.mark.parametrize("seed", range(6))
def test_an_incremental_build_equals_a_full_one_with_records_that_linkage_gave(tmp_path: Path, seed: int) -> None:
    """Also when a record that was given is corrected or withdrawn, its person goes, or another link gives it to another."""
    chance = random.Random(100 + seed)
    with Lake.open(Settings(home=tmp_path, buckets=BUCKETS)) as lake:
        first = add(lake, chance, BENCH)
        sent = {first: BENCH} | {add(lake, chance, dataset): dataset for dataset in (DEATH, WORK, DEATH)}
        population.build(lake)
        link(lake, chance)
        linked = population.build(lake).linked
        for _ in range(6):
            drawn = chance.random()
            past = [number for number in sent if number > first]
            if drawn < 0.4:
                link(lake, chance)
            elif drawn < 0.65 and past:
                withdraw(lake, sent[gone := chance.choice(past)], gone)
                del sent[gone]
            else:
                dataset = chance.choice([BENCH, DEATH, WORK])
                sent[add(lake, chance, dataset)] = dataset
            report = population.build(lake)
            assert not report.full
            linked += report.linked
            incremental = contents(lake)
            assert population.build(lake, full=True).full
            assert contents(lake) == incremental
    assert linked > 0


@pytest.mark.parametrize("seed", range(6))
def test_an_incremental_build_equals_a_full_one(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with Lake.open(Settings(home=tmp_path, buckets=BUCKETS)) as lake:
        first = add(lake, chance, BENCH)
        sent = {first: BENCH}
        assert population.build(lake).full
        for _ in range(6):
            past = [number for number in sent if number > first]
            if past and chance.random() < 0.3:
                withdraw(lake, sent[gone := chance.choice(past)], gone)
                del sent[gone]
            else:
                dataset = chance.choice([BENCH, DEATH, WORK])
                sent[add(lake, chance, dataset)] = dataset
            report = population.build(lake)
            assert not report.full
            incremental = contents(lake)
            assert population.build(lake, full=True).full
            assert contents(lake) == incremental


@pytest.mark.parametrize(("seed", "most"), [(0, 2), (1, 3), (2, 32), (3, 32), (4, 32)])
def test_many_builds_one_over_another_equal_a_full_one(
    tmp_path: Path, seed: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Layers lie over layers, are written as whole buckets when there are `most`, and are joined by upkeep in between."""
    monkeypatch.setattr(change, "MOST_LAYERS", most)
    monkeypatch.setattr(change, "MOST_AT_ONCE", 1.0)
    monkeypatch.setattr(change, "MOST_ABOVE", 100.0)
    chance, layers = random.Random(200 + seed), set[int | None]()
    with Lake.open(Settings(home=tmp_path, buckets=BUCKETS)) as lake:
        first = add(lake, chance, BENCH)
        sent = {first: BENCH} | {add(lake, chance, dataset): dataset for dataset in (BENCH, DEATH, WORK)}
        population.build(lake)
        for step in range(9):
            past = [number for number in sent if number > first]
            if step == 3:
                link(lake, chance)
            elif step == 6:
                lake.compact("linked.statement")
            elif past and chance.random() < 0.3:
                withdraw(lake, sent[gone := chance.choice(past)], gone)
                del sent[gone]
            else:
                dataset = chance.choice([BENCH, DEATH, WORK])
                sent[add(lake, chance, dataset)] = dataset
            report = population.build(lake)
            assert not report.full
            layers |= {file.last_layer for file in lake.table(LINKED[0]).files(lake.snapshot().tables[LINKED[0]])}
            assert report.people == len(contents(lake)[LINKED[0]])
        incremental = contents(lake)
        assert population.build(lake, full=True).full
        assert contents(lake) == incremental
    assert max(layer or 0 for layer in layers) >= min(most - 1, 3)


def test_a_build_of_nothing_new_changes_nothing(tmp_path: Path) -> None:
    chance = random.Random(1)
    with Lake.open(Settings(home=tmp_path, buckets=BUCKETS)) as lake:
        add(lake, chance, BENCH)
        first = population.build(lake)
        again = population.build(lake)
    assert (again.snapshot, again.computed) == (first.snapshot, 0)
    assert again.records == first.records > 0


def test_without_a_benchmark_nothing_is_built(tmp_path: Path) -> None:
    with Lake.open(Settings(home=tmp_path, buckets=BUCKETS)) as lake:
        add(lake, random.Random(1), DEATH)
        with pytest.raises(NoBenchmark):
            population.build(lake)
        assert not set(LINKED) & set(lake.snapshot().tables)


def test_a_killed_build_leaves_the_base_as_it_was(tmp_path: Path) -> None:
    chance = random.Random(2)
    settings = Settings(home=tmp_path, buckets=BUCKETS)
    with Lake.open(settings) as lake:
        add(lake, chance, BENCH)
        population.build(lake)
        before, snapshot = contents(lake), lake.snapshot().id
        add(lake, chance, WORK)
    code = """
        import sys, time
        from pathlib import Path
        from quanmin import population
        from quanmin.lake import Lake, session
        from quanmin.settings import Settings
        publish = session.Session._publish
        def stop(self, writer):
            done = publish(self, writer)
            print("published", flush=True)
            time.sleep(60)
            return done
        session.Session._publish = stop
        population.build(Lake.open(Settings(home=Path(sys.argv[1]), buckets=3)))
    """
    arguments = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline().strip() == "published"
        os.kill(process.pid, signal.SIGKILL)
    with Lake.open(settings) as lake:
        assert contents(lake) == before and lake.snapshot().id == snapshot + 1
        began = time.monotonic()
        assert not population.build(lake).full
        assert time.monotonic() - began < 30, "the dead process's leases are taken over at once"
        assert len(contents(lake)["linked.statement"]) > len(before["linked.statement"])
