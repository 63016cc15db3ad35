"""Classes of causes: they do not overlap, and hold what they say."""

from __future__ import annotations

import itertools

import pytest

from quanmin.programs.vital.statistic.cause import CHAPTERS, LEADING, UNKNOWN, chapter, leading, maternal, undefined

EVERY = [f"{letter}{number:02d}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for number in range(100)]


@pytest.mark.parametrize("classes", [CHAPTERS, LEADING], ids=["chapters", "leading"])
def test_classes_do_not_overlap(classes: tuple) -> None:
    for one, other in itertools.combinations(classes, 2):
        assert not [code for code in EVERY if one.holds(code) and other.holds(code)]
    assert len({one.id for one in classes}) == len(classes)


@pytest.mark.parametrize(
    ("code", "in_chapter", "in_list"),
    [
        ("C34.9", "II", "neoplasm"),
        ("I21", "IX", "heart"),
        ("I11", "IX", "heart"),
        ("I10", "IX", "hypertension"),
        ("I63.9", "IX", "stroke"),
        ("J44", "X", "respiratory"),
        ("V89", "XX", "external"),
        ("R54", "XVIII", "undefined"),
        ("S06", "unknown", "unknown"),
        ("", "unknown", "unknown"),
        (None, "unknown", "unknown"),
    ],
)
def test_a_code_and_its_classes(code: str | None, in_chapter: str, in_list: str) -> None:
    assert (chapter(code).id, leading(code).id) == (in_chapter, in_list)
    assert UNKNOWN.id == "unknown"


def test_maternal_deaths_leave_out_late_ones_and_sequelae() -> None:
    assert [code for code in ("O00", "O95", "O96", "O97", "O98", "A34", "P01", None) if maternal(code)] == [
        "O00",
        "O95",
        "O98",
        "A34",
    ]
    assert [undefined(code) for code in ("R99", "", None, "I21")] == [True, True, True, False]
