"""Hand-made deaths, the share in each class."""

import pyarrow as pa
import pytest

from quanmin.programs.vital.death.quality import UNCODED, USABLE, classes, classify, shares, shares_of, title


@pytest.mark.parametrize(
    ("code", "of"),
    [
        ("I21.900", USABLE),
        ("R99", "ill_defined"),
        ("r54", "ill_defined"),
        ("R95", USABLE),
        ("I46.9", "ill_defined"),
        ("S06.9", "impossible"),
        ("G01", "impossible"),
        ("F79", "impossible"),
        ("I10", "impossible"),
        ("I70.9", "impossible"),
        ("N40", "impossible"),
        ("Y89.0", "impossible"),
        ("I50.9", "intermediate"),
        ("N18.9", "intermediate"),
        ("K71.6", "intermediate"),
        ("K71.7", USABLE),
        ("D65", "immediate"),
        ("I46.0", "immediate"),
        ("D15.1", USABLE),
        ("I51.4", "unspecified"),
        ("Y34", "undetermined"),
        ("Y87.2", "undetermined"),
        ("Y89.9", "undetermined"),
        ("X59.9", "undetermined"),
        ("C80", "unspecified"),
        ("C80.9", "unspecified"),
        ("I53", UNCODED),
        (None, UNCODED),
        ("", UNCODED),
    ],
)
def test_a_code_is_of_one_class(code, of):
    assert classify(code) == of


def test_shares_of_hand_made_deaths():
    codes = ["I21.9", "R99", "I50.9", None, "C34.9", "C80"]
    of = ["A", "A", "A", "A", "B", None]
    found = shares(pa.array(codes), pa.array(of))
    assert [(one.of, one.deaths, one.unusable) for one in found] == [("A", 4, 3), ("B", 1, 0), (None, 1, 1)]
    assert found[0].share == 0.75
    assert found[0].classes["ill_defined"] == found[0].classes["intermediate"] == found[0].classes[UNCODED] == 1
    assert found == shares_of(zip(of, codes, strict=True))


def test_no_deaths_have_no_share():
    assert shares(pa.array([], pa.string()), pa.array([], pa.string())) == []


def test_every_class_has_words():
    assert all(title(one.id).zh for one in classes())
    assert title(UNCODED).en
