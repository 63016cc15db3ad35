"""A formula over one row: the plain reference. None is unknown."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from quanmin.standards.rules.formula import Node
from quanmin.standards.value import day_of

Value = bool | float | str | date | None

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def kind_of(value: Value) -> str:
    """boolean, number, text or date."""
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, float) else "text" if isinstance(value, str) else "date"


def evaluate(node: Node, row: Mapping[str, Any], today: date) -> Value:
    """The value of the formula in this row; None is unknown."""
    parts = node.parts
    match node.kind:
        case "name":
            return _plain(row[node.word])
        case "constant":
            return node.constants[0]
        case "today":
            return today
        case "and" | "or":
            return _joined(node.kind == "and", [_truth(evaluate(part, row, today)) for part in parts])
        case "not":
            truth = _truth(evaluate(parts[0], row, today))
            return None if truth is None else not truth
        case "compare":
            return _compared(node.word, evaluate(parts[0], row, today), evaluate(parts[1], row, today))
        case "in":
            value = evaluate(parts[0], row, today)
            return _joined(False, [_compared("==", value, constant) for constant in node.constants] or [_never(value)])
        case "arithmetic":
            return _calculated(node.word, evaluate(parts[0], row, today), evaluate(parts[1], row, today))
        case "negative":
            value = evaluate(parts[0], row, today)
            return -value if kind_of(value) == "number" and isinstance(value, float) else None
        case _:
            return _called(node.word, evaluate(parts[0], row, today))


def _plain(value: Any) -> Value:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return day_of(value) if isinstance(value, date) else value


def _truth(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def _never(value: Value) -> bool | None:
    return None if value is None else False


def _joined(all_: bool, truths: list[bool | None]) -> bool | None:
    """Kleene's and / or: one false (true) decides; else one unknown leaves it unknown."""
    if (not all_) in truths:
        return not all_
    return None if None in truths else all_


def _compared(word: str, left: Value, right: Value) -> bool | None:
    if left is None or right is None or kind_of(left) != kind_of(right):
        return None
    return _COMPARE[word](left, right)


def _calculated(word: str, left: Value, right: Value) -> Value:
    if isinstance(left, date) and isinstance(right, date):
        return float((left - right).days) if word == "-" else None
    if isinstance(left, date) and kind_of(right) == "number" and isinstance(right, float) and word in "+-":
        return _shifted(left, right if word == "+" else -right)
    if isinstance(left, bool) or isinstance(right, bool) or not isinstance(left, float) or not isinstance(right, float):
        return None
    if word == "/" and right == 0:
        return None
    result = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[word](left, right)
    return result if math.isfinite(result) else None


def _shifted(day: date, days: float) -> date | None:
    try:
        return day + timedelta(days=math.floor(days))
    except OverflowError:
        return None


def _called(word: str, value: Value) -> Value:
    if word == "present":
        return value is not None
    if word == "length":
        return float(len(value)) if isinstance(value, str) else None
    return float(value.year) if isinstance(value, date) else None
