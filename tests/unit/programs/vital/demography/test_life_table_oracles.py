"""Life tables beside published and independent ones: the United Nations' own e(0), UN 1982, MORTPAK, PAS, MortalityLaws."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from quanmin.programs.vital.demography import AgeGroups, LifeTables, life_table, life_tables
from quanmin.programs.vital.demography.life_table import rates
from quanmin.programs.vital.demography.separation import Sex

Shared = Callable[[str], list[dict[str, str]]]
PERIODS = [f"{year}-{year + 5}" for year in range(1950, 2020, 5)]
SEXES: dict[str, Sex] = {"M": "male", "F": "female"}
CHINA = "156"

UN_1982_MX = [
    *(0.23669, 0.04672, 0.00982, 0.00511, 0.00697, 0.01036, 0.01169, 0.01332, 0.01528, 0.01757),
    *(0.02092, 0.02517, 0.03225, 0.04241, 0.06056, 0.08574, 0.11840, 0.16226, 0.23745),
]
UN_1982_EX = [
    *(35.000, 42.901, 47.190, 44.438, 40.523, 36.868, 33.691, 30.567, 27.500, 24.485),
    *(21.504, 18.599, 15.758, 13.080, 10.584, 8.466, 6.729, 5.312, 4.211),
]
UN_1982_AX = [
    *(0.330, 1.352, 2.500, 2.500, 2.633, 2.586, 2.528, 2.528, 2.526, 2.529),
    *(2.531, 2.538, 2.542, 2.543, 2.520, 2.461, 2.386, 2.295, 4.211),
]
MORTPAK_MX = [
    *(0.12846, 0.02477, 0.00603, 0.0034, 0.00417, 0.00513, 0.00581, 0.00645, 0.00725),
    *(0.00813, 0.00913, 0.01199, 0.01647, 0.0256, 0.04047, 0.06624, 0.10638, 0.19611),
]
MORTPAK_EX = [
    *(49.997, 55.675, 57.245, 53.921, 49.803, 45.799, 41.922, 38.084, 34.249),
    *(30.420, 26.578, 22.701, 18.945, 15.349, 12.095, 9.240, 6.903, 5.099),
]
PAS_EXPOSURE = [
    *(100958, 466275, 624134, 559559, 446736, 370653, 301862, 249409, 247473, 223014, 172260),
    *(149338, 127242, 105715, 79614, 53660, 31021, 16805, 8000, 4000, 2000, 1000),
]
PAS_DEATHS = [
    *(8674, 1592, 618, 411, 755, 1098, 1100, 1357, 1335, 3257, 2200),
    *(4023, 2167, 4578, 2956, 4212, 2887, 2351, 1500, 900, 500, 300),
]
PAS_EX = [
    *(56.31, 61.53, 58.35, 53.63, 48.81, 44.21, 39.83, 35.52, 31.43, 27.22, 24.09),
    *(20.52, 18.12, 14.51, 12.42, 9.45, 7.85, 6.09, 4.95, 4.28, 3.85, 3.33),
]


@pytest.fixture
def nations(shared: Shared) -> tuple[LifeTables, list[tuple[str, str, str]], Any]:
    """Our tables of all areas, sexes and periods, their keys, and the e(0) that the United Nations published."""
    found: dict[tuple[str, str], dict[int, list[float]]] = {}
    for row in shared("wpp2019_mx_1950_2020.csv.gz"):  # a few rows of regions stand there twice
        found.setdefault((row["sex"], row["country_code"]), {})[int(row["age"])] = [float(row[one]) for one in PERIODS]
    published = {
        (row["sex"], row["country_code"]): [float(row[one]) for one in PERIODS]
        for row in shared("expected/wpp2019_e0_1950_2020.csv")
    }
    ages = AgeGroups.abridged(100)
    keys = [(*key, period) for key, period in product(found, PERIODS)]
    mx = np.concatenate([np.array([one[age] for age in ages.starts]).T for one in found.values()])
    tables = life_tables(ages, mx, [SEXES[sex] for sex, _, _ in keys])
    return tables, keys, np.concatenate([published[key] for key in found])


def test_the_united_nations_tables_of_all_areas(nations: tuple[LifeTables, list[tuple[str, str, str]], Any]) -> None:
    tables, keys, published = nations
    away = np.abs(tables.e0 - published)
    assert len(away) == 6972
    assert (away < 0.05).mean() >= 0.98 and (away < 0.1).mean() >= 0.997
    far = {(area, period) for (_, area, period), one in zip(keys, away, strict=True) if one > 0.16}
    assert far == {("638", "2015-2020"), ("68", "1950-1955"), ("68", "1955-1960"), ("68", "1960-1965")}


def test_the_united_nations_tables_of_china(nations: tuple[LifeTables, list[tuple[str, str, str]], Any]) -> None:
    tables, keys, published = nations
    china = [place for place, (_, area, _) in enumerate(keys) if area == CHINA]
    assert len(china) == 28
    assert np.abs(tables.e0 - published)[china].max() < 0.006
    e0 = {(keys[place][0], keys[place][2]): tables.e0[place] for place in china}
    assert e0["M", "2015-2020"] == pytest.approx(74.47, abs=0.006)
    assert e0["F", "2015-2020"] == pytest.approx(78.97, abs=0.006)
    assert e0["M", "2010-2015"] == pytest.approx(73.07, abs=0.006)
    assert e0["F", "2010-2015"] == pytest.approx(77.45, abs=0.006)


@pytest.mark.parametrize(
    ("mx", "ex", "sex"), [(UN_1982_MX, UN_1982_EX, "male"), (MORTPAK_MX, MORTPAK_EX, "female")], ids=["UN", "MORTPAK"]
)
def test_published_tables_to_the_precision_of_their_printed_rates(mx: list[float], ex: list[float], sex: Sex) -> None:
    """Rates are printed to five digits, so each may be half a unit off: e(x) then is what it is between those tables.

    The open age is 1/m in both books, as here: it is met like the others.
    """
    ages = AgeGroups.abridged(5 * (len(mx) - 2))
    low, high = (life_table(ages, np.array(mx) + half, sex).ex for half in (5e-6, -5e-6))
    assert (np.array(ex) >= low - 0.0005).all() and (np.array(ex) <= high + 0.0005).all()
    assert life_table(ages, mx, sex).ex == pytest.approx(np.array(ex), abs=0.0035)
    assert (high - low).max() < 0.02  # the bounds are not so wide that anything would pass


def test_the_published_separation_factors() -> None:
    assert np.round(life_table(AgeGroups.abridged(85), UN_1982_MX, "male").ax, 3).tolist() == UN_1982_AX


def test_the_pas_table_with_an_infant_mortality_known_beforehand() -> None:
    """All 22 ages to their printed precision: middle of the group, region North, q(0) = 0.1 given."""
    table = life_table(
        AgeGroups.abridged(100), rates(PAS_DEATHS, PAS_EXPOSURE), "male", rule="midpoint", region="north", infant=0.1
    )
    assert np.abs(table.ex - PAS_EX).max() <= 0.005 + 1e-9
    assert table.qx[0] == 0.1 and table.ax[0] == pytest.approx(0.33)


MORTALITY_LAWS = {
    ("1980", "1"): (71.162268, 13.618426),
    ("1980", "2"): (77.162761, 17.536911),
    ("1990", "1"): (71.996302, 13.978694),
    ("1990", "2"): (77.707288, 17.798713),
    ("2000", "1"): (74.421224, 15.151462),
    ("2000", "2"): (79.082379, 18.172336),
    ("2010", "1"): (77.099667, 16.895294),
    ("2010", "2"): (81.270537, 19.537819),
}


def denmark(rows: list[dict[str, str]], year: str, sex: str) -> tuple[Any, Sex]:
    """Rates by single age, the last one 99 and over, and whose."""
    found = sorted(
        (int(one["A"]), float(one["D"]), float(one["Y"])) for one in rows if (one["P"], one["sex"]) == (year, sex)
    )
    return rates([died for _, died, _ in found], [lived for _, _, lived in found]), "male" if sex == "1" else "female"


@pytest.mark.parametrize("key", MORTALITY_LAWS, ids="-".join)
def test_complete_tables_of_denmark_with_the_separation_factors_of_mortality_laws(
    shared: Shared, key: tuple[str, str]
) -> None:
    """MortalityLaws 2.1.2 takes a constant force in each year of age: q = 1 - exp(-m), a = 1 + 1/m - 1/q, Coale-Demeny's a(0),
    and gives the open age 99 the a of 98. So told, the tables are the same to the last printed digit at 65, and within 0.0001
    at birth."""
    mx, sex = denmark(shared("dk_deaths_by_age_sex_year.csv"), *key)
    some = mx > 0
    ax = np.where(some, 1 + 1 / np.where(some, mx, 1) - 1 / -np.expm1(-np.where(some, mx, 1)), 0.5)
    ax[0], ax[-1] = life_table(AgeGroups.complete(99), mx, sex).ax[0], ax[-2]
    table = life_table(AgeGroups.complete(99), mx, sex, ax=ax, infant=-np.expm1(-mx[0]))
    assert table.ex[65] == pytest.approx(MORTALITY_LAWS[key][1], abs=1e-6)
    assert table.ex[0] == pytest.approx(MORTALITY_LAWS[key][0], abs=1e-4)


@pytest.mark.parametrize("key", MORTALITY_LAWS, ids="-".join)
def test_complete_tables_of_denmark_as_they_are(shared: Shared, key: tuple[str, str]) -> None:
    """Our open age is 1/m, two to three years where MortalityLaws has half of one: e(x) is above its own by what that weighs,
    and by deaths in the middle of their year (0.005)."""
    mx, sex = denmark(shared("dk_deaths_by_age_sex_year.csv"), *key)
    table = life_table(AgeGroups.complete(99), mx, sex)
    assert table.kind == "complete" and (table.ax[1:-1] == 0.5).all()
    for age, expected in zip((0, 65), MORTALITY_LAWS[key], strict=True):
        closing = (table.ex[-1] - 0.45) * table.lx[-1] / table.lx[age]
        assert table.ex[age] - closing == pytest.approx(expected, abs=0.006)
        assert 0 < table.ex[age] - expected < 0.06
