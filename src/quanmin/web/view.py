"""What a page shows: a view, made once, written as a page or as its `.json` twin; or where to go next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from quanmin.text import Text


@dataclass(frozen=True)
class View:
    """A page. `data` is what it tells, the whole of the twin; `more` is what only the page needs (charts, choices).

    `template` is given where it is another one than the page's own; `cookies` are set (or, None, taken away) with it. `fleeting`
    is what will soon be told otherwise, so that a public page is not kept.
    """

    title: Text
    data: Mapping[str, Any]
    more: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    template: str | None = None
    cookies: Mapping[str, str | None] = field(default_factory=dict)
    fleeting: bool = False


@dataclass(frozen=True)
class Redirect:
    """What was asked is done: the place of the face to go to, and what to say there."""

    to: str
    notice: Text | None = None
    cookies: Mapping[str, str | None] = field(default_factory=dict)
    status: int = 303


@dataclass(frozen=True)
class Download:
    """A file to keep, in pieces; `name` is what it is kept as."""

    name: str
    media_type: str
    pieces: Iterable[bytes]


Answer = View | Redirect | Download
