"""Numbers of birth certificates: a letter and nine digits, the first two of which are those of the province.

Stored as one integer (`key`): the letter's place in the alphabet, then the nine digits, so that a run of sheets is a run of keys.
Source of the form: 国卫办妇幼函〔2015〕279号, annex; what the digits mean is custom, not standard.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from quanmin.programs.vital.errors import BadNumber, BadRange

_FORM = re.compile(r"([A-Z])([0-9]{9})")
_BLOCK = 10**9
_SERIALS = 10**7


def key(text: str) -> int:
    """The key of a number as it is printed or scanned; spaces and small letters are forgiven. BadNumber."""
    found = _FORM.fullmatch("".join(text.split()).upper())
    if found is None:
        raise BadNumber()
    return (ord(found[1]) - ord("A")) * _BLOCK + int(found[2])


def text(number: int) -> str:
    """A key as it is printed: `E370000001`."""
    letter, digits = divmod(number, _BLOCK)
    return f"{chr(ord('A') + letter)}{digits:09d}"


def letter(number: int) -> str:
    """The letter of a key."""
    return chr(ord("A") + number // _BLOCK)


def province(number: int) -> str:
    """The first two digits: a province's."""
    return f"{number % _BLOCK // _SERIALS:02d}"


class Span(NamedTuple):
    """Numbers from `first` to `last`, both meant; keys."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many numbers."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{text(self.first)}-{text(self.last)}"

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.first <= number <= self.last

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {"first": text(self.first), "last": text(self.last), "count": self.size}


def span(first: str, last: str | None = None) -> Span:
    """A run of numbers of one letter and province; one number where no last is given. BadNumber, BadRange."""
    made = Span(key(first), key(last or first))
    if made.size < 1 or made.first // _SERIALS != made.last // _SERIALS:
        raise BadRange(first=text(made.first), last=text(made.last))
    return made


def spans(numbers: list[int]) -> list[Span]:
    """The runs that some numbers make up, in order."""
    made: list[Span] = []
    for number in sorted(numbers):
        if made and number == made[-1].last + 1:
            made[-1] = Span(made[-1].first, number)
        else:
            made.append(Span(number, number))
    return made
