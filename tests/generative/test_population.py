"""The vectorised build against the fold by the book, on small worlds full of trouble."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.population import alias, frame, reference
from quanmin.population.adoption import adopted_schema
from quanmin.population.bucket import Computation
from quanmin.population.plan import Fact, Plan, Source
from quanmin.population.program import program_of
from quanmin.population.reliability import Judges, Reliability, Trusted
from quanmin.population.tables import arrow_type
from quanmin.standards import kernels

DAY = dt.date(2020, 1, 1)
TYPES = {"number": "string", "name": "string", "former": "string", "day": "date", "sex": "string", "place": "string"}
TYPES |= {"end": "date", "school": "string", "work": "string", "lodging": "string"}
FLAGS = {
    "number.check_digit": ("E01", "number"),
    "place.region": ("E10", "place"),
    "sex.derived": ("E04", "sex"),
    "day.order": ("E14", "day"),
}


def source(dataset: str, **elements: Any) -> Source:
    return Source(
        dataset,
        "number",
        types=TYPES,
        told=FLAGS,
        invalid={
            "place": ("place.region",),
            "sex": ("sex.derived",),
            "death_date": ("day.order",),
            "school": ("school.odd",),
        },
        **elements,
    )


def stated(*items: str) -> dict[str, str]:
    return {item: item for item in items}


PLAN = Plan(
    benchmark=source(
        "readers", name="name", former="former", event="day", values=stated("name", "sex", "place", "school")
    ),
    others=(
        source(
            "loans",
            name="name",
            event="day",
            living=True,
            values=stated("name", "place", "sex", "school", "work", "lodging"),
            ended={"work": "end", "lodging": "end"},
        ),
        source("visits", event="day", living=True, values=stated("place", "school", "work", "lodging")),
        source("deaths", name="name", event="day", values={"name": "name", "death_date": "day"}),
        source("burials", name="name", event="day", values={"name": "name", "death_date": "day"}),
        source("fines", name="name", values=stated("name", "work", "school"), ended={"work": "end"}),
    ),
    facts=(
        Fact("citizen_number", "string", ("readers",)),
        Fact("name", "string", ("readers", "loans", "deaths", "burials", "fines")),
        Fact("sex", "string", ("readers", "loans")),
        Fact("birth_date", "date", ("readers",)),
        Fact("place", "string", ("loans", "readers", "visits")),
        Fact("school", "string", ("visits", "readers", "loans", "fines"), (("11", "12"), ("1", "2"), ("3",))),
        Fact("work", "string", ("fines", "loans", "visits")),
        Fact("lodging", "string", ("loans", "visits"), confirmed={"visits": "place"}),
        Fact("death_date", "date", ("burials", "deaths")),
    ),
)

PLACES, DEATHS = ("loans", "readers", "visits"), ("burials", "deaths")
RELIABILITY = Reliability(
    {
        "place": Judges(
            (
                Trusted(30, PLACES, (0.7, 0.9, 0.85), ((), (0.0,), (0.6, 0.1))),
                Trusted(30, PLACES, (0.7, 0.6, 0.95), ((), (0.0,), (0.0, 0.0))),
                Trusted(30, PLACES, (0.7, 0.6, 0.5), ((), (0.0,), (0.0, 0.0))),
            )
        ),
        "death_date": Judges((Trusted(1000, DEATHS, (0.9, 0.97), ((), (0.3,))),) * 2),
    }
)
"""A less trusted source may be the better one, and one may copy."""

KEYS = [11010519491231002, 11010519800101001, 44052418800101001]
DOCUMENT = 9
"""The review that found two numbers to be one person's."""
NAMES = ["李明", "李 明", "王芳", "王峰", "王峯", "赵一"]


def rows(dataset: Source) -> st.SearchStrategy[dict[str, Any]]:
    """One live row of a dataset, without its address."""
    benchmark = dataset is PLAN.benchmark
    fields: dict[str, st.SearchStrategy[Any]] = {
        "person_key": st.sampled_from([*KEYS, *KEYS, None]),
        "number": st.sampled_from(["n", "n", None]),
        "name": st.sampled_from(NAMES) if benchmark else st.sampled_from([*NAMES, None]),
        "former": st.sampled_from([None, None, *NAMES]),
        "day": st.one_of(st.none(), st.integers(0, 3).map(lambda n: DAY + dt.timedelta(n))),
        "sex": st.sampled_from(["1", "2", None]),
        "place": st.sampled_from(["110000", "120000", None]),
        "lodging": st.sampled_from(["110000", "120000", None]),
        "school": st.sampled_from(["12", "14", "21", "31", "90", None]),
        "work": st.sampled_from(["甲", "甲", "乙", None]),
        "end": st.one_of(st.none(), st.integers(0, 3).map(lambda n: DAY + dt.timedelta(n))),
        "_flags": st.sampled_from(
            [
                None,
                None,
                "place.region",
                "sex.derived place.region",
                "other.rule",
                "day.order",
                "number.check_digit",
                "school.odd",
            ]
        ),
        "_batch": st.integers(1, 3),
    }
    return st.fixed_dictionaries(fields)


WORLDS = st.fixed_dictionaries(
    {s.dataset: st.lists(rows(s), max_size=6 if s is PLAN.benchmark else 4) for s in PLAN.sources}
)
PLAIN = {"person_key": KEYS[0], "number": "n", "name": NAMES[0], "former": None}
"""One person about whom nobody is in doubt, so that every row is attached and only what it says differs."""

PERSONS = st.fixed_dictionaries(
    {s.dataset: st.lists(rows(s).map(lambda row: {**row, **PLAIN}), min_size=1, max_size=2) for s in PLAN.sources}
)
DUE = {batch: DAY + dt.timedelta(batch) for batch in (1, 2, 3, DOCUMENT)}


def addressed(world: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The world with distinct addresses; a row without a number has no key."""
    return {
        dataset: [
            {
                **row,
                "_row": place + 1,
                "_source": "office",
                "number": row["number"] if row["person_key"] is None else "n",
            }
            for place, row in enumerate(listed)
        ]
        for dataset, listed in world.items()
    }


def frame_of(plan_source: Source, listed: list[dict[str, Any]]) -> pa.Table:
    schema = frame.live_schema(plan_source)
    return pa.Table.from_pylist(listed, pa.schema([(name, arrow_type(kind)) for name, kind in schema.items()]))


Adopted = dict[tuple[str, int, int], int]


def adoptable(world: dict[str, list[dict[str, Any]]], keys: list[int], guests: bool = False) -> Adopted:
    """Records of other sources given to people: those without a number to the next key drawn, others to their own.

    With `guests` also those that state another number, as a reviewer may find.
    """
    listed = [(s.dataset, row) for s in PLAN.others for row in world[s.dataset]]
    drawn = {
        (name, row["_batch"], row["_row"]): (row["person_key"], key)
        for (name, row), key in zip(listed, keys, strict=False)
    }
    return {place: key if guests else own or key for place, (own, key) in drawn.items() if key}


def ruled(world: dict[str, list[dict[str, Any]]], roots: dict[int, int], parted: list[int]) -> alias.Ruling:
    """What reviews decided, held against the register."""
    held = {row["person_key"] for row in world["readers"] if row["person_key"] is not None}
    leads = alias.effective(roots, held)
    return alias.ruling(leads, held, dict.fromkeys(leads, DOCUMENT), parted)


def adopted_rows(
    connection: duckdb.DuckDBPyConnection, world: dict[str, list[dict[str, Any]]], adopted: Adopted
) -> pa.Table:
    """The adopted records in the uniform shape, as linkage writes them."""
    schema, rows = adopted_schema(PLAN), list[dict[str, Any]]()
    for index, plan_source in enumerate(PLAN.sources):
        connection.register(f"live_{index}", frame_of(plan_source, world[plan_source.dataset]))
        for row in connection.sql(program_of(PLAN).rows[index]).to_arrow_table().to_pylist():
            place = (plan_source.dataset, row["_batch"], row["_row"])
            if place in adopted:
                given = {"dataset": place[0], "own_key": row["person_key"], "person_key": adopted[place]}
                rows.append({**row, **given})
        connection.unregister(f"live_{index}")
    return pa.Table.from_pylist(rows, schema)


def placed(given: pa.Table, leads: dict[int, int], held: set[int]) -> pa.Table:
    """The same as the build reads them: under the numbers that survive, without the guests of nobody."""
    found = []
    for row in given.to_pylist():
        own = row.pop("own_key")
        own, person = leads.get(own, own), leads.get(row["person_key"], row["person_key"])
        if own is None or own == person or person in held:
            found.append({**row, "own": own, "person_key": person, "keyed": own == person})
    schema = given.schema.remove(given.schema.get_field_index("own_key"))
    return pa.Table.from_pylist(found, schema.append(pa.field("own", pa.int64())).append(pa.field("keyed", pa.bool_())))


def built(
    world: dict[str, list[dict[str, Any]]],
    affected: list[int] | None = None,
    adopted: Adopted | None = None,
    ruling: alias.Ruling = alias.NOTHING,
) -> tuple[set[Any], set[Any], set[Any]]:
    """The vectorised build as sets of rows."""
    with duckdb.connect() as connection:
        due = pa.table(
            {"due_batch": pa.array(list(DUE), pa.int64()), "due_on": pa.array(list(DUE.values()), pa.date32())}
        )
        limit = None if affected is None else pa.table({"person_key": pa.array(affected, pa.int64())})
        computation = Computation(connection, PLAN, program_of(PLAN), RELIABILITY, due, limit, ruling)
        for plan_source in PLAN.sources:
            connection.register(plan_source.dataset, frame_of(plan_source, world[plan_source.dataset]))
        held = {row["person_key"] for row in world["readers"] if row["person_key"] is not None}
        leads = dict(zip(ruling.old.tolist(), ruling.surviving.tolist(), strict=True))
        given = placed(adopted_rows(connection, world, adopted or {}), leads, held)
        connection.register("given", given)
        connection.register("gone", given.filter(~pc.field("keyed")))
        base = computation.compute([s.dataset for s in PLAN.sources], 1, "given", "gone")
    found = [[row for part in parts for row in part.to_pylist()] for parts in base]
    people = [frozenset((k, v) for k, v in row.items() if k != "bucket") for row in found[0]]
    statements, discrepancies = ([tuple(list(row.values())[1:]) for row in rows] for rows in found[1:])
    assert len(set(people)) == len(people) and len(set(statements)) == len(statements)
    assert len(set(discrepancies)) == len(discrepancies)
    return set(people), set(statements), set(discrepancies)


def record(plan_source: Source, row: dict[str, Any]) -> reference.Record:
    return reference.Record(
        dataset=plan_source.dataset,
        key=row["person_key"],
        number=row["number"],
        name=row[plan_source.name] if plan_source.name else None,
        former=row[plan_source.former] if plan_source.former else None,
        event=row[plan_source.event] if plan_source.event else None,
        values={item: row[element] for item, element in plan_source.values.items()},
        flags=tuple((row["_flags"] or "").split()),
        source=row["_source"],
        batch=row["_batch"],
        row=row["_row"],
        ended={item: row[element] for item, element in plan_source.ended.items()},
    )


def of_number(key: int) -> dict[str, Any]:
    keys = pa.array([key], pa.int64())
    read = {"citizen_number": kernels.decode, "sex": kernels.sexes, "birth_date": kernels.birth_dates}
    return {item: kernel(keys)[0].as_py() for item, kernel in read.items()}


def by_the_book(
    world: dict[str, list[dict[str, Any]]], adopted: Adopted | None = None, ruling: alias.Ruling = alias.NOTHING
) -> tuple[set[Any], set[Any], set[Any]]:
    """The reference as sets of rows."""
    records = [record(s, row) for s in PLAN.sources for row in world[s.dataset]]
    leads = zip(ruling.old.tolist(), ruling.surviving.tolist(), ruling.document.tolist(), strict=True)
    merged = {old: (surviving, document) for old, surviving, document in leads}
    parted = set(ruling.parted.tolist())
    outcomes = reference.fold(PLAN, records, of_number, DUE.__getitem__, RELIABILITY, adopted or {}, merged, parted)
    people = {frozenset(outcome.person.items()) for outcome in outcomes if outcome.person is not None}
    statements = {tuple(statement) for outcome in outcomes for statement in outcome.statements}
    return people, statements, {tuple(found) for outcome in outcomes for found in outcome.discrepancies}


def equal(world: dict[str, list[dict[str, Any]]]) -> None:
    world = addressed(world)
    for made, expected in zip(built(world), by_the_book(world), strict=True):
        assert made == expected


@settings(max_examples=60, deadline=None)
@given(WORLDS)
def test_the_build_equals_the_fold_by_the_book(world: dict[str, list[dict[str, Any]]]) -> None:
    equal(world)


@settings(max_examples=40, deadline=None)
@given(PERSONS)
def test_what_is_golden_is_decided_by_the_book(world: dict[str, list[dict[str, Any]]]) -> None:
    equal(world)


@settings(max_examples=60, deadline=None)
@given(WORLDS, st.lists(st.sampled_from([*KEYS, None]), max_size=20))
def test_what_linkage_gives_to_a_person_counts_by_the_book(
    world: dict[str, list[dict[str, Any]]], keys: list[int]
) -> None:
    world = addressed(world)
    adopted = adoptable(world, keys)
    for made, expected in zip(built(world, adopted=adopted), by_the_book(world, adopted), strict=True):
        assert made == expected


ROOTS = st.sampled_from(
    [
        {KEYS[1]: KEYS[0]},
        {KEYS[0]: KEYS[2]},
        {KEYS[1]: KEYS[0], KEYS[2]: KEYS[0]},
        {KEYS[0]: KEYS[1], KEYS[2]: KEYS[1]},
    ]
)
"""Numbers given up, with the person at the end of each chain."""


@settings(max_examples=150, deadline=None)
@given(
    WORLDS, ROOTS, st.lists(st.sampled_from(KEYS), max_size=2), st.lists(st.sampled_from([*KEYS, None]), max_size=20)
)
def test_merges_and_splits_follow_the_book(
    world: dict[str, list[dict[str, Any]]], roots: dict[int, int], parted: list[int], keys: list[int]
) -> None:
    """Also where the register holds one of the numbers only, and with records that reviewers gave to another number."""
    world = addressed(world)
    ruling, adopted = ruled(world, roots, sorted(set(parted))), adoptable(world, keys, guests=True)
    for made, expected in zip(
        built(world, adopted=adopted, ruling=ruling), by_the_book(world, adopted, ruling), strict=True
    ):
        assert made == expected


@settings(max_examples=40, deadline=None)
@given(WORLDS, ROOTS)
def test_after_a_merge_nothing_is_under_the_old_number(
    world: dict[str, list[dict[str, Any]]], roots: dict[int, int]
) -> None:
    world = addressed(world)
    ruling = ruled(world, roots, [])
    people, statements, discrepancies = built(world, ruling=ruling)
    assert not set(ruling.old.tolist()) & {dict(row)["person_key"] for row in people}
    assert not set(ruling.old.tolist()) & {row[0] for row in (*statements, *discrepancies)}
    assert len(statements) == sum(map(len, world.values()))


SHARED = st.fixed_dictionaries(
    {
        s.dataset: st.lists(
            st.builds(
                lambda row, name: {**row, **PLAIN, "name": name}, rows(s), st.sampled_from(["李明", "王芳", "赵一"])
            ),
            min_size=2,
            max_size=3,
        )
        for s in PLAN.sources
    }
)
"""One number under which two people and a stranger are reported."""


@settings(max_examples=40, deadline=None)
@given(SHARED, st.booleans())
def test_of_a_number_of_two_people_the_other_one_never_speaks(
    world: dict[str, list[dict[str, Any]]], linked: bool
) -> None:
    """Not even where linkage gave the holder a record that bears the other's name."""
    world = addressed(world)
    ruling = ruled(world, {}, [KEYS[0]])
    adopted = adoptable(world, [KEYS[0]] * 20) if linked else {}
    made, expected = built(world, adopted=adopted, ruling=ruling), by_the_book(world, adopted, ruling)
    assert made == expected
    barred = [row for row in made[1] if row[4] == "E06"]
    rivals = {row["name"] for row in world["readers"]} - {dict(person)["name"] for person in made[0]}
    for _, dataset, batch, row, _ in made[1] - set(barred):
        record = next(one for one in world[dataset] if (one["_batch"], one["_row"]) == (batch, row))
        named = next(one for one in PLAN.sources if one.dataset == dataset).name
        assert not rivals or (named and (dataset == "readers" or record["name"] not in rivals))
