"""Looking for citizen numbers in what is to be published: valid ones only, in any spelling that a table is likely to have.

An 18-character number counts when its region's province, its birth date and its check character (GB 11643-1999, ISO 7064
MOD 11-2) are right, whether its parts are divided by spaces or hyphens and whatever the width of its digits; of unrelated numbers
with 18 digits about 1 in 30,000 looks so. The old form of 15 digits has no check character: it counts when most of the numbers
of 15 digits in the text have a province and a date where the form has them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from quanmin.standards.identity import citizen_number

_GAP = "[ \u3000-]?"
_LONG = re.compile(
    rf"(?<![0-9A-Za-z])[1-9]\d{{5}}{_GAP}(?:18|19|20)\d{{2}}{_GAP}\d{{2}}{_GAP}\d{{2}}{_GAP}\d{{3}}[\dXx](?![0-9A-Za-z])"
)
_OLD = re.compile(r"(?<![0-9A-Za-z.])\d{15}(?![0-9A-Za-z.])")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_BETWEEN = re.compile(r"[ \u3000-]")
_LEAST, _SHARE = 5, 0.5
_SOME = 1_000  # old numbers that are looked at


class Scan:
    """Takes a text piece by piece; `found` says whether a citizen number stood in it. A piece ends where a line ends."""

    def __init__(self) -> None:
        self.found = False
        self._old = self._sound = 0

    def take(self, text: str) -> None:
        """Look at a piece."""
        if self.found:
            return
        if not text.isascii():
            text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
        self.found = any(_valid(one[0]) for one in _LONG.finditer(text))
        for one in _OLD.finditer(text):
            if self._old >= _SOME:
                break
            self._old += 1
            self._sound += isinstance(citizen_number.parse(one[0]), citizen_number.Parsed)

    def end(self) -> bool:
        """Whether there are citizen numbers, now that everything was seen."""
        return self.found or (self._sound >= _LEAST and self._sound >= _SHARE * self._old)


def _valid(text: str) -> bool:
    parsed = citizen_number.parse(_BETWEEN.sub("", text))
    return isinstance(parsed, citizen_number.Parsed)


def holds_numbers(pieces: Iterable[str]) -> bool:
    """Whether citizen numbers stand in a text that comes in pieces."""
    scan = Scan()
    for piece in pieces:
        scan.take(piece)
        if scan.found:
            return True
    return scan.end()
