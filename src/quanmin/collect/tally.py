"""What the rules found in a file: rows tested, rows failed, and where the first failures are; bounded for any file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from quanmin.collect.chunk import MALFORMED
from quanmin.standards import Dataset

FIRST = 100
"""How many addresses a report tells for each rule."""


@dataclass(slots=True)
class Count:
    """One rule's line of the report; `rows` are the first failing rows, counted from 1 in the sender's file."""

    id: str
    code: str | None
    severity: str
    tested: int = 0
    failed: int = 0
    rows: list[int] = field(default_factory=list)

    def add(self, failed: int, rows: Iterable[int]) -> None:
        """Failures of a later part of the file, `rows` its first ones."""
        self.failed += failed
        for row in rows:
            if len(self.rows) == FIRST:
                return
            self.rows.append(int(row))

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {name: getattr(self, name) for name in ("id", "code", "severity", "tested", "failed", "rows")}


class Tally:
    """Counts for every rule of a dataset, and for rows that are no rows (`row.width`, `row.nul`, `row.syntax`)."""

    def __init__(self, dataset: Dataset) -> None:
        self.read = self.accepted = self.quarantined = 0
        self.counts = {rule.id: Count(rule.id, rule.code, rule.severity) for rule in dataset.rules}
        self.malformed = {reason: Count(reason, None, "reject") for reason in MALFORMED}
        self._by_row = [rule.id for rule in dataset.rules if rule.scope == "row"]

    def tested(self, rows: int) -> None:
        """So many more rows were shown to the rules on single rows."""
        for rule_id in self._by_row:
            self.counts[rule_id].tested += rows

    def failed(self, failures: Mapping[str, tuple[int, list[int]]]) -> None:
        """Failures by rule: how many, and the first rows."""
        for rule_id, (count, rows) in failures.items():
            place = self.malformed if rule_id in self.malformed else self.counts
            place[rule_id].add(count, rows)

    @property
    def passed(self) -> bool:
        """Whether no row broke a rule that refuses rows."""
        lines = [*self.counts.values(), *self.malformed.values()]
        return not any(line.failed and line.severity == "reject" for line in lines)

    def lines(self) -> list[dict[str, Any]]:
        """Every rule's line; malformed rows only where there are any."""
        malformed = [line for line in self.malformed.values() if line.failed]
        for line in malformed:
            line.tested = self.read
        return [line.to_dict() for line in (*self.counts.values(), *malformed)]
