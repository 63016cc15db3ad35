"""The counting of a table row by row, in plain Python: what the statements of `cells` are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from quanmin.opendata.disclosure.axis import MISSING, TOTAL, Address
from quanmin.opendata.disclosure.profile import Profile


class Cell(NamedTuple):
    """One cell as `tally` counts it."""

    persons: int
    total: float
    absolute: float
    largest: tuple[float, float]
    missing: int
    negative: int


def tally(
    rows: Sequence[Mapping[str, Any]], levels: Sequence[Sequence[str]], value: str | None = None, person: str = "person"
) -> dict[Address, Cell]:
    """Every cell that has a row, by its address."""
    members: dict[Address, list[Mapping[str, Any]]] = {}
    for row in rows:
        for address in product(*(_margins(row, each) for each in levels)):
            members.setdefault(tuple(label for labels in address for label in labels), []).append(row)
    return {address: _cell(found, value, person) for address, found in members.items()}


def _margins(row: Mapping[str, Any], levels: Sequence[str]) -> list[Address]:
    labels = [MISSING if row[level] is None else str(row[level]) for level in levels]
    return [tuple(labels[:depth]) + (TOTAL,) * (len(levels) - depth) for depth in range(len(levels) + 1)]


def _cell(rows: Sequence[Mapping[str, Any]], value: str | None, person: str) -> Cell:
    share: dict[int, float] = {}
    numbers = [row[value] for row in rows if value is not None and row[value] is not None]
    for row in rows:
        known = value is not None and row[value] is not None
        share[row[person]] = share.get(row[person], 0.0) + (abs(row[value]) if known and value else 0.0)
    first, second = sorted([*share.values(), 0.0, 0.0], reverse=True)[:2]
    missing = len(rows) - len(numbers) if value is not None else 0
    return Cell(len(share), sum(numbers), sum(map(abs, numbers)), (first, second), missing, sum(n < 0 for n in numbers))


def primary(cell: Cell, profile: Profile, valued: bool) -> bool:
    """Whether a cell may not be published for what it is itself (O1, O4, O5)."""
    if cell.persons == 0:
        return profile.zeros == "suppressed"
    if cell.persons < profile.smallest:
        return True
    if not valued or cell.absolute == 0:
        return False
    for people, share in profile.dominance:
        if sum(cell.largest[:people]) > share * cell.absolute:
            return True
    return cell.absolute - sum(cell.largest) < profile.remainder * cell.largest[0]
