"""Every error a user can meet, under one root.

    QuanminError
    ├── Invalid       what was sent or asked is wrong          HTTP 422   exit 10
    ├── NotFound      what was asked for is not there          HTTP 404   exit 11
    ├── Conflict      somebody else was first, or a state      HTTP 409   exit 12
    │                 forbids the action
    ├── Denied        the policy says no                       HTTP 403   exit 13
    ├── Unavailable   a disk, database or engine is away       HTTP 503   exit 14
    └── Incomplete    work stopped before it was whole         HTTP 500   exit 15

A kind is a subclass with a stable `code` (`QM-COLLECT-012`), a title and a next step in both languages. Packages declare
their own kinds in their `errors.py`; `KINDS` knows them all, so that the manual can list them and a test can insist on it.
The fields of a message are addresses (file, row, element, rule), counts and limits, never a person's values. What somebody typed
in the wrong place may be one: numbers of people are starred in every field, and in a name of the program all that is not ASCII.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any, ClassVar, Literal, get_args

from quanmin.redaction import plain_word, redacted
from quanmin.text import Language, Text

Category = Literal["invalid", "not_found", "conflict", "denied", "unavailable", "incomplete"]
CATEGORIES: tuple[Category, ...] = get_args(Category)

KINDS: dict[str, type[QuanminError]] = {}

_CODE = re.compile(r"QM-[A-Z]+-\d{3}")
_NAMES = (
    "account",
    "action",
    "agency",
    "dataset",
    "decision",
    "element",
    "format",
    "name",
    "policy",
    "purpose",
    "source",
    "table",
)
"""Fields that name something of the program, so that whatever else is typed there is no address."""
_MANY = 10**10


class QuanminError(Exception):
    """The root. `str(error)` is one English line with the code; `message()` gives either language."""

    category: ClassVar[Category]
    code: ClassVar[str]
    title: ClassVar[Text]
    step: ClassVar[Text]

    def __init__(self, **fields: object) -> None:
        self.fields = {name: _address(name, value) for name, value in fields.items()}
        super().__init__(self.message("en"))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        code = cls.__dict__.get("code")
        if code is None:
            return
        if not _CODE.fullmatch(code) or code in KINDS:
            raise TypeError(f"error code {code} is malformed or taken")
        KINDS[code] = cls

    def message(self, language: Language) -> str:
        """One line: code, then what happened and where."""
        return f"{self.code} {self.title.format(**self.fields).get(language)}"

    def next_step(self, language: Language) -> str:
        """What the reader can do about it."""
        return self.step.format(**self.fields).get(language)

    def to_dict(self) -> dict[str, Any]:
        """The one JSON shape of an error."""
        return {
            "code": self.code,
            "category": self.category,
            "message": {language: self.message(language) for language in ("zh", "en")},
            "next_step": {language: self.next_step(language) for language in ("zh", "en")},
            "address": {
                name: value.en if isinstance(value, Text) else str(value) for name, value in self.fields.items()
            },
        }


def _address(name: str, value: object) -> object:
    """A field as it may be told."""
    if isinstance(value, int) and abs(value) >= _MANY:
        return redacted(str(value))  # a number of somebody, given where a number of something was asked for
    if isinstance(value, Text) or not isinstance(value, str | PurePath):
        return value
    return plain_word(str(value)) if name in _NAMES else redacted(str(value))


class Invalid(QuanminError):
    """What was sent or asked is wrong; the sender can put it right."""

    category = "invalid"


class NotFound(QuanminError):
    """What was asked for does not exist here."""

    category = "not_found"


class Conflict(QuanminError):
    """Another action came first, or the state forbids this one."""

    category = "conflict"


class Denied(QuanminError):
    """The policy refuses; the reason is in the message and in the audit log."""

    category = "denied"


class Unavailable(QuanminError):
    """A disk, database or engine cannot be used now."""

    category = "unavailable"


class Incomplete(QuanminError):
    """Work stopped before it was whole; nothing of it is visible."""

    category = "incomplete"


def http_status(category: Category) -> int:
    """The HTTP status of a category."""
    match category:
        case "invalid":
            return 422
        case "not_found":
            return 404
        case "conflict":
            return 409
        case "denied":
            return 403
        case "unavailable":
            return 503
        case "incomplete":
            return 500


def exit_code(category: Category) -> int:
    """The exit code of a category, so that a script can tell why a command failed without reading its output."""
    match category:
        case "invalid":
            return 10
        case "not_found":
            return 11
        case "conflict":
            return 12
        case "denied":
            return 13
        case "unavailable":
            return 14
        case "incomplete":
            return 15
