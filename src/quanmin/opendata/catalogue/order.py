"""The orders in which records are listed: total ones, equal values by id, so that no page loses or repeats a record."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class Order(NamedTuple):
    """`documents` in order, and the place of each document in it (`rank`); `keys` is what they are sorted by."""

    documents: npt.NDArray[np.int32]
    rank: npt.NDArray[np.int32]
    keys: npt.NDArray[Any]

    def after(self, key: int | bytes, identifier: str, ids: Sequence[str]) -> int:
        """The place of the first document after one with this key and id, whether that is still there or not."""

        def told(place: int) -> tuple[int | bytes, str]:
            document = int(self.documents[place])
            return self.keys[document].item(), ids[document]

        return bisect_right(range(len(self.documents)), (key, identifier), key=told)


def order(keys: npt.NDArray[Any], ids: Sequence[str], base: int, known: npt.NDArray[np.int32] | None = None) -> Order:
    """Documents by key, then id; the first `base` are numbered in the order of their ids (`known`: their order, if at hand)."""
    documents = np.argsort(keys[:base], kind="stable").astype(np.int32) if known is None else known
    if base < len(keys):
        documents = _inserted(documents, keys, ids, base)
    rank = np.empty(len(documents), np.int32)
    rank[documents] = np.arange(len(documents), dtype=np.int32)
    return Order(documents, rank, keys)


def _inserted(
    documents: npt.NDArray[np.int32], keys: npt.NDArray[Any], ids: Sequence[str], base: int
) -> npt.NDArray[np.int32]:
    """The order with the documents from `base` on put where they belong."""
    sorted_keys = keys[documents]
    new = sorted(range(base, len(keys)), key=lambda number: (keys[number].item(), ids[number]))
    places = []
    for number in new:
        start = int(np.searchsorted(sorted_keys, keys[number], side="left"))
        stop = int(np.searchsorted(sorted_keys, keys[number], side="right"))
        equal = documents[start:stop]
        places.append(start + bisect_right(range(len(equal)), ids[number], key=lambda place: ids[int(equal[place])]))
    return np.insert(documents, np.array(places, np.int64), np.array(new, np.int32))
