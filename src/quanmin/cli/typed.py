"""What is not repeated: words that were typed wrong, and what a library says when something fails that nobody foresaw."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable
from pathlib import Path

import typer
from typer.exceptions import TyperException

from quanmin.cli.output import err, visible
from quanmin.errors import Incomplete
from quanmin.redaction import STARS, redacted
from quanmin.text import Text

_HARMLESS = re.compile(r"-{0,2}[A-Za-z_./:-]*(\d{1,5}[A-Za-z_./:-]*){0,2}")
"""A word of the program or a small number: what helps to find the slip, and is nobody's."""
_PACKAGE = Path(__file__).parents[1]
_SHOWN = 3


def untyped(message: str, words: Iterable[str]) -> str:
    """A message about a command without those of its words that could be somebody's; numbers of people go in any case."""
    parts = {
        part for word in words for part in (word, word.partition("=")[2]) if part and not _HARMLESS.fullmatch(part)
    }
    for part in sorted(parts, key=len, reverse=True):
        for spelling in (part, repr(part)[1:-1]):
            message = message.replace(spelling, STARS)
    return visible(redacted(message))


def mistyped(error: TyperException, words: Iterable[str]) -> None:
    """How the command is used, and what was wrong with what was typed; nothing where the help was printed instead."""
    error.message = untyped(error.message, words)
    said, context = error.format_message(), getattr(error, "ctx", None)
    if said and context is not None:
        typer.echo(context.get_usage(), err=True)
        typer.echo(f"{context.command_path} --help", err=True)
    if said:
        err.print(said, style="bold red")


class Unexpected(Incomplete):
    """An error that the program does not know: its kind and place are told, its text is not, for it may hold data."""

    code = "QM-CLI-001"
    title = Text("程序内部错误：{kind}，位于 {place}", "an error inside of the program: {kind} at {place}")
    step = Text(
        "请将此行报告给维护者；错误原文可能含有个人信息，故不显示。",
        "Report this line to whoever maintains it; the error's own words may hold personal data and are not shown.",
    )

    @classmethod
    def of(cls, error: BaseException) -> Unexpected:
        """What may be told of an error: the last places of this package that it came through, the innermost first."""
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
        places = [f"{Path(one.filename).relative_to(_PACKAGE).as_posix()}:{one.lineno}" for one in reversed(own)]
        return cls(kind=type(error).__name__, place=" < ".join(places[:_SHOWN]) or "-")
