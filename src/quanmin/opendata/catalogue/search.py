"""Searching a view: terms to documents with scores, filters, facets, the order, the page.

Of a query every term must be there (where no document has all, those with the most are shown). A document scores by how
rare a term is (inverse document frequency, Spärck Jones 1972) and by where and how it stands; a phrase that stands as it was
typed scores again, and equal scores are listed newest first.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from operator import methodcaller
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt

from quanmin.opendata.catalogue import condition, exact, highlight
from quanmin.opendata.catalogue.keys import Keys
from quanmin.opendata.catalogue.order import Order
from quanmin.opendata.catalogue.posting import Hits
from quanmin.opendata.catalogue.projection import title_key
from quanmin.opendata.catalogue.query import Anchor, Found, Query, Sort, anchor
from quanmin.opendata.catalogue.term import Asked, asked
from quanmin.opendata.catalogue.turn import Turns
from quanmin.opendata.catalogue.view import Bools, Documents, Ints, View
from quanmin.text import Language

_SHIFT = np.uint64(32)
_LOW = np.uint64(2**32 - 1)
_FULL = 2**31 - 1
_PRECISION = 256.0
_REMEMBERED = 64_000_000  # bytes of results that are kept for the next page
_TERMS = 32_000_000  # bytes of the documents of terms that are kept
_DENSE = 16
_SPARSE = 64

T = TypeVar("T")
Scores = npt.NDArray[np.float32]


class Ranked(NamedTuple):
    """Everything that a query matches, in order: `keys` hold score and rank, the best first."""

    keys: Keys
    counts: Ints
    asked: Asked
    loosened: bool


class Searcher:
    """Answers queries on one view; remembers results, so that the pages of one list are cut from one sorted list."""

    def __init__(self, view: View, named: exact.Named = exact.nobody) -> None:
        self.view, self._named = view, named
        self._kept: OrderedDict[object, Ranked] = OrderedDict()
        self._bytes = 0
        self._terms: OrderedDict[tuple[str, str], Hits] = OrderedDict()
        self._term_bytes = 0
        self._lock = threading.Lock()
        self._made: dict[tuple[str, ...], object] = {}
        # A search takes milliseconds of one processor: many at once only hinder each other.
        self._turns = Turns()

    def search(self, query: Query) -> Found:
        """A page; QueryTooLong, QueryInvalid."""
        query.check()
        with self._turns:
            return self._found(query)

    def _found(self, query: Query) -> Found:
        last = anchor(query.after, query.sort) if query.after is not None else None
        ranked = self._ranked(query)
        order = self.view.order(query.sort, query.language)
        start = self._place(ranked, last, query.language) if last else query.offset
        keys = _backwards(ranked.keys, start, query.rows) if query.backwards else ranked.keys.page(start, query.rows)
        documents = order.documents[(keys & _LOW).astype(np.int64)].tolist()
        more = bool(documents) and not query.backwards and start + len(documents) < len(ranked.keys)
        terms = (*ranked.asked.phrases, *ranked.asked.signs, *ranked.asked.words)
        return Found(
            total=len(ranked.keys),
            rows=[
                {"id": self.view.ids[document]} if query.brief else self._row(document, terms, query.language)
                for document in documents
            ],
            facets=self.view.tally.facets(ranked.counts, query.facets, query.values),
            next=self._anchor(query.sort, documents[-1], int(keys[-1]), query.language).token() if more else None,
            loosened=ranked.loosened,
        )

    def remembered(self, key: tuple[str, ...], make: Callable[[], T]) -> T:
        """What is worked out from the view once, for as long as the view stands."""
        if key not in self._made:
            self._made[key] = make()
        return cast(T, self._made[key])

    def forget(self) -> None:
        """Remember no result, as after a change of the catalogue."""
        with self._turns, self._lock:
            self._kept.clear()
            self._terms.clear()
            self._bytes = self._term_bytes = 0

    def _ranked(self, query: Query) -> Ranked:
        language = query.language if query.sort == "title" else None
        narrowed = [
            tuple((facet, tuple(given[facet])) for facet in sorted(given)) for given in (query.filters, query.every)
        ]
        key = (query.text, query.sort, language, query.where, *narrowed)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        ranked = self._rank(query)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = ranked
                self._bytes += _size(ranked)
            while self._bytes > _REMEMBERED and len(self._kept) > 1:
                self._bytes -= _size(self._kept.popitem(last=False)[1])
        return ranked

    def _rank(self, query: Query) -> Ranked:
        wanted, mask = asked(query.text), self._mask(query)
        order = self.view.order(query.sort, query.language)
        if wanted.empty:
            documents = self.view.all if mask is None else np.flatnonzero(mask).astype(np.uint32)
            return Ranked(_listed(order, documents), self.view.count(documents), wanted, False)
        documents, scores, loosened = self._matched(wanted, mask)
        number = exact.first(self.view, query.text, self._named, mask)
        if number is not None:
            documents, scores, loosened = exact.led(number, documents, scores, loosened)
        if query.sort == "relevance":
            keys = self._scored(order, documents, scores)
        else:
            keys = _listed(order, documents)
        return Ranked(keys, self.view.count(documents), wanted, loosened)

    def _scored(self, order: Order, documents: Documents, scores: Scores) -> Keys:
        """Keys by score, equal ones by rank."""
        points = np.minimum(scores * self.view.brevity[documents] * _PRECISION, 2.0**30).astype(np.uint64)
        return Keys((np.uint64(_FULL) - points) << _SHIFT | order.rank[documents].astype(np.uint64))

    def _mask(self, query: Query) -> Bools | None:
        """Which documents the filters let through; None for all."""
        masks = [self.view.having(facet, codes) for facet, codes in query.filters.items() if codes]
        masks += [self.view.having(facet, (code,)) for facet, codes in query.every.items() for code in codes]
        if query.where is not None:
            masks.append(condition.mask(self.view, query.where))
        if not masks:
            return None if self.view.whole else self.view.alive
        mask = self.view.alive.copy()
        for one in masks:
            mask &= one
        return mask

    def _matched(self, wanted: Asked, mask: Bools | None) -> tuple[Documents, Scores, bool]:
        """Documents with every term, or with the most of them where none has all; with their scores."""
        hits = list(self._hits(wanted))
        documents, scores = _all(hits, self.view.size)
        if mask is not None:
            kept = mask[documents]
            documents, scores = documents[kept], scores[kept]
        loosened = not len(documents) and len(hits) > 1
        if loosened:
            documents, scores = _most([self._narrowed(one, mask) for one in hits], self.view.size)
        for phrase in wanted.phrases:
            scores = scores + _points(self._term("chinese", phrase), self.view.size)[documents]
        return documents, scores, loosened

    def _hits(self, wanted: Asked) -> Iterable[Hits]:
        yield from (self._term("chinese", text) for text in wanted.signs)
        yield from (self._term("word", text) for text in wanted.words)

    def _term(self, kind: str, text: str) -> Hits:
        """The documents of a term; those of the last terms are remembered, for people ask for the same ones."""
        key = (kind, text)
        hits = self._terms.get(key)
        if hits is None:
            hits = self._terms[key] = self.view.matching(methodcaller(kind, text))
            self._term_bytes += _weight(hits)
        self._terms.move_to_end(key)
        while self._term_bytes > _TERMS and len(self._terms) > 1:
            self._term_bytes -= _weight(self._terms.popitem(last=False)[1])
        return hits

    @staticmethod
    def _narrowed(hits: Hits, mask: Bools | None) -> Hits:
        if mask is None:
            return hits
        kept = mask[hits.documents]
        return Hits(hits.documents[kept], hits.places[kept])

    def _place(self, ranked: Ranked, last: Anchor, language: Language) -> int:
        """Where the page after a row begins."""
        order = self.view.order(last.sort, language)
        key = _key(last)
        low = order.after(key, last.id, self.view.ids)
        if ranked.asked.empty or last.score is None:
            return ranked.keys.upto(low)
        return ranked.keys.upto(last.score << 32 | low)

    def _anchor(self, sort: Sort, document: int, key: int, language: Language) -> Anchor:
        score = key >> 32 if sort == "relevance" else None
        if sort == "title":
            value: int | str = self.view.row(document)["title"][language]
        elif sort == "name":
            value = self.view.row(document)["name"]
        else:
            value = -int(self.view.order(sort, language).keys[document])
        return Anchor(sort, value, self.view.ids[document], score)

    def _row(self, document: int, terms: Sequence[str], language: Language) -> dict[str, Any]:
        row = self.view.row(document)
        shown = {
            "title": highlight.marked(row["title"][language], terms),
            "summary": highlight.snippet(row["summary"][language], terms),
        }
        return row | {"highlight": shown}


def _backwards(keys: Keys, start: int, rows: int) -> npt.NDArray[np.uint64]:
    """A page that is counted from the end, its last key first."""
    stop = max(len(keys) - start, 0)
    begin = max(stop - rows, 0)
    return keys.page(begin, stop - begin)[::-1]


def _key(last: Anchor) -> int | bytes:
    """What the row of an anchor is sorted by."""
    if isinstance(last.value, int):
        return -last.value
    return title_key(last.value) if last.sort == "title" else last.value.encode("utf-8", "replace")


def _weight(hits: Hits) -> int:
    return hits.documents.nbytes + hits.places.nbytes + 500


def _size(ranked: Ranked) -> int:
    return ranked.keys.nbytes + ranked.counts.nbytes + 1_000


def _listed(order: Order, documents: Documents) -> Keys:
    """Keys by rank alone: many are put in their places, few are sorted."""
    ranks = order.rank[documents]
    if len(ranks) * _SPARSE < len(order.rank):
        return Keys(ranks.astype(np.uint64))
    there = np.zeros(len(order.rank), bool)
    there[ranks] = True
    return Keys(np.flatnonzero(there).astype(np.uint64), ascending=True)


def rarity(count: int, size: int) -> float:
    """How much a term tells that so many of the documents have."""
    return math.log(1 + (size + 1) / (count + 1))


def _all(hits: Sequence[Hits], size: int) -> tuple[Documents, Scores]:
    """The documents of all, with the sum of their points."""
    ordered = sorted(hits, key=lambda one: len(one.documents))
    documents = ordered[0].documents
    scores = ordered[0].places * np.float32(rarity(len(documents), size))
    for one in ordered[1:]:
        if not len(documents):
            break
        weight = np.float32(rarity(len(one.documents), size))
        if len(documents) * _DENSE > len(one.documents):
            points = _points(one, size)[documents]
            kept = points > 0
            documents, scores = documents[kept], scores[kept] + points[kept]
            continue
        place = np.searchsorted(one.documents, documents)
        place[place == len(one.documents)] = 0
        kept = one.documents[place] == documents
        documents, scores = documents[kept], scores[kept] + one.places[place[kept]] * weight
    return documents, scores


def _most(hits: Sequence[Hits], size: int) -> tuple[Documents, Scores]:
    """The documents that are in the most of them, with the sum of their points."""
    times = np.zeros(size, np.uint8)
    for one in hits:
        times[one.documents] += np.uint8(1)
    most = times.max(initial=0)
    documents = np.flatnonzero(times == most).astype(np.uint32) if most else np.empty(0, np.uint32)
    scores = np.zeros(len(documents), np.float32)
    for one in hits:
        scores += _points(one, size)[documents]
    return documents, scores


def _points(hits: Hits, size: int) -> Scores:
    """The points of every document, 0 for those without."""
    points = np.zeros(size, np.float32)
    points[hits.documents] = hits.places * np.float32(rarity(len(hits.documents), size))
    return points
