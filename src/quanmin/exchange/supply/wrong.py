"""The errors of rows that were supplied, as feedback tells them: row, mark as a digest, element, code and words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from quanmin.exchange.intake import delivered, feedback, register
from quanmin.exchange.intake.delivered import Delivered
from quanmin.exchange.intake.feedback import Answered, Stand
from quanmin.exchange.intake.standing import SCHEMA
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply import chain, fault, mark, quarantine, standing
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document
from quanmin.population.build import due_day


@feedback.source
def supplied(node: Node, terms: Terms) -> Iterator[Stand]:
    """The errors that stand of each delivery of rows, where it has any or had."""
    if standing.update(node, terms.id) is None:
        return
    own, counts = feedback.by_delivery(node, terms), standing.counts(node, terms.id)
    for document in node.ledger.find(delivered.INTAKE, states=("accepted", "recalled")):
        manifest = document.data["manifest"]
        one = delivered.of(document)
        if one.terms != terms.id or one.content not in chain.CONTENTS:
            continue
        count = counts.get(int(manifest["event"]), 0)
        if count or one.id in own:
            yield _stand(node, terms, document, Answered(one, None, own.get(one.id, ())), count)


def _stand(node: Node, terms: Terms, document: Document, one: Answered, count: int) -> Stand:
    if not count:
        return Stand(one, SCHEMA.empty_table())
    told = register.read(node.settings.home, one.delivery.id, one.newest)
    rows = told.filter(told.column("stands")).column("row").unique()
    event = int(document.data["manifest"]["event"])
    found = standing.errors(node, terms.id, event, rows, feedback.MOST)
    known = _known(quarantine.path(node.settings.home, document.data["manifest"]))
    return Stand(one, _told(found, terms, one.delivery, document, known), count - len(found))


def _known(path: Path) -> mark.Known:
    """By what the rows of a delivery are known, from those that were set aside."""
    with pq.ParquetFile(path) as file:
        names = (file.schema_arrow.metadata or {}).get(quarantine.KNOWN, b"").decode()
    return mark.Known(tuple(names.split()))


def _told(found: pa.Table, terms: Terms, one: Delivered, document: Document, known: mark.Known) -> pa.Table:
    """The errors in the form of all feedback."""
    rules = [fault.of(name) for name in found.column("rule").to_pylist()]
    size, due = len(found), due_day(document.since)
    columns = {
        "batch": pa.nulls(size, pa.int64()),
        "file": pa.repeat(pa.scalar(one.file), size),
        "row": found.column("row"),
        "element": pa.array([each.element for each in rules], pa.string()),
        "code": pa.array([each.code for each in rules], pa.string()),
        "title_zh": pa.array([each.title.zh for each in rules], pa.string()),
        "title_en": pa.array([each.title.en for each in rules], pa.string()),
        "expected_zh": pa.array([each.expected.zh for each in rules], pa.string()),
        "expected_en": pa.array([each.expected.en for each in rules], pa.string()),
        "due_on": pa.repeat(pa.scalar(due), size),
        "origin": pa.repeat(pa.scalar("file"), size),
        "replaced": pa.repeat(pa.scalar(False), size),
        "key": pa.array([mark.told(terms.id, known, text) for text in found.column("mark").to_pylist()], pa.string()),
    }
    return pa.table(columns).select(SCHEMA.names).cast(SCHEMA)
