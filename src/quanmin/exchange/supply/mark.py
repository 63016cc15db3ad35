"""By what rows are known across deliveries: their key, or all their values where they have none.

A mark holds the values themselves and stays in the home. What goes back to a provider is a digest of it, by which the provider
finds the row in its own table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from quanmin.exchange.supply.errors import ContentBroken
from quanmin.exchange.supply.parcel import NOTE

BY_KEY, BY_VALUE = "k", "v"
"""How a mark begins."""
ALL = "*"
"""What is told in place of a key by which rows are not known."""


class Known(NamedTuple):
    """By which columns rows are known, and in which of them an absent value is a value like others."""

    key: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


def key_of(schema: pa.Schema) -> Known:
    """By what the rows of a file are known. ContentBroken where its note does not say."""
    try:
        told = json.loads((schema.metadata or {}).get(NOTE, b""))
        return Known(tuple(str(one) for one in told["key"]), tuple(str(one) for one in told["optional"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ContentBroken(fault="metadata") from error


def noted(schema: pa.Schema) -> Known:
    """The same of a file that may have no note, or names columns that it has not: its rows are known by their values."""
    try:
        found = key_of(schema)
    except ContentBroken:
        return Known()
    return found if set(found.key) <= set(schema.names) else Known()


def marks(batch: pa.RecordBatch, key: Sequence[str], optional: Sequence[str]) -> pa.Array:
    """One text per row that is the same for the same key; null where a part is missing, and for all without a key."""
    if not key:
        return pa.nulls(len(batch), pa.string())
    parts = []
    for name in key:
        text = pc.cast(batch.column(name), pa.string())
        size = pc.cast(pc.binary_length(text), pa.string())
        told = pc.binary_join_element_wise(size, text, ":")
        parts.append(pc.fill_null(told, "-") if name in optional else told)
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "\x1f")


def whole(batch: pa.RecordBatch, known: Known, names: Sequence[str]) -> pa.Array:
    """One text for every row: of its key, or of its values in the columns `names`, in whatever order; no two kinds are alike."""
    own = marks(batch, known.key, known.optional)
    own = pc.binary_join_element_wise(pa.scalar(BY_KEY), own, "")
    if not own.null_count:
        return own
    ordered = sorted(names)
    values = pc.binary_join_element_wise(pa.scalar(BY_VALUE), marks(batch, ordered, ordered), "")
    return pc.coalesce(own, values)


def told(agreement: str, known: Known, mark: str) -> str:
    """How a row is told to whoever has it: the columns of its key (`*`: all) and a digest, the same within an agreement."""
    names = "+".join(known.key) if mark.startswith(BY_KEY) else ALL
    digest = hashlib.sha256("\n".join((agreement, mark)).encode()).hexdigest()
    return f"{names}:{digest[:32]}"
