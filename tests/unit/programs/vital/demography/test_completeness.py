"""Completeness: the growth balance on a real register with known truth, births beside school entry."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from quanmin.errors import QuanminError
from quanmin.programs.vital.demography import AgeGroups, life_table
from quanmin.programs.vital.demography.birth_registration import birth_registration, survivors
from quanmin.programs.vital.demography.growth_balance import GrowthBalance, growth_balance
from quanmin.programs.vital.demography.number import Floats

Shared = Callable[[str], list[dict[str, str]]]
DENMARK = [
    ("1", 1.0, 0.999),
    ("1", 0.7, 0.699),
    ("1", 0.4, 0.400),
    ("2", 1.0, 0.987),
    ("2", 0.7, 0.691),
    ("2", 0.4, 0.395),
]


def fives(rows: list[dict[str, str]], value: str, sex: str, years: range) -> Floats:
    """Sums of five ages of a sex over years, 0-4 to 95 and over."""
    found = np.zeros(100)
    for row in rows:
        if row["sex"] == sex and int(row["P"]) in years:
            found[int(row["A"])] += float(row[value])
    return found.reshape(20, 5).sum(axis=1)


@pytest.mark.parametrize(("sex", "kept", "expected"), DENMARK)
def test_the_growth_balance_finds_what_was_removed(shared: Shared, sex: str, kept: float, expected: float) -> None:
    people = shared("dk_population_jan1_by_age_sex_year.csv")
    first, second = (fives(people, "N", sex, range(year, year + 1)) for year in (1990, 2000))
    deaths = fives(shared("dk_deaths_by_age_sex_year.csv"), "D", sex, range(1990, 2000))
    found = growth_balance(first, second, kept * deaths, 10)
    assert found.completeness == pytest.approx(expected, abs=0.005)
    assert found.completeness == pytest.approx(1 / found.slope)
    assert 0.95 < found.relative_coverage < 1.0


def stable(completeness: float, coverage: float = 1.0) -> GrowthBalance:
    """A stable population of growth 2 % a year that dies by one table, counted twice, and some of its deaths."""
    mx = np.array([0.02, *(0.0003 * np.exp(0.08 * np.arange(0, 95)))])
    table = life_table(AgeGroups.complete(95), mx)
    one = table.Lx / 1e5 * np.exp(-0.02 * (np.arange(96) + 0.5))
    grown = one * np.exp(0.02 * 10)
    lived = (grown - one) / 0.02
    first, second, deaths = (1e6 * np.add.reduceat(one, range(0, 96, 5)) for one in (one, grown, lived * mx))
    return growth_balance(coverage * first, second, completeness * deaths, 10)


@pytest.mark.parametrize("completeness", [1.0, 0.6, 0.3])
def test_a_stable_population_gives_back_the_share_of_its_deaths(completeness: float) -> None:
    """Exactly in proportion; as a whole within 3 %, for entries at an age are taken from groups of five years."""
    assert stable(completeness).completeness == pytest.approx(completeness, rel=0.03)
    assert stable(completeness).completeness == pytest.approx(completeness * stable(1.0).completeness)


def test_an_uneven_coverage_is_seen_in_the_intercept() -> None:
    """Deaths are told by the mean coverage of both counts, that is by the root of 0.95."""
    even, uneven = stable(0.8), stable(0.8, coverage=0.95)
    assert even.relative_coverage == pytest.approx(1, abs=0.02)
    assert uneven.relative_coverage == pytest.approx(0.95 * even.relative_coverage)
    assert uneven.completeness == pytest.approx(even.completeness / 0.95**0.5)


def test_the_points_are_there_for_a_chart() -> None:
    found = stable(0.8)
    assert [one.age for one in found.points] == list(range(5, 100, 5))
    assert [one.age for one in found.points if one.used] == list(range(5, 80, 5))
    used = [one for one in found.points if one.used]
    assert np.mean([one.y - found.line(one.x) for one in used]) == pytest.approx(0, abs=1e-12)
    assert max(abs(one.y - found.line(one.x)) for one in used) < 0.002


def test_nobody_at_the_oldest_ages_only_shortens_the_points() -> None:
    people = np.linspace(1000, 100, 18) * np.exp(-0.3 * np.arange(18))
    none = np.append(people[:-1], 0)
    found = growth_balance(people, 1.1 * none, people / 20, 5)
    assert [one.age for one in found.points] == list(range(5, 85, 5))
    assert all(np.isfinite([one.x, one.y]).all() for one in found.points)


def test_what_gives_no_line() -> None:
    people = np.linspace(1000, 100, 18)
    for first, second, deaths, years in (
        (people, people, people, 0),
        (people, np.where(np.arange(18) == 7, 0, people), people, 5),
        (people, np.where(np.arange(18) >= 15, 0, people), people, 5),
        (people[:3], people[:3], people[:3], 5),
        (people, people, np.zeros(18), 5),
    ):
        with pytest.raises(QuanminError, match="QM-VITAL-077"):
            growth_balance(first, second, deaths, years)
    with pytest.raises(QuanminError, match="QM-VITAL-074"):
        growth_balance(people, people[:-1], people, 5)


def test_births_beside_the_children_who_came_to_school() -> None:
    table = life_table(AgeGroups.abridged(60), np.append([0.01, 0.001], np.full(12, 0.002)))
    alive = table.Lx[2] / 5 / 100_000
    found = birth_registration(9000, 9500, table, age=6, enrolment=0.98)
    assert found.survival == pytest.approx(alive)
    assert found.completeness.denominator == pytest.approx(9500 / 0.98 / alive)
    assert found.completeness.value == pytest.approx(100 * 9000 * 0.98 * alive / 9500)
    complete = life_table(AgeGroups.complete(60), np.append([0.01, *[0.001] * 4], np.full(56, 0.002)))
    assert survivors(complete, 6) == pytest.approx(complete.Lx[6] / 100_000)
    assert survivors(complete, 6) == pytest.approx(survivors(table, 6), rel=0.002)


def test_what_births_cannot_be_compared_with() -> None:
    table = life_table(AgeGroups.abridged(10), [0.01, 0.001, 0.002, 0.1])
    with pytest.raises(QuanminError, match="QM-VITAL-075"):
        birth_registration(9000, 0, table)
    with pytest.raises(QuanminError, match="QM-VITAL-075"):
        birth_registration(9000, 100, table, enrolment=0)
    with pytest.raises(QuanminError, match="QM-VITAL-079"):
        birth_registration(9000, 100, table, age=12)
    with pytest.raises(QuanminError, match="QM-VITAL-067"):
        birth_registration(-1, 100, table)
