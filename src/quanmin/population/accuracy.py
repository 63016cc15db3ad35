"""How right a base is: what was found and decided, against the truth that a simulated province wrote beside its files.

Per error code precision and recall over (dataset, row, code) of the sources of the base; per item the share of golden values that
are the true ones, beside four simple ways of deciding on the same attached records: the most trusted source's value, the
majority's, the latest, the authority's alone.
An item counts for a person if the truth or the base states it: a value where none is true is wrong. Truth rows are file
rows: each dataset was sent once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from quanmin import standards
from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.population.build import STAGE
from quanmin.population.calibration import EDGES, Bin, error
from quanmin.population.errors import TruthMissing
from quanmin.population.plan import BY_NUMBER, Fact, Plan, plan_of
from quanmin.population.tables import ATTACHED, DISCREPANCY, PERSON, STATEMENT

METHODS = ("golden", "ranked", "majority", "latest", "authority")
"""The golden value and four simple ones: `ranked` is that of the most trusted source that states the item."""


@dataclass(frozen=True)
class CodeAccuracy:
    """One code: errors in the truth, errors found, and how many are both."""

    expected: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """The share of what was found that is true; 1 when nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of the true errors that was found; 1 when there was none."""
        return self.right / self.expected if self.expected else 1.0


@dataclass(frozen=True)
class Accuracy:
    """`items` gives for each item and method the share that is right; `total` the same over all items."""

    codes: dict[str, CodeAccuracy]
    items: dict[str, dict[str, float]]
    total: dict[str, float]
    compared: int
    calibration: list[Bin]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        codes = {c: {**asdict(a), "precision": a.precision, "recall": a.recall} for c, a in self.codes.items()}
        return {
            "codes": codes,
            "items": self.items,
            "total": self.total,
            "compared": self.compared,
            **self._calibration(),
        }

    def _calibration(self) -> dict[str, Any]:
        return {"calibration": [b._asdict() for b in self.calibration], "calibration_error": error(self.calibration)}


def compare_with_truth(lake: Lake, truth: Path) -> Accuracy:
    """Compare the base of `lake` with `truth/` (persons, records and errors as Parquet)."""
    for name in ("persons", "records", "errors"):
        if not (truth / f"{name}.parquet").is_file():
            raise TruthMissing(file=f"{name}.parquet")
    plan = plan_of(standards.catalogue())
    refused = _refused(lake)
    with lake.session(STAGE) as session:
        codes = _codes(session, plan, truth, refused)
        counts = _items(session, plan, truth)
        bins = _calibration(session, plan)
    items = {item: {m: right[m] / right["compared"] for m in METHODS} for item, right in counts.items()}
    compared = sum(right["compared"] for right in counts.values())
    total = {m: sum(right[m] for right in counts.values()) / max(compared, 1) for m in METHODS}
    return Accuracy(codes, items, total, compared, bins)


def _refused(lake: Lake) -> list[tuple[str, int, str]]:
    """Dataset, row and code of every reason in the quarantine."""
    found: list[tuple[str, int, str]] = []
    with lake.session("feedback") as session:
        for dataset in standards.catalogue().sources:
            table = f"quarantine.{dataset.id}"
            if not session.exists(table):
                continue
            code = {rule.id: rule.code for rule in dataset.rules if rule.code}
            rows = session.connection.execute(f"SELECT _row, reasons FROM {session.relation(table)}").fetchall()
            found += [
                (dataset.id, row, code[rule]) for row, reasons in rows for rule in reasons.split() if rule in code
            ]
    return found


def _codes(session: Session, plan: Plan, truth: Path, refused: list[tuple[str, int, str]]) -> dict[str, CodeAccuracy]:
    """Precision and recall per code; what datasets beside the base state is not laid over it."""
    connection = session.connection
    found = f"SELECT DISTINCT dataset, _row, code FROM {session.relation(DISCREPANCY)}"
    told = {tuple(row) for row in connection.execute(found).fetchall()} | set(refused)
    query = f"SELECT DISTINCT dataset, row, code FROM '{truth / 'errors.parquet'}' WHERE code IS NOT NULL"
    expected = {tuple(row) for row in connection.execute(query).fetchall() if row[0] in plan.by_dataset}
    return {
        code: CodeAccuracy(
            expected=sum(row[2] == code for row in expected),
            found=sum(row[2] == code for row in told),
            right=sum(row[2] == code for row in told & expected),
        )
        for code in sorted({row[2] for row in told | expected})
    }


def _items(session: Session, plan: Plan, truth: Path) -> dict[str, dict[str, int]]:
    """Per item how many golden values and baselines are right, and how many were compared."""
    connection = session.connection
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE held AS SELECT s.person_key, t.* EXCLUDE (person_key) "
        f"FROM {session.relation(STATEMENT)} AS s "
        f"JOIN '{truth / 'records.parquet'}' AS r ON r.dataset = s.dataset AND r.row = s._row "
        f"JOIN '{truth / 'persons.parquet'}' AS t ON t.person_id = r.person_id "
        f"WHERE s.dataset = '{plan.benchmark.dataset}' AND s.outcome = '{ATTACHED}'"
    )
    counts = {fact.item: _item(session, connection, plan, fact) for fact in plan.facts}
    return {item: right for item, right in counts.items() if right["compared"]}


def _calibration(session: Session, plan: Plan) -> list[Bin]:
    """How often the golden items whose probability was estimated are right, by that probability (after `_items`)."""
    judged = [fact.item for fact in plan.stated if fact.item != "name" and fact.item not in BY_NUMBER]
    parts = [
        f'SELECT p."{item}_probability" AS chance, (h."{item}"::VARCHAR IS NOT DISTINCT FROM p."{item}"::VARCHAR) AS ok '
        f'FROM held AS h JOIN {session.relation(PERSON)} AS p USING (person_key) WHERE p."{item}_probability" IS NOT NULL'
        for item in judged
    ]
    edges = ", ".join(str(edge) for edge in EDGES[1:-1])
    query = f"""
        SELECT len(list_filter([{edges}], lambda edge: edge <= chance)) AS bin, count(*), avg(chance), avg(ok::INT)
        FROM ({" UNION ALL ".join(parts)}) GROUP BY bin ORDER BY bin
    """
    return [
        Bin(EDGES[b], EDGES[b + 1], n, round(s, 9), round(r, 9))
        for b, n, s, r in session.connection.execute(query).fetchall()
    ]


def _item(session: Session, connection: duckdb.DuckDBPyConnection, plan: Plan, fact: Fact) -> dict[str, int]:
    """The counts of one item."""
    tests = ", ".join(f"count(*) FILTER ({method} IS NOT DISTINCT FROM truth)" for method in METHODS)
    query = f"""
        WITH stated AS ({_stated(session, plan, fact)}),
        counted AS (SELECT person_key, value, count(*) AS n FROM stated GROUP BY ALL),
        most AS (SELECT person_key, arg_max(value, (n, value)) AS majority FROM counted GROUP BY ALL),
        last AS (SELECT person_key, arg_max(value, (event, rank, value)) AS latest,
                 arg_max(value, (-rank, event, value)) AS ranked,
                 arg_max(value, (event, value)) FILTER (rank = 0) AS authority FROM stated GROUP BY ALL),
        seen AS (SELECT h."{fact.item}"::VARCHAR AS truth, p."{fact.item}"::VARCHAR AS golden, ranked, majority, latest, authority
                 FROM held AS h JOIN {session.relation(PERSON)} AS p USING (person_key)
                 LEFT JOIN most USING (person_key) LEFT JOIN last USING (person_key))
        SELECT count(*), {tests} FROM seen WHERE truth IS NOT NULL OR golden IS NOT NULL
    """
    compared, *right = connection.execute(query).fetchall()[0]
    return {"compared": compared, **dict(zip(METHODS, right, strict=True))}


def _stated(session: Session, plan: Plan, fact: Fact) -> str:
    """SQL of every attached record's value of an item; `rank` is the place in the order of trust."""
    parts = ["SELECT 0::BIGINT AS person_key, NULL::VARCHAR AS value, NULL::DATE AS event, 0 AS rank WHERE false"]
    for rank, dataset in enumerate(fact.claims):
        source = plan.by_dataset[dataset]
        element = source.number if fact.item == "citizen_number" else source.values.get(fact.item)
        if element is None or not session.exists(f"clean.{dataset}"):
            continue
        event = f'c."{source.event}"::DATE' if source.event else "NULL::DATE"
        parts.append(
            f"SELECT c.person_key, c.\"{element}\"::VARCHAR AS value, coalesce({event}, DATE '0001-01-01') AS event, "
            f"{rank} AS rank FROM {session.live(dataset)} AS c JOIN {session.relation(STATEMENT)} AS s "
            f"ON s.person_key = c.person_key AND s._batch = c._batch AND s._row = c._row "
            f"WHERE s.dataset = '{dataset}' AND s.outcome = '{ATTACHED}' AND c.\"{element}\" IS NOT NULL"
        )
    return " UNION ALL ".join(parts)
