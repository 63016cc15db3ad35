"""One value: from the text of a file to what an element means by it. The plain reference of `reading`.

White space around a text goes; nothing, and what the element lists as `missing`, is None. A text that is no value of the
element's type is `UNREADABLE`: the `type` rule tells it, and every other rule passes it over.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import Enum
from typing import Any, Final

from quanmin.standards.element import DATE_FORMATS, Element
from quanmin.standards.identity import canonical
from quanmin.standards.kernels import parse_decimal, parse_integer, parse_moment
from quanmin.standards.value_set import ValueSet

WHOLE = "whole"
"""In `accepts` of an integer: "353.0" is 353, as tools write whole numbers that were once decimals."""

TIME_FORMATS: tuple[str, ...] = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    *DATE_FORMATS,
)

TRUE = frozenset(("true", "t", "yes", "y", "1", "是", "有", "√"))
FALSE = frozenset(("false", "f", "no", "n", "0", "否", "无", "×"))

_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-][0-9]+|[+-]?[0-9]+\.[0-9]+[eE][0-9]+")


class Unreadable(Enum):
    """The type of the one mark that stands for a text that could not be read."""

    UNREADABLE = "unreadable"


UNREADABLE: Final = Unreadable.UNREADABLE


def parse_value(element: Element, text: str | None, values: ValueSet | None = None) -> Any:
    """The value, None if missing, `UNREADABLE` if the text is none of the element's type; `values` spell its codes."""
    stripped = "" if text is None else text.strip()
    if not stripped or stripped in element.missing:
        return None
    match element.type:
        case "text":
            return stripped
        case "citizen_number":
            return canonical(stripped) or None
        case "code" | "region":
            return parse_code(stripped, values)
        case "date" | "datetime":
            moment = parse_moment(stripped, formats_of(element))
            return UNREADABLE if moment is None else moment.date() if element.type == "date" else moment
        case "boolean":
            return parse_boolean(stripped)
        case "integer" | "decimal":
            number = parse_number(element, stripped)
            return UNREADABLE if number is None else None if number in missing_numbers(element) else number


def parse_number(element: Element, text: str) -> int | float | None:
    """The number of an integer or decimal element; None if the text is none."""
    return parse_decimal(text) if element.type == "decimal" else parse_integer(text, WHOLE in element.accepts)


def missing_numbers(element: Element) -> tuple[int | float, ...]:
    """The numbers that mean "no value": `missing` compared as numbers, so that "-1.0" is missing where "-1" is."""
    numbers = (parse_number(element, text) for text in element.missing)
    return tuple(number for number in numbers if number is not None)


def parse_code(text: str, values: ValueSet | None = None) -> str | Unreadable:
    """A code as the value set spells it, else in half width; what a spreadsheet made of a long code is unreadable."""
    spelling = unicodedata.normalize("NFKC", text).strip()
    if values is not None:
        known = values.spellings.get(text) or values.spellings.get(spelling)
        if known is not None:
            return known
    return UNREADABLE if _SCIENTIFIC.fullmatch(spelling) else spelling


def parse_boolean(text: str) -> bool | Unreadable:
    """A yes or a no in either language."""
    word = unicodedata.normalize("NFKC", text).casefold()
    return True if word in TRUE else False if word in FALSE else UNREADABLE


def formats_of(element: Element) -> tuple[str, ...]:
    """The strptime formats that a date or datetime element takes."""
    return element.accepts or (TIME_FORMATS if element.type == "datetime" else DATE_FORMATS)


def day_of(value: Any) -> date | None:
    """The day of a date or datetime; None of anything else."""
    if not isinstance(value, date):
        return None
    return date(value.year, value.month, value.day)
