"""Postings: for each key the sorted numbers of the documents that have it, and where in them it stands best.

A pair of key, document and place is packed into one unsigned 64-bit integer, so that putting postings together is one sort.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Uint64 = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.uint32]
Places = npt.NDArray[np.uint8]

PLACE_BITS, DOCUMENT_BITS = 2, 20
CAPACITY = 1 << DOCUMENT_BITS  # documents of one segment
LOW = PLACE_BITS + DOCUMENT_BITS


class Hits(NamedTuple):
    """Documents, sorted and each once, with a number of each (a place, or a strength)."""

    documents: Numbers
    places: Places


NONE = Hits(np.empty(0, np.uint32), np.empty(0, np.uint8))


class Postings(NamedTuple):
    """`documents[offsets[k] : offsets[k + 1]]` have `keys[k]`, at `places`."""

    keys: Uint64
    offsets: npt.NDArray[np.int64]
    documents: Numbers
    places: Places

    def at(self, key: int) -> Hits:
        """The documents that have a key."""
        place = int(np.searchsorted(self.keys, np.uint64(key)))
        if place == len(self.keys) or int(self.keys[place]) != key:
            return NONE
        return self.number(place)

    def number(self, place: int) -> Hits:
        """The documents of the key at a place."""
        part = slice(int(self.offsets[place]), int(self.offsets[place + 1]))
        return Hits(self.documents[part], self.places[part])


def pack(keys: Uint64, documents: Uint64, place: int) -> Uint64:
    """Key, document and place as one integer each."""
    return (keys << np.uint64(LOW)) | (documents << np.uint64(PLACE_BITS)) | np.uint64(place)


def best(packed: Uint64) -> Uint64:
    """Sorted, of each key and document the best place only; the array that is given is sorted in place."""
    packed.sort()
    if len(packed) < 2:
        return packed
    pair = packed >> np.uint64(PLACE_BITS)
    chosen: Uint64 = packed[np.append(pair[1:] != pair[:-1], True)]
    return chosen


def postings(packed: Uint64) -> Postings:
    """The postings of packed integers that are sorted and of which each pair of key and document is there once."""
    keys = packed >> np.uint64(LOW)
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.empty(0, np.int64)
    documents = ((packed >> np.uint64(PLACE_BITS)) & np.uint64(CAPACITY - 1)).astype(np.uint32)
    places = (packed & np.uint64((1 << PLACE_BITS) - 1)).astype(np.uint8)
    return Postings(keys[starts], np.append(starts, len(keys)).astype(np.int64), documents, places)


def both(left: Hits, right: Hits) -> Hits:
    """The documents of both, with the smaller number."""
    if len(left.documents) > len(right.documents):
        left, right = right, left
    if not len(left.documents):
        return NONE
    place = np.searchsorted(right.documents, left.documents)
    place[place == len(right.documents)] = 0
    kept = right.documents[place] == left.documents
    return Hits(left.documents[kept], np.minimum(left.places[kept], right.places[place[kept]]))
