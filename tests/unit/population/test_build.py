"""A build says why it looked at every record, and never fails because vacuum took what it wanted to compare with."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import pytest

from quanmin import population
from quanmin.population.errors import NotBuilt

LI = {"number": "11010519491231002X", "name": "李明"}
WANG = {"number": "440524188001010014", "name": "王芳"}
ZHAO = {"number": "110105198001010016", "name": "赵一"}


def base(office: Any) -> dict[str, list[str]]:
    """The three tables as sorted rows."""
    with office.lake.session("population") as session:
        relations = {table: session.relation(f"linked.{table}") for table in ("person", "statement", "discrepancy")}
        return {
            table: sorted(str(row) for row in session.connection.execute(f"SELECT * FROM {sql} AS t").fetchall())
            for table, sql in relations.items()
        }


def test_a_build_says_why_it_is_full(office: Any) -> None:
    office.send(office.bench, LI, WANG)
    first = office.build()
    assert (first.full, first.full_reason, first.people) == (True, "first", 2)
    office.send(office.whole, LI)
    later = office.build()
    assert (later.full, later.full_reason, later.computed) == (False, None, 2)
    asked = office.build(full=True)
    assert (asked.full, asked.full_reason, asked.computed) == (True, "asked", 3)


def test_another_program_may_decide_otherwise_and_builds_anew(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    office.send(office.bench, LI, WANG)
    office.build()
    monkeypatch.setattr(sys.modules["quanmin.population.build"], "__version__", "0.0.0")
    report = office.build()
    assert (report.full, report.full_reason, report.computed) == (True, "rules", 2)
    assert office.build().full_reason is None


def test_what_vacuum_took_is_no_obstacle(office: Any) -> None:
    """Files that came and went since the last build are gone: the changes cannot be told, so everything is computed."""
    office.send(office.bench, LI, WANG)
    office.send(office.whole, LI)
    office.build()
    before = office.send(office.whole, WANG)
    with office.lake.session("collect", transaction=f"withdraw {before}") as session:
        table = f"clean.{office.whole}"
        session.writer(table, session.schema(table), "bucket").delete(f"_batch >= {before - 1}")
        session.commit()
    office.send(office.whole, {**LI, "name": "王芳"})
    assert office.lake.vacuum(retain=1, within=timedelta(0)) > 0
    report = office.build()
    assert (report.full, report.full_reason, report.computed) == (True, "gone", 3)
    assert office.outcomes(office.whole) == {1: "E03"}
    fallen_back = base(office)
    office.build(full=True)
    assert base(office) == fallen_back
    office.send(office.bench, ZHAO)
    assert office.build().full_reason is None


def test_how_far_sources_are_believed_is_kept_until_it_is_asked_for_anew(office: Any) -> None:
    with pytest.raises(NotBuilt):
        population.believed(office.lake)
    office.send(office.bench, {**LI, "ethnicity": "01"}, {**WANG, "ethnicity": "03"})
    office.build()
    first = population.believed(office.lake)
    assert [(row["item"], row["dataset"], row["claims"]) for row in first] == [("ethnicity", office.bench, 2)]
    office.send(office.whole, {**LI, "ethnicity": "01"})
    assert office.build().full_reason is None and population.believed(office.lake) == first
    again = population.build(office.lake, calibrate=True)
    assert again.full_reason == "asked" and [row["claims"] for row in population.believed(office.lake)] == [2, 1]
    assert office.build().full_reason is None
