"""When do two texts name the same person: one pair after another, and the same over columns."""

from __future__ import annotations

import itertools

import pyarrow as pa
import pytest

from quanmin.population import name as names

CASES = [
    ("李明", "李明", None, "same"),
    (" 李\u3000明 ", "李明", None, "same"),
    ("欧阳•娜", "欧阳·娜", None, "same"),
    ("ＡＢ", "AB", None, "same"),
    ("王芳", "李芳", "王芳", "former"),
    ("李芳", "李芳", "李芳", "same"),
    ("王峯", "王峰", None, "variant"),
    ("王峰", "王峯", None, "variant"),
    ("王峯", "李明", "王峰", "variant"),
    ("王峯", "王峯", "王峰", "same"),
    ("王峯", "王峰", "王峯", "former"),
    ("王芳", "李明", None, "other"),
    ("王芳", "李明", "赵一", "other"),
    ("明李", "李明", None, "other"),
    ("李", "李明", None, "other"),
    ("王芳", None, None, "other"),
    ("王芳", None, "王芳", "former"),
    ("", "李明", None, "other"),
]


@pytest.mark.parametrize(("stated", "holder", "former", "expected"), CASES)
def test_a_pair(stated: str, holder: str | None, former: str | None, expected: str) -> None:
    assert names.match(stated, holder, former) == expected


def test_columns_are_matched_like_pairs() -> None:
    """Every text against every other two, so that no row borrows from its neighbour."""
    texts = sorted({text for case in CASES for text in case[:3] if text is not None})
    rows = list(itertools.product(texts, [*texts, None], [*texts, None]))
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    assert names.matches(*columns).to_pylist() == [names.match(*row) for row in rows]


def test_nothing_is_no_name() -> None:
    assert names.normalised(None) is None and names.folded(None) is None
    empty = pa.array([], pa.string())
    assert names.matches(empty, empty, empty).to_pylist() == []


def test_folding_takes_variants_and_leaves_the_rest() -> None:
    assert names.folded("王峯") == names.folded("王峰")
    assert names.normalised("王峯") != names.normalised("王峰")
    assert names.folded("李明") == "李明"
