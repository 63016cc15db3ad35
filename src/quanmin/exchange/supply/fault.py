"""What a row that was supplied can fail, and how that is told: the rule's element, code, and words in both languages.

A rule is `<element> <kind>[ <more>]`, as `Check` names it. A code outside its value set has the code that it has everywhere
(E11), as one that is missing has (E12); what only an agreement forbids has a code of the exchange.
"""

from __future__ import annotations

from typing import NamedTuple

from quanmin.errors import Invalid
from quanmin.exchange.supply.errors import ChangeUnknown, CodeNotAgreed, OfAnotherDivision, RowOutside, ValueUnreadable
from quanmin.lake.feed import CHANGE
from quanmin.population.feedback import EXPECTED, error_title
from quanmin.text import Text

VALUE, NOT_AGREED, OUTSIDE, DIVISION = "value", "not agreed", "outside", "of another division"
FORM, REQUIRED = "form", "required"
"""Kinds that only lines of JSON can fail: of Parquet the types of columns tell."""
_OF_VALUE_SET, _LACKING = "E11", "E12"


class Fault(NamedTuple):
    """A rule as it is told to whoever sent the row."""

    element: str
    code: str
    title: Text
    expected: Text


def rule(element: str, kind: str, more: str = "") -> str:
    """The name of a rule."""
    return f"{element} {kind} {more}".rstrip()


def element_of(name: str) -> str:
    """The element that a rule is about."""
    return name.partition(" ")[0]


def of(name: str) -> Fault:
    """A rule in words."""
    element, _, kind = name.partition(" ")
    if element == CHANGE:
        return _told(element, ChangeUnknown(element=element))
    if kind == NOT_AGREED:
        return _told(element, CodeNotAgreed(element=element))
    if kind.startswith(OUTSIDE):
        return _told(element, RowOutside(element=element, region=kind.removeprefix(f"{OUTSIDE} ")))
    if kind == DIVISION:
        return _told(element, OfAnotherDivision(element=element))
    if kind == FORM:
        return _told(element, ValueUnreadable(element=element))
    code = _LACKING if kind == REQUIRED else _OF_VALUE_SET
    return Fault(element, code, error_title(code), EXPECTED[code])


def _told(element: str, error: Invalid) -> Fault:
    return Fault(element, error.code, error.title.format(**error.fields), error.step.format(**error.fields))
