"""Sealed fields of documents: what a workflow declares as `sealed` is in the database as ciphertext only.

The ledger knows no keys: whoever opens an installation hands in a `Seal`. A value is bound to its document, action and field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

MARK = "sealed"


class Seal(Protocol):
    """Encrypts a text for its place, and decrypts it there and nowhere else."""

    def close(self, text: str, place: str) -> str:
        """The ciphertext, as text."""
        ...

    def open(self, sealed: str, place: str) -> str:
        """The text."""
        ...


def closed(
    seal: Seal | None, fields: Iterable[str], data: Mapping[str, Any], document: int, sequence: int
) -> dict[str, Any]:
    """The data of an action as it is stored; TypeError where something is to be sealed and nobody handed a seal in."""
    found = dict(data)
    for name in fields:
        if found.get(name) is None:
            continue
        if seal is None:
            raise TypeError(f"the field {name} is sealed: open the ledger through the lake")
        text = json.dumps(found[name], ensure_ascii=False)
        found[name] = {MARK: seal.close(text, _place(document, sequence, name))}
    return found


def opened(
    seal: Seal | None, fields: Iterable[str], data: Mapping[str, Any], document: int, sequence: int
) -> Mapping[str, Any]:
    """The data of an action as it was given. Without a seal, and for what was written before, it is as stored."""
    names = [name for name in fields if isinstance(data.get(name), dict) and MARK in data[name]] if seal else []
    if seal is None or not names:
        return data
    return {
        **data,
        **{name: json.loads(seal.open(data[name][MARK], _place(document, sequence, name))) for name in names},
    }


def _place(document: int, sequence: int, name: str) -> str:
    return f"{document} {sequence} {name}"
