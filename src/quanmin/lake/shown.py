"""What a decision does to a column, as one SQL expression: masks and coarser forms are made where the rows are read.

`quanmin.trust.mask` and `quanmin.trust.generalisation` are the reference; generated tests hold the two together. What has no
expression here (pseudonyms, codes, unusual types) is None, and done on Arrow columns instead.
"""

from __future__ import annotations

from collections import Counter

import pyarrow as pa

from quanmin import trust
from quanmin.lake import engine
from quanmin.trust.generalisation import precision
from quanmin.trust.mask import STAR, provinces

_SHOWN = 100_000_000_000
"""A person key without its last eleven digits is the division that gave the number."""


def expression(column: trust.Column, stored: str, kind: pa.DataType, derived: bool = False) -> str | None:
    """SQL of the column as decided, from the quoted name of the stored one; `derived`: a number stored as a key."""
    match column.outcome:
        case "clear":
            return None if derived else stored
        case "masked":
            return _derived(stored) if derived else _masked(column.form, stored, kind)
        case "generalised":
            return None if derived else _coarser(column, stored, kind)
        case _:
            return None


def _derived(key: str) -> str:
    """A whole number, of which the first six digits stay."""
    return f"lpad(({key} // {_SHOWN})::VARCHAR, 6, '0') || '{STAR * 12}'"


def _masked(form: str, stored: str, kind: pa.DataType) -> str | None:
    if form in ("code", "other"):
        return f"CASE WHEN {stored} IS NOT NULL THEN '{STAR * 3}' END"
    plain = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if form == "date" and pa.types.is_date32(kind):
        return f"left({stored}::VARCHAR, 4) || '-**-**'"
    if not plain:
        return None
    match form:
        case "name":
            return f"left({stored}, 1) || {_stars(stored, 1, 1, (3, 2, 4))}"
        case "number" | "person_key":
            return _number(stored)
        case "phone":
            return _phone(stored)
        case "address":
            return _address(stored)
        case "region":
            return f"left({stored}, 2) || {_stars(stored, 2, 0, (6,))}"
        case "date":
            return f"left({stored}, 4) || '-**-**'"
    return None


def _stars(text: str, kept: int, least: int, usual: tuple[int, ...]) -> str:
    """Stars for all but the `kept` first signs; some lengths are usual, and a constant is cheaper than a repetition."""
    cases = " ".join(f"WHEN {size} THEN '{STAR * max(size - kept, least)}'" for size in usual)
    return f"(CASE length({text}) {cases} ELSE repeat('{STAR}', greatest(length({text}) - {kept}, {least})) END)"


def _number(text: str) -> str:
    size = f"length({text})"
    return (
        f"CASE WHEN strlen({text}) = 18 AND {size} = 18 THEN left({text}, 6) || '{STAR * 12}' "
        f"WHEN {size} >= 15 THEN left({text}, 6) || repeat('{STAR}', {size} - 6) "
        f"WHEN {size} > 4 THEN repeat('{STAR}', greatest({size} - 2, 4)) || right({text}, 2) "
        f"WHEN {text} IS NOT NULL THEN '{STAR * 4}' END"
    )


def _phone(text: str) -> str:
    size = f"length({text})"
    return (
        f"CASE WHEN {size} = 11 THEN left({text}, 3) || '{STAR * 4}' || right({text}, 4) "
        f"WHEN {size} < 8 THEN repeat('{STAR}', {size}) "
        f"ELSE left({text}, 3) || repeat('{STAR}', {size} - 7) || right({text}, 4) END"
    )


def _address(text: str) -> str:
    """Most provinces have names of one length, which are told apart by one cut; the others are tried one by one."""
    names = provinces()
    size = Counter(map(len, names)).most_common(1)[0][0] if names else 0
    shown = {name: engine.literal(name + STAR * 3) for name in names}
    cut = " ".join(f"WHEN {engine.literal(name)} THEN {shown[name]}" for name in names if len(name) == size)
    tried = " ".join(
        f"WHEN starts_with({text}, {engine.literal(name)}) THEN {shown[name]}" for name in names if len(name) != size
    )
    rest = f"CASE {tried} WHEN {text} IS NOT NULL THEN '{STAR * 3}' END"
    return f"CASE left({text}, {size}) {cut} ELSE {rest} END" if cut else rest


def _coarser(column: trust.Column, stored: str, kind: pa.DataType) -> str | None:
    unit, digits = precision(column.coarse)
    if column.form == "date" and pa.types.is_date32(kind):
        return f"date_trunc('{unit}', {stored})::DATE"
    if column.form == "region" and pa.types.is_string(kind):
        return f"left({stored}, {digits}) || '{'0' * (6 - digits)}'"
    return None if column.form in ("date", "code", "region") else _masked(column.form, stored, kind)
