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


@dataclass(frozen=True, slots=True)
class Item:
    """One item; `sources` holds every claim in order of priority, the authority's first."""

    id: str
    group: Group
    title: Text
    type: Type
    authority: str
    sources: tuple[Claim, ...]
    values: str | None = None
