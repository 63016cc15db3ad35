"""Children at school: what a file of pupils may say, who is one child, and a made-up cohort of which every share is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from quanmin.programs.vital import pupil, statistic
from quanmin.programs.vital.birth import registration
from quanmin.programs.vital.statistic import cube

from .birth.hospital import CITY, citizen
from .school import Country, record

COHORT = [(dt.date(2008, 1 + place // 2, 28), 11 + 2 * place) for place in range(20)]
COHORT[3] = (dt.date(2008, 2, 29), 17)


@pytest.fixture
def country(tmp_path: Path) -> Iterator[Country]:
    made = Country(tmp_path)
    yield made
    made.lake.close()


def test_rows_that_no_pupil_can_have_are_refused_with_their_rule(country: Country) -> None:
    born = dt.date(2008, 3, 5)
    bad = {
        "key.unique_in_batch": record(born, 11, name="王大明"),
        "enrolled_on.after_birth": record(born, 13, enrolled_on=dt.date(2012, 9, 1)),
        "enrolled_on.after_birth ": record(born, 15, enrolled_on=dt.date(2007, 9, 1), school_year=2008, form=1),
        "updated_on.after_entry": record(born, 17, updated_on=dt.date(2014, 8, 31), school_year=2013, form=1),
        "school_year.of_record": record(born, 19, school_year=2012),
        "school_year.of_record ": record(born, 21, school_year=2016, form=3),
        "form.range": record(born, 23, form=13),
        "birth_date.type": record(born, 25) | {"birth_date": "2009-02-29"},
        "status.value_set": record(born, 27, status="7"),
        "pupil_number.pattern": record(born, 29, pupil_number=citizen(born, 29)),
        "region.required": record(born, 31, region=None),
        "updated_on.range": record(born, 33, updated_on=dt.date(2105, 10, 8)),
    }
    receipt = country.pupils(record(born, 11), *bad.values())
    assert (receipt.accepted, receipt.quarantined) == (1, len(bad))
    found = {row: set(reasons.split()) for row, reasons in country.refused().items()}
    assert found == {row: {rule.strip()} for row, rule in enumerate(bad, start=2)}
    assert [one.pupil_number for one in country.records()] == [f"G{citizen(born, 11)}"]


def test_a_child_of_29_february_is_five_on_28_february(country: Country) -> None:
    born = dt.date(2008, 2, 29)
    early = {"school_year": 2015, "form": 3}
    receipt = country.pupils(
        record(born, 11, enrolled_on=dt.date(2013, 2, 28), **early),
        record(born, 13, enrolled_on=dt.date(2013, 2, 27), **early),
    )
    assert (receipt.accepted, receipt.quarantined) == (1, 1)
    assert country.refused() == {2: "enrolled_on.after_birth"}
    assert pupil.children(country.records())[0].birth_date == born


def fill(country: Country) -> None:
    """20 children of 2008: 18 in the register, 12 with a certificate, 18 at school; and what a count may not be taken in by."""
    country.base(COHORT[:18], COHORT[:12])
    own = {place: record(*COHORT[place]) for place in range(2, 20)}
    own[9]["region"] = "370202"
    country.pupils(
        *own.values(),
        record(
            *COHORT[5], pupil_number="L370102200803280001", updated_on=dt.date(2015, 9, 3)
        ),  # twice, under two numbers
        record(
            *COHORT[6], pupil_number="L370102200803280002", citizen_number=None, status="8"
        ),  # a double that was found
        record(dt.date(2008, 5, 5), 99, pupil_number="J37010220080505001X", citizen_number=None),
        record(
            dt.date(2008, 6, 6), 97, status="6", citizen_number=None, pupil_number="J370102200806060012"
        ),  # died since
    )


def test_every_share_of_a_made_up_cohort_is_the_known_one(country: Country) -> None:
    fill(country)
    [none, cohort] = registration.completeness(country.lake, 2007, 2008)
    assert (cohort.births, cohort.people, cohort.joined) == (12, 18, 12)
    assert (cohort.pupils, cohort.pupils_in_base, cohort.pupils_certified) == (20, 16, 10)
    assert cohort.schooled == 0.625
    school = cohort.to_dict()["school"]
    assert (school["value"], school["numerator"], school["denominator"], school["marks"]) == (0.625, 10, 16, [])
    assert school["sources"] == ["clean.education.pupil", "linked.person", "linked.newborn"]
    assert any("迁入" in note.zh and "moved" in note.en for note in school["notes"])
    [here] = registration.completeness(country.lake, 2008, 2008, CITY)
    assert (here.pupils, here.pupils_in_base, here.pupils_certified) == (19, 15, 9)
    assert none.to_dict()["school"]["marks"] == ["none"] and none.pupils is None  # not zero: nobody told of 2007
    [nowhere] = registration.completeness(country.lake, 2008, 2008, "370300")
    assert (nowhere.pupils, nowhere.schooled) == (0, None)  # told of elsewhere, so that none here is none


def test_a_later_file_corrects_by_the_pupil_number(country: Country) -> None:
    fill(country)
    moved = record(*COHORT[9], updated_on=dt.date(2015, 12, 1))
    gone = record(dt.date(2008, 5, 5), 99, pupil_number="J37010220080505001X", citizen_number=None, status="8")
    country.pupils(moved, gone)
    [cohort] = registration.completeness(country.lake, 2008, 2008, CITY)
    assert (cohort.pupils, cohort.pupils_in_base, cohort.pupils_certified) == (19, 16, 10)


def test_the_counts_are_the_children_one_by_one(country: Country) -> None:
    fill(country)
    children = pupil.children(country.records())
    made = statistic.measure(country.lake)
    with country.lake.session(cube.STAGE) as session:
        rows = session.connection.execute(f"SELECT * FROM {session.relation(cube.PUPIL)} AS t").fetchall()
        told = session.connection.execute(f"SELECT * FROM {pupil.entrants(session)} AS c ORDER BY who").fetchall()
    assert [pupil.Child(*row) for row in told] == children
    assert made.pupils == len(children) == sum(row[-1] for row in rows) == 20
    assert {row[:3]: row[3] for row in rows} == {
        ("370102", 2008, 2014): 13 + 2,  # born until August, and the two without a number
        ("370102", 2008, 2015): 4,
        ("370202", 2008, 2014): 1,
    }


def test_where_no_school_ever_sent_there_are_no_children(country: Country) -> None:
    country.base(COHORT[:3], COHORT[:2])
    assert statistic.measure(country.lake).pupils == 0
    [cohort] = registration.completeness(country.lake, 2008, 2008)
    assert (cohort.births, cohort.pupils, cohort.schooled) == (2, None, None)
