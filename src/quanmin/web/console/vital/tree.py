"""A holder with those under it, taken together by the branches that begin right under it: what a list of thousands becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from quanmin.programs.vital import holder as holders
from quanmin.programs.vital.office import Holder
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import office


@dataclass(frozen=True)
class Tree:
    """`members` by code, `top` among them; `branch` says under which child of the top (or at the top) each lies."""

    top: Holder
    members: Mapping[str, Holder]
    branch: Mapping[str, str]

    @property
    def children(self) -> list[Holder]:
        """Those right under the top."""
        return [one for one in self.members.values() if one.parent == self.top.code]

    def under(self, code: str) -> list[Holder]:
        """Those right under a member."""
        return [one for one in self.members.values() if one.parent == code]


def tree(ask: Ask, top: Holder) -> Tree:
    """A holder with all under it."""
    found = holders.listing(office(ask), under=top.code)
    branch = {top.code: top.code}
    for one in found:  # by level: what stands above one comes before it
        if one.code != top.code:
            branch[one.code] = one.code if one.parent == top.code else branch[str(one.parent)]
    return Tree(top, {one.code: one for one in found}, branch)
