"""Golden records one by one for many callers at once: what a counter, a service or a notebook asks all day.

The same answers as `inquiry.show`, which is the reference. A decision holds for a minute: look-ups of one purpose and case
within it refer to the same one, and each is a line of the audit of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from quanmin import trust
from quanmin.lake import Lake
from quanmin.lake.errors import UnknownTable
from quanmin.lake.lookup import LookUps
from quanmin.ledger import listing
from quanmin.population.errors import NotBuilt, UnknownNumber
from quanmin.population.inquiry import key_of, record_of
from quanmin.population.review import lead, split
from quanmin.population.tables import PERSON

HOLDS_SECONDS = 60.0
"""How long a decision is referred to by later look-ups."""

FOLLOWS_SECONDS = 1.0
"""How old the knowledge of where reviews lead a number may be."""

Decide = Callable[[str, str | None], trust.Decision]
"""The decision on the columns of `linked.person` for a purpose and a case."""


class Desk:
    """Look-ups in the base of a lake, each under a decision of its own; several threads may ask at once.

    `close` lets its memory go. What a review decided within the last second may not be followed yet.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._rows = LookUps(lake, PERSON)
        self._stand: object = None
        self._looked = 0.0
        self._merged: dict[int, int] = {}
        self._touched: frozenset[int] = frozenset()
        self._follow()

    def close(self) -> None:
        """Let what is kept for speed go."""
        self._rows.close()

    def warm(self) -> int:
        """Make every bucket ready now; the bytes of disk that this takes. NotBuilt."""
        try:
            return self._rows.warm()
        except UnknownTable:
            raise NotBuilt() from None

    def refresh(self) -> None:
        """See what was committed up to now."""
        self._rows.refresh()
        self._follow()

    def shown(self, decision: trust.Decision, number: str) -> dict[str, Any]:
        """The golden record of a number under a decision made for it, like `population.show`, and raising what it raises."""
        key = key_of(number)
        if time.monotonic() - self._looked > FOLLOWS_SECONDS and self._reviews() != self._stand:
            self._follow()
        try:
            row = self._row(decision, key)
        except UnknownTable:
            raise NotBuilt() from None
        if row is None:
            raise UnknownNumber()
        told = lead.told(self._lake, decision, key) if key in self._touched else {}
        return {**record_of(decision, row), **told}

    def _row(self, decision: trust.Decision, key: int) -> dict[str, Any] | None:
        """The row to which a number leads; where there is none, a build may have followed a merge since."""
        person = self._merged.get(key, key)
        row = self._rows.row(decision, person)
        if row is None:
            self._follow()
            led = self._merged.get(key, key)
            row = self._rows.row(decision, led) if led != person else None
        return row

    def _reviews(self) -> object:
        """What changes whenever a review does something to where a number leads."""
        self._looked = time.monotonic()
        return {kind: listing.stand(self._lake.ledger, kind) for kind in lead.KINDS}

    def _follow(self) -> None:
        """See where numbers lead by now."""
        self._stand = self._reviews()
        self._merged = lead.everyone(self._lake)
        self._touched = frozenset({*self._merged, *self._merged.values(), *split.everyone(self._lake.ledger)})


class Counter(Desk):
    """The same for one reader whose decisions are about everybody: each is referred to for a minute."""

    def __init__(self, lake: Lake, decide: Decide) -> None:
        super().__init__(lake)
        self._decide = decide
        self._decided: dict[tuple[str, str | None], tuple[float, trust.Decision]] = {}

    def show(self, number: str, purpose: str, case: str | None = None) -> dict[str, Any]:
        """The golden record of a number as decided, like `population.show`, and raising what it raises."""
        key_of(number)
        return self.shown(self._decision(purpose, case), number)

    def _decision(self, purpose: str, case: str | None) -> trust.Decision:
        """The decision that holds, or a new one; a refusal does not hold."""
        now = time.monotonic()
        since, found = self._decided.get((purpose, case), (0.0, None))
        if found is None or now - since > HOLDS_SECONDS:
            found = self._decide(purpose, case)
            self._decided = {asked: one for asked, one in self._decided.items() if now - one[0] <= HOLDS_SECONDS}
            if found.allowed:
                self._decided[purpose, case] = (now, found)
        return found
