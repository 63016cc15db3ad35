"""Rows of the lake for a question: read through the gate by a decision, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pyarrow as pa

from quanmin.lake import Lake
from quanmin.lake.gate import DISCLOSURE, Reading
from quanmin.opendata.privacy.asking import Origin, Rows, ask
from quanmin.opendata.privacy.errors import QueryInvalid
from quanmin.opendata.privacy.process import Engine
from quanmin.opendata.privacy.query import Query
from quanmin.opendata.privacy.spending import Kept
from quanmin.text import Text
from quanmin.trust import Actor, Decision
from quanmin.trust.column import is_personal, known


def answered(lake: Lake, actor: Actor, decision: Decision, query: Query, engine: Engine | None = None) -> Kept:
    """The answer to a question about the rows of a decision; one that owes disclosure control shows them to nobody.

    Raises what `ask` does.
    """

    def answer(reading: Reading) -> Kept:
        return ask(lake.ledger, actor, query, *opened(reading), engine)

    if DISCLOSURE in decision.obligations:
        return lake.confide(decision, answer)
    return answer(lake.read(decision))


def opened(reading: Reading) -> tuple[Origin, Rows]:
    """What a decided read is about, and its rows; the scope names the division. QueryInvalid where it is narrowed otherwise."""
    decision, rows = reading.decision, reading.decision.rows
    if reading.conditions or (rows is not None and (rows.person is not None or rows.nobody)):
        raise QueryInvalid(reason=Text("读取已限定到部分行", "the read is narrowed to some rows"))
    about = {column.name: known(decision.dataset, column.name) for column in decision.columns}
    direct = frozenset(name for name, one in about.items() if one is None or one.role == "direct")
    scope = (rows.region or "") if rows is not None else ""
    forms = {column.name: f"{column.outcome} {column.coarse}".strip() for column in decision.columns}
    personal = is_personal(decision.dataset)

    def take() -> pa.RecordBatchReader:
        batches: Iterator[pa.RecordBatch] = reading.batches()
        first = next(batches)
        return pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))

    dataset, snapshot = decision.dataset.removeprefix("clean."), reading.snapshot.id
    return Origin(dataset, snapshot, decision.id, scope, direct, personal, forms), take
