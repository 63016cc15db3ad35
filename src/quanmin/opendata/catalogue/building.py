"""Making a segment: texts become packed keys by whole arrays, a piece of the records at a time."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from quanmin.opendata.catalogue.errors import CatalogueFull
from quanmin.opendata.catalogue.folding import signs
from quanmin.opendata.catalogue.posting import CAPACITY, LOW, PLACE_BITS, Postings, Uint64, best, pack, postings
from quanmin.opendata.catalogue.projection import KEY_BYTES, NAMED, PROSE, TITLE, Entry, Value
from quanmin.opendata.catalogue.segment import SIGN_BITS, Segment, sign_number
from quanmin.opendata.catalogue.term import dictionary_words, words_of

PIECE = 10_000
_PLANES = 0x40000
_IS_SIGN = signs(_PLANES)
_BREVITY = 0.01


class Builder:
    """Takes entries in the order of their ids; `segment()` is what they make. CatalogueFull when they are too many."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._rows: list[bytes] = []
        self._modified: list[int] = []
        self._changed: list[int] = []
        self._kinds = bytearray()
        self._titles: list[int] = []
        self._keys: tuple[list[bytes], list[bytes]] = ([], [])
        self._sign_of = np.zeros(_PLANES, np.uint32)  # numbers in order of appearance
        self._signs: list[int] = []
        self._grams: list[Uint64] = []
        self._word_numbers: dict[str, int] = {}
        self._words: list[Uint64] = []
        self._facet_numbers: dict[tuple[str, str], int] = {}
        self._facets: list[Value] = []
        self._values = array("i")
        self._value_offsets = array("q", [0])

    def add(self, entries: Iterable[Entry]) -> None:
        """Take some entries."""
        source = iter(entries)
        while piece := list(islice(source, PIECE)):
            if len(self._ids) + len(piece) > CAPACITY:
                raise CatalogueFull(limit=CAPACITY)
            first = len(self._ids)
            for entry in piece:
                self._note(entry)
            self._chinese(piece, first)
            self._alphabetic(piece, first)

    def _note(self, entry: Entry) -> None:
        self._ids.append(entry.id)
        self._rows.append(json.dumps(entry.row, ensure_ascii=False, separators=(",", ":")).encode())
        self._modified.append(entry.modified)
        self._changed.append(entry.changed)
        self._kinds.append(entry.kind)
        self._titles.append(sum(len(text) for place, text in entry.texts if place == TITLE))
        for keys, key in zip(self._keys, entry.keys, strict=True):
            keys.append(key)
        self._values.extend(sorted({self._value(value) for value in entry.values}))
        self._value_offsets.append(len(self._values))

    def _value(self, value: Value) -> int:
        """The number of a value; one whose title changed has the title of the record that comes last."""
        number = self._facet_numbers.setdefault((value.facet, value.code), len(self._facets))
        if number == len(self._facets):
            self._facets.append(value)
        self._facets[number] = value
        return number

    def _chinese(self, piece: Sequence[Entry], first: int) -> None:
        made = []
        for place in range(PROSE, TITLE + 1):
            texts = [
                (first + number, text) for number, one in enumerate(piece) for at, text in one.texts if at == place
            ]
            if texts:
                made += self._grams_of(texts, place)
        if made:
            self._grams.append(best(np.concatenate(made)))

    def _grams_of(self, texts: Sequence[tuple[int, str]], place: int) -> list[Uint64]:
        """The packed signs, pairs and threes of texts."""
        joined = "\n".join(text for _, text in texts).encode("utf-32-le", "replace")
        codes = np.minimum(np.frombuffer(joined, np.uint32), _PLANES - 1)
        lengths = np.fromiter((len(text) + 1 for _, text in texts), np.int64, len(texts))
        lengths[-1] -= 1
        documents = np.repeat(np.fromiter((number for number, _ in texts), np.uint64, len(texts)), lengths)
        known = _IS_SIGN[codes]
        signs = np.where(known, self._numbers(codes, known), 0).astype(np.uint64)
        key, made = signs, [pack(signs[known], documents[known], place)]
        for width in (1, 2):
            key = (key[:-1] << np.uint64(SIGN_BITS)) | signs[width:]
            known = known[:-1] & (signs[width:] > 0)
            made.append(pack(key[known], documents[: len(key)][known], place))
        return made

    def _numbers(self, codes: npt.NDArray[np.uint32], known: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint32]:
        """A number for each sign, new ones for new signs."""
        chosen = codes[known]
        for code in np.unique(chosen[self._sign_of[chosen] == 0]):
            self._sign_of[code] = sign_number(len(self._signs))
            self._signs.append(int(code))
        return self._sign_of[codes]

    def _alphabetic(self, piece: Sequence[Entry], first: int) -> None:
        numbers, packed = self._word_numbers, array("Q")
        for number, entry in enumerate(piece, first):
            for place, text in entry.texts:
                low = number << PLACE_BITS | place
                for word in words_of(text):
                    packed.append(numbers.setdefault(word, len(numbers)) << LOW | low)
                if place >= NAMED:
                    for word in dictionary_words(text):
                        packed.append(numbers.setdefault(word, len(numbers)) << LOW | low)
        self._words.append(best(np.array(packed, np.uint64)))

    def segment(self) -> Segment:
        """The segment of everything that was added."""
        words = sorted(self._word_numbers)
        values = np.array(self._values, np.int32)
        offsets = np.array(self._value_offsets, np.int64)
        sizes = np.fromiter((len(row) for row in self._rows), np.int64, len(self._rows))
        return Segment(
            ids=self._ids,
            signs=np.array(self._signs, np.uint32),
            grams=_together(self._grams),
            words=words,
            word_postings=_together([self._sorted(words)]),
            facets=self._facets,
            value_offsets=offsets,
            values=values,
            value_postings=_inverse(values, offsets),
            modified=np.array(self._modified, np.int64),
            changed=np.array(self._changed, np.int64),
            kinds=np.frombuffer(bytes(self._kinds), np.uint8),
            brevity=(1 / (1 + _BREVITY * np.array(self._titles, np.float32))).astype(np.float32),
            keys_zh=np.array(self._keys[0], f"S{KEY_BYTES}"),
            keys_en=np.array(self._keys[1], f"S{KEY_BYTES}"),
            row_offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            rows=b"".join(self._rows),
        )

    def _sorted(self, words: Sequence[str]) -> Uint64:
        """The packed words with the number of each word its place among the sorted ones."""
        place = np.empty(len(words), np.uint64)
        place[np.fromiter((self._word_numbers[word] for word in words), np.int64, len(words))] = np.arange(len(words))
        packed = np.concatenate(self._words) if self._words else np.empty(0, np.uint64)
        low = packed & np.uint64((1 << LOW) - 1)
        return (place[(packed >> np.uint64(LOW)).astype(np.int64)] << np.uint64(LOW)) | low


def _together(pieces: list[Uint64]) -> Postings:
    """The postings of pieces of which no two have a document in common."""
    packed = np.concatenate(pieces) if pieces else np.empty(0, np.uint64)
    pieces.clear()
    packed.sort()
    return postings(packed)


def _inverse(values: npt.NDArray[np.int32], offsets: npt.NDArray[np.int64]) -> Postings:
    """Which records have a value."""
    documents = np.repeat(np.arange(len(offsets) - 1, dtype=np.uint64), np.diff(offsets))
    return _together([pack(values.astype(np.uint64), documents, 0)])


def build(entries: Iterable[Entry]) -> Segment:
    """The segment of entries, which come in the order of their ids."""
    builder = Builder()
    builder.add(entries)
    return builder.segment()
