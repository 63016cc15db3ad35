"""Deaths: what is counted by columns against the plain reference, and what must hold of any certificate."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.programs.vital.death import icd
from quanmin.programs.vital.death.activity import Active, Activity, after_death, after_death_of
from quanmin.programs.vital.death.certificate import Certificate, Day
from quanmin.programs.vital.death.chain import Chain, Interval, Line
from quanmin.programs.vital.death.edit import EDITS, edits
from quanmin.programs.vital.death.quality import shares, shares_of
from quanmin.programs.vital.death.relation import relation
from quanmin.programs.vital.death.selection import RULES, select

SOME = [one.code for one in icd.every()][::37]
CODES = st.one_of(
    st.sampled_from(SOME),
    st.sampled_from(
        ["I10", "I21.9", "I63.9", "J18.0", "R99", "E14.9", "N18.9", "B24", "A16.9", "S06.9", "W18", "K02.9"]
    ),
    st.sampled_from(["I53", "x", "I21.900x001", "C98.1"]),
)
INTERVALS = st.none() | st.builds(
    Interval, st.integers(0, 90).map(float), st.sampled_from(["minute", "hour", "day", "week", "month", "year"])
)
LINES = st.builds(Line, st.none() | st.just("某病"), st.lists(CODES, max_size=3).map(tuple), INTERVALS)
CHAINS = st.builds(Chain, st.tuples(LINES, LINES, LINES, LINES), LINES)
DATES = st.dates(dt.date(1930, 1, 1), dt.date(2027, 1, 1))
CERTIFICATES = st.builds(
    Certificate,
    st.none() | st.just("S1"),
    CHAINS,
    sex=st.none() | st.sampled_from(["1", "2", "9"]),
    birth=st.none() | DATES,
    death=st.none() | st.builds(Day.of, DATES, st.booleans()),
    filled=st.none() | DATES,
    pregnancy=st.none() | st.booleans(),
    version=st.none() | st.sampled_from(["2013", "2026", "?"]),
    underlying=st.none() | CODES,
)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.none() | st.sampled_from("ABC"), st.none() | CODES), max_size=60))
def test_shares_by_columns_are_those_row_by_row(deaths):
    of, codes = [one for one, _ in deaths], [code for _, code in deaths]
    assert shares(pa.array(codes, pa.string()), pa.array(of, pa.string())) == shares_of(deaths)


@settings(deadline=None, max_examples=100)
@given(CERTIFICATES)
def test_a_selection_is_a_code_that_may_be_one_or_a_doubt_in_words(certificate):
    found = select(certificate)
    assert (found.code is None) == (found.queued is not None)
    assert all(step.rule in RULES for step in found.steps)
    if found.code is not None:
        assert icd.exists(found.code)
        assert not "S" <= found.code[0] <= "T"
        assert found.steps
    assert select(certificate) == found


@settings(deadline=None, max_examples=100)
@given(CERTIFICATES)
def test_edits_tell_addresses_and_survive_json(certificate):
    again = Certificate.from_dict(certificate.to_dict())
    assert again == certificate
    for one in edits(certificate, dt.date(2026, 9, 1)):
        assert one.rule in EDITS
        assert one.line in (None, "a", "b", "c", "d", "II")
        assert one.title.zh and one.title.en


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(SOME), st.sampled_from(SOME))
def test_the_table_of_causes_answers_any_pair(effect, cause):
    assert relation().may_be_due(effect, cause) in (True, False, None)
    assert relation().may_be_due(effect, effect) is False


KEYS = st.integers(1, 4)
DAYS = st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2020, 3, 1))
NAMES = st.none() | st.sampled_from(["甲", "乙"])
PEOPLE = st.dictionaries(KEYS, st.tuples(NAMES, DAYS), max_size=4)
ROWS = st.lists(st.tuples(st.none() | KEYS, NAMES, DAYS), max_size=12)


@settings(deadline=None, max_examples=40)
@given(PEOPLE, ROWS, st.sampled_from([0, 1, 30]))
def test_activity_after_death_is_found_as_row_by_row(people, rows, grace):
    import ibis

    active = [Active(1, row, key, name, day) for row, (key, name, day) in enumerate(rows)]
    addresses = {"bucket": "int32", "_source": "string", "_batch": "int64", "_row": "int64"}
    types = {"person_key": "int64", "name": "string", "day": "date", **addresses}
    given = [
        {"person_key": one.person_key, "name": one.name, "day": one.day}
        | {"bucket": 0, "_source": "s", "_batch": one.batch, "_row": one.row}
        for one in active
    ]
    base = [{"person_key": key, "name": name, "death_date": died} for key, (name, died) in people.items()]
    base_types = {"person_key": "int64", "name": "string", "death_date": "date"}
    found = after_death(
        ibis.memtable(given, schema=types), ibis.memtable(base, schema=base_types), Activity("d", "day", grace)
    ).to_pyarrow()
    addressed = sorted(zip(found.column("_batch").to_pylist(), found.column("_row").to_pylist(), strict=True))
    assert addressed == after_death_of(active, people, grace)
