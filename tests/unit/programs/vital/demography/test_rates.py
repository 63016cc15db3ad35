"""Rates and ratios with what is above and below: deaths, births, standardised rates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from quanmin.errors import QuanminError
from quanmin.programs.vital.demography import AgeGroups, life_table, mortality
from quanmin.programs.vital.demography.fertility import (
    birth_order,
    fertility,
    from_pattern,
    sex_ratio_at_birth,
)
from quanmin.programs.vital.demography.ratio import poisson_limits, rate
from quanmin.programs.vital.demography.standardisation import direct, indirect

Shared = Callable[[str], list[dict[str, str]]]
WOMEN = [51000, 52000, 51000, 50000, 50000, 50000, 48000]
BIRTHS = [400, 3900, 5000, 3100, 1200, 200, 10]
DOWN_FIVE_AND_MORE = ([0, 8, 63, 112, 262, 295], [327, 30666, 123419, 149919, 104088, 34392])
ALL_BIRTHS = [319933, 931318, 786511, 488235, 237863, 61313]


def test_a_rate_keeps_both_its_parts_and_exact_limits() -> None:
    found = rate("rate", 10, 2000, 1000)
    assert (found.numerator, found.denominator, found.per, found.value) == (10, 2000, 1000, 5.0)
    assert found.low == pytest.approx(4.795389 / 2) and found.high == pytest.approx(18.390356 / 2)
    assert poisson_limits(0) == (0.0, pytest.approx(3.688879))


@pytest.mark.parametrize("events", [0, 1, 7, 350])
def test_poisson_limits_are_where_the_tails_are_a_fortieth(events: int) -> None:
    low, high = poisson_limits(events)
    assert stats.poisson.cdf(events, high) == pytest.approx(0.025)
    assert low == 0 if events == 0 else stats.poisson.sf(events - 1, low) == pytest.approx(0.025)


def test_the_mortality_of_infants_children_and_mothers() -> None:
    assert mortality.infant_mortality(54, 10000).value == 5.4
    assert mortality.neonatal_mortality(30, 10000).value == 3.0
    assert mortality.under_five_mortality(71, 10000).value == 7.1
    assert mortality.maternal_mortality(2, 12000).value == pytest.approx(16.6667, abs=1e-4)
    assert mortality.crude_death_rate(7000, 1_000_000).value == 7.0
    [young, old] = mortality.death_rates([1, 30], [10000, 2000])
    assert (young.value, old.value, old.numerator, old.denominator) == (10, 1500, 30, 2000)


def test_the_probability_of_dying_before_five_is_that_of_a_life_table() -> None:
    found = mortality.under_five_probability(540, 10000, 60, 38000, "female")
    mx = [0.06, 60 / 38000, 0.01]
    table = life_table(AgeGroups.abridged(5), mx, "female", infant=0.054)
    assert found.value == pytest.approx(1 - table.lx[2] / table.lx[0])
    assert (found.infant.numerator, found.child.denominator) == (540, 38000)
    assert mortality.under_five_probability(0, 10, 0, 10).value == 0


@pytest.mark.parametrize("method", ["infant_mortality", "maternal_mortality", "crude_death_rate"])
def test_nothing_below_the_line_is_refused(method: str) -> None:
    with pytest.raises(QuanminError, match="QM-VITAL-075"):
        getattr(mortality, method)(1, 0)
    with pytest.raises(QuanminError, match="QM-VITAL-067"):
        getattr(mortality, method)(-1, 10)
    with pytest.raises(QuanminError, match="QM-VITAL-066"):
        getattr(mortality, method)(float("nan"), 10)


def test_rates_by_age_name_the_empty_group() -> None:
    with pytest.raises(QuanminError, match="QM-VITAL-068") as told:
        mortality.death_rates([1, 2, 3], [10, 0, 10])
    assert told.value.fields == {"row": 2}


def test_the_published_example_of_fay_and_feuer() -> None:
    """Down's syndrome by maternal age, fifth and later births (Fay & Feuer 1997), as the R package dsrTest 1.0.0 prints it."""
    found = direct(*DOWN_FIVE_AND_MORE, ALL_BIRTHS)
    assert found.value == pytest.approx(75.52901, abs=1e-5)
    assert found.low == pytest.approx(67.70212, abs=1e-5)
    assert found.high == pytest.approx(188.30017, abs=1e-5)
    assert found.crude.value == pytest.approx(1e5 * 740 / 442811)


def test_standardised_limits_by_chi_square_quantiles() -> None:
    """The same limits written with chi-square quantiles, as the paper has them."""
    events, base, standard = np.array([3, 5, 0, 9]), np.array([900, 800, 700, 300]), np.array([4, 3, 2, 1])
    weights = standard / standard.sum() / base
    y, v, most = weights @ events, weights**2 @ events, weights.max()
    found = direct(events, base, standard, per=1)
    assert found.value == pytest.approx(y)
    assert found.low == pytest.approx(v / (2 * y) * stats.chi2.ppf(0.025, 2 * y**2 / v))
    shape = 2 * (y + most) ** 2 / (v + most**2)
    assert found.high == pytest.approx((v + most**2) / (2 * (y + most)) * stats.chi2.ppf(0.975, shape))


def test_the_own_structure_changes_nothing_and_no_event_has_an_upper_limit() -> None:
    own = direct([3, 5], [900, 800], [900, 800])
    assert own.value == pytest.approx(own.crude.value)
    one = direct([7], [1000], [1], per=1)
    assert (one.low, one.high) == pytest.approx(
        (one.crude.low, one.crude.high)
    )  # one stratum: the exact Poisson limits
    none = direct([0, 0], [900, 800], [1, 1])
    assert (none.value, none.low) == (0, 0) and none.high > 0


def test_standardisation_refuses_empty_groups_and_empty_standards() -> None:
    with pytest.raises(QuanminError, match="QM-VITAL-068") as told:
        direct([1, 2], [10, 0], [1, 1])
    assert told.value.fields == {"row": 2}
    with pytest.raises(QuanminError, match="QM-VITAL-075"):
        direct([1, 2], [10, 10], [0, 0])
    with pytest.raises(QuanminError, match="QM-VITAL-074"):
        direct([1, 2], [10, 10], [1, 1, 1])
    with pytest.raises(QuanminError, match="QM-VITAL-075"):
        indirect(3, [10, 10], [0, 0])


def test_deaths_beside_those_expected() -> None:
    found = indirect(30, [1000, 2000], [0.01, 0.005])
    assert (found.observed, found.expected, found.value) == (30, 20, 1.5)
    assert (found.low, found.high) == pytest.approx((20.24087 / 20, 42.82687 / 20), abs=1e-6)


def test_fertility_sums_up() -> None:
    found = fertility(BIRTHS, WOMEN)
    assert found.rates == pytest.approx([one / other for one, other in zip(BIRTHS, WOMEN, strict=True)])
    assert found.total == pytest.approx(5 * sum(found.rates))
    assert found.mean_age == pytest.approx(np.average([17.5, 22.5, 27.5, 32.5, 37.5, 42.5, 47.5], weights=found.rates))
    assert found.general.value == pytest.approx(1000 * sum(BIRTHS) / sum(WOMEN))
    assert found.gross_reproduction(0.48) == pytest.approx(0.48 * found.total)
    single = fertility([10.0] * 35, [1000.0] * 35, width=1)
    assert (single.total, single.mean_age) == pytest.approx((0.35, 32.5))


def test_where_no_woman_dies_net_is_gross_and_else_below() -> None:
    found = fertility(BIRTHS, WOMEN)
    immortal = life_table(AgeGroups.abridged(60), np.append(np.full(13, 1e-12), 0.1), "female")
    assert found.net_reproduction(0.48, immortal) == pytest.approx(found.gross_reproduction(0.48))
    mortal = life_table(AgeGroups.abridged(60), np.append(np.full(13, 0.005), 0.1), "female")
    lived = mortal.Lx[4:11] / 100_000
    assert found.net_reproduction(0.48, mortal) == pytest.approx(0.48 * float(np.array(found.rates) @ lived))
    complete = life_table(AgeGroups.complete(60), np.append(np.full(60, 0.005), 0.1), "female")
    assert found.net_reproduction(0.48, complete) == pytest.approx(found.net_reproduction(0.48, mortal), rel=0.001)
    with pytest.raises(QuanminError, match="QM-VITAL-079"):
        found.net_reproduction(0.48, life_table(AgeGroups.abridged(45), np.full(11, 0.1), "female"))


def test_the_total_fertility_of_the_united_nations_is_that_of_its_rates(shared: Shared) -> None:
    """ASFR = TFR · percent / 100 / 5, and back; China 1.69 in 2015-2020, 4.85 in 1970-1975; NRR below TFR/2."""
    totals = {row["country_code"]: row for row in shared("wpp2019_tfr.csv")}
    patterns = [row for row in shared("wpp2019_percent_asfr_selected.csv") if row["country_code"] == "156"]
    assert len(patterns) == 7
    for period, expected in (("2015-2020", 1.69), ("1970-1975", 4.85)):
        total = float(totals["156"][period])
        found = from_pattern(total, [float(row[period]) for row in patterns])
        assert found.total == pytest.approx(total) and round(found.total, 2) == expected
        plain = [total * float(row[period]) / 100 / 5 for row in patterns]
        assert found.rates == pytest.approx(plain, rel=1e-4)
        mx = {
            int(row["age"]): float(row[period])
            for row in shared("wpp2019_mx_1950_2020.csv.gz")
            if (row["sex"], row["country_code"]) == ("F", "156")
        }
        ages = AgeGroups.abridged(100)
        table = life_table(ages, [mx[age] for age in ages.starts], "female")
        girls = 1 / (
            1 + float({row["country_code"]: row for row in shared("wpp2019_sex_ratio_at_birth.csv")}["156"][period])
        )
        lost = 1 - table.lx[ages.starts.index(25)] / 100_000
        net, gross = found.net_reproduction(girls, table), found.gross_reproduction(girls)
        assert net / gross == pytest.approx(1 - lost, abs=0.02)


def test_the_sex_ratio_at_birth_has_exact_limits() -> None:
    found = sex_ratio_at_birth(530, 480)
    assert found.value == pytest.approx(110.41667)
    exact = stats.binomtest(530, 1010).proportion_ci(0.95, "exact")
    assert found.low == pytest.approx(100 * exact.low / (1 - exact.low))
    assert found.high == pytest.approx(100 * exact.high / (1 - exact.high))
    assert sex_ratio_at_birth(0, 5).low == 0
    with pytest.raises(QuanminError, match="QM-VITAL-075"):
        sex_ratio_at_birth(3, 0)


def test_shares_by_birth_order_leave_the_unknown_aside() -> None:
    found = birth_order([600, 300, 100], unknown=50)
    assert [one.value for one in found.shares] == [60, 30, 10] and found.unknown == 50
    assert {one.denominator for one in found.shares} == {1000}
    with pytest.raises(QuanminError, match="QM-VITAL-075"):
        birth_order([0, 0], unknown=5)


def test_fertility_refuses_groups_without_women() -> None:
    with pytest.raises(QuanminError, match="QM-VITAL-068") as told:
        fertility(BIRTHS, [*WOMEN[:-1], 0])
    assert told.value.fields == {"row": 7}
    with pytest.raises(QuanminError, match="QM-VITAL-075"):
        from_pattern(2.0, [0, 0])
    with pytest.raises(QuanminError, match="QM-VITAL-075"):
        _ = fertility([0] * 7, WOMEN).mean_age
