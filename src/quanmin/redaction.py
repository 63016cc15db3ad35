"""Numbers of people in text that somebody typed: found in any spelling and starred, before it is kept, printed or sent.

A reason, a case, a file's name, a column title can hold anything. Citizen numbers (18 or 15 characters, or the 17 digits of a
person key) and mobile numbers are known by their form: full width, Chinese numerals, spaces, hyphens and signs without width
between the digits, O for 0 and I for 1 change nothing. Names and addresses have no form to be known by: they stay.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

STARS = "***"
_LEAST = 11
_GAP = 3
"""So many signs may stand between two digits of one number."""
_OTHER = {"O": "0", "o": "0", "I": "1", "l": "1"}
_X = "XxＸｘ×ΧχХх"
_BETWEEN = ".·・•_,，、/'’"
_DAY = r"(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_PROVINCE = r"(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])"
_LONG = re.compile(_PROVINCE + r"\d{4}(18|19|20)\d{2}" + _DAY + r"\d{3}[\dX]?")
_SHORT = re.compile(_PROVINCE + r"\d{6}" + _DAY + r"\d{3}$")
_PHONE = re.compile(r"(?:86)?1[3-9]\d{9}$")


def redacted(text: str) -> str:
    """The text with every citizen number, person key and mobile number in it as `***`."""
    if len(text) < _LEAST:
        return text
    found, at = [], 0
    for start, end in _spans(text):
        found += [text[at:start], STARS]
        at = end
    return "".join([*found, text[at:]])


@lru_cache(4096)
def plain_word(text: str) -> str:
    """A word of the program that somebody typed (a dataset, an agency, a purpose), of which only what is ASCII is repeated."""
    return re.sub(r"[^\x20-\x7e]+", STARS, redacted(text))


def _spans(text: str) -> list[tuple[int, int]]:
    """Where numbers of people stand, in order."""
    found: list[tuple[int, int]] = []
    for places in _runs(text):
        figures = "".join(_figure(text[place]) for place in places)
        at = 0
        while at <= len(figures) - _LEAST:
            long = _LONG.match(figures, at)
            length = long.end() - at if long else 0
            if not long and (at == 0 or places[at] - places[at - 1] > 1):
                length = _whole(figures[at:], places[at:])
            if length:
                found.append((places[at], places[at + length - 1] + 1))
            at += length or 1
    return found


def _whole(figures: str, places: list[int]) -> int:
    """The length of a short number or phone with which a group of digits begins, and which ends with a group."""
    for form, lengths in ((_SHORT, (15,)), (_PHONE, (11, 13))):
        for length in lengths:
            ends = len(figures) == length or (len(figures) > length and places[length] - places[length - 1] > 1)
            if ends and form.match(figures[:length]):
                return length
    return 0


def _runs(text: str) -> list[list[int]]:
    """The places of digits that belong together: with nothing or a few separating signs between them."""
    runs: list[list[int]] = []
    gap = _GAP + 1
    for place, sign in enumerate(text):
        figure = _figure(sign)
        if figure == "":
            gap = _GAP + 1
        elif figure == " ":
            gap += 1
        else:
            if gap > _GAP or not runs:
                runs.append([])
            runs[-1].append(place)
            gap = 0
    return [run for run in runs if len(run) >= _LEAST]


@lru_cache(4096)
def _figure(sign: str) -> str:
    """A sign as a digit or X; " " for one that may stand between digits, "" for any other."""
    if sign in _OTHER:
        return _OTHER[sign]
    if sign in _X:
        return "X"
    value = unicodedata.numeric(sign, -1.0)
    if 0 <= value <= 9 and value == int(value):
        return str(int(value))
    kind = unicodedata.category(sign)
    return " " if kind in ("Zs", "Zl", "Zp", "Cf", "Cc", "Pd", "Mn", "Sk") or sign in _BETWEEN else ""
