"""Asking: the one way from rows to an answer with noise. Checked, spent, computed, kept, in this order."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

from quanmin.ledger import Ledger
from quanmin.opendata.privacy import budget, spending
from quanmin.opendata.privacy.errors import BeingAnswered, ColumnUnfit, DirectIdentifier
from quanmin.opendata.privacy.process import TURNS, Engine, Worker
from quanmin.opendata.privacy.query import STATISTICS, Query, digest
from quanmin.opendata.privacy.spending import Cost, Kept, Spending
from quanmin.trust import Actor
from quanmin.version import __version__

VERSION = 1
MARGIN = 60
"""Seconds beyond those of the worker after which a question that nobody answered may be asked again."""
PATIENCE = 180.0
"""Seconds for which whoever asks the same waits for the other's answer."""
_POLL = 0.05

Rows = Callable[[], pa.RecordBatchReader]
"""Opens the rows; called once, and not at all where the answer is known."""


@dataclass(frozen=True)
class Origin:
    """Where rows come from, as whoever read them by a decision says.

    `scope` is which rows the decision shows (nothing: all), `direct` the columns that tell who somebody is (unknown ones, too),
    `personal` whether rows are about people; `forms` says in which form a column comes (clear, where nothing is said).
    """

    dataset: str
    snapshot: int
    decision: str
    scope: str = ""
    direct: frozenset[str] = frozenset()
    personal: bool = True
    forms: Mapping[str, str] = field(default_factory=dict)

    def about(self, query: Query) -> dict[str, Any]:
        """What a question is about: whatever changes the answer is in it."""
        named = {"dataset": self.dataset, "snapshot": self.snapshot, "scope": self.scope}
        return {**named, "form": self.forms.get(query.column or "", "clear"), "query": query.document()}


def ask(ledger: Ledger, actor: Actor, query: Query, origin: Origin, rows: Rows, engine: Engine | None = None) -> Kept:
    """The answer with its evidence, as a JSON document to be signed; the same question gets the same document at no cost.

    What it costs is in the database before a row reaches the worker, and stays there whatever happens then. Nothing was
    spent: RoleMissing, whatever `Query.check` refuses, PersonMissing, DirectIdentifier, ColumnUnfit, BudgetMissing,
    BudgetExhausted, WorkerMissing. It was spent: WorkerFailed, or what reading the rows raises.
    """
    budget.role(ledger, actor, budget.OFFICER)
    query.check()
    query.require_person(origin.dataset, origin.personal)
    if query.column is not None and query.column in origin.direct:
        raise DirectIdentifier(element=query.column)
    about = origin.about(query)
    question = digest(about)
    while (known := _waited(ledger, question)) is None:
        known = _answered(ledger, actor, query, origin, rows, engine or Engine(), about)
        if known is not None:
            break
    return known


def _waited(ledger: Ledger, question: str) -> Kept | None:
    """The answer that is known, or soon is; None where nobody answers it. BeingAnswered when that takes too long."""
    deadline = time.monotonic() + PATIENCE
    while True:
        known, working = spending.kept(ledger, question)
        if known is not None or not working:
            return known
        if time.monotonic() > deadline:
            raise BeingAnswered()
        time.sleep(_POLL)


def _answered(
    ledger: Ledger, actor: Actor, query: Query, origin: Origin, rows: Rows, engine: Engine, about: Mapping[str, Any]
) -> Kept | None:
    """The answer; None where another process began to answer meanwhile."""
    with TURNS:
        spending.require(ledger, origin.dataset, query.spends)
        return _worked(ledger, actor, query, origin, rows, engine, about)


def _worked(
    ledger: Ledger, actor: Actor, query: Query, origin: Origin, rows: Rows, engine: Engine, about: Mapping[str, Any]
) -> Kept | None:
    with Worker(engine, query) as worker:
        plan, opened = worker.plan(), rows()
        schema = _schema(query, opened.schema)
        seconds = engine.seconds + MARGIN
        spent = spending.spend(ledger, Cost(origin.dataset, digest(about), query.spends, actor.id, about, seconds))
        if not isinstance(spent, Spending):
            return spent
        try:
            found = worker.answer(schema, _taken(query, schema, opened))
        except BaseException:
            spending.keep(ledger, spent.number, None)
            raise
    told = _evidence(ledger, query, origin, plan, spent, digest(about)) | _answer(query, plan, found)
    spending.keep(ledger, spent.number, told)
    return told


def _schema(query: Query, given: pa.Schema) -> pa.Schema:
    """What is sent to the worker; ColumnUnfit."""
    sent = []
    for name, column in (("person", query.person), ("value", query.column)):
        if column is None:
            continue
        if given.names.count(column) != 1 or not _fits(query, name, given.field(column).type):
            raise ColumnUnfit(element=column, statistic=STATISTICS[query.statistic])
        sent.append(pa.field(name, _plain(given.field(column).type)))
    return pa.schema(sent or [pa.field("row", pa.null())])


def _plain(kind: pa.DataType) -> pa.DataType:
    return _plain(kind.value_type) if pa.types.is_dictionary(kind) else kind


def _fits(query: Query, name: str, kind: pa.DataType) -> bool:
    kind = _plain(kind)
    whole = pa.types.is_integer(kind)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if name == "person":
        return bool(whole or text)
    if query.statistic == "histogram":
        return bool(whole or text or pa.types.is_boolean(kind) or pa.types.is_date(kind))
    return bool(whole or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _taken(query: Query, schema: pa.Schema, rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Of each batch the columns that are needed, and no more."""
    names = {"person": query.person, "value": query.column}
    for batch in rows:
        taken = [
            pa.nulls(batch.num_rows) if field.name == "row" else batch.column(names[field.name]).cast(field.type)
            for field in schema
        ]
        yield pa.RecordBatch.from_arrays(taken, schema=schema)


def _evidence(
    ledger: Ledger, query: Query, origin: Origin, plan: Mapping[str, Any], spent: Spending, question: str
) -> dict[str, Any]:
    """Everything that whoever gets the answer may know of how it was made."""
    unit: dict[str, Any] = {"unit": "row"} if query.person is None else {"unit": "person", "rows": query.contributions}
    epsilon, delta = plan["loss"]
    return {
        "version": VERSION,
        **origin.about(query),
        "decision": origin.decision,
        "question": question,
        "mechanism": _mechanism(query),
        "scales": list(plan["scales"]),
        "guarantee": {"epsilon": epsilon, "delta": delta, **unit},
        "spending": spent.number,
        "budget": spent.budget.document,
        "spent": budget.loss(query.spends),
        "left": budget.loss(spent.budget.left),
        "ever": budget.loss(spent.budget.ever),
        "at": ledger.now().isoformat(),
        "versions": {"quanmin": __version__, **plan["versions"], "system": platform.system()},
    }


def _mechanism(query: Query) -> str:
    if query.statistic == "quantile":
        return "permute and flip over the steps between the bounds"
    return "discrete Gaussian" if query.mechanism == "gaussian" else "discrete Laplace"


def _answer(query: Query, plan: Mapping[str, Any], found: Any) -> dict[str, Any]:
    """The answer in the unit of the column, and how far from the bounded rows it is at most, in 95 % of all answers."""
    near: Mapping[str, int] = plan["accuracy"]
    match query.statistic:
        case "count":
            answer: Any = found
            far: dict[str, float] = {"persons" if query.person and query.contributions == 1 else "rows": near["each"]}
        case "histogram":
            cells = dict(zip(query.categories, found[:-1], strict=True))
            answer, far = {"categories": cells, "other": found[-1]}, dict(near)
        case "sum":
            answer, far = _number(found, query.step), {"value": _number(near["each"], query.step)}
        case "quantile":
            answer, far = _number(query.plan()["lower"] + found, query.step), {"rank": near["rank"]}
        case "mean":
            answer, far = _mean(query, near, found)
    return {"answer": answer, "accuracy": {"probability": 0.95, **far}}


def _mean(query: Query, near: Mapping[str, int], found: Sequence[int]) -> tuple[dict[str, float], dict[str, float]]:
    """Sum over count, within the bounds.

    Where the count is off by c and the sum by s, the mean is off by (s + width c) / count at most.
    """
    plan, (count, total), step = query.plan(), found, float(query.step)
    lower, upper = plan["lower"], plan["upper"]
    middle = total / count if count > 0 else 0.0
    width = max(abs(lower), abs(upper))
    far = (near["sum"] + width * near["count"]) / count if count > 0 else float("inf")
    mean = (min(max(middle, lower), upper) + plan["shift"]) * step
    return {"mean": mean, "count": count}, {"mean": min(far, upper - lower) * step, "count": near["count"]}


def _number(steps: int, step: Decimal) -> int | float:
    found = steps * step
    return int(found) if found == found.to_integral_value() else float(found)
