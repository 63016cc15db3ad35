"""Decisions that rules take where the words of a standard leave a choice."""

from datetime import date

import pyarrow as pa
import pytest

from quanmin.standards.rules import KINDS, DateOrder, Expression, Range
from quanmin.standards.rules.formula import parse_formula


@pytest.mark.parametrize(
    ("later", "fails"), [(date(2018, 2, 27), True), (date(2018, 2, 28), False), (date(2020, 2, 28), False)]
)
def test_who_was_born_on_29_february_is_of_age_on_28_february(later: date, fails: bool) -> None:
    rule = DateOrder(id="of_age", elements=("born", "later"), least_years=18)
    row = {"born": date(2000, 2, 29), "later": later}
    assert rule.fails(row) is fails
    columns = {name: pa.array([day], pa.date32()) for name, day in row.items()}
    assert rule.failing(columns).tolist() == [fails]


def test_an_unknown_passes_and_only_a_false_fails() -> None:
    rule = Expression(id="x", elements=("a", "b"), expression="a < b or a > 10")
    columns = {"a": pa.array([1, 5, None, 11], pa.int64()), "b": pa.array([2, 5, 1, None], pa.int64())}
    assert rule.failing(columns).tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "a.__class__",
        "a[0]",
        "lambda: 1",
        "f'{a}'",
        "a ** 9",
        "a if a else a",
        "(a := 1)",
        "open(a)",
        "present(a, a)",
        "a is None",
        "a in b",
        "1e999",
        "9" * 400,
        "a <",
        "(" * 500 + "a" + ")" * 500,
        "a + " * 600 + "a",
        "",
    ],
)
def test_what_is_not_of_the_language_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Expression(id="x", elements=("a", "b"), expression=text)


def test_a_formula_names_its_elements() -> None:
    assert list(parse_formula("present(a) and b + a > 1").names()) == ["a", "b", "a"]
    with pytest.raises(ValueError, match="c is not among"):
        Expression(id="x", elements=("a",), expression="c > 1")


def test_an_event_to_come_is_judged_on_the_day_of_the_check() -> None:
    rule = Range(id="x", elements=("day",), maximum="today")
    assert rule.code == "E14"
    assert rule.fails({"day": date(9999, 1, 1)})


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("pattern", {"pattern": "("}),
        ("check_digit", {"scheme": "none"}),
        ("type", {"type": "none"}),
        ("range", {"maximum": "tomorrow"}),
        ("required", {"severity": "fatal"}),
        ("date_order", {}),
        ("reference", {"dataset": "d", "to": ("a", "b")}),
    ],
)
def test_parameters_that_make_no_sense_are_refused(kind: str, parameters: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="rule x"):
        KINDS[kind](id="x", elements=("a",), **parameters)


def test_every_kind_says_itself_in_both_languages() -> None:
    rule = Range(id="x", elements=("a",), minimum=1, maximum=9.5)
    assert rule.title == ("a在 [1, 9.5] 之内", "a lies in [1, 9.5]")
