"""Identity documents that are known by their form only: passports, travel permits, birth certificates, older cards.

A form says what a text may be, never that it was issued. `forms` gives every document whose form a text has, most specific
first, because short numbers are ambiguous: eight digits alone are a Taiwan travel permit and many other things.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from quanmin.standards.identity.citizen_number import Kind, Parsed, normalise, parse
from quanmin.text import Text


class Form(NamedTuple):
    """One kind of document: its id, titles, code in CV02.01.101 (WS 364.3-2011) and pattern (None: checked by parsing)."""

    id: str
    title: Text
    type_code: str
    pattern: re.Pattern[str] | None


def _form(form_id: str, zh: str, en: str, type_code: str, pattern: str | None = None) -> Form:
    return Form(form_id, Text(zh, en), type_code, re.compile(pattern) if pattern else None)


FORMS: tuple[Form, ...] = (
    _form("citizen", "居民身份证", "Citizen's identity card", "01"),
    _form("hong_kong_resident", "港澳居民居住证(香港)", "Residence permit (Hong Kong)", "99"),
    _form("macao_resident", "港澳居民居住证(澳门)", "Residence permit (Macao)", "99"),
    _form("taiwan_resident", "台湾居民居住证", "Residence permit (Taiwan)", "99"),
    _form("foreigner", "外国人永久居留身份证", "Foreigner's permanent residence card", "99"),
    _form("foreigner_old", "外国人永久居留身份证(旧版)", "Foreigner's card, 2017", "99", r"[A-Z]{3}[0-9]{12}"),
    _form("passport", "护照", "Passport", "03", r"[GDESP][0-9]{8}|E[A-Z][0-9]{7}|1[45][0-9]{7}"),
    _form(
        "home_return_permit",
        "港澳居民来往内地通行证",
        "Mainland travel permit, HK and Macao",
        "06",
        r"[HM][0-9]{8}([0-9]{2})?",
    ),
    _form(
        "taiwan_permit", "台湾居民来往大陆通行证", "Mainland travel permit, Taiwan", "07", r"[0-9]{8}|[0-9]{10}[A-Z]"
    ),
    _form("birth_certificate", "出生医学证明", "Medical certificate of birth", "99", r"[A-Z][0-9]{9}"),
)
_BY_ID = {form.id: form for form in FORMS}


def forms(text: str) -> tuple[Form, ...]:
    """Every document whose form the text has; empty if it has none."""
    parsed = parse(text)
    if isinstance(parsed, Parsed):
        return (_BY_ID[Kind(parsed.kind).value],)
    number = normalise(text)
    return tuple(form for form in FORMS if form.pattern is not None and form.pattern.fullmatch(number))


def has_form(text: str, form_id: str) -> bool:
    """Whether the text has the form of that document."""
    return _BY_ID[form_id] in forms(text)
