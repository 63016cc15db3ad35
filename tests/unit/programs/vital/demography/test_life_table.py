"""Life tables: their identities, their edges, and what is refused; variances, causes and years lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from quanmin.errors import QuanminError
from quanmin.programs.vital.demography import AgeGroups, LifeTables, life_table, life_tables
from quanmin.programs.vital.demography.cause import gain, without_cause
from quanmin.programs.vital.demography.life_table import closable, rates
from quanmin.programs.vital.demography.lost_years import lost_years, potential_years
from quanmin.programs.vital.demography.separation import Region, Sex, separation
from quanmin.programs.vital.demography.uncertainty import interval, intervals, variances

AGES = AgeGroups.abridged(85)
POPULATION = np.array(
    [
        *(10000, 40000, 52000, 50000, 51000, 52000, 51000, 50000, 50000, 50000),
        *(48000, 45000, 42000, 40000, 33000, 26000, 20000, 13000, 9000),
    ],
    float,
)
DEATHS = np.array([*(120, 30, 12, 10, 25, 30, 33, 40, 50, 80, 110, 160, 220, 330, 450, 600, 800, 900, 1400)], float)
MX = DEATHS / POPULATION
SEXES: tuple[Sex, ...] = ("male", "female", "both")


def test_the_columns_belong_together() -> None:
    table = life_table(AGES, MX, "female")
    n = AGES.widths
    assert table.lx[0] == 100_000 and table.qx[-1] == 1 and table.dx.sum() == pytest.approx(100_000)
    assert table.Tx / table.lx == pytest.approx(table.ex)
    assert table.dx / table.Lx == pytest.approx(MX) and table.mx == pytest.approx(MX)
    assert table.lx[1:] == pytest.approx(table.lx[:-1] - table.dx[:-1])
    assert table.Lx[:-1] == pytest.approx(n[:-1] * table.lx[1:] + table.ax[:-1] * table.dx[:-1])
    assert table.ex[-1] == pytest.approx(1 / MX[-1])
    [first, *_, last] = table.rows
    assert (first.age, first.n, first.ex) == (0, 1, table.e0) and (last.age, last.n, last.qx) == (85, None, 1.0)


def test_a_constant_rate_gives_its_reciprocal() -> None:
    ages = AgeGroups.complete(100)
    a = 1 + 1 / 0.02 - 1 / (1 - np.exp(-0.02))
    table = life_table(ages, np.full(101, 0.02), ax=np.append(np.full(100, a), 50.0))
    assert table.ex == pytest.approx(np.full(101, 50.0))


def test_many_tables_are_each_as_alone() -> None:
    factors = np.linspace(0.3, 3, 7)
    sexes: list[Sex] = ["male", "female", "both", "male", "female", "both", "male"]
    tables = life_tables(AGES, MX * factors[:, None], sexes)
    assert len(tables) == 7
    for place, factor in enumerate(factors):
        alone = life_table(AGES, MX * factor, sexes[place])
        assert tables[place].sex == sexes[place]
        for name in ("ax", "mx", "qx", "lx", "dx", "Lx", "Tx", "ex"):
            assert getattr(tables[place], name).tolist() == getattr(alone, name).tolist()
    assert (np.diff(tables.e0) < 0).all()


def test_three_thousand_counties_by_sex() -> None:
    generator = np.random.default_rng(5)
    mx = MX * generator.uniform(0.2, 4, (6000, 1)) * generator.uniform(0.8, 1.25, (6000, len(MX)))
    tables = life_tables(AGES, mx, ["male", "female"] * 3000)
    assert tables.ex.shape == (6000, len(MX)) and np.isfinite(tables.ex).all() and (tables.ex > 0).all()


def test_where_more_die_than_are_there_everybody_dies() -> None:
    mx = MX.copy()
    mx[3] = 0.9  # 2.5 years lived by the dying of five: 0.9 · 2.5 > 1
    table = life_table(AGES, mx)
    assert table.qx[3] == 1 and table.ax[3] == pytest.approx(1 / 0.9) and table.mx[3] == pytest.approx(0.9)
    assert table.lx[4:].tolist() == [0.0] * (len(mx) - 4) and table.Tx[4:].tolist() == [0.0] * (len(mx) - 4)
    assert table.e0 == pytest.approx(table.Tx[0] / 100_000)
    assert table.ex[5:] == pytest.approx(life_table(AGES, MX).ex[5:])  # whoever were there would live so


def test_ages_without_deaths_are_lived_through() -> None:
    mx = MX.copy()
    mx[[0, 5, 8]] = 0
    table = life_table(AGES, mx)
    assert table.qx[[0, 5, 8]].tolist() == [0, 0, 0] and table.e0 > life_table(AGES, MX).e0
    assert table.ax[[4, 6, 7, 9]].tolist() == [2.5] * 4  # Greville has no neighbour there


@pytest.mark.parametrize(
    ("mx", "code", "fields"),
    [
        (np.where(AGES.widths == 4, -0.1, MX), "QM-VITAL-067", {"row": 2, "column": "mx"}),
        (np.where(AGES.widths == 4, np.nan, MX), "QM-VITAL-066", {"row": 2, "column": "mx"}),
        (np.append(MX[:-1], np.inf), "QM-VITAL-066", {"row": 19, "column": "mx"}),
        (MX[:-1], "QM-VITAL-074", {"name": "mx", "expected": 19, "found": 18}),
        (MX[None, :], "QM-VITAL-074", {"name": "mx", "expected": 19, "found": 19}),
        (np.append(MX[:-1], 0), "QM-VITAL-070", {"row": 19}),
    ],
)
def test_wrong_rates_are_refused(mx: Any, code: str, fields: dict[str, object]) -> None:
    with pytest.raises(QuanminError, match=code) as told:
        life_table(AGES, mx)
    assert told.value.fields == fields


def test_of_many_tables_the_wrong_one_is_named() -> None:
    mx = np.tile(MX, (4, 1))
    mx[2, -1] = 0
    assert closable(mx).tolist() == [True, True, False, True]
    with pytest.raises(QuanminError, match="QM-VITAL-070") as told:
        life_tables(AGES, mx)
    assert told.value.fields == {"row": 3}
    mx[2, -1], mx[1, 4] = 0.1, np.nan
    with pytest.raises(QuanminError, match="QM-VITAL-066") as told:
        life_tables(AGES, mx)
    assert told.value.fields == {"row": 2, "column": "mx"}
    with pytest.raises(QuanminError, match="QM-VITAL-074"):
        life_tables(AGES, np.tile(MX, (4, 1)), ["male"])
    with pytest.raises(QuanminError, match="QM-VITAL-066"):
        life_table(AGES, MX, infant=1.2)
    with pytest.raises(QuanminError, match="QM-VITAL-066"):
        life_table(AGES, MX, ax=np.append(np.full(18, 6.0), 5.0))
    with pytest.raises(QuanminError, match="QM-VITAL-074"):
        life_tables(AGES, np.tile(MX, (2, 1)), ax=np.ones((3, 19)))


def test_a_rate_needs_somebody_who_lived() -> None:
    with pytest.raises(QuanminError, match="QM-VITAL-068") as told:
        rates([1, 2], [10, 0], rows=[4, 5])
    assert told.value.fields == {"row": 5}
    assert rates([1, 2], [10, 8]).tolist() == [0.1, 0.25]


@pytest.mark.parametrize("region", ["west", "north", "east", "south"])
def test_the_forms_of_coale_and_demeny_meet(region: Region) -> None:
    """The form in q(0), solved from m(0), is its own fixed point; in the West both forms are within a hundredth."""
    for m0 in (0.0, 0.002, 0.02, 0.08, 0.1, 0.3, 1.5):
        m = np.array([[m0, 0.01, 0.1]])
        [a] = separation(m, AgeGroups.abridged(5), ["male"], region=region)
        q0 = min(m0 / (1 + (1 - a[0]) * m0), 1.0)
        [again] = separation(m, AgeGroups.abridged(5), ["male"], region=region, infant=np.array([q0]))
        assert a[:2] == pytest.approx(again[:2], abs=0.012 if region == "west" else 1e-9)


def test_both_sexes_are_between_them() -> None:
    male, female, both = (life_table(AGES, MX, sex).ax[:2] for sex in SEXES)
    assert both == pytest.approx((male + female) / 2)


def test_the_variance_is_that_of_simulated_deaths() -> None:
    """Deaths drawn 4,000 times from Poisson distributions: the spread of e(0) and e(65) is what the formula says."""
    drawn = np.random.default_rng(11).poisson(DEATHS, (4000, len(DEATHS)))
    seen = life_tables(AGES, drawn / POPULATION).ex
    said = np.sqrt(variances(LifeTables.of(life_table(AGES, MX)), DEATHS[None, :])[0])
    assert said[[0, 14]] == pytest.approx(seen.std(axis=0)[[0, 14]], rel=0.05)
    low, high = interval(life_table(AGES, MX), DEATHS)
    assert ((seen[:, 0] > low[0]) & (seen[:, 0] < high[0])).mean() == pytest.approx(0.95, abs=0.012)


def test_chiangs_own_variance_is_the_sum_of_his_formula() -> None:
    tables = LifeTables.of(life_table(AGES, MX, "male"))
    [one], t = variances(tables, DEATHS[None, :], open_group=False), tables[0]
    for x in (0, 5, 17):
        terms = [
            t.lx[y] ** 2 * (AGES.widths[y] - t.ax[y] + t.ex[y + 1]) ** 2 * t.qx[y] ** 2 * (1 - t.qx[y]) / DEATHS[y]
            for y in range(x, 18)
        ]
        assert one[x] == pytest.approx(sum(terms) / t.lx[x] ** 2)
    assert one[-1] == 0


def test_more_deaths_make_a_narrower_interval_and_none_no_error() -> None:
    table = life_table(AGES, MX)
    small, large = (interval(table, DEATHS * factor) for factor in (0.01, 1))
    assert (small[1] - small[0])[0] == pytest.approx(10 * (large[1] - large[0])[0])
    none = interval(table, np.zeros(19))
    assert none[0].tolist() == none[1].tolist() == table.ex.tolist()
    assert (intervals(LifeTables.of(table), DEATHS[None, :] / 1e6)[0] >= 0).all()


def test_without_a_cause_people_live_longer() -> None:
    table = life_table(AGES, MX, "male")
    nothing = without_cause(table, DEATHS, np.zeros(19))
    assert nothing.ex == pytest.approx(table.ex) and nothing.ax == pytest.approx(table.ax)
    half = without_cause(table, DEATHS, DEATHS / 2)
    assert 1 - half.qx[:-1] == pytest.approx((1 - table.qx[:-1]) ** 0.5)
    assert half.ex[-1] == pytest.approx(2 * table.ex[-1])
    assert (half.ex > table.ex).all() and gain(table, DEATHS, DEATHS / 2) == pytest.approx(half.e0 - table.e0)
    assert (half.ax[:-1] > 0).all() and (half.ax[:-1] < AGES.widths[:-1]).all()
    assert half.mx[:-1] == pytest.approx(MX[:-1] / 2, rel=0.02)  # the rate that remains


def test_a_table_without_half_of_its_deaths_by_hand() -> None:
    """q = 0.4 and a = 2 in 5-9, half of the deaths of the cause: p' = 0.6^0.5, a' = 5 - 0.5 (0.4/q') 3."""
    ax = np.array([0.1, 1.5, 2.0, 2.5, 8.0])
    mx = np.array([0.0, 0.0, 0.4 / (5 - 3 * 0.4), 0.01, 0.1])
    table = life_table(AgeGroups.abridged(15), mx, ax=ax)
    found = without_cause(table, [0, 0, 10, 10, 10], [0, 0, 5, 10, 0])
    assert table.qx[2] == pytest.approx(0.4)
    assert found.qx[2] == pytest.approx(0.2254033) and found.ax[2] == pytest.approx(5 - 1.5 * 0.4 / 0.2254033)
    assert found.mx[2] == pytest.approx(table.mx[2] / 2, rel=0.03)
    assert (found.qx[3], found.ax[3], found.ex[4]) == (0, 2.5, 8.0)


def test_the_gain_of_a_cause_of_the_young_is_years_times_people() -> None:
    """Half of infant deaths of one cause: e(0) gains about those deaths times e(1)."""
    cause = np.zeros(19)
    cause[0] = 60
    table = life_table(AGES, MX, "male")
    assert gain(table, DEATHS, cause) == pytest.approx(table.qx[0] / 2 * table.ex[1], rel=0.02)


def test_a_cause_that_took_everybody_of_an_age() -> None:
    mx = MX.copy()
    mx[3] = 0.9
    table, deaths = life_table(AGES, mx), mx * POPULATION
    some = np.where(np.arange(19) == 3, deaths * 0.9, 0)
    assert without_cause(table, deaths, some).qx[3] == pytest.approx(1 - np.exp(-5 * 0.09))
    every = np.where(np.arange(19) == 3, deaths, 0)
    assert without_cause(table, deaths, every).qx[3] == 0


def test_causes_above_all_deaths_are_refused() -> None:
    table = life_table(AGES, MX)
    with pytest.raises(QuanminError, match="QM-VITAL-076") as told:
        without_cause(table, DEATHS, np.where(np.arange(19) == 4, 26, 0))
    assert told.value.fields == {"row": 5}
    with pytest.raises(QuanminError, match="QM-VITAL-070"):
        without_cause(table, DEATHS, np.where(np.arange(19) == 18, DEATHS, 0))


def test_potential_years_before_a_limit() -> None:
    deaths = np.zeros(19)
    deaths[[0, 4, 14, 15, 18]] = [2, 3, 5, 7, 11]  # 0, 15-19, 65-69, 70-74, 85+
    seventy = potential_years(AGES, deaths)
    assert seventy.value == 2 * 69.5 + 3 * 52.5 + 5 * 2.5 and seventy.deaths == 10
    assert potential_years(AGES, deaths, 75).value == 2 * 74.5 + 3 * 57.5 + 5 * 7.5 + 7 * 2.5
    assert sum(seventy.by_age) == seventy.value
    assert potential_years(AGES, deaths, 72).by_age[15] == 0  # the middle of 70-74 is beyond


def test_years_lost_by_a_reference() -> None:
    deaths = np.zeros(19)
    deaths[[0, 4, 18]] = [2, 3, 4]
    found = lost_years(AGES, deaths, [0, 1, 20, 85, 100], [88.0, 87.0, 68.0, 8.0, 2.0])
    assert found.value == pytest.approx(2 * 87.5 + 3 * (87 - 16.5) + 4 * 8.0)
    assert lost_years(AGES, deaths, [0, 100], [90, 0], open_age=90).by_age[-1] == pytest.approx(4 * 9.0)
    with pytest.raises(QuanminError, match="QM-VITAL-074"):
        lost_years(AGES, deaths, [0, 1], [80.0])
