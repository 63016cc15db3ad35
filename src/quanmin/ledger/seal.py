"""Sealed fields of documents: what a workflow declares as `sealed` or `words` is in the database as ciphertext only.

The ledger knows no keys: the package that has them says by `provide` how an installation's `Seal` is made, and every ledger
that is opened has one. A value is bound to its document, action and field.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from quanmin.redaction import STARS
from quanmin.settings import Settings

MARK = "sealed"
LOST = json.dumps(STARS)
"""What is read of words whose key was given up."""


class Seal(Protocol):
    """Encrypts a text for its place, and decrypts it there and nowhere else."""

    def close(self, text: str, place: str) -> str:
        """The ciphertext, as text."""
        ...

    def open(self, sealed: str, place: str) -> str:
        """The text."""
        ...

    def words(self, sealed: str, place: str) -> str:
        """The text, or LOST where its key was given up: words that are lost keep nothing else from being read."""
        ...


_maker = list[Callable[[Settings], Seal]]()


def provide(maker: Callable[[Settings], Seal]) -> None:
    """Say how the seal of an installation is made; the last word counts."""
    _maker[:] = [maker]


def provided(settings: Settings) -> Seal | None:
    """The seal of an installation; None in a program that loads no package with keys."""
    return _maker[0](settings) if _maker else None


def closed(
    seal: Seal | None, fields: Iterable[str], data: Mapping[str, Any], document: int, sequence: int
) -> dict[str, Any]:
    """The data of an action as it is stored; TypeError where something is to be sealed and nobody handed a seal in."""
    found = dict(data)
    for name in fields:
        if found.get(name) is None:
            continue
        if seal is None:
            raise TypeError(f"the field {name} is sealed, and this ledger has no seal")
        text = json.dumps(found[name], ensure_ascii=False)
        found[name] = {MARK: seal.close(text, _place(document, sequence, name))}
    return found


def opened(
    seal: Seal | None,
    fields: Iterable[str],
    words: Iterable[str],
    data: Mapping[str, Any],
    document: int,
    sequence: int,
) -> Mapping[str, Any]:
    """The data of an action as it was given. Without a seal, and for what was written before, it is as stored."""
    if seal is None:
        return data
    ways = {**dict.fromkeys(fields, seal.open), **dict.fromkeys(words, seal.words)}
    held = {name: way for name, way in ways.items() if isinstance(data.get(name), dict) and MARK in data[name]}
    if not held:
        return data
    texts = {name: way(data[name][MARK], _place(document, sequence, name)) for name, way in held.items()}
    return {**data, **{name: json.loads(text) for name, text in texts.items()}}


def _place(document: int, sequence: int, name: str) -> str:
    return f"{document} {sequence} {name}"
