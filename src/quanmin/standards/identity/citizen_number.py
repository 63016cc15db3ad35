"""Citizen numbers (GB 11643-1999) and the numbers that share their layout, one at a time: the reference of the kernels.

    region 6 | birth date 8 | order 3 | check 1        order: odd for a man, even for a woman
                                                       check: ISO 7064 MOD 11-2 over the 17 digits before it

Residence permits of Hong Kong, Macao and Taiwan use the regions 810000, 820000 and 830000; the foreigner's permanent number
of 2023 begins with 9 (9, province 2, country 3) and is otherwise the same. The old 15-digit form has a two-digit year and no
check character: it is upgraded, never stored. Whether a region was ever valid is a rule, not part of the number's own sense.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from enum import StrEnum
from typing import NamedTuple

WEIGHTS: tuple[int, ...] = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
FIRST_YEAR, LAST_YEAR = 1800, 2099
CENTENARIANS = ("996", "997", "998", "999")  # orders that the 15-digit form kept for people born in the 1800s

_INVISIBLE = dict.fromkeys(map(ord, "'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_ASCII_DIGITS = frozenset("0123456789")


class Kind(StrEnum):
    """Whose number it is, told from its first digits."""

    CITIZEN = "citizen"
    HONG_KONG = "hong_kong_resident"
    MACAO = "macao_resident"
    TAIWAN = "taiwan_resident"
    FOREIGNER = "foreigner"


class Problem(StrEnum):
    """Why a text is not a number: the first thing found wrong."""

    MISSING = "missing"
    LENGTH = "length"
    CHARACTERS = "characters"
    BIRTH_DATE = "birth_date"
    CHECK = "check"


class Parsed(NamedTuple):
    """What an 18-character number says. `sex` is a code of GB/T 2261.1 ("1" man, "2" woman)."""

    number: str
    region: str
    birth_date: date
    order: str
    sex: str
    kind: Kind


def normalise(text: str) -> str:
    """The text in half width and upper case, without white space, invisible signs and a spreadsheet's leading quote."""
    return "".join(unicodedata.normalize("NFKC", text).split()).translate(_INVISIBLE).upper()


def canonical(text: str) -> str:
    """The normalised text, a sound 15-digit form upgraded to 18 characters."""
    number = normalise(text)
    return upgrade15(number) or number if len(number) == 15 else number


def check_character(first17: str) -> str:
    """The check character of 17 digits."""
    return CHECK_CHARACTERS[sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True)) % 11]


def parse(text: str) -> Parsed | Problem:
    """What the number says, or what is wrong with it; takes either form in any spelling that `normalise` knows."""
    number = canonical(text)
    problem = _problem(number)
    if problem is not None:
        return problem
    sex = "1" if int(number[16]) % 2 else "2"
    birth_date = _birth_date(number[6:14])
    assert birth_date is not None
    return Parsed(number, number[:6], birth_date, number[14:17], sex, _kind(number))


def upgrade15(text: str) -> str | None:
    """The 18-character form of a 15-digit number; None if it is not one (length, digits, impossible birth date)."""
    number = normalise(text)
    if len(number) != 15 or not _digits(number) or number[0] == "0":
        return None
    century = "18" if number[12:] in CENTENARIANS else "19"
    first17 = number[:6] + century + number[6:]
    if _birth_date(first17[6:14]) is None:
        return None
    return first17 + check_character(first17)


def encode(text: str) -> int | None:
    """The person key: the first 17 digits as an integer; None if the text is not a sound number."""
    parsed = parse(text)
    return int(parsed.number[:17]) if isinstance(parsed, Parsed) else None


def decode(person_key: int) -> str:
    """The 18-character number of a person key."""
    first17 = f"{person_key:017d}"
    return first17 + check_character(first17)


def _problem(number: str) -> Problem | None:
    if not number:
        return Problem.MISSING
    if len(number) != 18:
        return _problem_of_old_form(number) if len(number) == 15 else Problem.LENGTH
    if not _digits(number[:17]) or number[0] == "0" or number[17] not in CHECK_CHARACTERS:
        return Problem.CHARACTERS
    if _birth_date(number[6:14]) is None:
        return Problem.BIRTH_DATE
    return None if number[17] == check_character(number[:17]) else Problem.CHECK


def _problem_of_old_form(number: str) -> Problem:
    return Problem.BIRTH_DATE if _digits(number) and number[0] != "0" else Problem.CHARACTERS


def _kind(number: str) -> Kind:
    if number[0] == "9":
        return Kind.FOREIGNER
    residents = {"810000": Kind.HONG_KONG, "820000": Kind.MACAO, "830000": Kind.TAIWAN}
    return residents.get(number[:6], Kind.CITIZEN)


def _digits(text: str) -> bool:
    return _ASCII_DIGITS.issuperset(text)


def _birth_date(digits: str) -> date | None:
    try:
        birth_date = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return birth_date if FIRST_YEAR <= birth_date.year <= LAST_YEAR else None
