"""A form as a list of fields: what each may hold, how it is asked for, and what is said of one that is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from starlette.datastructures import FormData

from quanmin.text import Text

Kind = Literal["text", "words", "secret", "number", "day", "choice", "yes", "hidden", "code"]

KEPT = "kept."
"""Begins the names of hidden fields that hold what was typed into another form before the session ended."""

MISSING = Text("请填写{title}", "{title} is needed")
TOO_LONG = Text("{title}最多 {limit} 个字", "{title} may have {limit} characters at most")
NO_NUMBER = Text("{title}须为整数", "{title} must be a whole number")
NO_DAY = Text("{title}须为日期，如 2026-01-31", "{title} must be a day such as 2026-01-31")
NO_CHOICE = Text("请从列表中选择{title}", "choose {title} from the list")
ODD = Text("{title}含有不可见的字符", "{title} holds characters that cannot be seen")


@dataclass(frozen=True)
class Field:
    """One thing that is asked for. `choices` are pairs of a value and its words; `hint` stands below the title.

    With `focus` it is where one begins to type.
    """

    name: str
    title: Text
    kind: Kind = "text"
    needed: bool = True
    limit: int = 200
    hint: Text | None = None
    choices: Sequence[tuple[str, Text]] = ()
    value: Any = None
    auto: str = "off"
    focus: bool = False

    def schema(self) -> dict[str, Any]:
        """What the field may hold, for the description of the interface."""
        shape: dict[str, Any] = {"type": "string", "maxLength": self.limit, "title": self.title.en}
        return shape | ({"enum": [value for value, _ in self.choices]} if self.choices else {})


@dataclass(frozen=True)
class Posted:
    """What was sent: typed `values`, the `typed` texts, what is wrong, by field; and what was `kept` from another form."""

    values: Mapping[str, Any]
    typed: Mapping[str, str]
    problems: Mapping[str, Text] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def wrong(self, name: str, problem: Text) -> Posted:
        """The same with one more problem."""
        return replace(self, problems={**self.problems, name: problem})


def read(fields: Sequence[Field], sent: FormData) -> Posted:
    """What was sent, checked field by field; fields that are not asked for are passed over."""
    values: dict[str, Any] = {}
    typed: dict[str, str] = {}
    problems: dict[str, Text] = {}
    for one in fields:
        given = sent.get(one.name, "")
        text = given if isinstance(given, str) else ""
        text = text if one.kind == "secret" else text.strip()
        values[one.name], problem = _value(one, text)
        if one.kind not in ("secret", "code"):
            typed[one.name] = text[: one.limit]
        if problem is not None:
            problems[one.name] = problem.format(title=one.title, limit=one.limit)
    kept = {name[len(KEPT) :]: text for name, text in sent.items() if name.startswith(KEPT) and isinstance(text, str)}
    return Posted(values, typed, problems, kept)


def _value(one: Field, text: str) -> tuple[Any, Text | None]:
    if one.kind == "yes":
        return text in ("yes", "on", "1"), None
    if not text:
        return None, MISSING if one.needed else None
    if len(text) > one.limit:
        return None, TOO_LONG
    if any(not sign.isprintable() and not (one.kind == "words" and sign in "\r\n\t") for sign in text):
        return None, ODD
    if one.choices and text not in {value for value, _ in one.choices}:
        return None, NO_CHOICE
    if one.kind == "number":
        plain = text.isascii() and text.isdigit() and len(text) <= 15
        return (int(text), None) if plain else (None, NO_NUMBER)
    if one.kind == "day":
        try:
            return date.fromisoformat(text), None
        except ValueError:
            return None, NO_DAY
    return text, None
