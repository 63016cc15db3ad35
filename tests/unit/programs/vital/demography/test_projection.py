"""Projection by cohort component: accounts that balance, stable growth, a life table that stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

from quanmin.errors import QuanminError
from quanmin.programs.vital.demography import AgeGroups, life_table
from quanmin.programs.vital.demography.projection import Step, project

MX = np.append([0.02, 0.002], np.linspace(0.001, 0.2, 17))
FEMALE = life_table(AgeGroups.abridged(85), MX, "female")
MALE = life_table(AgeGroups.abridged(85), MX * 1.2, "male")
WOMEN, MEN = np.linspace(900, 60, 18), np.linspace(950, 40, 18)
RATES = np.array([0, 0, 0, 0.02, 0.1, 0.09, 0.05, 0.02, 0.004, *[0] * 9])


def test_people_are_neither_made_nor_lost() -> None:
    moving = np.linspace(-20, 30, 18)
    steps = [Step(FEMALE, MALE, RATES, 1.07, moving, moving / 50)] * 6
    found = project(WOMEN, MEN, steps)
    assert found.female.shape == found.male.shape == (7, 18)
    assert found.imbalance < 1e-9
    for step in range(6):
        for people, flow in ((found.female, found.female_flows[step]), (found.male, found.male_flows[step])):
            left = np.append(flow.births, people[step] + flow.migrants / 2) - flow.deaths
            grown = np.append(left[:-2], left[-2] + left[-1]) + flow.migrants / 2
            assert people[step + 1] == pytest.approx(grown)
        assert found.male_flows[step].births / found.female_flows[step].births == pytest.approx(1.07)


def test_nobody_is_born_and_everybody_dies_in_the_end() -> None:
    found = project(WOMEN, MEN, [Step(FEMALE, MALE, np.zeros(18))] * 60)
    assert (np.diff(found.totals) < 0).all()
    assert found.totals[-1] < 1e-3 * found.totals[0]
    assert (found.female[1:, 0] == 0).all()


def test_the_population_of_a_life_table_stays_as_it_is() -> None:
    """Lx people of each age, l(0) births a year: the same after each step."""
    lived = np.append([FEMALE.Lx[0] + FEMALE.Lx[1]], FEMALE.Lx[2:])
    rates = np.zeros(18)
    rates[5] = 2 * 100_000 / lived[5]
    found = project(lived, lived, [Step(FEMALE, FEMALE, rates, 1.0)] * 3)
    assert found.female[-1] == pytest.approx(lived) and found.male[-1] == pytest.approx(lived)


def test_constant_rates_lead_to_stable_growth() -> None:
    found = project(WOMEN, MEN, [Step(FEMALE, MALE, RATES)] * 150)
    shares = found.female / found.female.sum(axis=1)[:, None]
    assert shares[-1] == pytest.approx(shares[-2], rel=1e-6)
    growth = found.totals[1:] / found.totals[:-1]
    assert growth[-1] == pytest.approx(growth[-2], rel=1e-9)


def test_single_years_agree_with_five_year_steps() -> None:
    ages = AgeGroups.complete(85)
    mx = np.interp(np.arange(86), [0, 1, *range(5, 90, 5)], MX)
    one = life_table(ages, mx, "female")
    rates = [*np.repeat(RATES[:17], 5).tolist(), 0.0]
    women = np.append(np.repeat(WOMEN[:17], 5) / 5, WOMEN[17])
    single = project(women, women, [Step(one, one, rates)] * 5, width=1)
    five = project(WOMEN, WOMEN, [Step(one, one, RATES)])
    assert single.totals[-1] == pytest.approx(five.totals[-1], rel=0.01)
    assert single.imbalance < 1e-9


def test_more_than_there_are_cannot_leave() -> None:
    leaving = np.zeros(18)
    leaving[3] = -5000
    with pytest.raises(QuanminError, match="QM-VITAL-078") as told:
        project(WOMEN, MEN, [Step(FEMALE, MALE, RATES), Step(FEMALE, MALE, RATES, male_migrants=leaving)])
    assert told.value.to_dict()["address"] == {"step": "2", "sex": "male", "age": "15"}


def test_what_a_projection_needs() -> None:
    with pytest.raises(QuanminError, match="QM-VITAL-079"):
        project([5.0], [5.0], [])
    with pytest.raises(QuanminError, match="QM-VITAL-074"):
        project(WOMEN, MEN[:-1], [])
    with pytest.raises(QuanminError, match="QM-VITAL-079"):
        project(np.ones(25), np.ones(25), [Step(FEMALE, MALE, np.zeros(25))])
    with pytest.raises(QuanminError, match="QM-VITAL-074"):
        project(WOMEN, MEN, [Step(FEMALE, MALE, RATES[:-1])])
    with pytest.raises(QuanminError, match="QM-VITAL-066"):
        project(WOMEN, MEN, [Step(FEMALE, MALE, RATES, female_migrants=np.full(18, np.nan))])
    with pytest.raises(QuanminError, match="QM-VITAL-079"):
        project(np.ones(86), np.ones(86), [Step(FEMALE, MALE, np.zeros(86))], width=1)


def test_a_group_that_nobody_reaches_must_be_empty() -> None:
    deadly = MX.copy()
    deadly[3] = 0.9
    table = life_table(AgeGroups.abridged(85), deadly, "female")
    with pytest.raises(QuanminError, match="QM-VITAL-075"):
        project(WOMEN, MEN, [Step(table, MALE, RATES)])
