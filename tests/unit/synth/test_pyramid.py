"""The people follow the published figures."""

import numpy as np
import pytest

from quanmin.synth import pyramid
from quanmin.synth.day import NEVER
from quanmin.synth.stream import stream
from quanmin.synth.surname import SHARES, SURNAMES


def test_the_typed_columns_add_up_to_the_published_totals():
    assert sum(pyramid.MALES) == 682_329_104
    assert sum(pyramid.FEMALES) == 650_481_765


@pytest.mark.parametrize(("sex", "expected"), [(pyramid.MALE, 72.38), (pyramid.FEMALE, 77.37)])
def test_mortality_gives_the_published_life_expectancy(sex, expected):
    ages = np.arange(0, 125, 1 / 365.25)
    alive = np.exp(-pyramid.MORTALITY[sex].cumulated(ages))
    assert alive.sum() / 365.25 == pytest.approx(expected, abs=0.2)
    assert 1 - alive[365] == pytest.approx(0.0131, abs=0.001)


def test_deaths_a_year_are_about_seven_in_a_thousand():
    rng = stream(1, "test")
    sex, born = pyramid.births(rng, 200_000)
    died = pyramid.deaths(rng, sex, born)
    assert 0.0058 < (died != NEVER).mean() / 5.17 < 0.0076
    assert (died[died != NEVER] >= born[died != NEVER]).all()
    assert 0.505 < (sex == pyramid.MALE).mean() < 0.52


def test_the_hundred_first_family_names_hold_their_published_share():
    assert SHARES[:100].sum() == pytest.approx(84.77)
    assert SHARES.sum() == pytest.approx(100)
    assert SURNAMES[:3] == ("王", "李", "张")
    assert len(set(SURNAMES)) == len(SURNAMES)
