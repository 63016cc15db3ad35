"""What has to be computed anew: the periods of an indicator in which any row that it looks at came, went or was corrected.

A row that a correction supersedes or uncovers is not in the feed of changes, so every stored row of a key that the feed names
is looked at. That may name a period too many, never one too few; a generated test holds the result against a full computation.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from quanmin.lake.changes import Changes, changes
from quanmin.lake.errors import VersionGone
from quanmin.lake.key import key_of
from quanmin.lake.session import Session
from quanmin.ledger import Snapshot
from quanmin.measures.cell import PERIOD, Pass, passes
from quanmin.measures.figure import FIGURE
from quanmin.measures.period import Period, parse_period, periods_of
from quanmin.measures.source import CLEAN, columns_of, query_of
from quanmin.standards import Catalogue
from quanmin.standards.indicator import Indicator

STAGE = "measures"


@dataclass(frozen=True)
class Last:
    """How an indicator was computed last: its definition, and the snapshot from whose tables."""

    definition: str
    sources: int


def last_computed(session: Session) -> dict[str, Last]:
    """How each indicator was computed last, as this session sees it."""
    for snapshot in reversed(session.lake.history()):
        if snapshot.stage == STAGE and snapshot.id <= session.snapshot.id:
            told = snapshot.note["indicators"]
            return {name: Last(str(one[0]), int(one[1])) for name, one in told.items()}
    return {}


def periods_told(session: Session, indicator: str) -> list[Period]:
    """The periods for which an indicator has figures."""
    if not session.exists(FIGURE):
        return []
    query = f"SELECT DISTINCT period FROM {session.relation(FIGURE)} WHERE indicator = ?"
    found = [parse_period(str(label)) for (label,) in session.connection.execute(query, [indicator]).fetchall()]
    return [one for one in found if one is not None]


class Difference:
    """What changed in the tables since earlier snapshots; every table and measure is looked at once for each."""

    def __init__(self, session: Session, catalogue: Catalogue) -> None:
        self.session, self.catalogue = session, catalogue
        self._changes: dict[tuple[str, int], Changes | None] = {}
        self._labels: dict[tuple[str, int, tuple[str, ...]], set[str]] = {}

    def periods(self, indicator: Indicator, last: Last) -> set[str] | None:
        """The labels of the periods to compute anew; None where files that would tell it are gone."""
        measures = self.catalogue.indicators
        known = periods_told(self.session, indicator.id)
        found: set[str] = set()
        try:
            for part in measures.needed(indicator):
                table = measures.measures[part].table
                changed = self._changed(table, last.sources)
                if changed:
                    [made] = passes(measures, {part: {frozenset()}})
                    found |= self._touched(made, changed, last.sources, known)
        except VersionGone:
            return None
        return {label for label in found if _kind(label) in indicator.periods}

    def _changed(self, table: str, since: int) -> Changes | None:
        key = table, since
        if key not in self._changes:
            before = self.session.lake.snapshot(since)
            same = before.tables.get(table) == self.session.snapshot.tables.get(table)
            self._changes[key] = None if same else changes(self.session, table, before)
        return self._changes[key]

    def _touched(self, made: Pass, changed: Changes, since: int, known: Collection[Period]) -> set[str]:
        """The periods in which a touched row counts for the measure of a pass."""
        key = made.first.id, since, tuple(sorted(one.label for one in known)) if made.stock else ()
        if key not in self._labels:
            rows = self._rows(made, changed)
            query = f"SELECT DISTINCT {made.time} FROM ({query_of(made, rows, None, known)})"
            times = [time for (time,) in self.session.connection.execute(query).fetchall()]
            if made.time == PERIOD:
                self._labels[key] = {str(time) for time in times}
            else:
                self._labels[key] = {one.label for time in times for one in periods_of(int(time))}
        return self._labels[key]

    def _rows(self, made: Pass, changed: Changes) -> str:
        """SQL of the touched rows, as far as a pass looks at them."""
        columns = columns_of(made)
        came = f"SELECT {columns} FROM {changed.relation} AS r"
        if not made.table.startswith(CLEAN):
            sides = [f"{came} WHERE r._change = '{change}'" for change in ("insert", "delete")]
            return f"(({sides[0]} EXCEPT ALL {sides[1]}) UNION ALL ({sides[1]} EXCEPT ALL {sides[0]}))"
        key = key_of(self.catalogue.dataset(made.table.removeprefix(CLEAN)))
        named = ", ".join(f'"{name}"' for name in key.columns)
        stored = self.session.relation(made.table)
        keys = f"(SELECT DISTINCT {named} FROM {changed.relation})"
        return f"({came} UNION ALL SELECT {columns} FROM {stored} AS r SEMI JOIN {keys} AS q ON {key.match('r', 'q')})"


def _kind(label: str) -> str:
    found = parse_period(label)
    return "" if found is None else found.kind


def note(state: Mapping[str, Last], base: Snapshot) -> dict[str, object]:
    """What a computation leaves in its snapshot for the next one."""
    told = {name: [one.definition, one.sources] for name, one in sorted(state.items())}
    return {"from": base.id, "indicators": json.loads(json.dumps(told))}
