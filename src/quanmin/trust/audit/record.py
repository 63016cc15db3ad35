"""One event as a line of text: what is hashed, what is stored, what is exported.

A line is one JSON object with its members in a fixed order. Its leaf hash is over exactly these bytes. The exported line is the
same object with the member `leaf` before the others, so that a line can be checked without parsing it:

    {"leaf":"<64 hex digits>","at":"2026-01-31T08:00:00.000000Z","sequence":7,"event":"…","actor":"…","purpose":"…","fields":{}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

LEAF = slice(9, 73)  # where an exported line has its leaf hash
REST = 75  # what follows it; an opening brace before it gives the line that is hashed
TIME = slice(81, 108)
SEQUENCE = 121


BEGUN = "read.begin"
"""The event of a read that hands its rows out while it goes on; the `read` after it names it in `begun`."""


class Event(NamedTuple):
    """What is stored of an event; the order is that of the columns."""

    sequence: int
    at: datetime
    event: str
    actor: str
    purpose: str | None
    entry: str

    def line(self) -> bytes:
        """The bytes that are hashed."""
        names = f'"event":{_quoted(self.event)},"actor":{_quoted(self.actor)},"purpose":{_quoted(self.purpose)}'
        return f'{{"at":"{stamp(self.at)}","sequence":{self.sequence},{names},"fields":{self.entry}}}'.encode()

    def fields(self) -> dict[str, Any]:
        """All fields, as they were given."""
        own: dict[str, Any] = {"event": self.event, "actor": self.actor}
        if self.purpose is not None:
            own["purpose"] = self.purpose
        own.update(json.loads(self.entry))
        return own


def make(sequence: int, at: datetime, event: str, actor: str, fields: Mapping[str, Any]) -> Event:
    """An event to be stored; a purpose that is text has its own column."""
    purpose = fields.get("purpose")
    if not isinstance(purpose, str):
        return Event(sequence, at, _clean(event), _clean(actor), None, _text(fields))
    rest = {name: value for name, value in fields.items() if name != "purpose"}
    return Event(sequence, at, _clean(event), _clean(actor), _clean(purpose), _text(rest))


def links(event: Event, fields: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Under which keys an event can be found besides its columns.

    Persons by pseudonym, a decision by its number, the end of a read by the number of its beginning.
    """
    persons = fields.get("persons")
    found = {f"p:{one}" for one in persons} if isinstance(persons, list | tuple) else set()
    if event.event == "decide" and isinstance(fields.get("decision"), str):
        found.add(f"d:{fields['decision']}")
    if event.event == "read" and isinstance(fields.get("begun"), int):
        found.add(beginning(fields["begun"]))
    return [(_clean(key), event.sequence) for key in sorted(found)]


def beginning(sequence: int) -> str:
    """The key by which the end of the read is found that began with this entry."""
    return f"b:{sequence}"


def exported(line: bytes, leaf: bytes) -> bytes:
    """The line as it is exported, without its end."""
    return b'{"leaf":"' + leaf.hex().encode() + b'",' + line[1:]


def stamp(at: datetime) -> str:
    """A time in UTC, always of one width, so that order in text is order in time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def _text(fields: Mapping[str, Any]) -> str:
    """Canonical JSON: names in order, no spaces; half characters, which no database keeps, are escaped."""
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text


@lru_cache(4096)
def _clean(name: str) -> str:
    """A name that every database keeps."""
    return name.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


@lru_cache(4096)
def _quoted(name: str | None) -> str:
    return json.dumps(name, ensure_ascii=False)
