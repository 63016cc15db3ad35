"""The figures of a year: by hand from counts, with their parts and marks, and what a purpose that owes sums only is told."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from quanmin.programs.vital.demography import AgeGroups, life_table
from quanmin.programs.vital.demography.ratio import rate
from quanmin.programs.vital.statistic.errors import PeriodWrong
from quanmin.programs.vital.statistic.figure import Basis, Said, of_ratio
from quanmin.programs.vital.statistic.hiding import FINEST
from quanmin.programs.vital.statistic.tables import TABLES, TITLES
from quanmin.programs.vital.statistic.year import BASE, VitalYear, made
from quanmin.text import Text, document

from .conftest import counts


@pytest.fixture(scope="module")
def full() -> VitalYear:
    return made(counts(scale=20), 2015)


def test_figures_are_their_parts(full: VitalYear) -> None:
    crude = full["crude_death_rate"]
    deaths = sum(20 * (1 + age // 10) for age in FINEST) * 4
    people = 20 * 40 * 4 * 100.5  # cohorts of 1915 to 2014 at the beginning, and of 2015 too at the end
    assert (crude.numerator, crude.denominator) == (deaths, people)
    assert crude.value == pytest.approx(1_000 * deaths / people)
    assert crude.low is not None and crude.high is not None and crude.low < crude.value < crude.high
    assert full["births"].value == 12 * 2 * 3 * 20
    assert full["natural_increase"].value == pytest.approx(full["crude_birth_rate"].value - crude.value)
    assert full["sex_ratio_at_birth"].value == 100
    assert full["infant_mortality"].value == pytest.approx(1_000 * 4 * 20 / (12 * 2 * 3 * 20))


def test_each_figure_says_what_it_is_made_of(full: VitalYear) -> None:
    for one in full.figures:
        told = one.to_dict()
        assert told["sources"] and told["region"] == "130000" and told["period"] == "2015" and told["snapshot"] == 1
        assert told["population_base"] == BASE and one.title.zh and one.title.en
    assert len({one.id for one in full.figures}) == len(full.figures)
    with pytest.raises(KeyError):
        full["nothing"]


def test_the_life_table_is_the_one_of_the_rates(full: VitalYear) -> None:
    rows = [row for row in full.tables["life_tables"] if row["sex"] == "male"]
    lived = [row["male_years"] for row in full.tables["deaths_by_age"]]
    died = [row["male"] for row in full.tables["deaths_by_age"]]
    table = life_table(AgeGroups.abridged(85), [d / y for d, y in zip(died, lived, strict=True)], "male")
    assert [row["ex"] for row in rows] == pytest.approx(table.ex.tolist())
    assert [row["qx"] for row in rows] == pytest.approx(table.qx.tolist())
    assert full["life_expectancy_0_male"].value == pytest.approx(table.e0)


def test_fertility_is_that_of_the_groups(full: VitalYear) -> None:
    rows = {row["age"]: row for row in full.tables["births_by_mother"]}
    assert rows["20-24"]["rate"] == pytest.approx(1_000 * 480 / rows["20-24"]["women"])
    total = 5 * sum(row["rate"] for row in rows.values()) / 1_000
    assert full["total_fertility_rate"].value == pytest.approx(total)
    shares = [row["share"] for row in full.tables["births_by_order"] if row["order"] is not None]
    assert sum(shares) == pytest.approx(1)


def test_every_table_has_a_title_and_adds_up(full: VitalYear) -> None:
    assert set(full.tables) == set(TITLES) and set(TABLES) < set(TITLES)
    assert sum(row["births"] for row in full.tables["births_by_month"]) == full["births"].value
    assert sum(row["deaths"] for row in full.tables["deaths_by_chapter"]) == full["deaths"].value
    assert sum(row["male"] + row["female"] for row in full.tables["pyramid"]) == full["population_end"].value
    assert sum(row["deaths"] for row in full.tables["areas"]) == full["deaths"].value
    json.dumps(document(full.to_dict()), default=str)


def test_several_years_are_their_sums() -> None:
    found = counts(years=(2013, 2014, 2015), scale=20)
    three, single = made(found, 2015, 3), [made(found, year) for year in (2013, 2014, 2015)]
    assert three["deaths"].value == sum(one["deaths"].value for one in single)
    assert three["person_years"].value == pytest.approx(sum(one["person_years"].value for one in single))
    assert three.basis.period == "2013-2015"


@pytest.mark.parametrize(("last", "span"), [(2015, 2), (2015, 3), (2016, 1), (2013, 1)])
def test_other_periods_are_refused(last: int, span: int) -> None:
    with pytest.raises(PeriodWrong):
        made(counts(), last, span)


def test_for_statistics_only_whole_blocks_of_years_are_told() -> None:
    found = counts(minimum=10, years=(2012, 2013, 2014), scale=20)
    with pytest.raises(PeriodWrong):
        made(found, 2014, 3)
    assert made(counts(minimum=10, years=(2013, 2014, 2015), scale=20), 2015, 5 - 4).span == 1


def small(found: VitalYear) -> list[float]:
    """Every count of events or people that is told and small."""
    names = ("births", "deaths", "male", "female", "people", "total", "numerator")
    rows = [row for table in found.tables.values() for row in table] + [vars(one) for one in found.figures if one.per]
    told = [row[name] for row in rows for name in names if row.get(name) is not None]
    return [count for count in told if 0 < count < 10]


def test_no_small_count_is_told_to_who_owes_sums_only() -> None:
    open_to_all = made(counts(minimum=0), 2015)
    assert small(open_to_all)
    told = made(counts(minimum=10), 2015)
    assert small(told) == []
    assert [row["age"] for row in told.tables["deaths_by_age"]] != [
        row["age"] for row in open_to_all.tables["deaths_by_age"]
    ]
    assert told["infant_mortality"].value is None and told["infant_mortality"].marks == ("small",)
    assert told.tables["growth_balance"] == []


def test_who_could_be_placed_nowhere_hides_as_a_division_does() -> None:
    sound = counts(minimum=10, scale=20)
    [first, *_] = sound.births
    placed = made(sound, 2015).tables["areas"]
    astray = counts(minimum=10, scale=20, births=(*sound.births, first._replace(area="130000", year=2015, births=3)))
    found = made(astray, 2015).tables["areas"]
    assert [row["region"] for row in found] == [row["region"] for row in placed] == ["130100", "130200"]
    assert placed[0]["births"] is not None and found[0]["births"] is None


def test_marks_of_few_events() -> None:
    basis = Basis("130000", "2015", BASE, 1)
    said = Said("x", Text("甲", "x"), Text("", ""), ("clean.health.death",))
    assert of_ratio(said, rate("x", 19, 1_000, 1_000), basis).marks == ("uncertain",)
    assert of_ratio(said, rate("x", 500, 1_000, 1_000), basis).marks == ()
    assert of_ratio(said, None, basis).marks == ("none",)
    assert of_ratio(said, None, basis).value is None
    hiding = replace(basis, minimum=10, provisional=True)
    hidden = of_ratio(said, rate("x", 5, 1_000, 1_000), hiding)
    assert hidden.value is None and hidden.numerator is None and hidden.low is None
    assert hidden.marks == ("small", "uncertain", "provisional")


def test_a_region_without_anybody_has_no_figures_and_no_error() -> None:
    found = made(counts(cohorts=()), 2015)
    assert found["crude_death_rate"].value is None and found["crude_death_rate"].marks == ("none",)
    assert found["life_expectancy_0_both"].value is None
    assert found.tables.get("life_tables") == [] and found.tables.get("births_by_mother") is None


def test_a_region_without_certificates_of_a_year_is_refused() -> None:
    with pytest.raises(PeriodWrong):
        made(counts(deaths=()), 2015)


def test_deaths_without_a_usable_age_are_spread_over_the_groups() -> None:
    known = counts(scale=20)
    unknown = tuple(one._replace(age=None) if one.age == 5 else one for one in known.deaths)
    found = made(counts(scale=20, deaths=unknown), 2015)
    assert found["deaths"].value == made(known, 2015)["deaths"].value
    rows = [row for row in found.tables["life_tables"] if row["sex"] == "both"]
    assert math.isclose(sum(row["deaths"] for row in rows), found["deaths"].value, abs_tol=1)


def test_the_population_in_the_years_ahead_begins_with_the_one_there_is(full: VitalYear) -> None:
    rows = full.tables["projection"]
    assert [row["year"] for row in rows] == [2016, 2021, 2026, 2031, 2036]
    assert rows[0]["total"] == full["population_end"].value
    assert all(row["young"] + row["working"] + row["old"] == pytest.approx(row["total"], abs=2) for row in rows)
