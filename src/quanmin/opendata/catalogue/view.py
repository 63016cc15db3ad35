"""What is searched: a large segment and small ones with later changes, under one numbering.

A view never changes. Records of an older segment that a later one replaces, or that were withdrawn, are dead.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain
from typing import Any

import numpy as np
import numpy.typing as npt

from quanmin.opendata.catalogue.counters import Counts
from quanmin.opendata.catalogue.counting import Counting
from quanmin.opendata.catalogue.order import Order, order
from quanmin.opendata.catalogue.posting import Hits
from quanmin.opendata.catalogue.projection import Value
from quanmin.opendata.catalogue.query import Sort
from quanmin.opendata.catalogue.segment import Segment
from quanmin.opendata.catalogue.tally import Tally
from quanmin.text import Language

Bools = npt.NDArray[np.bool_]
Documents = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int64]


class View:
    """Segments, the oldest first; `gone` are ids that were withdrawn; `counts` the counters by id."""

    def __init__(self, segments: Sequence[Segment], gone: Collection[str], counts: Mapping[str, Counts]) -> None:
        self.segments = segments
        self.starts = [0, *accumulate(len(one.ids) for one in segments)]
        self.size = self.starts[-1]
        self.base = len(segments[0].ids) if segments else 0
        self.ids = segments[0].ids if len(segments) == 1 else list(chain.from_iterable(one.ids for one in segments))
        self.counts = counts
        self.alive = self._alive(gone)
        self.whole = bool(self.alive.all())
        self._join_values()

    def _alive(self, gone: Collection[str]) -> Bools:
        alive = np.ones(self.size, bool)
        replaced = set(gone)
        for number in range(len(self.segments) - 1, -1, -1):
            segment, start = self.segments[number], self.starts[number]
            if replaced:
                _bury(alive, segment, start, replaced)
            if number:
                replaced |= set(segment.ids)
        return alive

    def _join_values(self) -> None:
        """One numbering for the values of all segments."""
        known: dict[tuple[str, str], Value] = {}
        for one in self.segments:
            known |= {(value.facet, value.code): value for value in one.facets}
        self.values = list(known.values())
        numbers = {key: number for number, key in enumerate(known)}
        maps = [np.array([numbers[value.facet, value.code] for value in one.facets], np.int32) for one in self.segments]
        if len(self.segments) == 1:
            self._offsets, self._values = self.segments[0].value_offsets.astype(np.int32), self.segments[0].values
            return
        mapped = [numbers_of[one.values] for one, numbers_of in zip(self.segments, maps, strict=True)]
        self._values = np.concatenate(mapped) if mapped else np.empty(0, np.int32)
        lengths = [np.diff(one.value_offsets) for one in self.segments]
        offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))] if lengths else [[0]])
        self._offsets = offsets.astype(np.int32)

    def matching(self, look: Callable[[Segment], Hits]) -> Hits:
        """What each segment answers, under the one numbering."""
        found = [look(one) for one in self.segments]
        if len(found) == 1:
            return found[0]
        moved = [hits.documents + np.uint32(start) for hits, start in zip(found, self.starts, strict=False)]
        documents = np.concatenate(moved) if moved else np.empty(0, np.uint32)
        return Hits(documents, np.concatenate([hits.places for hits in found]) if found else np.empty(0, np.uint8))

    def having(self, facet: str, codes: Sequence[str]) -> Bools:
        """Which documents have any of these values."""
        mask = np.zeros(self.size, bool)
        for segment, start in zip(self.segments, self.starts, strict=False):
            for code in codes:
                number = segment.value_number(facet, code)
                if number is not None:
                    mask[segment.value_postings.at(number).documents + np.uint32(start)] = True
        return mask

    def called(self, names: Sequence[str], beginning: bool = False) -> Bools:
        """Which documents have any of these names, or (`beginning`) one that begins with any of them."""
        mask = np.zeros(self.size, bool)
        by_name, known = self.order("name", "zh").documents, self._sorted_names
        for name in names:
            sought = name.encode("utf-8", "replace")
            end = sought + b"\x7f" if beginning else sought  # names are of ASCII, below it
            start = np.searchsorted(known, np.bytes_(sought))
            mask[by_name[start : np.searchsorted(known, np.bytes_(end), side="right")]] = True
        return mask

    @cached_property
    def names(self) -> list[str]:
        """The names of the documents that are not dead, sorted."""
        by_name = self.order("name", "zh").documents
        found: list[str] = np.char.decode(self._sorted_names[self.alive[by_name]], "ascii").tolist()
        return found

    def identified(self, ids: Sequence[str]) -> Bools:
        """Which documents have any of these ids."""
        mask = np.zeros(self.size, bool)
        for segment, start in zip(self.segments, self.starts, strict=False):
            for one in ids:
                number = segment.number(one)
                if number is not None:
                    mask[start + number] = True
        return mask

    def count(self, documents: Documents) -> Ints:
        """How many of the documents have each value; one statement on all facets at once."""
        if len(documents) == self.living:
            return self._all_counts
        if 2 * len(documents) > self.living:
            others = self.alive.copy()
            others[documents] = False
            return self._all_counts - self._count(np.flatnonzero(others))
        return self._count(documents)

    def _count(self, documents: npt.NDArray[Any]) -> Ints:
        return self._counting.count(documents)

    @cached_property
    def _counting(self) -> Counting:
        return Counting(self._offsets, self._values, len(self.values))

    @cached_property
    def living(self) -> int:
        """How many documents are not dead."""
        return int(self.alive.sum())

    @cached_property
    def all(self) -> Documents:
        """The documents that are not dead."""
        return np.flatnonzero(self.alive).astype(np.uint32)

    @cached_property
    def _all_counts(self) -> Ints:
        return self._count(self.all)

    @cached_property
    def tally(self) -> Tally:
        """How counts become facets."""
        return Tally(self.values)

    def order(self, sort: Sort, language: Language) -> Order:
        """A total order of all documents; relevance without a text is newest."""
        if sort == "title":
            return self._by_title_zh if language == "zh" else self._by_title_en
        if sort == "changed":
            return self._by_change
        if sort == "name":
            return self._by_name
        return self._hottest if sort == "hottest" else self._newest

    @cached_property
    def _newest(self) -> Order:
        return self._ordered(-self._joined(lambda one: one.modified), lambda one: one.by_day)

    @cached_property
    def _hottest(self) -> Order:
        heat = np.zeros(self.size, np.int64)
        for segment, start in zip(self.segments, self.starts, strict=False):
            for one, counts in self.counts.items():
                number = segment.number(one)
                if number is not None:
                    heat[start + number] = counts.heat
        return order(-heat, self.ids, self.base)

    @cached_property
    def changed(self) -> Ints:
        """When each document was published, in microseconds since 1970."""
        return np.asarray(self._joined(lambda one: one.changed))

    @cached_property
    def kinds(self) -> npt.NDArray[np.uint8]:
        """The type of each document by its number."""
        return np.asarray(self._joined(lambda one: one.kinds))

    @cached_property
    def _by_change(self) -> Order:
        return self._ordered(-self.changed, lambda one: one.by_change)

    @cached_property
    def _by_name(self) -> Order:
        return self._ordered(self._joined(lambda one: one.names), lambda one: one.by_name)

    @cached_property
    def _sorted_names(self) -> npt.NDArray[np.bytes_]:
        by_name = self._by_name
        return np.asarray(by_name.keys[by_name.documents])

    @cached_property
    def _by_title_zh(self) -> Order:
        return self._ordered(self._joined(lambda one: one.keys_zh), lambda one: one.by_title[0])

    @cached_property
    def _by_title_en(self) -> Order:
        return self._ordered(self._joined(lambda one: one.keys_en), lambda one: one.by_title[1])

    def _ordered(self, keys: npt.NDArray[Any], known: Callable[[Segment], npt.NDArray[np.int32]]) -> Order:
        """The order of keys; that of the large segment is worked out once and not for every view."""
        return order(keys, self.ids, self.base, known(self.segments[0]) if self.segments else None)

    def _joined(self, part: Callable[[Segment], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        if not self.segments:
            return np.empty(0, np.int64)
        return np.concatenate([part(one) for one in self.segments])

    @cached_property
    def brevity(self) -> npt.NDArray[np.float32]:
        """A little more for shorter titles: 1 for an empty one, and less."""
        found: npt.NDArray[np.float32] = self._joined(lambda one: one.brevity)
        return found

    def row(self, document: int) -> dict[str, Any]:
        """The row of a document, with its counters."""
        number = bisect_right(self.starts, document) - 1
        row = self.segments[number].row(document - self.starts[number])
        counts = self.counts.get(self.ids[document], Counts())
        return row | {"counts": counts._asdict()}

    def warm(self) -> None:
        """Work out what every search needs, before the first."""
        assert len(self._all_counts) == len(self.values) and len(self.brevity) == self.size and self.tally
        for one in self.segments:
            one.warm()
        for language in ("zh", "en"):
            self.order("title", language)
        self.order("newest", "zh")
        self.order("hottest", "zh")


def _bury(alive: Bools, segment: Segment, start: int, replaced: Collection[str]) -> None:
    """Mark the records of a segment that are replaced."""
    for one in replaced:
        number = segment.number(one)
        if number is not None:
            alive[start + number] = False
