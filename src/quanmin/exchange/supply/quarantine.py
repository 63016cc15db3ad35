"""Rows that failed a check, kept apart in the home: `exchange/quarantine/<agreement>/<event>-<file>`.

Beside what came of a row stand its number in the delivery (`_row`, from 1), its mark (`supply.mark`), whether it was to be
deleted, and the rules that it failed. The file is written whole or not at all, before the receipt; a delivery that is taken
again after a kill makes the same one. What is recalled leaves nothing of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from quanmin.exchange.delivery import place
from quanmin.exchange.delivery.crash import crash
from quanmin.exchange.intake.delivered import Delivered
from quanmin.exchange.intake.recalled import remover
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply import chain
from quanmin.exchange.supply.mark import Known, whole
from quanmin.exchange.supply.validation import DELETE, Failing, passing
from quanmin.lake.feed import CHANGE

STANDING = "standing.parquet"
"""The name, in the folder of an agreement, of what stands (`supply.standing`)."""
ADDED = pa.schema(
    [
        ("_row", pa.int64()),
        ("_mark", pa.string()),
        ("_deleted", pa.bool_()),
        ("_rules", pa.list_(pa.string())),
    ]
)
KNOWN = b"quanmin.known"
"""The name in the file's metadata of the columns of the key, with a space between them."""


def folder(home: Path, agreement: str) -> Path:
    """Where the rows of an agreement (without its version) are."""
    return home / "exchange" / "quarantine" / agreement


def path(home: Path, manifest: Mapping[str, Any]) -> Path:
    """The file of a delivery, named as the one that is kept (`taking.keep`)."""
    agreement = str(manifest["agreement"]).partition(";")[0]
    return folder(home, agreement) / f"{int(manifest['event']):06d}-{chain.kept_name(manifest)}"


class Aside:
    """Writes the file of one delivery batch by batch; used as a context manager, it is there when that ends well.

    Where no row fails there is none.
    """

    def __init__(self, target: Path, schema: pa.Schema, known: Known) -> None:
        self._target, self._known, self._row = target, known, 0
        self._names = [name for name in schema.names if name != CHANGE]
        note = {KNOWN: " ".join(known.key).encode()}
        self._schema = pa.schema([*schema, *ADDED]).with_metadata(note)
        self._draft = target.with_name(
            f".{target.name.partition('-')[0]}"
        )  # the delivery is held: a killed process's is replaced
        self._writer: Any = None

    def __enter__(self) -> Aside:
        return self

    def __exit__(self, kind: object, *_more: object) -> None:
        if self._writer is None:
            return
        self._writer.close()
        if kind is None:
            os.replace(self._draft, self._target)
            crash("rows set aside")
        else:
            self._draft.unlink(missing_ok=True)

    def write(self, batch: pa.RecordBatch, failing: Failing) -> None:
        """Keep those rows of the next batch that fail."""
        first, good = self._row + 1, passing(failing)
        self._row += len(batch)
        if good is None:
            return
        bad = pc.invert(good)
        numbers = pa.array(np.arange(first, first + len(batch), dtype=np.int64)).filter(bad)
        own = batch.filter(bad)
        columns = [*own.columns, numbers, whole(own, self._known, self._names), _deleted(own), _rules(failing, bad)]
        if self._writer is None:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self._draft, self._schema, compression="zstd", compression_level=1)
        self._writer.write_batch(pa.record_batch(columns, schema=self._schema))


def _deleted(batch: pa.RecordBatch) -> pa.Array:
    """Which rows say that they are gone."""
    if CHANGE not in batch.schema.names or not pa.types.is_string(batch.column(CHANGE).type):
        return pa.repeat(pa.scalar(False), len(batch))
    return pc.fill_null(pc.equal(batch.column(CHANGE), DELETE), False)


def _rules(failing: Failing, bad: pa.BooleanArray) -> pa.ListArray:
    """Per failing row the rules that it fails, in their order."""
    fails = np.stack([mask.filter(bad).to_numpy(zero_copy_only=False) for _, mask in failing], axis=1)
    offsets = np.concatenate([[0], np.cumsum(fails.sum(axis=1))]).astype(np.int32)
    names = pa.array([name for name, _ in failing], pa.string())
    return pa.ListArray.from_arrays(pa.array(offsets), names.take(pa.array(np.nonzero(fails)[1])))


@remover("full")
@remover("change")
def remove(node: Node, one: Delivered) -> int:
    """Remove what was set aside of a delivery that is recalled, and what was worked out with it; how many files are gone."""
    manifest = node.ledger.get(one.document).data["manifest"]
    own = path(node.settings.home, manifest)
    left = [own, own.with_name(STANDING), place.kept(node.settings.home, one.terms) / own.name]
    found = [file for file in left if file.is_file()]
    for file in found:
        file.unlink(missing_ok=True)
    return len(found)
