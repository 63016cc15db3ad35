"""The terms of a query and of a text: words of alphabets and numbers, and runs of Chinese.

Chinese is kept by single signs, pairs and threes, so that any substring of up to three signs is found exactly, and a longer
one by its threes; words (by jieba's dictionary, of titles and keywords) only weigh more. A code such as ICD-10 is kept in
its parts and joined.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from quanmin.opendata.catalogue.folding import JOINERS, SIGNS, fold

LONGEST = 40  # signs of a word that are kept; a longer one is none
EXACT = 3  # signs of Chinese that are asked for as they stand
_PARTS = 4

_RUN = re.compile(f"[{SIGNS}]+")
_JOIN = re.escape(JOINERS)
_LETTER = f"[^\\W_{SIGNS}]"
_COMPOUND = re.compile(f"{_LETTER}+(?:[{_JOIN}]{_LETTER}+)*")
_SPLIT = re.compile(f"[{_JOIN}]")


@functools.cache
def _cut() -> Callable[[str], list[str]]:
    import rjieba  # reads its dictionary when it is loaded

    cut: Callable[[str], list[str]] = rjieba.cut
    return cut


class Asked(NamedTuple):
    """What a query asks for: every term must be there; a phrase that is there weighs more."""

    words: tuple[str, ...]
    signs: tuple[str, ...]
    phrases: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.words and not self.signs


def asked(text: str) -> Asked:
    """The terms of a query; operators, quotes and wildcards are plain text and divide words."""
    folded = fold(text)
    words = [part for one in _COMPOUND.findall(folded) for part in _SPLIT.split(one)]
    signs: list[str] = []
    phrases: list[str] = []
    for run in _RUN.findall(folded):
        pieces = [run] if len(run) <= EXACT else chinese_words(run)
        signs += pieces
        if len(pieces) > 1 or pieces[0] != run:
            phrases.append(run)
    return Asked(_once(words), _once(signs), _once(phrases))


def _once(terms: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(terms))


def chinese_words(run: str) -> list[str]:
    """The words of a run of Chinese; single signs count only where there are no words."""
    pieces = [one for one in _cut()(run) if one]
    return [one for one in pieces if len(one) > 1] or pieces or [run]


def words_of(folded: str) -> set[str]:
    """The words of a folded text: parts of compounds, and compounds of up to four parts joined."""
    words = set(_COMPOUND.findall(folded))
    for one in [one for one in words if len(one) > LONGEST or not one.isalnum()]:
        words.remove(one)
        parts = _SPLIT.split(one)
        words.update(part[start : start + LONGEST] for part in parts for start in range(0, len(part), LONGEST // 2))
        joined = "".join(parts)
        if 1 < len(parts) <= _PARTS and len(joined) <= LONGEST:
            words.add(joined)
    return words


def dictionary_words(folded: str) -> Iterator[str]:
    """The Chinese words of two signs and more of a folded text."""
    for run in _RUN.findall(folded):
        yield from (one for one in _cut()(run) if len(one) > 1)
