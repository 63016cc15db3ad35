"""A segment of the index: some records with their postings, values, sort keys and rows, which never change.

Its arrays may be files that the system maps; a search touches only what it asks for.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic_core import from_json

from quanmin.opendata.catalogue.posting import NONE, Hits, Numbers, Places, Postings, both
from quanmin.opendata.catalogue.projection import Value
from quanmin.text import Text

Whole = TypeVar("Whole", np.int32, np.int64)

SIGN_BITS = 14
_SIGNS = (1 << SIGN_BITS) - 1
GRAM = 3
NAME_BYTES = 100

WEIGHTS = np.array([1, 2, 5, 10], np.uint8)
"""What a place is worth: description, field, name or keyword, title."""
WORD, BEGINNING, INSIDE = 3, 2, 1
"""What a match is worth: the word, its beginning, any part of it."""


@dataclass(frozen=True)
class Segment:
    """Records with numbers from 0, in the order of their ids.

    `values[value_offsets[n] : value_offsets[n + 1]]` are the values of record `n`, as places in `facets`; `value_postings` is
    the way back. `signs` are the known Chinese signs in the order of their numbers, `words` the known words, sorted.
    """

    ids: Sequence[str]
    signs: npt.NDArray[np.uint32]
    grams: Postings
    words: Sequence[str]
    word_postings: Postings
    facets: Sequence[Value]
    value_offsets: npt.NDArray[np.int64]
    values: npt.NDArray[np.int32]
    value_postings: Postings
    modified: npt.NDArray[np.int64]
    changed: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.uint8]
    brevity: npt.NDArray[np.float32]
    keys_zh: npt.NDArray[np.bytes_]
    keys_en: npt.NDArray[np.bytes_]
    row_offsets: npt.NDArray[np.int64]
    rows: bytes | memoryview

    def row(self, number: int) -> dict[str, Any]:
        """The row of a record."""
        start, end = int(self.row_offsets[number]), int(self.row_offsets[number + 1])
        row: dict[str, Any] = from_json(bytes(self.rows[start:end]))
        return row

    def number(self, identifier: str) -> int | None:
        """The number of a record; None if it is not here."""
        place = bisect_left(self.ids, identifier)
        return place if place < len(self.ids) and self.ids[place] == identifier else None

    def value_number(self, facet: str, code: str) -> int | None:
        """The number of a value; None where no record has it."""
        return self._values_by_code.get((facet, code))

    @cached_property
    def _values_by_code(self) -> dict[tuple[str, str], int]:
        return {(value.facet, value.code): number for number, value in enumerate(self.facets)}

    @cached_property
    def by_title(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """The records by title in Chinese and in English, equal ones by id."""
        zh, en = (np.argsort(keys, kind="stable").astype(np.int32) for keys in (self.keys_zh, self.keys_en))
        return zh, en

    @cached_property
    def by_day(self) -> npt.NDArray[np.int32]:
        """The records by the day of their change, the newest first, equal ones by id."""
        return np.argsort(-self.modified, kind="stable").astype(np.int32)

    @cached_property
    def by_change(self) -> npt.NDArray[np.int32]:
        """The records by the moment of their publishing, the newest first, equal ones by id."""
        return np.argsort(-self.changed, kind="stable").astype(np.int32)

    @cached_property
    def names(self) -> npt.NDArray[np.bytes_]:
        """The names of the records."""
        found = (self.row(number)["name"].encode() for number in range(len(self.ids)))
        return np.fromiter(found, f"S{NAME_BYTES}", len(self.ids))

    @cached_property
    def by_name(self) -> npt.NDArray[np.int32]:
        """The records by name."""
        return np.argsort(self.names, kind="stable").astype(np.int32)

    def warm(self) -> None:
        """Work out what every search needs."""
        assert len(self._joined[1]) == len(self.words)
        assert len(self._values_by_code) == len(self.facets) and len(self._sign_numbers) == len(self.signs)

    def chinese(self, text: str) -> Hits:
        """Records in which a run of Chinese stands, with the strength of it in each."""
        hits = self._run(text)
        strength = WEIGHTS[hits.places] * np.uint8(BEGINNING)
        word = self._exact(text) if len(text) > 1 else NONE
        if len(word.documents) and len(hits.documents):
            place = np.searchsorted(hits.documents, word.documents)
            place[place == len(hits.documents)] = 0
            known = hits.documents[place] == word.documents
            strength[place[known]] = np.maximum(strength[place[known]], WEIGHTS[word.places[known]] * np.uint8(WORD))
        return Hits(hits.documents, strength)

    def _run(self, text: str) -> Hits:
        """Records that have every sign, pair or three of a run."""
        numbers = self._numbers(text)
        if numbers is None:
            return NONE
        width = min(GRAM, len(numbers))
        pieces = [numbers[start : start + width] for start in range(len(numbers) - width + 1)]
        found = [self.grams.at(gram(piece)) for piece in dict.fromkeys(map(tuple, pieces))]
        found.sort(key=lambda hits: len(hits.documents))
        hits = found[0]
        for more in found[1:]:
            hits = both(hits, more)
        return hits

    def _numbers(self, text: str) -> list[int] | None:
        """The numbers of its signs; None when one is not known, so that the run stands nowhere."""
        numbers = [self._sign_numbers.get(ord(sign)) for sign in text]
        known = [number for number in numbers if number is not None]
        return known if len(known) == len(numbers) else None

    @cached_property
    def _sign_numbers(self) -> dict[int, int]:
        return {code: sign_number(place) for place, code in enumerate(self.signs.tolist())}

    def _exact(self, word: str) -> Hits:
        place = bisect_left(self.words, word)
        known = place < len(self.words) and self.words[place] == word
        return self.word_postings.number(place) if known else NONE

    @cached_property
    def _joined(self) -> tuple[str, npt.NDArray[np.int64]]:
        """All words in one text, each between line ends, and where each begins."""
        lengths = np.fromiter((len(word) + 1 for word in self.words), np.int64, len(self.words))
        return "\n" + "".join(f"{word}\n" for word in self.words), np.cumsum(lengths) - lengths + 1

    def word(self, text: str) -> Hits:
        """Records with a word in which the text stands; one letter or digit only at its beginning or end."""
        joined, starts = self._joined
        sought = (f"\n{text}", f"{text}\n") if len(text) == 1 else (text,)
        places = [one.start() + (one[0][0] == "\n") for each in sought for one in re.finditer(re.escape(each), joined)]
        if not places:
            return NONE
        at = np.array(places, np.int64)
        words = np.searchsorted(starts, at, side="right") - 1
        kinds = np.where(at == starts[words], BEGINNING, INSIDE).astype(np.uint8)
        exact = self._exact(text)
        return self._union(words, kinds, exact)

    def _union(self, words: npt.NDArray[np.int64], kinds: Places, exact: Hits) -> Hits:
        """The records of any of the words; each with its best strength."""
        strength = np.zeros(len(self.ids), np.uint8)
        for kind in (INSIDE, BEGINNING):
            chosen = np.unique(words[kinds == kind])
            documents, places = self._several(chosen)
            for place, weight in enumerate(WEIGHTS):
                some = documents[places == place]
                strength[some] = np.maximum(strength[some], weight * np.uint8(kind))
        weights = WEIGHTS[exact.places] * np.uint8(WORD)
        strength[exact.documents] = np.maximum(strength[exact.documents], weights)
        documents = np.flatnonzero(strength != 0).astype(np.uint32)  # of booleans it is quick
        return Hits(documents, strength[documents])

    def _several(self, words: npt.NDArray[np.int64]) -> tuple[Numbers, Places]:
        """The postings of some words, one after another."""
        offsets = self.word_postings.offsets
        places = ranges(offsets[words], offsets[words + 1])
        return self.word_postings.documents[places], self.word_postings.places[places]


def ranges(starts: npt.NDArray[Whole], stops: npt.NDArray[Whole]) -> npt.NDArray[Whole]:
    """The numbers from each start to its stop, one range after another; of the same kind as those given."""
    lengths = stops - starts
    ends = np.cumsum(lengths, dtype=starts.dtype)
    total = int(ends[-1]) if len(ends) else 0
    numbers: npt.NDArray[Whole] = np.repeat(starts - (ends - lengths), lengths)
    numbers += np.arange(total, dtype=starts.dtype)
    return numbers


def sign_number(place: int) -> int:
    """The number of a sign in a gram, from 1; more than 16,383 signs share numbers, which finds too much and never too little."""
    return place % _SIGNS + 1


def gram(numbers: Sequence[int]) -> int:
    """One to three signs as one key."""
    key = 0
    for number in numbers:
        key = key << SIGN_BITS | number
    return key


def value_of(said: Sequence[str]) -> Value:
    """A value as its file says it."""
    return Value(said[0], said[1], Text(said[2], said[3]))
