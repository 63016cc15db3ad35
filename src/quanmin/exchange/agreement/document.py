"""Terms as somebody wrote them: read strictly, since what is signed must be what is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from quanmin.exchange.agreement.errors import TermsUnreadable
from quanmin.exchange.terms import Terms

_WORDS = ("item", "title_zh", "title_en", "provider", "consumer", "authority", "dataset", "purpose", "legal_basis")
_CHOICES = ("mode", "initiative", "frequency", "content", "form", "starts", "until", "id")
_FLAGS = ("case", "sealed", "bodies", "recall", "onward")
_NUMBERS = ("quota", "keep_days")
_LISTS = ("elements", "operations")
_KNOWN = {one.name for one in fields(Terms)}
_NEEDED = {one.name for one in fields(Terms) if one.default is MISSING and one.default_factory is MISSING}
_MOST = 1_000
"""Characters of one text, or members of one list."""


def terms_of(document: Mapping[str, Any]) -> Terms:
    """The terms of a JSON document, each field of its type and none beside; TermsUnreadable."""
    if not isinstance(document, Mapping):
        raise TermsUnreadable(reason="no object")
    unknown, missing = set(document) - _KNOWN, _NEEDED - set(document)
    if unknown or missing:
        raise TermsUnreadable(reason=f"{len(unknown)} unknown; missing: {', '.join(sorted(missing)) or '-'}")
    wrong = [name for name, value in document.items() if not _fits(name, value)]
    if wrong:
        raise TermsUnreadable(reason=", ".join(sorted(wrong)))
    try:
        return Terms.read({"operations": [], "where": {}, **document})
    except (KeyError, TypeError, ValueError):
        raise TermsUnreadable(reason="starts, until") from None


def changed(terms: Terms, changes: Mapping[str, Any]) -> Terms:
    """The terms with some fields written anew, given as in a JSON document; TermsUnreadable."""
    if not isinstance(changes, Mapping):
        raise TermsUnreadable(reason="no object")
    return terms_of({**terms.to_dict(), **changes})


def _fits(name: str, value: Any) -> bool:
    if name in _WORDS or name in _CHOICES:
        return isinstance(value, str) and len(value) <= _MOST
    if name in _FLAGS:
        return isinstance(value, bool)
    if name == "version":
        return _counts(value)
    if name in _NUMBERS:
        return value is None or _counts(value)
    if name == "region":
        return value is None or (isinstance(value, str) and len(value) <= _MOST)
    if name == "where":
        return isinstance(value, Mapping) and len(value) <= _MOST and all(_texts(codes) for codes in value.values())
    return name in _LISTS and _texts(value)


def _counts(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9


def _texts(value: Any) -> bool:
    """Whether it is a list of texts."""
    listed = isinstance(value, list | tuple) and len(value) <= _MOST
    return listed and all(isinstance(one, str) and len(one) <= _MOST for one in value)
