"""Simulated certificates: the right ones pass the edits and mean what they state, the wrong ones are found."""

import datetime as dt

import pytest

from quanmin.programs.vital.death import icd
from quanmin.programs.vital.death.certificate import Certificate, Day
from quanmin.programs.vital.death.chain import Chain
from quanmin.programs.vital.death.edit import edits
from quanmin.programs.vital.death.quality import USABLE, classify
from quanmin.programs.vital.death.selection import select
from quanmin.synth.death_cause import PATTERNS, Pattern

_AGES = (5, 200, 9 * 365, 30 * 365, 55 * 365, 80 * 365)
DIED = dt.date(2015, 6, 1)
NAMES = ["-".join(line.code for line in one.lines) for one in PATTERNS]
WRONG = {"I10-I61.9", "J18.0--I63.9", "S06.9", "I53.9", "C56"}


def certificate(pattern: Pattern) -> Certificate:
    """The pattern as a certificate of somebody of the age at which it is most frequent."""
    age = _AGES[max(range(6), key=lambda band: pattern.weights[band])]
    return Certificate(
        number="S1",
        chain=Chain.of(*(line.code for line in pattern.lines), other=pattern.other.code if pattern.other else ""),
        sex=str(pattern.sex or 2),
        birth=DIED - dt.timedelta(days=age),
        death=Day.of(DIED),
        filled=DIED,
        pregnancy=True if pattern.maternal else None,
        underlying=pattern.underlying.code,
    )


def test_the_wrong_ones_are_there():
    assert set(NAMES) >= WRONG


@pytest.mark.parametrize(("name", "pattern"), list(zip(NAMES, PATTERNS, strict=True)), ids=NAMES)
def test_a_pattern_is_as_it_is_meant(name, pattern):
    made = certificate(pattern)
    found = {one.rule for one in edits(made, DIED)}
    if name in WRONG:
        assert found or select(made).code != pattern.underlying.code
        return
    vague = {"underlying.ill_defined"} if icd.within(pattern.underlying.code, icd.spans(("R00-R99",))) else set()
    assert found == vague
    assert select(made).code == pattern.underlying.code


def test_some_causes_say_too_little_and_most_do_not():
    classes = [classify(one.underlying.code) for one in PATTERNS]
    assert len(PATTERNS) / 2 < classes.count(USABLE) < len(PATTERNS) - 5
