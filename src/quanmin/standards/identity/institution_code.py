"""Codes of health institutions (WS 218-2002): 22 characters, kept apart by what each part means.

organisation code 9 (GB 11714, with its check) | region 6 | economic type 2 | category 4 (a letter, 3 digits) | management 1
"""

from __future__ import annotations

import re
from typing import NamedTuple

from quanmin.standards.identity.credit_code import is_organisation_code, normalise

_FORM = re.compile(r"([0-9A-Z]{8}[0-9X])([1-9][0-9]{5})([0-9]{2})([A-Q][0-9]{3})([129])")


class InstitutionCode(NamedTuple):
    """The five parts of a code; `management` is 1 non-profit, 2 for profit, 9 other."""

    organisation: str
    region: str
    economic_type: str
    category: str
    management: str


def parse(text: str) -> InstitutionCode | None:
    """The parts of the code; None if its form or the check of its organisation code is wrong."""
    match = _FORM.fullmatch(normalise(text))
    if match is None or not is_organisation_code(match[1]):
        return None
    return InstitutionCode(*match.groups())


def is_institution_code(text: str) -> bool:
    """Whether the text is a WS 218 code with a sound organisation code."""
    return parse(text) is not None
