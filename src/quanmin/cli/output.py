"""How the command line speaks: JSON on standard output, tables for people, everything else on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, TextIO

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from quanmin.errors import QuanminError
from quanmin.settings import Settings
from quanmin.text import Language, Text

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output. 输出 JSON。")]

WIDE = 240
"""Columns of a table that goes to a file or a pipe: there nothing is gained by folding a dataset's name."""


def width(stream: TextIO, columns: str | None) -> int | None:
    """The columns of a stream; None where the terminal, or the variable COLUMNS, says."""
    return None if columns or stream.isatty() else WIDE


out = Console(highlight=False, soft_wrap=True, width=width(sys.stdout, os.environ.get("COLUMNS")))
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: Text) -> str:
    """`text` in the language of this installation."""
    return text.get(Settings().language)


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    return str(value)


def print_json(document: Any) -> None:
    """Write one JSON document, UTF-8, to standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1, default=_plain) + "\n")


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
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4f}"
    if isinstance(value, Text):
        return say(value)
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
