"""Whom a change concerns: those under whose number rows came or went, and those whom a correction leaves or reaches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest

from quanmin import standards
from quanmin.population import change
from quanmin.population.plan import plan_of
from quanmin.standards import kernels

LI, WANG, ZHAO = "11010519491231002X", "440524188001010014", "110105198001010016"


def concerned(office: Any, since: int) -> set[int | None]:
    """The person keys that changes after a snapshot concern; each is in its own bucket, and there once."""
    with office.lake.session("population") as session:
        found = change.affected(session, plan_of(standards.catalogue()), since)
    assert found.num_rows == len(set(zip(*found.to_pydict().values(), strict=True)))
    for bucket, key in zip(found["bucket"].to_pylist(), found["person_key"].to_pylist(), strict=True):
        if key is not None:
            rows = pa.array([0], pa.int64())
            assert bucket == kernels.bucket_of(pa.array([key], pa.int64()), rows, office.lake.settings.buckets)[0]
    return set(found["person_key"].to_pylist())


def keys(*numbers: str) -> set[int]:
    return {int(number[:17]) for number in numbers}


def withdraw(office: Any, dataset: str, batches: Iterable[int]) -> None:
    with office.lake.session("collect", transaction=f"withdraw {list(batches)}") as session:
        table = f"clean.{dataset}"
        chosen = ", ".join(map(str, batches))
        session.writer(table, session.schema(table), "bucket").delete(f"_batch IN ({chosen})")
        session.commit()


@pytest.fixture
def base(office: Any) -> Any:
    """Three people, and one of them in the whole-population register under the key P1."""
    office.send(office.bench, *({"number": number, "name": "李明"} for number in (LI, WANG, ZHAO)))
    office.first = office.send(office.whole, {"number": LI, "name": "李明", "person_code": "P1"})
    office.build()
    office.since = office.lake.snapshot().id - 1
    return office


def test_nothing_new_concerns_nobody(base: Any) -> None:
    assert concerned(base, base.since) == set()


def test_a_new_row_concerns_its_person_only(base: Any) -> None:
    base.send(base.whole, {"number": WANG, "name": "王芳"})
    assert concerned(base, base.since) == keys(WANG)


def test_a_row_without_a_number_concerns_its_bucket(base: Any) -> None:
    base.send(base.whole, {"number": None, "name": "王芳"}, {"number": "x", "name": "王芳"})
    assert concerned(base, base.since) == {None}


def test_a_correction_concerns_whom_it_leaves_and_whom_it_reaches(base: Any) -> None:
    """The row of key P1 spoke of LI and now speaks of WANG."""
    base.send(base.whole, {"number": WANG, "name": "王芳", "person_code": "P1"})
    assert concerned(base, base.since) == keys(LI, WANG)


def test_a_withdrawn_correction_uncovers_the_earlier_row(base: Any) -> None:
    batch = base.send(base.whole, {"number": WANG, "name": "王芳", "person_code": "P1"})
    base.build()
    since = base.lake.snapshot().id - 1
    withdraw(base, base.whole, [batch])
    assert concerned(base, since) == keys(LI, WANG)


def test_what_came_and_went_leaves_the_base_as_it_was(base: Any) -> None:
    batch = base.send(base.whole, {"number": ZHAO, "name": "赵一"})
    withdraw(base, base.whole, [batch])
    assert concerned(base, base.since) == set()


def test_compaction_concerns_nobody(base: Any) -> None:
    base.send(base.whole, {"number": WANG, "name": "王芳"})
    base.build()
    since = base.lake.snapshot().id - 1
    base.send(base.death, {"number": ZHAO, "name": "李明"})
    base.lake.compact(f"clean.{base.whole}")
    assert concerned(base, since) == keys(ZHAO)


def test_the_last_build_is_the_one_that_this_session_sees(base: Any) -> None:
    """Not the newest of all: a session pinned before a build does not know it."""
    first = base.lake.snapshot().id
    base.send(base.whole, {"number": WANG, "name": "李明"})
    base.build()
    with base.lake.session("population", snapshot=first) as session:
        earlier = change.last_build(session)
    with base.lake.session("population") as session:
        later = change.last_build(session)
    assert earlier is not None and later is not None
    assert (earlier.snapshot, later.snapshot) == (first - 1, first + 1)
    assert earlier.plan == later.plan


def test_before_the_first_build_there_is_none(office: Any) -> None:
    office.send(office.bench, {"number": LI, "name": "李明"})
    with office.lake.session("population") as session:
        assert change.last_build(session) is None
