"""Causes of death are drawn by age and sex."""

import numpy as np

from quanmin.synth.death_cause import BOTH, PATTERNS, columns, drawn, maternal
from quanmin.synth.pyramid import FEMALE, MALE
from quanmin.synth.stream import stream

COUNT = 20_000


def causes(years, sex):
    age = np.full(COUNT, int(years * 365.25), dtype=np.int32)
    places = drawn(stream(1, "test"), age, np.full(COUNT, sex, dtype=np.int8))
    return [PATTERNS[place] for place in places]


def share(found, letters):
    return sum(one.underlying.code.startswith(letters) for one in found) / COUNT


def test_the_young_die_of_accidents_and_the_old_of_diseases():
    young, old = causes(20, MALE), causes(75, MALE)
    assert share(young, ("V", "W", "X")) > 0.25 > 0.1 > share(old, ("V", "W", "X"))
    assert share(old, ("I",)) > 0.35 > share(young, ("I",))
    assert share(causes(0.01, FEMALE), ("P", "Q")) > 0.6


def test_nobody_dies_of_what_the_other_sex_has():
    assert all(one.sex in (BOTH, FEMALE) for one in causes(50, FEMALE))
    assert any(one.sex == FEMALE for one in causes(50, FEMALE))
    assert all(one.sex in (BOTH, MALE) for one in causes(50, MALE))


def test_mothers_die_between_15_and_45():
    assert any(one.maternal for one in causes(30, FEMALE))
    assert not any(one.maternal for one in (*causes(60, FEMALE), *causes(30, MALE)))


def test_some_say_little():
    assert 0.02 < share(causes(80, MALE), ("R",)) < 0.2


def test_columns_are_those_of_the_pattern():
    places = np.arange(len(PATTERNS), dtype=np.int32)
    made = {name: column.render("%Y-%m-%d").to_pylist() for name, column in columns(places).items()}
    for place, pattern in enumerate(PATTERNS):
        assert made["cause_a"][place] == (pattern.lines[0].words or None)
        assert made["underlying_cause_code"][place] == pattern.underlying.code
        assert made["cause_other_code"][place] == (pattern.other.code if pattern.other else None)
        assert (made["cause_a_interval"][place] is None) == (made["cause_a_unit"][place] is None)
    at = next(place for place, one in enumerate(PATTERNS) if one.lines[0].interval == "10分钟")
    assert (made["cause_a_interval"][at], made["cause_a_unit"][at]) == ("10", "1")
    assert maternal(places).sum() == 2


def test_the_same_stream_draws_the_same():
    assert causes(40, MALE) == causes(40, MALE)
