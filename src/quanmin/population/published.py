"""The figures of the base that everybody may have: one decision and its reads for each build, however many look at them.

Made as the public (`trust.public_reader`), so that the policy and the hiding of small counts are those of any read. `Shelf` keeps
them as long as the base stays the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from quanmin import trust
from quanmin.lake import Lake
from quanmin.population.errors import NotBuilt
from quanmin.population.inquiry import PERSON_COLUMNS
from quanmin.population.statistics import Statistics, statistics
from quanmin.population.structure import Structure, structure
from quanmin.population.tables import DISCREPANCY, PERSON, RULING, STATEMENT

PURPOSE = "statistics"
_TABLES = (PERSON, STATEMENT, DISCREPANCY, RULING)


@dataclass(frozen=True)
class Published:
    """What is told of the base: `people` in it, `sources` that spoke of them, `at` when it was last built (UTC)."""

    snapshot: int
    at: datetime | None
    people: int | None
    sources: tuple[str, ...]
    statistics: Statistics
    structure: Structure


def published(lake: Lake) -> Published:
    """The figures of the base as it stands. NotBuilt, AccessDenied."""
    decision = trust.decide(lake.ledger, trust.public_reader(), PURPOSE, PERSON, PERSON_COLUMNS)
    figures, heads = statistics(lake, decision), structure(lake, decision)
    coverage = figures["coverage"].to_pylist()
    people = max((row["base"] for row in coverage if row["base"] is not None), default=None)
    changed = lake.history(PERSON)
    at = changed[-1].at if changed else None
    return Published(figures.snapshot, at, people, tuple(row["dataset"] for row in coverage), figures, heads)


class Shelf:
    """The figures of one installation, made when they are first asked for and again after a build. Safe for several threads."""

    def __init__(self, lake: Callable[[], Lake]) -> None:
        self._lake, self._making = lake, threading.Lock()
        self._kept: tuple[tuple[int | None, ...], Published] | None = None

    def figures(self) -> Published:
        """What is published now. NotBuilt, AccessDenied."""
        lake = self._lake()
        with self._making:
            tables = lake.snapshot().tables
            if PERSON not in tables:
                raise NotBuilt()
            versions = tuple(tables.get(name) for name in _TABLES)
            if self._kept is None or self._kept[0] != versions:
                self._kept = versions, published(lake)
            return self._kept[1]
