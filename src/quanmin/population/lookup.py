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
from quanmin.population.errors import NotBuilt, UnknownNumber
from quanmin.population.inquiry import key_of, record_of
from quanmin.population.review import lead, split
from quanmin.population.tables import PERSON

HOLDS_SECONDS = 60.0
"""How long a decision is referred to by later look-ups."""

Decide = Callable[[str, str | None], trust.Decision]
"""The decision on the columns of `linked.person` for a purpose and a case."""


class Counter:
    """Look-ups in the base of a lake; several threads may ask at once. `close` lets its memory go."""

    def __init__(self, lake: Lake, decide: Decide) -> None:
        self._decide = decide
        self._lake = lake
        self._rows = LookUps(lake, PERSON)
        self._merged = lead.everyone(lake)
        self._touched = frozenset({*self._merged, *self._merged.values(), *split.everyone(lake.ledger)})
        self._decided: dict[tuple[str, str | None], tuple[float, trust.Decision]] = {}

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

    def _row(self, decision: trust.Decision, key: int) -> dict[str, Any] | None:
        """The row to which a number leads; where there is none, a build may have followed a merge since."""
        person = self._merged.get(key, key)
        row = self._rows.row(decision, person)
        if row is None:
            self._follow()
            led = self._merged.get(key, key)
            row = self._rows.row(decision, led) if led != person else None
        return row

    def _follow(self) -> None:
        """See where numbers lead by now."""
        self._merged = lead.everyone(self._lake)
        self._touched = frozenset({*self._merged, *self._merged.values(), *split.everyone(self._lake.ledger)})

    def show(self, number: str, purpose: str, case: str | None = None) -> dict[str, Any]:
        """The golden record of a number as decided, like `population.show`, and raising what it raises."""
        key = key_of(number)
        decision = self._decision(purpose, case)
        try:
            row = self._row(decision, key)
        except UnknownTable:
            raise NotBuilt() from None
        if row is None:
            raise UnknownNumber()
        told = lead.told(self._lake, decision, key) if key in self._touched else {}
        return {**record_of(decision, row), **told}

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
