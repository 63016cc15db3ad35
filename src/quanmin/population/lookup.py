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
from quanmin.population.review import merge
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
        self._merged = merge.everyone(lake.ledger)
        self._survivors = frozenset(self._merged.values())
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
        self._merged = merge.everyone(self._lake.ledger)
        self._survivors = frozenset(self._merged.values())

    def show(self, number: str, purpose: str, case: str | None = None) -> dict[str, Any]:
        """The golden record of a number as decided, like `population.show`, and raising what it raises."""
        key = key_of(number)
        decision = self._decision(purpose, case)
        try:
            row = self._rows.row(decision, self._merged.get(key, key))
        except UnknownTable:
            raise NotBuilt() from None
        if row is None:
            raise UnknownNumber()
        told = merge.told(self._lake, decision, key) if self._touched(key) else {}
        return {**record_of(decision, row), **told}

    def _touched(self, key: int) -> bool:
        """Whether a merge concerns a number."""
        return key in self._merged or key in self._survivors

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
