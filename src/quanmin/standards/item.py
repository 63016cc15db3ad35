"""An item of the population base: one fact about a person, who decides it and who else states it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from quanmin.standards.element import Type
from quanmin.text import Text

Group = Literal["identity", "social"]
GROUPS: tuple[Group, ...] = get_args(Group)


class Claim(NamedTuple):
    """A dataset's element that states the item."""

    dataset: str
    element: str


class Confirmation(NamedTuple):
    """A dataset's value counts only where the benchmark states the same for another item."""

    dataset: str
    item: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item; `sources` holds every claim in order of priority, the authority's first.

    The first value counts, unless something else is said. `levels` (the highest first; each is what its codes begin with)
    says that the item can only rise: the highest level that a source states counts. `ended` names elements that date the end
    of what a row tells: a row that has ended says what is no more. `confirmed` names sources that need the benchmark's word.
    """

    id: str
    group: Group
    title: Text
    type: Type
    authority: str
    sources: tuple[Claim, ...]
    values: str | None = None
    levels: tuple[tuple[str, ...], ...] = ()
    ended: tuple[Claim, ...] = ()
    confirmed: tuple[Confirmation, ...] = ()
