"""The rows of an agreement, read from the node's own lake through the gate: all of them, or what changed since a snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import chain as joined
from typing import Any, Literal

import pyarrow as pa

from quanmin import flow, trust
from quanmin.exchange.agreement import decide
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply.chain import Link
from quanmin.exchange.supply.errors import ElementsWithheld, NothingToSupply
from quanmin.exchange.terms import Terms
from quanmin.lake.errors import VersionGone
from quanmin.lake.gate import Reading

Why = Literal["first", "asked", "agreed", "terms", "gone"]
"""Why full rows are supplied: there are none yet, somebody asked, the agreement says so, what the agreement or the policy shows
is not what it was, or the lake no longer has what the change would be made of."""


@dataclass(frozen=True)
class Rows:
    """Rows to be supplied, a batch at a time; the first batch is empty and carries the schema. `key` as `Reading.key`."""

    content: Literal["full", "change"]
    snapshot: int
    since: int | None
    shape: str
    key: tuple[str, ...]
    optional: tuple[str, ...]
    batches: Iterator[pa.RecordBatch]
    why: Why | None = None


def table(terms: Terms) -> str:
    """The table of the lake that an agreement is about."""
    return terms.dataset if terms.dataset.partition(".")[0] in flow.ZONES else f"clean.{terms.dataset}"


def read(node: Node, terms: Terms, base: Link | None, full: bool = False) -> Rows:
    """The rows since `base`, or all of them with the reason why. ElementsWithheld, NothingToSupply, AccessDenied."""
    if table(terms) not in node.lake.snapshot().tables:
        raise NothingToSupply(dataset=terms.dataset)
    reading = node.lake.read(_decided(node, terms))
    now = shape(terms, reading.decision)
    why: Why | None = "asked" if full else "agreed" if terms.content == "full" else "first" if base is None else None
    if why is None and base is not None:
        if shape_of(base) != now:
            return _rows(reading, now, reading.batches(), None, "terms")
        changed = reading.changes(base.snapshot)
        try:
            first = next(changed)
        except VersionGone:
            return _rows(reading, now, reading.batches(), None, "gone")
        return _rows(reading, now, joined([first], changed), base.snapshot, None)
    return _rows(reading, now, reading.batches(), None, why)


def _decided(node: Node, terms: Terms) -> trust.Decision:
    decision = decide(node.lake, terms, delivery=f"{terms.id} {node.lake.snapshot().id}")
    withheld = [one.name for one in decision.columns if one.outcome == "withheld"]
    if decision.allowed and withheld:
        raise ElementsWithheld(agreement=terms.cited, elements=", ".join(withheld))
    return decision


def _rows(reading: Reading, shown: str, batches: Iterator[pa.RecordBatch], since: int | None, why: Why | None) -> Rows:
    key = reading.key
    content: Literal["full", "change"] = "full" if since is None else "change"
    optional = tuple(sorted(key.optional))
    return Rows(content, reading.snapshot.id, since, shown, tuple(key.columns), optional, batches, why)


def shape(terms: Terms, decision: trust.Decision) -> str:
    """What is shown of which rows, as 16 hex digits: while it stays the same, changes can follow full rows."""
    told: list[Any] = [terms.cited, *((c.name, c.outcome, c.form, c.coarse, c.values) for c in decision.columns)]
    if decision.rows is not None:
        values = [getattr(decision.rows, one.name) for one in fields(decision.rows)]
        told += [sorted(map(str, one)) if isinstance(one, tuple | frozenset | list) else one for one in values]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def named(terms: Terms, rows: Rows) -> str:
    """The name of the file: dataset, content, snapshot and shape."""
    return f"{terms.dataset}.{rows.content}.{rows.snapshot}.{rows.shape}.{terms.form}"


def shape_of(base: Link) -> str:
    """The shape of a delivery, from the name of its file."""
    return base.file.rpartition(".")[0].rpartition(".")[2]
