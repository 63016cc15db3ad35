"""Newborns joined and births checked by sets, against the same by the book, on small worlds full of look-alikes."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.programs.vital.birth import crosscheck, newborn
from quanmin.programs.vital.birth.reference import Birth, Fate, Finding, Person, found, joined

TODAY = dt.date(2026, 11, 29)
DAYS = [dt.date(2026, 11, 20), dt.date(2026, 11, 21), dt.date(2026, 1, 5), dt.date(2026, 6, 1), dt.date(2026, 1, 7)]
NAMES = ["王一", "王二"]
BORN = {
    "certificate_no": pa.string(),
    "name": pa.string(),
    "sex": pa.string(),
    "birth_date": pa.date32(),
    "birth_time": pa.string(),
    "mother_name": pa.string(),
    "mother_document_no": pa.string(),
    "institution_code": pa.string(),
    "person_key": pa.int64(),
    "mother_key": pa.int64(),
    "father_key": pa.int64(),
    "_source": pa.string(),
    "_batch": pa.int64(),
    "_row": pa.int64(),
}


@dataclass(frozen=True)
class World:
    """Births, people and histories drawn by a seed, so many that some keys, names, days and homes meet."""

    births: list[Birth]
    people: list[Person]
    histories: list[tuple[int, int, dt.date]]

    @classmethod
    def drawn(cls, seed: int, size: int) -> World:
        rng = random.Random(seed)
        keys = range(1, size + 2)
        chosen = [key for key in keys if rng.random() < 0.8]
        people = [_person(rng, key, size) for key in chosen]
        births = [_birth(rng, place, keys) for place in range(size)]
        told = {(rng.choice(keys), rng.choice(keys), rng.choice(DAYS)) for _ in range(size)}
        for one in births[::2]:
            alike = [other.key for other in people if other.birth_date == one.birth_date]
            if one.mother is not None and alike:
                told.add((one.mother, rng.choice(alike), one.birth_date))
        return cls(births, people, sorted(told))


def _birth(rng: random.Random, place: int, keys: Sequence[int]) -> Birth:
    return Birth(
        certificate_no=f"Q{place:09}",
        name=rng.choice(NAMES),
        sex=rng.choice("111229"),
        birth_date=rng.choice(DAYS),
        person=rng.choice([None, None, None, rng.choice(keys)]),
        mother=rng.choice([None, rng.choice(keys), rng.choice(keys)]),
        father=rng.choice([None, rng.choice(keys)]),
        mother_name=rng.choice(["李", "张"]),
        mother_document=rng.choice([None, "P1", "P2"]),
        birth_time=rng.choice(["08:00", None]),
        institution=rng.choice(["A", "B", None]),
    )


def _person(rng: random.Random, key: int, size: int) -> Person:
    far = [dt.date(1995, 1, 1), dt.date(2018, 1, 1), dt.date(1950, 1, 1)]
    homes = [f"h{at}" for at in range(1 + size // 4)]
    return Person(
        key=key,
        name=rng.choice(NAMES),
        sex=rng.choice(["1", "1", "2", None]),
        birth_date=rng.choice([*DAYS, *DAYS, *far]),
        homes=frozenset(rng.choices(homes, k=rng.randrange(3))),
        died=rng.choice([None, None, *DAYS, dt.date(2025, 1, 1), dt.date(2026, 1, 4)]),
        region=rng.choice(["370102", "370202"]),
    )


worlds = st.builds(World.drawn, st.integers(0, 2**32), st.integers(0, 60))


def table(rows: Iterable[dict[str, Any]], schema: dict[str, pa.DataType]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), pa.schema(list(schema.items())))


def laid(
    births: list[Birth], people: list[Person], histories: list[tuple[int, int, dt.date]]
) -> duckdb.DuckDBPyConnection:
    """The tables that joining works on."""
    connection = duckdb.connect()
    rows = [
        {
            "certificate_no": one.certificate_no,
            "name": one.name,
            "sex": one.sex,
            "birth_date": one.birth_date,
            "birth_time": one.birth_time,
            "mother_name": one.mother_name,
            "mother_document_no": one.mother_document,
            "institution_code": one.institution,
            "person_key": one.person,
            "mother_key": one.mother,
            "father_key": one.father,
            "_source": "health",
            "_batch": 1,
            "_row": place,
        }
        for place, one in enumerate(births, 1)
    ]
    person = {"person_key": pa.int64(), "name": pa.string(), "sex": pa.string()}
    person |= {"birth_date": pa.date32(), "death_date": pa.date32()}
    tables = {
        "born": table(rows, BORN),
        "person": table(
            (
                {
                    "person_key": one.key,
                    "name": one.name,
                    "sex": one.sex,
                    "birth_date": one.birth_date,
                    "death_date": one.died,
                }
                for one in people
            ),
            person,
        ),
        "home": table(
            ({"person_key": one.key, "home": home} for one in people for home in sorted(one.homes)),
            {"person_key": pa.int64(), "home": pa.string()},
        ),
        "history": table(
            ({"mother_key": m, "child_key": c, "birth_date": d} for m, c, d in dict.fromkeys(histories)),
            {"mother_key": pa.int64(), "child_key": pa.int64(), "birth_date": pa.date32()},
        ),
    }
    for name, made in tables.items():
        connection.register(f"given_{name}", made)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given_{name}")
    return connection


@settings(deadline=None, max_examples=20)
@given(worlds)
def test_newborns_are_joined_as_by_the_book(world):
    born, folk, told = world.births, world.people, world.histories
    by_book = joined(born, folk, told, TODAY)
    with laid(born, folk, told) as connection:
        rows = newborn.decided(connection, TODAY, 7).to_pylist()
    found = {
        one["certificate_no"]: Fate(
            one["state"],
            one["person_key"],
            one["rule"],
            None if one["among"] is None else tuple(map(int, one["among"].split())),
        )
        for one in rows
    }
    assert found == by_book


UNTIL = TODAY - newborn.REGISTRATION


@settings(deadline=None, max_examples=30)
@given(worlds, st.sampled_from([None, "370000", "370100"]), st.none() | st.sampled_from(DAYS))
def test_births_and_base_are_checked_as_by_the_book(world, region, since):
    born, folk, told = world.births, world.people, world.histories
    fates = joined(born, folk, told, TODAY)
    by_book = sorted(found(born, folk, fates, (since, UNTIL), region), key=repr)
    with laid(born, folk, told) as connection:
        connection.register("joined_rows", newborn.decided(connection, TODAY, 7))
        connection.execute("CREATE TABLE newborn AS SELECT * FROM joined_rows")
        register = [
            {"person_key": one.key, "registered_region": one.region, "birth_place": None, "_row": place}
            for place, one in enumerate(folk, 1)
        ]
        schema = {"person_key": pa.int64(), "registered_region": pa.string(), "birth_place": pa.string()}
        schema |= {"_source": pa.string(), "_batch": pa.int64(), "_row": pa.int64()}
        connection.register("register", table(register, schema))
        connection.execute("CREATE TABLE registered AS SELECT * FROM register")
        connection.execute("CREATE TABLE due AS SELECT 1::BIGINT AS due_batch, DATE '2026-12-24' AS due_on")
        rows = crosscheck.findings(connection, since, UNTIL, region).to_pylist()
    made = [Finding(one["rule"], one["certificate_no"], one["person_key"], one["other"]) for one in rows]
    assert sorted(made, key=repr) == by_book
    for one in rows:
        rule = crosscheck.RULES[one["rule"]]
        assert (one["element"], one["code"]) == (rule.element, rule.code)
        assert one["due_on"] == (dt.date(2026, 12, 24) if one["_batch"] else None)
        place = int(one["certificate_no"][1:]) + 1 if one["certificate_no"] else None
        assert one["_row"] == (place or next(r["_row"] for r in register if r["person_key"] == one["person_key"]))


def test_every_rule_and_every_state_is_met_in_such_worlds():
    seen: Counter[str] = Counter()
    for seed in range(4):
        world = World.drawn(seed, 60)
        fates = joined(world.births, world.people, world.histories, TODAY)
        for fate in fates.values():
            seen.update([fate.state, *(fate.rule or "").split("+")])
        seen.update(one.rule for one in found(world.births, world.people, fates, (DAYS[2], UNTIL)))
    assert {*crosscheck.RULES, *newborn.STATES, *newborn.PARTS.values(), newborn.STATED} - {*seen} == set()
