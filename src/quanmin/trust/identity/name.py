"""Names that the audit may show: of accounts, organisations and roles. They never look like a number of a person."""

from __future__ import annotations

import re

from quanmin.trust.identity.errors import BadName

_NAME = re.compile(r"[a-z](?:-?[a-z0-9]){1,39}")
_ROLE = re.compile(r"[a-z](?:_?[a-z]){1,39}")
_MANY_DIGITS = re.compile(r"\d{8}")


def checked(text: str, field: str) -> str:
    """A usable name of an account or organisation; BadName."""
    if len(text) > 40 or not _NAME.fullmatch(text) or _MANY_DIGITS.search(text):
        raise BadName(field=field)
    return text


def role(text: str) -> str:
    """A role that can be given; BadName for what is derived (patient, guardian, participant) or is no role (administrator)."""
    if not _ROLE.fullmatch(text) or text in ("administrator", "patient", "guardian", "participant", "system"):
        raise BadName(field="role")
    return text
