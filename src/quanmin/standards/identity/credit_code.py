"""Organisation codes (GB 11714) and unified social credit codes (GB 32100-2015, USCC).

A USCC is 18 characters: 1 registering authority, 1 type, 6 region, 9 organisation code, 1 check (MOD 31, letters without
I, O, S, V, Z). An organisation code is 9: 8 digits or letters and a check (MOD 11), often written with a hyphen before it.
"""

from __future__ import annotations

import re
import string

from quanmin.standards.identity.citizen_number import normalise as _normalise

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS: tuple[int, ...] = tuple(pow(3, place, 31) for place in range(17))
ORGANISATION_WEIGHTS: tuple[int, ...] = (3, 7, 9, 10, 5, 8, 4, 2)

_CREDIT_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_ORGANISATION_VALUES = {character: value for value, character in enumerate(string.digits + string.ascii_uppercase)}
_CREDIT = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{8}}[{ALPHABET}][{ALPHABET}]")
_ORGANISATION = re.compile(r"[0-9A-Z]{8}[0-9X]")


def normalise(text: str) -> str:
    """Half width, upper case, without spaces and hyphens."""
    return _normalise(text).replace("-", "")


def credit_check_character(first17: str) -> str:
    """The check character of the first 17 characters of a USCC."""
    total = sum(_CREDIT_VALUES[character] * weight for character, weight in zip(first17, CREDIT_WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check_character(first8: str) -> str:
    """The check character of the first 8 characters of an organisation code."""
    values = (_ORGANISATION_VALUES[character] for character in first8)
    check = -sum(value * weight for value, weight in zip(values, ORGANISATION_WEIGHTS, strict=True)) % 11
    return "X" if check == 10 else str(check)


def is_credit_code(text: str) -> bool:
    """Whether the text is a USCC with the right check character.

    Its embedded organisation code is not checked by itself: codes issued to sole traders carry none.
    """
    code = normalise(text)
    return _CREDIT.fullmatch(code) is not None and credit_check_character(code[:17]) == code[17]


def is_organisation_code(text: str) -> bool:
    """Whether the text is an organisation code with the right check character."""
    code = normalise(text)
    return _ORGANISATION.fullmatch(code) is not None and organisation_check_character(code[:8]) == code[8]
