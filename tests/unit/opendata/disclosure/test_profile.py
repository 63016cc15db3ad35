"""Rule profiles: what is refused when a profile is made, and how counts are rounded."""

import json
from dataclasses import replace

import numpy as np
import pytest

from quanmin.opendata.disclosure import PROFILES, Dominance, Profile, allow, profile
from quanmin.opendata.disclosure.errors import ProfileUnsound, StatisticRefused, UnknownProfile
from quanmin.text import Text

HEALTH = profile("health")


def test_redacting_up_to_five_with_base_five_is_a_known_mistake():
    with pytest.raises(ProfileUnsound, match="O2"):
        replace(HEALTH, smallest=6)


@pytest.mark.parametrize("smallest", range(3, 30))
def test_a_profile_is_sound_exactly_when_every_rounded_count_has_its_whole_range_behind_it(smallest):
    counts = np.arange(smallest, smallest + 50)
    behind = np.bincount(HEALTH.rounded(counts))
    whole = behind[behind > 0][0] == 5
    if whole:
        assert replace(HEALTH, smallest=smallest).smallest == smallest
    else:
        with pytest.raises(ProfileUnsound):
            replace(HEALTH, smallest=smallest)


@pytest.mark.parametrize(
    "changes",
    [
        {"smallest": 2},
        {"width": 0.0},
        {"width": 1.5},
        {"remainder": -0.1},
        {"dominance": (Dominance(3, 0.9),)},
        {"dominance": (Dominance(1, 1.5),)},
        {"freedom": 0},
        {"base": 4},
        {"rounding": "none"},
        {"rounding": "midpoint", "base": 6, "smallest": 7, "zeros": "suppressed"},
        {"rounding": "midpoint", "base": 6, "smallest": 8},
    ],
)
def test_parameters_that_make_no_sense_are_refused(changes):
    with pytest.raises(ProfileUnsound):
        replace(HEALTH, **changes)


def test_nearest_five_redacts_first_and_midpoints_are_those_of_opensafely():
    assert HEALTH.rounded(np.arange(13)).tolist() == [0, 0, 0, 5, 5, 5, 5, 5, 10, 10, 10, 10, 10]
    rates = profile("health_midpoint6")
    assert rates.rounded(np.arange(14)).tolist() == [0, 3, 3, 3, 3, 3, 3, 9, 9, 9, 9, 9, 9, 15]


@pytest.mark.parametrize("one", PROFILES.values(), ids=PROFILES)
def test_the_true_count_lies_within_the_slack_of_the_rounded_one(one):
    counts = np.arange(1, 500)
    off = counts - one.rounded(counts)
    assert (-off.min(), off.max()) == one.slack


def test_profiles_are_data_with_titles_and_sources():
    assert set(PROFILES) == {"strict", "health", "health_midpoint6"}
    for one in PROFILES.values():
        assert all(one.title) and one.sources
        assert json.loads(json.dumps(one.to_dict()))["smallest"] == one.smallest
    assert profile("strict").dominance == (Dominance(1, 0.5), Dominance(2, 0.67))
    assert (profile("health").smallest, profile("strict").smallest) == (8, 10)


def test_an_unknown_profile_and_a_single_persons_value_are_refused():
    with pytest.raises(UnknownProfile):
        profile("none")
    for statistic in ("min", "MAX", "range"):
        with pytest.raises(StatisticRefused):
            allow(statistic)
    allow("sum")


def test_a_profile_of_ones_own_is_made_like_the_shipped_ones():
    own = Profile("loans", Text("借阅", "loans"), ("house",), smallest=5, rounding="nearest", base=3, zeros="shown")
    assert own.least_width == 4 and own.lowest == 0
