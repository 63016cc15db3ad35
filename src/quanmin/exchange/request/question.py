"""A question as it travels: an operation, and of whom or what. Nothing of it is repeated in an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quanmin.exchange.request.errors import RequestUnreadable, TooManyKeys
from quanmin.exchange.terms import OPERATIONS, Operation

MOST = 1000
"""Records of one request."""
_LONGEST = 200


@dataclass(frozen=True)
class Question:
    """`keys`: for each record what its key is, by element (`{"citizen_number": …}`), or for `verify` what is stated."""

    operation: Operation
    keys: tuple[Mapping[str, str], ...]
    elements: tuple[str, ...] | None = None

    def body(self) -> bytes:
        """As JSON."""
        told: dict[str, Any] = {"operation": self.operation, "keys": [dict(one) for one in self.keys]}
        if self.elements is not None:
            told["elements"] = list(self.elements)
        return json.dumps(told, ensure_ascii=False).encode()

    @classmethod
    def read(cls, body: bytes) -> Question:
        """From JSON, strictly; RequestUnreadable, TooManyKeys."""
        try:
            told = json.loads(body)
        except ValueError:
            raise RequestUnreadable(where="JSON") from None
        if not isinstance(told, dict) or set(told) - {"operation", "keys", "elements"}:
            raise RequestUnreadable(where="operation, keys, elements")
        operation, keys, elements = told.get("operation"), told.get("keys"), told.get("elements")
        if operation not in OPERATIONS:
            raise RequestUnreadable(where="operation")
        if not isinstance(keys, list) or not keys or not all(_is_key(one) for one in keys):
            raise RequestUnreadable(where="keys")
        if len(keys) > (1 if operation == "lookup" else MOST):
            raise TooManyKeys(limit=1 if operation == "lookup" else MOST, count=len(keys))
        if elements is not None and not (isinstance(elements, list) and all(isinstance(one, str) for one in elements)):
            raise RequestUnreadable(where="elements")
        return cls(operation, tuple(keys), tuple(elements) if elements is not None else None)


def _is_key(one: Any) -> bool:
    if not isinstance(one, dict) or not 0 < len(one) <= 8:
        return False
    return all(isinstance(value, str) and len(value) <= _LONGEST for value in one.values())
