"""What a record must fulfil to be listed: any combination of values of facets, of names, kinds and moments of publishing.

A condition is a value: equal ones are the same question, so that their result is kept. `mask` says of every document at once
whether it fulfils one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

import numpy as np

from quanmin.opendata.catalogue.validation import TYPES

if TYPE_CHECKING:
    from quanmin.opendata.catalogue.view import Bools, View


@dataclass(frozen=True, slots=True)
class Having:
    """Has any of these codes of a facet; with `beginning`, one that begins with any of them."""

    facet: str
    codes: tuple[str, ...]
    beginning: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """Has any of these names; with `beginning`, one that begins with any of them."""

    names: tuple[str, ...]
    beginning: bool = False


@dataclass(frozen=True, slots=True)
class Identified:
    """Has any of these ids."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfType:
    """Is a record of this type (`dcat:Dataset` ...)."""

    type: str


@dataclass(frozen=True, slots=True)
class Changed:
    """Was published from one moment to another, both included (microseconds since 1970, UTC)."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Always:
    """Every record (or, with False, none)."""

    holds: bool = True


@dataclass(frozen=True, slots=True)
class Not:
    """Does not fulfil it."""

    one: Condition


@dataclass(frozen=True, slots=True)
class Every:
    """Fulfils all of them."""

    each: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Fulfils at least one of them."""

    each: tuple[Condition, ...]


Condition = Having | Called | Identified | OfType | Changed | Always | Not | Every | Either


def mask(view: View, condition: Condition) -> Bools:
    """Which documents of a view fulfil a condition, dead ones among them."""
    match condition:
        case Not(one):
            return ~mask(view, one)
        case Every(each):
            return _joined(view, each, True)
        case Either(each):
            return _joined(view, each, False)
        case Always(holds):
            return np.full(view.size, holds)
        case Having(facet, codes, beginning):
            known = (one.code for one in view.values if one.facet == facet) if beginning else ()
            return view.having(facet, [code for code in known if code.startswith(codes)] if beginning else codes)
        case Called(names, beginning):
            return view.called(names, beginning)
        case Identified(ids):
            return view.identified(ids)
        case OfType(type_):
            return np.asarray(view.kinds == (TYPES.index(type_) if type_ in TYPES else len(TYPES)))
        case Changed(start, stop):
            return np.asarray((view.changed >= start) & (view.changed <= stop))
    assert_never(condition)


def _joined(view: View, each: tuple[Condition, ...], all_: bool) -> Bools:
    found = np.full(view.size, all_)
    for one in each:
        if all_:
            found &= mask(view, one)
        else:
            found |= mask(view, one)
    return found
