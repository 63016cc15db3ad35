"""The part of Structured Fields (RFC 9651) that signatures use: dictionaries of inner lists, and of byte sequences."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

_KEY = re.compile(r"[a-z*][a-z0-9_.*-]*")
_STRING = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_INTEGER = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_OTHER = re.compile(
    r'-?[0-9]{1,12}\.[0-9]{1,3}(?![0-9.])|@-?[0-9]{1,15}(?![0-9.])|%"(?:[\x20-\x21\x23-\x24\x26-\x7e]|%[0-9a-f]{2})*"'
)
"""Decimals, dates, display strings: nothing of ours, but parameters that others may write."""
_BYTES = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*")
_BOOLEAN = re.compile(r"\?[01]")
_SPACE = re.compile(r"[ \t]*")

_ONLY_SPACES = re.compile(r" *")


class Word(str):
    """What stands without quotes: a token, a date, a display string."""


Bare = str | int | Decimal | bytes | bool


class Unreadable(ValueError):
    """The text is not of this form."""


class Component(NamedTuple):
    """A covered component: its name, its parameters, and how the standard writes it."""

    name: str
    parameters: dict[str, Bare]
    text: str


class Input(NamedTuple):
    """One member of `Signature-Input`: what is covered, the parameters, and how the standard writes the whole (RFC 9421, 2.3)."""

    components: tuple[Component, ...]
    parameters: dict[str, Bare]
    text: str


class _Reader:
    """Reads a text from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise Unreadable(f"at {self.at}")
        self.at = found.end()
        return found

    def has(self, letter: str) -> bool:
        if self.text.startswith(letter, self.at):
            self.at += len(letter)
            return True
        return False

    def bare(self) -> Bare:
        first = self.text[self.at : self.at + 1]
        if first == '"':
            return self.take(_STRING)[1].replace("\\\\", "\0").replace('\\"', '"').replace("\0", "\\")
        if first == ":":
            return _decoded(self.take(_BYTES)[1])
        if first == "?":
            return self.take(_BOOLEAN)[0] == "?1"
        if other := _OTHER.match(self.text, self.at):
            self.at = other.end()
            return Decimal(other[0]) if first in "-0123456789" else Word(other[0])
        return int(self.take(_INTEGER)[0]) if first in "-0123456789" else Word(self.take(_TOKEN)[0])

    def parameters(self) -> dict[str, Bare]:
        found: dict[str, Bare] = {}
        while self.has(";"):
            self.take(_ONLY_SPACES)
            name = self.take(_KEY)[0]
            found[name] = self.bare() if self.has("=") else True
        return found

    def component(self) -> Component:
        start = self.at
        if not self.text.startswith('"', start):
            raise Unreadable(f"at {start}")
        name = str(self.bare())
        parameters = self.parameters()
        return Component(name, parameters, quoted(name) + _written(parameters))

    def inner(self) -> Input:
        end = self.text.find(")", self.at)
        known = _covered(self.text[self.at : end + 1])
        if known is None:
            known = self.components()
        else:
            self.at = end + 1
        parameters = self.parameters()
        return Input(known, parameters, f"({' '.join([one.text for one in known])}){_written(parameters)}")

    def components(self) -> tuple[Component, ...]:
        if not self.has("("):
            raise Unreadable(f"at {self.at}")
        found: list[Component] = []
        self.take(_ONLY_SPACES)
        while not self.has(")"):
            found.append(self.component())
            before = self.at
            self.take(_ONLY_SPACES)
            if self.at == before and not self.text.startswith(")", self.at):
                raise Unreadable(f"at {self.at}")
        return tuple(found)

    def next(self) -> bool:
        """Whether another member follows; Unreadable for anything else than the end."""
        self.take(_SPACE)
        if self.at == len(self.text):
            return False
        if not self.has(","):
            raise Unreadable(f"at {self.at}")
        self.take(_SPACE)
        if self.at == len(self.text):
            raise Unreadable("ends with a comma")
        return True


@lru_cache(1024)
def _covered(text: str) -> tuple[Component, ...] | None:
    """The components of a list that ends with its first parenthesis: messages cover the same ones over and over."""
    reader = _Reader(text)
    try:
        found = reader.components()
    except Unreadable:
        return None
    return found if reader.at == len(text) else None


def inputs(text: str) -> dict[str, Input]:
    """`Signature-Input`, by label; Unreadable."""
    reader, found = _Reader(text.strip(" ")), dict[str, Input]()
    more = bool(reader.text)
    while more:
        label = reader.take(_KEY)[0]
        if label in found or not reader.has("="):
            raise Unreadable(f"member {len(found)}")
        found[label] = reader.inner()
        more = reader.next()
    return found


def byte_sequences(text: str) -> dict[str, bytes]:
    """`Signature`, by label; Unreadable."""
    reader, found = _Reader(text.strip(" ")), dict[str, bytes]()
    more = bool(reader.text)
    while more:
        label = reader.take(_KEY)[0]
        if label in found or not reader.has("="):
            raise Unreadable(f"member {len(found)}")
        found[label] = _decoded(reader.take(_BYTES)[1])
        reader.parameters()
        more = reader.next()
    return found


def _written(parameters: Mapping[str, Bare]) -> str:
    """Parameters as the standard writes them."""
    return "".join(f";{name}" if value is True else f";{name}={_bare(value)}" for name, value in parameters.items())


def _bare(value: Bare) -> str:
    match value:
        case bool():
            return "?1" if value else "?0"
        case int() | Word():
            return str(value)
        case Decimal():
            text = f"{value:f}".rstrip("0")
            return f"{text}0" if text.endswith(".") else text
        case bytes():
            return f":{base64.b64encode(value).decode()}:"
    return quoted(value)


def _decoded(text: str) -> bytes:
    if "=" not in text:
        text += "=" * (-len(text) % 4)  # whoever leaves the padding out is understood (RFC 9651, 4.2.7)
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Unreadable("base64") from error


def quoted(text: str) -> str:
    """A string as Structured Fields write it; Unreadable for what they cannot hold."""
    if not text.isascii() or not text.isprintable():
        raise Unreadable("not printable ASCII")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
