"""What a reader finds: the parts of a record as our documents name them, before it is adopted; and what readers share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from quanmin.opendata.catalogue import Term, vocabulary
from quanmin.text import LANGUAGES, Language


class Broken(ValueError):
    """A page is not of its format; its words hold nothing of the page but a place."""


@dataclass(slots=True)
class Found:
    """A record of a source: its identifier there, and a document without what the source itself cannot know."""

    original: str
    document: dict[str, Any]


@dataclass(slots=True)
class Batch:
    """A page of a source: its records, and the address of the page after it."""

    found: list[Found] = field(default_factory=list)
    next: str | None = None


def texts(values: Mapping[str, str] | str | None, language: Language) -> dict[str, str] | None:
    """Texts by language; words without one are in the language of the source; None where there are none."""
    given = {language: values} if isinstance(values, str) else dict(values or {})
    made: dict[str, str] = {}
    for said, text in given.items():
        known = said.lower().replace("_", "-").split("-")[0]
        if known in LANGUAGES:
            made.setdefault(known, text)
    return made or None


def code(name: str, *values: object) -> str | None:
    """The code of the first of some values that a value set knows, as code, address, label or media type."""
    for value in values:
        term = _term(name, value)
        if term is not None:
            return term.code
    return None


def _term(name: str, value: object) -> Term | None:
    if not isinstance(value, str) or not value or len(value) > 500:
        return None
    known = vocabulary(name)
    bare = value.strip()
    for spelled in (
        bare,
        bare.rstrip("/"),
        bare.rstrip("/") + "/",
        re.sub("^https:", "http:", bare),
        re.sub("^https:", "http:", bare).rstrip("/") + "/",
    ):
        term = known.find(spelled)
        if term is not None:
            return term
    folded = bare.casefold().removeprefix("https://www.iana.org/assignments/media-types/")
    for term in known.terms.values():
        if folded in (term.title.zh.casefold(), term.title.en.casefold(), term.text("media")):
            return term
    return None


ACCESS = {
    "public": "public",
    "restricted": "application",
    "non_public": "closed",
    "restricted public": "application",
    "non-public": "closed",
}


def access(*values: object) -> str | None:
    """Our kind of access for what a source calls it: PUBLIC, RESTRICTED (on application), NON_PUBLIC, or one of ours."""
    for value in values:
        if isinstance(value, str) and value:
            last = value.rstrip("/").rsplit("/", 1)[-1].casefold()
            if last in ACCESS:
                return ACCESS[last]
            own = _term("access", value) if "/" not in value else None
            if own is not None:
                return own.code
    return None


def distribution(number: int, **parts: Any) -> dict[str, Any]:
    """A distribution without what is None; it has a number of its own in its record."""
    return {
        "dct:identifier": str(number),
        **{name.replace("__", ":"): value for name, value in parts.items() if value is not None},
    }


def whole(parts: Mapping[str, Any]) -> dict[str, Any]:
    """A document without what is None or empty."""
    return {name: value for name, value in parts.items() if value not in (None, [], {})}


def words(values: Iterable[object]) -> list[str]:
    """Those that are text, each once."""
    return list(dict.fromkeys(one.strip() for one in values if isinstance(one, str) and one.strip()))
