"""Contrast is computed as WCAG says it and holds everywhere; series differ without their colours."""

from __future__ import annotations

import pytest

from quanmin.charts.palette import (
    AXIS,
    COLOURS,
    FAINT,
    GAIN,
    HATCH_GROUND,
    INK,
    LOSS,
    SUM,
    TRACK,
    WHITE,
    contrast,
    shade,
    style,
)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000", "#fff", 21.0), ("#777", "#ffffff", 4.48), ("#3182bd", "#fff", 4.15), ("#0000ff", "#fff", 8.59)],
)
def test_contrast_is_that_of_published_examples(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == ratio == round(contrast(other, one), 2)


def test_marks_stand_out_on_white_and_on_their_track() -> None:
    assert all(contrast(colour, WHITE) >= 3 for colour in (*COLOURS, AXIS, GAIN, LOSS, SUM))
    assert all(contrast(colour, TRACK) >= 3 for colour in COLOURS)


def test_words_are_readable_on_every_ground() -> None:
    assert all(contrast(ink, WHITE) >= 4.5 for ink in (INK, FAINT))
    assert contrast(INK, HATCH_GROUND) >= 4.5 and contrast(INK, "#eef4fb") >= 4.5
    for step in range(1001):
        ground, ink = shade(step / 1000)
        assert contrast(ink, ground) >= 4.5, ground


def test_a_cell_deepens_with_its_share_and_stays_within_the_colours() -> None:
    assert (shade(0.0)[1], shade(1.0)) == ("#222", ("#0b4fa8", "#fff"))
    grounds = [contrast(shade(step / 50)[0], "#fff") for step in range(51)]
    assert grounds == sorted(grounds) and shade(-3) == shade(0) and shade(7) == shade(1)


def test_series_differ_without_colour() -> None:
    lines = [(style(place).dash, style(place).mark) for place in range(35)]
    fields = [(style(place).pattern, style(place).spacing) for place in range(16)]
    assert len(set(lines)) == 35 and len(set(fields)) == 16
    assert [pattern for pattern, _ in fields].count("solid") == 1, "a solid field has no spacing to tell it by"
    assert style(500).fill and style(500).colour in COLOURS
