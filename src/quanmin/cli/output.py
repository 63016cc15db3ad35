"""How the command line speaks: JSON on standard output, tables for people, everything else on standard error."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, TextIO
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from quanmin.errors import QuanminError
from quanmin.ledger.due import last_day
from quanmin.settings import Settings
from quanmin.text import Language, Text, document

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output. 输出 JSON。")]

WIDE = 240
"""Columns of a table that goes to a file or a pipe: there nothing is gained by folding a dataset's name."""


def width(stream: TextIO, columns: str | None) -> int | None:
    """The columns of a stream; None where the terminal, or the variable COLUMNS, says."""
    return None if columns or stream.isatty() else WIDE


_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Categories of signs that move the cursor, change the direction or are not seen: they could make a text look like another."""


def visible(text: str) -> str:
    """A text on one line, as it is: line ends, escape sequences, marks of direction and signs without width are spelled out."""
    if text.isprintable():
        return text
    return "".join(_spelled(sign) if unicodedata.category(sign) in _HIDDEN else sign for sign in text)


def _spelled(sign: str) -> str:
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class Plain(Console):
    """A console that shows what it is given: no markup in it, and nothing that commands the terminal."""

    def print(self, *objects: Any, **more: Any) -> None:
        """Print; text is made visible first."""
        super().print(*(visible(one) if isinstance(one, str) else one for one in objects), **more)


_HOW: dict[str, Any] = {"highlight": False, "soft_wrap": True, "markup": False, "emoji": False}
out = Plain(width=width(sys.stdout, os.environ.get("COLUMNS")), **_HOW)
err = Plain(stderr=True, **_HOW)


def say(text: Text) -> str:
    """`text` in the language of this installation."""
    return text.get(_spoken(*map(os.environ.get, _SAYS)))


_SAYS = ("QUANMIN_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""What the language is taken from."""


@lru_cache
def _spoken(*_said: str | None) -> Language:
    """The language of the settings, which take milliseconds to read, for what the environment says now."""
    return Settings().language


def deadline(value: datetime | None) -> str:
    """The end of a time in the zone of the installation: its last day where it ends as that day does, else the time."""
    if value is None:
        return ""
    zone = Settings().zone
    last = last_day(value, zone)
    return last.isoformat() if last is not None else f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def print_json(value: Any) -> None:
    """Write one JSON document, UTF-8, to standard output; texts are objects with `zh` and `en`."""
    text = json.dumps(document(value), ensure_ascii=False, indent=1, default=_plain)
    for sign in {one for one in text if one != "\n" and not one.isprintable() and unicodedata.category(one) in _HIDDEN}:
        text = text.replace(sign, json.dumps(sign)[1:-1])
    sys.stdout.write(text + "\n")


def print_table(titles: Sequence[Text], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under titles; numbers stand right."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    materialised = [list(row) for row in rows]
    for position, title in enumerate(titles):
        numeric = all(isinstance(row[position], int | float) for row in materialised)
        table.add_column(say(title), justify="right" if numeric and materialised else "left", overflow="fold")
    for row in materialised:
        table.add_row(*(_cell(value) for value in row))
    out.print(table)


def _cell(value: object) -> str:
    if isinstance(value, Text):
        return say(value)
    return visible(_written(value))


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4f}"
    return str(value)


def _language() -> Language:
    try:
        return Settings().language
    except ValidationError:  # a bad setting is complained about, too
        return "en"


def complain(error: QuanminError) -> None:
    """One line for the error, one for what to do next; never a traceback."""
    language = _language()
    err.print(error.message(language), style="bold red", markup=False)
    err.print("→ " + error.next_step(language), markup=False)
