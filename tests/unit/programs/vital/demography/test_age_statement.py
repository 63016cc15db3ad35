"""How ages were stated: Whipple and Myers on four real censuses, the age-sex accuracy index on the published example."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from quanmin.errors import QuanminError
from quanmin.programs.vital.demography.age_sex_accuracy import accuracy
from quanmin.programs.vital.demography.heaping import myers, whipple

Shared = Callable[[str], list[dict[str, str]]]
EXPECTED = {
    "pasex": (2.33872986334588, 23.6278650135),
    "ind": (2.92556782965775, 31.9280344356886),
    "rus2002": (1.02605010945404, 1.98426156850418),
    "rus2010": (1.03013312469349, 2.12001290304073),
}
MALES = [
    *(4677000, 4135000, 3825000, 3647000, 3247000, 2802000, 2409000, 2212000),
    *(1786000, 1505000, 1390000, 984000, 745000, 537000, 346000, 335000),
]
FEMALES = [
    *(4544000, 4042000, 3735000, 3647000, 3309000, 2793000, 2353000, 2112000),
    *(1691000, 1409000, 1241000, 887000, 697000, 525000, 348000, 366000),
]


@pytest.mark.parametrize("series", EXPECTED)
def test_the_indices_of_four_real_censuses(shared: Shared, series: str) -> None:
    population = [float(row["pop"]) for row in shared(f"demotools_pop1m_{series}.csv")]
    assert whipple(population).value == pytest.approx(EXPECTED[series][0], abs=1e-6)
    assert myers(population).value == pytest.approx(EXPECTED[series][1], abs=1e-6)
    [row] = [one for one in shared("expected/demotools_heaping_expected.csv") if one["series"] == f"pop1m_{series}"]
    assert float(row["whipple_0_5_25_60"]) == pytest.approx(EXPECTED[series][0])
    assert float(row["myers_10_89"]) == pytest.approx(EXPECTED[series][1])


def test_a_smooth_population_has_no_preference_and_a_heaped_one_all() -> None:
    smooth, heaped = np.full(100, 1000.0), np.where(np.arange(100) % 10 == 0, 1000.0, 0)
    assert whipple(smooth).value == 1 and myers(smooth).value == pytest.approx(0)
    assert whipple(np.where(np.arange(100) % 5 == 0, 7.0, 0)).value == 5
    assert myers(heaped).value == pytest.approx(90) and myers(heaped).shares[0] == pytest.approx(100)
    assert sum(myers(smooth + heaped).shares) == pytest.approx(100)


def test_the_whipple_index_has_the_classes_of_the_united_nations() -> None:
    people = np.full(100, 10.0)
    assert whipple(people).grade.en == "highly accurate"
    for more, word in ((0.8, "fairly accurate"), (2, "approximate"), (5, "rough"), (40, "very rough")):
        people[25:61:5] = 10 + more
        assert whipple(people).grade.en == word


def test_what_the_indices_need() -> None:
    with pytest.raises(QuanminError, match="QM-VITAL-079") as told:
        whipple(np.ones(62))
    assert told.value.fields == {"name": "Whipple", "first": 23, "last": 62}
    whipple(np.ones(63))
    with pytest.raises(QuanminError, match="QM-VITAL-079"):
        myers(np.ones(89))
    with pytest.raises(QuanminError, match="QM-VITAL-075"):
        whipple(np.zeros(100))
    with pytest.raises(QuanminError, match="QM-VITAL-075"):
        myers(np.zeros(100))
    with pytest.raises(QuanminError, match="QM-VITAL-067"):
        myers(-np.ones(100))


def test_the_scores_of_the_published_example() -> None:
    """PASEX, sheet AGESEX: 15 closed groups, without the open one."""
    found = accuracy(MALES[:-1], FEMALES[:-1])
    assert round(found.male_age_ratio_score, 3) == 3.907
    assert round(found.female_age_ratio_score, 3) == 3.655
    assert round(found.sex_ratio_score, 3) == 2.249
    assert found.value == pytest.approx(3 * 2.2485352 + 3.9066704 + 3.6553530, abs=1e-6)
    assert found.grade.en == "accurate"
    assert (len(found.sex_ratios), len(found.male_age_ratios)) == (15, 13)


def test_a_population_of_one_size_is_accurate_and_a_jagged_one_is_not() -> None:
    flat = accuracy(np.full(15, 100.0), np.full(15, 95.0))
    assert flat.value == pytest.approx(0)
    jagged = accuracy(np.where(np.arange(15) % 2, 100.0, 60), np.full(15, 95.0))
    assert jagged.grade.en == "highly inaccurate"
    assert accuracy(np.where(np.arange(15) % 2, 104.0, 100), np.full(15, 95.0)).grade.en == "accurate"
    assert accuracy(np.where(np.arange(15) % 2, 109.0, 100), np.full(15, 100.0)).grade.en == "inaccurate"


def test_what_the_accuracy_index_needs() -> None:
    with pytest.raises(QuanminError, match="QM-VITAL-079"):
        accuracy([1, 2], [1, 2])
    with pytest.raises(QuanminError, match="QM-VITAL-068") as told:
        accuracy([1, 2, 3, 4], [1, 2, 0, 4])
    assert told.value.fields == {"row": 3}
    with pytest.raises(QuanminError, match="QM-VITAL-074"):
        accuracy([1, 2, 3, 4], [1, 2, 3])
