"""A formula of the standards as an Ibis expression: `rules.formula_row.evaluate` for any engine.

Dates are day numbers, numbers 64-bit floats, and a result that is not finite is unknown, as in the plain reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from quanmin.standards.element import Type
from quanmin.standards.rules.formula import Constant, Node
from quanmin.standards.rules.formula_kind import KIND_OF_TYPE, ValueKind, kind_of_formula

if TYPE_CHECKING:
    import ibis.expr.types as ir

EPOCH = date(1970, 1, 1)
FARTHEST = 1e7
"""No two days of the calendar are so many days apart."""
_FIRST, _LAST = (date.min - EPOCH).days, (date.max - EPOCH).days

IBIS_TYPES: dict[Type, str] = {
    "text": "string",
    "code": "string",
    "citizen_number": "string",
    "region": "string",
    "date": "date",
    "datetime": "timestamp(6)",
    "integer": "int64",
    "decimal": "float64",
    "boolean": "boolean",
}
"""How the lake stores an element of each type."""

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def plain(value: ir.Value, kind: Type) -> ir.Value:
    """A column as a formula sees it."""
    match KIND_OF_TYPE[kind]:
        case "number":
            return value.cast("float64")
        case "date":
            return day_number(value)
        case _:
            return value


def day_number(value: ir.Value) -> ir.Value:
    """Days since 1970 of a date or a time."""
    import ibis

    return value.cast("date").delta(ibis.date(EPOCH), unit="day").cast("float64")


def condition(node: Node, names: Mapping[str, ir.Value], kinds: Mapping[str, ValueKind]) -> ir.Value:
    """The formula over columns as `plain` gives them, of these kinds, which have been checked (`kind_of_formula`)."""
    parts = [condition(part, names, kinds) for part in node.parts]
    match node.kind:
        case "name":
            return names[node.word]
        case "constant":
            return _constant(node.constants[0])
        case "and" | "or":
            return _joined(node.kind, parts)
        case "not":
            return ~parts[0]
        case "compare":
            return _COMPARE[node.word](*parts)
        case "in":
            return _joined("or", [parts[0] == _constant(one) for one in node.constants])
        case "arithmetic":
            if kind_of_formula(node.parts[0], kinds) == "date":
                return _of_dates(node, parts[0], parts[1], kinds)
            return _calculated(node.word, parts[0], parts[1])
        case "negative":
            return -parts[0]
        case _:
            return _called(node.word, parts[0])


def _constant(value: Constant) -> Any:
    import ibis

    return ibis.literal(value, type="float64" if type(value) is float else None)


def _joined(word: str, parts: list[Any]) -> Any:
    found = parts[0]
    for part in parts[1:]:
        found = found & part if word == "and" else found | part
    return found


def _calculated(word: str, left: Any, right: Any) -> Any:
    match word:
        case "+":
            return _finite(left + right)
        case "-":
            return _finite(left - right)
        case "*":
            return _finite(left * right)
        case _:
            return _finite(left / right.nullif(0.0))


def _of_dates(node: Node, day: Any, other: Any, kinds: Mapping[str, ValueKind]) -> Any:
    """Days between two days, or a day some whole days later; unknown outside the calendar."""
    import ibis

    if kind_of_formula(node, kinds) == "number":
        return day - other
    by = within(other if node.word == "+" else -other, FARTHEST)
    moved = day + by.floor().cast("float64")
    return ibis.cases((moved.between(float(_FIRST), float(_LAST)), moved), else_=ibis.null("float64"))


def within(value: Any, largest: float) -> Any:
    """A number, unknown where it is larger: engines round by way of 64-bit integers, and refuse what does not fit."""
    import ibis

    return ibis.cases((value.abs() <= largest, value), else_=ibis.null("float64"))


def _called(word: str, value: Any) -> Any:
    if word == "present":
        return value.notnull()
    return value.length().cast("float64") if word == "length" else _year(value)


def _finite(value: Any) -> Any:
    """The number, unknown where it is not finite."""
    import ibis

    return ibis.cases((value.isinf() | value.isnan(), ibis.null("float64")), else_=value)


def _year(days: Any) -> Any:
    """The year of a day number, by the civil calendar (Hinnant, days_from_civil): no engine's own dates are asked."""
    shifted = days + 719468.0
    era = (shifted / 146097.0).floor()
    of_era = shifted - era * 146097.0
    year = (
        (of_era - (of_era / 1460.0).floor() + (of_era / 36524.0).floor() - (of_era / 146096.0).floor()) / 365.0
    ).floor()
    of_year = of_era - (365.0 * year + (year / 4.0).floor() - (year / 100.0).floor())
    january = ((5.0 * of_year + 2.0) / 153.0).floor() >= 10.0
    return year + era * 400.0 + january.cast("int64").cast("float64")


def completed_years(birth: ir.Value, day: ir.Value) -> ir.Value:
    """The age in completed years; unknown before birth. Who was born on 29 February grows older on 1 March of other years."""
    import ibis

    birth, day = birth.cast("date"), day.cast("date")
    early = day.month() * 100 + day.day() < birth.month() * 100 + birth.day()
    years = (day.year() - birth.year() - early.cast("int32")).cast("float64")
    return ibis.cases((day >= birth, years), else_=ibis.null("float64"))
