"""The same answers, row by row in plain Python: what the fast way is compared with. Slow, and meant to be read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any

from quanmin.opendata.rows.filter import And, Compare, Node, Not, Or, Words

Row = Mapping[str, Any]


def holds(node: Node, row: Row) -> bool | None:
    """Whether a filter holds of a row; None where SQL says unknown. Values are of the columns' own kinds."""
    match node:
        case And(parts):
            return _both([holds(one, row) for one in parts], False)
        case Or(parts):
            return _both([holds(one, row) for one in parts], True)
        case Not(part):
            found = holds(part, row)
            return None if found is None else not found
        case Words(words):
            texts = [one.casefold() for one in row.values() if isinstance(one, str)]
            return all(any(word.casefold() in text for text in texts) for word in words)
        case Compare():
            return _compared(node, row[node.field])


def _both(found: Iterable[bool | None], decides: bool) -> bool | None:
    """Three-valued OR (`decides` True) and AND (False)."""
    said = list(found)
    return decides if decides in said else None if None in said else not decides


def _compared(node: Compare, value: Any) -> bool | None:
    if node.operator == "null":
        return (value is None) == bool(node.value)
    if value is None:
        return None
    if node.operator == "in":
        return any(value == one for one in node.value)
    if node.operator in ("prefix", "contains"):
        return bool(value.startswith(node.value) if node.operator == "prefix" else node.value in value)
    sign = compared(value, node.value)
    outcomes = {"eq": (0,), "ne": (-1, 1), "gt": (1,), "gte": (0, 1), "lt": (-1,), "lte": (-1, 0)}
    return sign in outcomes[node.operator]


def compared(left: Any, right: Any) -> int:
    """-1, 0 or 1; what is not a number is above every number."""
    if isinstance(left, float) and math.isnan(left):
        return 0 if isinstance(right, float) and math.isnan(right) else 1
    if isinstance(right, float) and math.isnan(right):
        return -1
    return int(left > right) - int(left < right)


def found(rows: Sequence[Row], node: Node, order: Sequence[tuple[str, bool]]) -> list[int]:
    """The numbers of the rows that a filter finds, in order."""
    numbers = [number for number, row in enumerate(rows) if holds(node, row)]

    def before(left: int, right: int) -> int:
        for name, down in order:
            one, other = rows[left][name], rows[right][name]
            if (one is None) != (other is None):
                return 1 if one is None else -1
            sign = 0 if one is None else compared(one, other)
            if sign:
                return -sign if down else sign
        return right - left if order and order[0][1] else left - right

    return sorted(numbers, key=cmp_to_key(before))
