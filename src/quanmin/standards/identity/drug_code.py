"""National drug codes (国家药品编码本位码, notice 国食药监办〔2009〕315号): 14 digits with a check digit.

country 2 (86) | class 1 (9, drugs) | enterprise 5 | product 5 | check 1 (GB 18937: weights 3 and 1 from the right)
"""

from __future__ import annotations

import re

from quanmin.standards.identity.citizen_number import normalise

_FORM = re.compile(r"869[0-9]{11}")


def check_digit(first13: str) -> str:
    """The check digit of the first 13 digits."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(first13)))
    return str(-total % 10)


def is_drug_code(text: str) -> bool:
    """Whether the text is a drug code with the right check digit."""
    code = normalise(text)
    return _FORM.fullmatch(code) is not None and check_digit(code[:13]) == code[13]
