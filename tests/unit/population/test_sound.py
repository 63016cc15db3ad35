"""Names by their sound: what may be typed, and that the pattern for a column says what the reference says of one pair."""

from __future__ import annotations

import itertools
import re

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.population import sound
from quanmin.standards import kernels


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("zhang wei", "张伟"),
        ("zhangwei", "章炜"),
        ("ZHANG WEI", "张 伟"),
        ("zhāng wěi", "张伟"),
        ("zhang1 wei3", "张伟"),
        ("ouyang na", "欧阳·娜"),
        ("zeng guofan", "曾国藩"),
        ("shan xiongxin", "单雄信"),
        ("lü bu", "吕布"),
        ("lvbu", "吕布"),
        ("lyu bu", "吕布"),
        ("xian", "西安"),
        ("xi'an", "西安"),
        ("xian", "县"),
        ("张伟", "章炜"),
        ("曾国藩", "增国藩"),
    ],
)
def test_what_sounds_so(asked: str, held: str) -> None:
    assert sound.sounds(asked, held)


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("zhang wei", "张伟强"),
        ("zhang wei", "张"),
        ("zhang wei", "伟张"),
        ("xi an", "县"),
        ("lu bu", "吕布"),
        ("john", "约翰"),
        ("张伟", "张强"),
        ("张伟", None),
        ("zhang wei", ""),
    ],
)
def test_what_does_not(asked: str, held: str | None) -> None:
    assert not sound.sounds(asked, held)


@pytest.mark.parametrize("name", ["李峰", "李 wei", "", "  ", "a" * 61, "li' OR true --", "wei5x9"])
def test_what_is_no_spelling(name: str) -> None:
    assert sound.spelling(name) is None


def test_the_ways_to_cut_are_bounded() -> None:
    assert sound.ways(("xian",)) == [("xi", "a", "n"), ("xi", "an"), ("xia", "n"), ("xian",)]
    assert len(sound.ways(("xian" * 15,))) == len(sound.ways(("xian",) * 15)) == sound.MOST_WAYS
    assert sound.ways(("xian" * 14 + "q",)) == []


SIGNS = "张章伟炜曾增单吕西安县欧阳·娜一A"
HELD = ["", *("".join(one) for size in (1, 2, 3) for one in itertools.product(SIGNS, repeat=size))]
ASKED = [
    "zhang wei",
    "xian",
    "xi an",
    "lvbu",
    "ouyang·na",
    "yi",
    "a",
    "ab",
    "张伟",
    "西安",
    "曾",
    "欧阳·娜",
    "A",
    "x.y",
]


@pytest.mark.parametrize("asked", ASKED)
def test_the_pattern_is_the_reference(asked: str) -> None:
    _same(asked, HELD)


@settings(max_examples=60, deadline=None)
@given(asked=st.text("zhangweixyouü ' 张伟[]\\^-.|曾·", max_size=9), held=st.lists(st.text(SIGNS + "[]^-", max_size=4)))
def test_the_pattern_is_the_reference_for_anything_typed(asked: str, held: list[str]) -> None:
    _same(asked, held)


def _same(asked: str, held: list[str]) -> None:
    plain = kernels.normalise_names(pa.array(held, pa.string()))
    pattern = sound.pattern(asked)
    found = pc.match_substring_regex(plain, f"^(?:{pattern})$").to_pylist() if pattern else [False] * len(held)
    assert found == [sound.sounds(asked, one) for one in held]
    assert pattern is None or re.compile(pattern)
