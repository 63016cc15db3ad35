"""Children at school by sets, against the same one by one, on records that meet in numbers, days and keys."""

from __future__ import annotations

import datetime as dt

import duckdb
import pyarrow as pa
from hypothesis import event, given, settings
from hypothesis import strategies as st

from quanmin.programs.vital.pupil import CANCELLED, COLUMNS, Child, Record, children, one_a_child

_TYPES = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "DATE": pa.date32()}
SCHEMA = pa.schema([(name, _TYPES[kind]) for name, kind in COLUMNS.items()])
DAYS = (dt.date(2014, 9, 1), dt.date(2015, 2, 28), dt.date(2015, 9, 1), dt.date(2016, 2, 29))

records = st.builds(
    Record,
    pupil_number=st.sampled_from(("G1", "G2", "L1", "J1")),
    person_key=st.none() | st.sampled_from((37010220080229001, 37010220080105002)),
    birth_date=st.sampled_from((dt.date(2008, 2, 29), dt.date(2008, 1, 5), dt.date(2007, 12, 31))),
    region=st.sampled_from(("370102", "370202")),
    enrolled_on=st.sampled_from(DAYS),
    status=st.sampled_from(("1", "3", "6", CANCELLED)),
    updated_on=st.sampled_from(DAYS),
    batch=st.integers(1, 3),
    row=st.integers(1, 50),
)
files = st.lists(records, max_size=25, unique_by=lambda one: (one.batch, one.row))


@settings(deadline=None, max_examples=150)
@given(files)
def test_children_by_sets_are_those_one_by_one(some: list[Record]) -> None:
    connection = duckdb.connect()
    rows = [dict(zip(SCHEMA.names, one, strict=True)) for one in some]
    connection.register("pupils", pa.Table.from_pylist(rows, SCHEMA))
    found = [Child(*row) for row in connection.execute(f"{one_a_child('pupils')} ORDER BY who").fetchall()]
    plain = children(some)
    assert found == plain
    assert len({one.who for one in plain}) == len(plain) <= len([one for one in some if one.status != CANCELLED])
    event("a double" if len(plain) < len([one for one in some if one.status != CANCELLED]) else "no double")
    event("cancelled" if any(one.status == CANCELLED for one in some) else "none cancelled")
