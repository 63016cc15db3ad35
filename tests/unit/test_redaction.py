"""Numbers of people in typed text: starred in every spelling, and nothing else is."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin import cli
from quanmin.errors import KINDS, QuanminError
from quanmin.redaction import STARS, plain_word, redacted
from quanmin.standards.identity import check_character

FIRST = "11010519491231002"
NUMBER = FIRST + check_character(FIRST)
OLD = FIRST[:6] + FIRST[8:]
PHONE = "13812345678"
BETWEEN = ["", " ", "-", "－", "\u3000", "\u200b", "\u202e", ".", "·", "\ufeff", " - "]
FIGURES = [
    "0123456789",
    "０１２３４５６７８９",
    "〇一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "O123456789",
    "o123456789",
    "٠١٢٣٤٥٦٧٨٩",
]


@given(
    st.sampled_from([NUMBER, NUMBER.lower(), FIRST, OLD, PHONE, NUMBER[:17] + "Ｘ"]),
    st.lists(st.sampled_from(BETWEEN), min_size=18, max_size=18),
    st.lists(st.sampled_from(FIGURES), min_size=18, max_size=18),
    st.sampled_from(["", "病人", "No. ", "<", "号码："]),
    st.sampled_from(["", "的家属", "。", ">", "\n"]),
)
def test_a_number_in_any_spelling_is_starred(
    number: str, between: list[str], figures: list[str], before: str, after: str
) -> None:
    signs = [figures[at][int(one)] if one.isascii() and one.isdigit() else one for at, one in enumerate(number)]
    spelled = signs[0] + "".join(gap + one for gap, one in zip(between[: len(signs) - 1], signs[1:], strict=True))
    assert redacted(before + spelled + after) == before + STARS + after


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-28T07:11:00.123456+00:00",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "第 3 行，第 12 列，共 1,234,567 行",
        "户籍登记 2024-05 第 2 批.csv",
        "00000000-0000-0000-0000-000000000000",
        "99010519491231002X",
        "11010519491331002X",
        "1234567890",
        "张三",
        "",
    ],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert redacted(text) == text


@given(st.text(max_size=60))
def test_any_text_comes_out_starred_once_and_for_all(text: str) -> None:
    once = redacted(text)
    assert redacted(once) == once


def test_two_numbers_and_a_number_among_others() -> None:
    assert redacted(f"{NUMBER}和{PHONE}，又 {OLD}") == f"{STARS}和{STARS}，又 {STARS}"
    assert redacted(f"12 {NUMBER}") == f"12 {STARS}"
    assert redacted(f"a{NUMBER}b") == f"a{STARS}b"


def test_a_name_of_the_program_holds_ascii_only() -> None:
    assert plain_word("health.birth") == "health.birth"
    assert plain_word(f"张三 {NUMBER}") == f"{STARS} {STARS}"


@pytest.mark.parametrize("code", sorted(KINDS))
def test_no_error_repeats_a_number(code: str) -> None:
    assert cli.app.info.name == "quanmin"  # the command line knows every kind of error
    kind = KINDS[code]
    names = {name for text in (*kind.title, *kind.step) for name in _names(text)}
    error: QuanminError = kind(**{name: f"x {NUMBER}" for name in names})
    assert NUMBER not in str(error.to_dict()) + str(error) + error.next_step("zh")
    assert all(f"x {STARS}" == value for value in error.to_dict()["address"].values())


def _names(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]
