"""Collect one file: receive, prove, stage, ask the rules on sets, commit once, give a receipt."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection

from quanmin import standards
from quanmin.collect import batch as batches
from quanmin.collect.chunk import Chunk, Int64s
from quanmin.collect.errors import AlreadyTaken, DiskFull, NotASender
from quanmin.collect.proof import Progress, Prover
from quanmin.collect.readers import NotUtf8, Reader, open_reader
from quanmin.collect.readers.encoding import Encoding, whole_encoding
from quanmin.collect.receipt import Receipt, of_document, save
from quanmin.collect.row_set import RowSet
from quanmin.collect.sent_file import SentFile, receive
from quanmin.collect.staging import Staging
from quanmin.collect.tally import FIRST
from quanmin.collect.together import modest, together
from quanmin.collect.volume import unusual
from quanmin.errors import QuanminError
from quanmin.lake import Lake, Session
from quanmin.lake.engine import scan
from quanmin.ledger import Snapshot
from quanmin.standards import Catalogue, Dataset, division
from quanmin.trust import Actor


class _Known(Exception):
    """The same bytes were accepted while this batch waited for its turn; never leaves this module."""

    def __init__(self, receipt: Receipt) -> None:
        self.receipt = receipt


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One file from one agency for one dataset."""

    lake: Lake
    catalogue: Catalogue
    dataset: Dataset
    sent: SentFile
    source: str
    actor: str
    progress: Progress | None

    @property
    def ref(self) -> str:
        return batches.reference(self.dataset.id, self.source, self.sent.sha256)


def collect(
    lake: Lake,
    dataset_id: str,
    path: Path,
    source: str,
    actor: Actor,
    progress: Progress | None = None,
    catalogue: Catalogue | None = None,
) -> Receipt:
    """Validate a file of `source` against a dataset, accept or quarantine each row, and give the receipt.

    The same bytes sent again give the first receipt. A file that cannot be read as rows is refused: the error is raised (its
    `batch` says which batch keeps it), and nothing of the file is stored.
    """
    known = catalogue or standards.catalogue()
    dataset = sent_by(known, dataset_id, source)
    batches.sweep(lake.ledger, actor.id)
    sent = receive(Path(path), lake.settings)
    delivery = _Delivery(lake, known, dataset, sent, source, actor.id, progress)
    first = batches.accepted(lake.ledger, delivery.ref)
    return of_document(first) if first is not None else _take(delivery)


def sent_by(catalogue: Catalogue, dataset_id: str, source: str) -> Dataset:
    """The dataset as it is asked for of an agency that sends it. UnknownDataset, UnknownAgency, NotASender."""
    dataset = catalogue.dataset(dataset_id)
    agency = catalogue.agency(source)
    if source != agency.id or agency.kind not in dataset.senders:
        raise NotASender(source=source, dataset=dataset.id, senders=", ".join(dataset.senders))
    return division.sent_by(dataset, agency)


def _take(delivery: _Delivery) -> Receipt:
    """Open a batch and see it accepted or refused."""
    ledger, sent = delivery.lake.ledger, delivery.sent
    data = {
        "dataset": delivery.dataset.id,
        "version": delivery.dataset.version,
        "source": delivery.source,
        "file": sent.name,
        "sha256": sent.sha256,
        "bytes": sent.size,
        "owner": batches.owner(),
    }
    batch = ledger.create(batches.BATCH.kind, delivery.ref, data, delivery.actor).id
    try:
        _store(delivery, batch)
    except _Known as known:
        batches.refuse(ledger, batch, AlreadyTaken(batch=known.receipt.batch), delivery.actor)
        return known.receipt
    except QuanminError as error:
        error.fields["batch"] = batch
        batches.refuse(ledger, batch, error, delivery.actor)
        raise
    except OSError as error:
        refusal = _disk(error, sent.name)
        refusal.fields["batch"] = batch
        batches.refuse(ledger, batch, refusal, delivery.actor)
        raise refusal from error
    receipt = of_document(ledger.get(batch))
    save(delivery.lake, receipt)
    return receipt


def _disk(error: OSError, file: str) -> QuanminError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(file=file)
    raise error


def _store(delivery: _Delivery, batch: int) -> None:
    """Prove and commit; once more from the beginning if what began as UTF-8 turns out to be GB18030."""
    try:
        _attempt(delivery, batch, None)
    except NotUtf8:
        _attempt(delivery, batch, whole_encoding(delivery.sent))


def _attempt(delivery: _Delivery, batch: int, encoding: Encoding | None) -> None:
    lake, dataset = delivery.lake, delivery.dataset
    reader = open_reader(delivery.sent, lambda title: dataset.resolve(title) is not None, encoding)
    with lake.session("collect", batch=batch) as session:
        staging = Staging(session, dataset, batch, delivery.source, lake.settings.buckets)
        known = batches.accepted(lake.ledger, delivery.ref)
        if known is not None:
            raise _Known(of_document(known))
        prover = Prover(dataset, delivery.sent, reader, staging.keep)
        prover.run(lake.settings.threads, delivery.progress)
        _ask_together(delivery, session, staging, prover, reader)
        _commit(delivery, batch, session, staging, prover)


def _commit(delivery: _Delivery, batch: int, session: Session, staging: Staging, prover: Prover) -> None:
    """One snapshot, and in the same transaction the batch is accepted."""
    tally, ledger = prover.tally, delivery.lake.ledger
    usual = unusual(ledger, delivery.dataset.id, delivery.source, tally.read)

    def accept(connection: Connection, snapshot: Snapshot) -> None:
        data: dict[str, Any] = {
            "read": tally.read,
            "accepted": tally.accepted,
            "quarantined": tally.quarantined,
            "supersedes": staging.clean.superseded.get(batch, 0),
            "rules": tally.lines(),
            "usual": usual,
            "unknown_columns": list(prover.unknown),
            "missing_columns": prover.missing,
            "snapshot": snapshot.id,
            "at": (snapshot.at or ledger.now()).isoformat(timespec="seconds") if snapshot.at else None,
        }
        ledger.act(batch, "accept", data, delivery.actor, connection=connection)

    note = {"dataset": delivery.dataset.id, "source": delivery.source, "accepted": tally.accepted}
    session.commit(note=note, in_transaction=accept)


def _ask_together(delivery: _Delivery, session: Session, staging: Staging, prover: Prover, reader: Reader) -> None:
    """Ask the rules on sets about the accepted rows; take refused rows out of clean and quarantine their text."""
    staging.clean.close()
    if not staging.clean.uris:
        return
    staged = scan(staging.clean.uris, staging.clean.schema)
    tally, failing = prover.tally, {}

    def live(dataset_id: str) -> str | None:
        key = delivery.catalogue.dataset(dataset_id)
        return session.live(dataset_id, key=key) if session.exists(f"clean.{dataset_id}") else None

    modest(session.connection, delivery.lake.settings)

    def strange(sources: Sequence[str]) -> list[str]:
        return division.strangers(delivery.catalogue, delivery.source, sources)

    for found in together(delivery.dataset, session.connection, staged, live, tally.read, strange):
        count = tally.counts[found.rule.id]
        count.tested += found.tested
        count.add(len(found.rows), found.rows.first(FIRST))
        if len(found.rows):
            failing[found.rule.id] = found.rows
    refused = staging.settle(failing, tally.read)
    for chunk, places, numbers in _again(reader, prover.counts, refused):
        texts = [chunk.text(int(place)) for place in places]
        staging.refuse(numbers, chunk.lines[places], texts, staging.reasons(failing, numbers))
    tally.accepted -= len(refused)
    tally.quarantined += len(refused)


def _again(reader: Reader, counts: list[int], rows: RowSet) -> Iterator[tuple[Chunk, Int64s, Int64s]]:
    """Read again the pieces that hold some of `rows`: the chunk, their places in it, their numbers."""
    if not len(rows):
        return
    base = 0
    for piece, count in zip(reader.pieces(), counts, strict=True):
        inside = rows.between(base + 1, base + count)
        if len(inside):
            chunk = piece.parse()
            yield chunk, np.searchsorted(chunk.offsets, inside - base - 1), inside
        base += count
