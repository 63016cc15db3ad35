"""Newborns and the base, through the lake: joined, checked, told to the senders, counted by cohort."""

from __future__ import annotations

import csv
import datetime as dt
from typing import Any

import pytest
from tests.unit.programs.vital.birth.hospital import FATHER_BORN, MOTHER_BORN, citizen

from quanmin import population
from quanmin.programs.vital import number
from quanmin.programs.vital.birth import crosscheck, newborn, registration
from quanmin.programs.vital.birth.errors import NotJoined
from quanmin.standards.errors import NoSuchRegion
from quanmin.standards.region import NATION

CHILD_BORN = dt.date(2026, 10, 8)
LATER = dt.date(2026, 12, 20)


def register(
    place: Any, *, dead: dt.date | None = None, child: str | None = "王小明", mother: bool = True, order: int = 2
) -> None:
    """The family in the household register, and what a death register says of the mother."""
    base, home = place.base, {"household_no": f"37010200{order:04}"}
    rows: list[dict[str, Any]] = [
        {
            "number": citizen(FATHER_BORN, 21 + order),
            "name": "王刚",
            "sex": "1",
            "birth_date": FATHER_BORN,
            "member_no": 1,
        }
    ]
    if mother:
        rows.append(
            {
                "number": citizen(MOTHER_BORN, 20 + order),
                "name": "李梅",
                "sex": "2",
                "birth_date": MOTHER_BORN,
                "member_no": 2,
            }
        )
    if child:
        rows.append(
            {"number": citizen(CHILD_BORN, 11), "name": child, "sex": "1", "birth_date": CHILD_BORN, "member_no": 3}
        )
    base.send(
        base.bench,
        *({**row, **home, "registered_region": "370102", "registered_on": dt.date(2026, 11, 1)} for row in rows),
        also=("registered_region", "birth_place"),
    )
    if dead:
        base.send(base.death, {"number": rows[1]["number"], "name": "李梅", "death_date": dead})
    base.build()


def table(place: Any, name: str) -> list[dict[str, Any]]:
    with place.lake.session("births") as session:
        found: list[dict[str, Any]] = (
            session.connection.sql(f"SELECT * FROM {session.relation(name)} AS t").to_arrow_table().to_pylist()
        )
    return found


def test_a_newborn_is_joined_to_the_child_of_its_parents_household(place):
    one = place.issue()
    place.collect()
    register(place)
    report = newborn.join(place.lake, LATER)
    assert (report.births, report.joined, report.rules) == (1, 1, {"mother+father+name": 1})
    [row] = table(place, newborn.NEWBORN)
    assert (row["certificate_no"], row["person_key"]) == (number.text(one), int(citizen(CHILD_BORN, 11)[:17]))
    assert sum(crosscheck.crosscheck(place.lake, LATER, "370000").findings.values()) == 0


def test_a_name_given_later_is_joined_all_the_same(place):
    place.issue()
    place.collect()
    register(place, child="王思远")
    assert newborn.join(place.lake, LATER).rules == {"mother+father": 1}


def test_a_newborn_that_nobody_registered_waits_and_is_told_after_the_limit(place):
    place.issue()
    place.collect()
    register(place, child=None)
    assert newborn.join(place.lake, dt.date(2026, 11, 1)).waiting == 1
    assert newborn.join(place.lake, LATER).overdue == 1
    found = crosscheck.crosscheck(place.lake, LATER).findings
    assert {rule for rule, count in found.items() if count} == {"not_registered"}


def test_what_does_not_fit_the_base_is_told_to_whoever_sent_the_birth(place, tmp_path):
    one = place.issue()
    receipt = place.collect()
    register(place, dead=dt.date(2026, 10, 1))
    newborn.join(place.lake, LATER)
    assert crosscheck.crosscheck(place.lake, LATER).findings["mother_dead"] == 1
    [row] = table(place, crosscheck.FINDING)
    assert (row["certificate_no"], row["_batch"], row["_row"], row["code"]) == (
        number.text(one),
        receipt.batch,
        1,
        "E08",
    )
    population.export_feedback(place.lake, "health", tmp_path / "told")
    [told] = csv.DictReader((tmp_path / "told" / "health.birth.feedback.csv").read_text("utf-8-sig").splitlines())
    assert (told["row"], told["element"], told["code"]) == ("1", "mother_number", "E08")
    assert told["file"].startswith("cards-") and told["due_on"]


def test_a_mother_whom_the_base_does_not_have_and_a_person_without_a_certificate(place):
    place.issue()
    place.collect()
    register(place, mother=False, child=None)
    base = place.base
    other = {"number": citizen(CHILD_BORN, 33), "name": "赵一", "sex": "1", "birth_date": CHILD_BORN}
    here = {"registered_region": "370102", "registered_on": dt.date(2026, 11, 1), "household_no": "370102009999"}
    base.send(base.bench, {**other, **here, "member_no": 1}, also=("registered_region", "birth_place"))
    base.build()
    newborn.join(place.lake, LATER)
    report = crosscheck.crosscheck(place.lake, LATER, "370000")
    assert {rule: count for rule, count in report.findings.items() if count} == {
        "no_certificate": 1,
        "not_registered": 1,
        "mother_unknown": 1,
    }
    [row] = [one for one in table(place, crosscheck.FINDING) if one["rule"] == "no_certificate"]
    assert (row["dataset"], row["_source"], row["person_key"]) == (
        base.bench,
        "public_security",
        int(other["number"][:17]),
    )
    assert crosscheck.crosscheck(place.lake, LATER, "360000").findings["no_certificate"] == 0


def test_registration_by_cohort(place):
    place.issue()
    place.issue(place.application(order=4, name="李四"))
    place.collect()
    register(place)
    with pytest.raises(NotJoined):
        registration.completeness(place.lake, 2026, 2026)
    with pytest.raises(NotJoined):
        crosscheck.crosscheck(place.lake, LATER)
    newborn.join(place.lake, LATER)
    [empty, cohort] = registration.completeness(place.lake, 2025, 2026)
    assert (cohort.births, cohort.people, cohort.joined, cohort.enrolled) == (2, 1, 1, 0)
    assert (cohort.estimate, cohort.registered, cohort.certified) == (2, 0.5, 1)
    assert registration.completeness(place.lake, 2025, 2026, NATION) == [empty, cohort]
    for wrong in ("37", "999999", "370000') OR ('' = '"):
        with pytest.raises(NoSuchRegion):
            registration.completeness(place.lake, 2025, 2026, wrong)
        with pytest.raises(NoSuchRegion):
            crosscheck.crosscheck(place.lake, LATER, wrong)
    told = empty.to_dict()
    school = told.pop("school")
    assert (school["pupils"], school["value"], school["marks"]) == (
        None,
        None,
        ["none"],
    )  # not zero: nobody told of pupils
    assert told == {
        "year": 2025,
        **dict.fromkeys(("births", "people", "joined", "enrolled", "surveyed"), 0),
        **dict.fromkeys(("estimate", "certified", "registered")),
    }
