"""How right the links are, against the truth that a simulated province wrote: who every record really speaks of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from quanmin import standards
from quanmin.lake import Lake
from quanmin.population.errors import TruthMissing
from quanmin.population.linkage.job import STAGE
from quanmin.population.linkage.record import SET_ASIDE
from quanmin.population.linkage.table import LINK
from quanmin.population.plan import plan_of
from quanmin.population.tables import ATTACHED, STATEMENT


@dataclass(frozen=True)
class LinkAccuracy:
    """`residual` records were set aside, the person of `known` of them is in the base; `attached` were, `right` of these to
    that person; `review` wait for a clerk."""

    residual: int
    known: int
    attached: int
    right: int
    review: int

    @property
    def precision(self) -> float:
        """The share of the links that is right; 1 where nothing was attached."""
        return self.right / self.attached if self.attached else 1.0

    @property
    def recall(self) -> float:
        """The share of the records with a person in the base that was attached to that person; 1 where there is none."""
        return self.right / self.known if self.known else 1.0

    @property
    def queue(self) -> float:
        """The share of the residual that waits for a clerk."""
        return self.review / self.residual if self.residual else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return {**asdict(self), "precision": self.precision, "recall": self.recall, "queue": self.queue}


def compare_links(lake: Lake, truth: Path) -> LinkAccuracy:
    """Compare `linked.link` with `truth/`; a person is in the base whose own benchmark row was attached."""
    if not (truth / "records.parquet").is_file():
        raise TruthMissing(file="records.parquet")
    bench = plan_of(standards.catalogue()).benchmark.dataset
    codes = ", ".join(f"'{code}'" for code in SET_ASIDE)
    with lake.session(STAGE) as session:
        statement = session.relation(STATEMENT)
        query = f"""
            WITH told AS (SELECT s.*, r.person_id FROM {statement} AS s
                          JOIN '{truth / "records.parquet"}' AS r ON r.dataset = s.dataset AND r.row = s._row),
            held AS (SELECT person_id, person_key FROM told WHERE dataset = '{bench}' AND outcome = '{ATTACHED}'),
            seen AS (SELECT h.person_key AS truth, l.person_key AS found, l.decision FROM told AS t
                     LEFT JOIN held AS h USING (person_id) LEFT JOIN {session.relation(LINK)} AS l
                     ON l.dataset = t.dataset AND l._batch = t._batch AND l._row = t._row
                     WHERE t.dataset <> '{bench}' AND t.outcome IN ({codes}))
            SELECT count(*), count(truth), count(*) FILTER (decision = 'attach'),
                   count(*) FILTER (decision = 'attach' AND found = truth), count(*) FILTER (decision = 'review') FROM seen
        """
        counts = session.connection.execute(query).fetchall()[0]
    return LinkAccuracy(*map(int, counts))
