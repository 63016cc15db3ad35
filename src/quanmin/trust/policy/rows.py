"""Which rows a decision is about: of one person, of a division, without those who took their consent back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from quanmin.standards.region import NATION, stem

Scope = Literal["all", "jurisdiction", "person", "agreement"]
NOWHERE = "none"
DIGITS = 17
"""A person key has so many digits; the first six are the division that gave the number."""


@dataclass(frozen=True)
class Rows:
    """A row filter: every part that is given must hold. `person` is a key, `region` a code; `nobody` shows no row at all.

    `without` holds pseudonyms (of the purpose `consent`) of people whose rows are left out. `where` names columns and the codes
    of which a row has one each, whether or not the columns are shown.
    """

    person: int | None = None
    region: str | None = None
    without: frozenset[str] = frozenset()
    nobody: bool = False
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def stem(self) -> str | None:
        """What the codes of the region's divisions begin with; None when rows are not limited to one."""
        return (stem(self.region) or None) if self.region else None

    def names(self) -> list[str]:
        """The parts, in words for the audit: no person is in them."""
        parts = [f"region {self.region}"] if self.region else []
        parts += ["person"] if self.person is not None else []
        parts += [f"without {len(self.without)}"] if self.without else []
        parts += [f"{column} of {len(codes)}" for column, codes in self.where]
        return [*parts, "nobody"] if self.nobody else parts

    def admits(self, key: int) -> bool:
        """Whether a person's row of the base may be shown, as far as the key tells (`without` is looked at elsewhere).

        Codes of columns are not told by a key: where they limit the rows the answer is no.
        """
        if self.nobody or self.where or (self.person is not None and key != self.person):
            return False
        first = self.stem
        return first is None or str(key).zfill(DIGITS).startswith(first)


def chain(region: str) -> list[str]:
    """A division and those it lies in, up to the nation."""
    if region in (NOWHERE, NATION):
        return [region]
    return list(dict.fromkeys([region, region[:4] + "00", region[:2] + "0000", NATION]))
