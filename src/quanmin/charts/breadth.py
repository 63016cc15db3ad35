"""About how broad words are when they are drawn, and how they are broken into lines; no font is asked.

The shares are those of DejaVu Sans, which is among the broad ones that a browser falls back to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

SIZE = 12
LINE = 15
"""Pixels of words and of a line of them."""
BOLD = 1.16
"""How much broader bold words are."""
_CLOSING = "，。、；：？！）》」』】”’,.;:?!)]}%"


class _Shares(dict[str, float]):
    """The breadth of a sign as a share of its height; learned sign by sign."""

    def __missing__(self, sign: str) -> float:
        if unicodedata.combining(sign):
            share = 0.0
        elif unicodedata.east_asian_width(sign) in "WF" or (sign > "\u2000" and not sign.isalpha()):
            share = 1.0
        elif sign in "ijlI.,:;'|!()[]ftr -":
            share = 0.4
        elif sign in "mwMWOQ@%—&":
            share = 1.0
        else:
            share = 0.7 if sign.isupper() else 0.635
        self[sign] = share
        return share


_shares = _Shares()


def breadth(words: str, size: float = SIZE) -> float:
    """Pixels: an ideograph is as broad as high, other signs less."""
    return size * sum(map(_shares.__getitem__, words))


def broadest(labels: Iterable[str]) -> float:
    """The breadth of the broadest label."""
    return max(map(breadth, labels), default=0.0)


def wrap(words: str, most: float, size: float = SIZE) -> list[str]:
    """Lines no broader than `most`: broken at spaces and between ideographs, and within a word only where it has to be."""
    if breadth(words, size) <= most:
        return [words]
    lines, line, room = [], "", most
    for piece in _pieces(words, most, size):
        broad = breadth(piece, size)
        if line and breadth(piece.rstrip(), size) > room:
            lines.append(line.rstrip())
            line, room = "", most
        line += piece if line else piece.lstrip()
        room -= broad
    return [*lines, line.rstrip()] if line.strip() else lines or [""]


def _pieces(words: str, most: float, size: float) -> list[str]:
    """What may stand on a line of its own; a closing sign stays with what it closes."""
    found: list[str] = []
    for piece in re.findall(
        r"\s*[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]|\S+\s*|\s+", words
    ):
        parts = re.findall(r"[\x21-\u2e7f]+\s*|.", piece, re.S) if _mixed(piece) else [piece]
        for part in parts:
            if found and part[0] in _CLOSING and breadth(found[-1] + part, size) <= most:
                found[-1] += part
            elif breadth(part.strip(), size) > most:
                found += _cut(part, most, size)
            else:
                found.append(part)
    return found


def _mixed(piece: str) -> bool:
    """Whether there are ideographs within: a Latin word that they follow without a space."""
    return len(piece) > 1 and any(sign >= "\u2e80" for sign in piece)


def _cut(word: str, most: float, size: float) -> list[str]:
    """A word that is broader than a line, in parts."""
    parts, part = [], ""
    for sign in word:
        if part and breadth(part + sign, size) > most:
            parts.append(part)
            part = ""
        part += sign
    return [*parts, part]
