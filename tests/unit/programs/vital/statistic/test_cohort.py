"""Completeness of birth registration by school entry: cohorts of which the coverage is known, and what is not told."""

from __future__ import annotations

import pytest

from quanmin.programs.vital.demography.birth_registration import survivors
from quanmin.programs.vital.statistic.explore import INDICATORS, by_year
from quanmin.programs.vital.statistic.figure import Counted
from quanmin.programs.vital.statistic.gate import Birth, Counts, Pupils
from quanmin.programs.vital.statistic.tally import Tally
from quanmin.programs.vital.statistic.year import made

from .conftest import counts

FIGURE, YEAR = "birth_completeness_school", 2008
BORN = 30_000


def cohort(certified: int, *pupils: tuple[int, int], area: str = "130100", **more: int) -> Counts:
    """Counts with certificates of 2008, and pupils born in 2008 by the year in which they entered."""
    usual = counts(scale=50, **more)
    births = (*usual.births, Birth(area, YEAR, 6, "1", 25, 1, False, certified))
    came = tuple(Pupils(area, YEAR, entered, count) for entered, count in pupils)
    return Counts(**{**vars(usual), "births": births, "pupils": came})


def figure(found: Counts) -> Counted:
    return made(found, 2015)[FIGURE]


def survival() -> float:
    """Of one birth, those alive at six, by the life table of the counts."""
    return survivors(Tally.of(counts(scale=50), 2015, 2015).tables["both"], 6)


@pytest.mark.parametrize("coverage", [1.0, 0.9, 0.3])
def test_a_cohort_of_known_coverage_gives_it_back(coverage: float) -> None:
    alive = BORN * survival()
    found = figure(cohort(round(coverage * BORN), (2014, round(alive * 2 / 3)), (2015, round(alive / 3))))
    assert found.value == pytest.approx(100 * coverage, abs=0.01)
    assert found.numerator == round(coverage * BORN) and found.denominator == pytest.approx(BORN, abs=2)
    assert found.marks == ()
    assert found.sources == ("clean.health.birth", "clean.education.pupil", "linked.person", "clean.health.death")
    assert "2008" in found.notes[0].zh and "迁" in found.notes[1].zh and "moved" in found.notes[1].en


def test_who_comes_after_the_period_or_was_born_in_another_year_is_not_counted() -> None:
    whole = cohort(900, (2014, 600), (2015, 300))
    other = (
        *whole.pupils,
        Pupils("130100", YEAR, 2016, 50),
        Pupils("130100", 2007, 2014, 70),
        Pupils("130100", 2009, 2015, 80),
    )
    assert figure(Counts(**{**vars(whole), "pupils": other})).denominator == figure(whole).denominator


@pytest.mark.parametrize(
    "pupils",
    [
        (),  # nobody collected pupils
        (
            (2014, 600),
        ),  # collected in 2014, and not since: the third of the cohort that is born from September is not in
        ((2015, 300),),  # the system began in 2015
        ((2014, 10), (2015, 300)),  # a few early ones do not make the first year
        ((2014, 600), (2015, 60)),
        ((2016, 900),),
    ],
)
def test_a_cohort_that_the_source_does_not_have_whole_has_no_figure(pupils: tuple[tuple[int, int], ...]) -> None:
    found = figure(cohort(900, *pupils))
    assert (found.value, found.numerator, found.denominator, found.marks) == (None, None, None, ("none",))
    assert made(cohort(900, *pupils), 2015)["birth_completeness"].value is not None


def test_without_certificates_it_is_nothing_of_the_births_there_must_have_been() -> None:
    found = figure(cohort(0, (2014, 600), (2015, 300)))
    assert found.value == 0 and "uncertain" in found.marks and found.denominator == pytest.approx(900 / survival())


def test_without_a_life_table_there_is_no_figure() -> None:
    whole = cohort(900, (2014, 600), (2015, 300))
    young = tuple(one for one in whole.deaths if one.age != 85)
    found = made(Counts(**{**vars(whole), "deaths": young}), 2015)
    assert found[FIGURE].marks == found["birth_completeness"].marks == ("none",)


def test_few_children_are_not_told_by_the_denominator_either() -> None:
    few = cohort(900, (2014, 6), (2015, 3), minimum=10)
    found = figure(few)
    assert (found.value, found.numerator, found.denominator, found.marks) == (None, None, None, ("small",))
    assert figure(cohort(900, (2014, 6), (2015, 3))).value is not None
    assert figure(cohort(6, (2014, 600), (2015, 300), minimum=10)).numerator is None


def test_children_belong_to_the_division_of_their_school() -> None:
    whole = cohort(900, (2014, 600), (2015, 300), area="130200")
    assert sum(one.pupils for one in whole.inside("130200").pupils) == 900
    assert whole.inside("130100").pupils == ()


def test_it_can_be_asked_for_by_year() -> None:
    assert INDICATORS[FIGURE].zh == "出生登记完整性（对照入学）"
    rows = by_year(cohort(900, (2014, 600), (2015, 300)), FIGURE)
    assert [(row["label"], row["value"] is None) for row in rows] == [("2014", True), ("2015", False)]
