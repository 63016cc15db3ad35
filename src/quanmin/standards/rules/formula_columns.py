"""A formula over columns: `formula_row.evaluate` for all rows at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.kernels import to_numpy
from quanmin.standards.rules.formula import Constant, Node

_EPOCH = date(1970, 1, 1).toordinal()
_FIRST, _LAST = date.min.toordinal() - _EPOCH, date.max.toordinal() - _EPOCH

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_COMPARE_TEXT: dict[str, Callable[[Any, Any], Any]] = {
    "==": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}


class Vector(NamedTuple):
    """A value for every row: kind (boolean, number, text, date or unknown), values, and where they are known.

    Numbers are float64, dates days since 1970 (int64), texts an Arrow array or scalar; a constant is one value for all.
    """

    kind: str
    values: Any
    known: Mask


def evaluate(node: Node, columns: Columns) -> Vector:
    """The values of the formula in all rows."""
    everywhere = np.ones(columns.rows, dtype=bool)
    match node.kind:
        case "name":
            return _column(columns, node.word)
        case "constant":
            return _constant(node.constants[0], everywhere)
        case "today":
            return Vector("date", np.int64(columns.today.toordinal() - _EPOCH), everywhere)
    parts = [evaluate(part, columns) for part in node.parts]
    match node.kind:
        case "and" | "or":
            return _joined(node.kind == "and", parts)
        case "not":
            return _negated(parts[0])
        case "compare":
            return _compared(node.word, *parts)
        case "in":
            tests = [_compared("==", parts[0], _constant(constant, everywhere)) for constant in node.constants]
            return _joined(False, tests) if tests else Vector("boolean", ~everywhere, parts[0].known)
        case "arithmetic":
            return _calculated(node.word, *parts)
        case "negative":
            return parts[0]._replace(values=-parts[0].values) if parts[0].kind == "number" else _unknown(everywhere)
        case _:
            return _called(node.word, parts[0])


def _column(columns: Columns, name: str) -> Vector:
    type_, known = columns[name].type, columns.present(name)
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return Vector("text", columns[name], known)
    values = columns.numeric(name)
    if pa.types.is_boolean(type_):
        return Vector("boolean", values, known)
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        return Vector("date", values.astype(np.int64), known)
    return Vector("number", values.astype(np.float64), known)


def _constant(value: Constant, known: Mask) -> Vector:
    if isinstance(value, bool):
        return Vector("boolean", np.full(len(known), value), known)
    if isinstance(value, str):
        return Vector("text", pa.scalar(value), known)
    return Vector("number", np.float64(value), known)


def _unknown(like: Mask) -> Vector:
    return Vector("unknown", np.zeros(len(like), dtype=bool), np.zeros(len(like), dtype=bool))


def _joined(all_: bool, parts: list[Vector]) -> Vector:
    """Kleene's and / or: one false (true) decides; else one unknown leaves it unknown."""
    decided = np.zeros(len(parts[0].known), dtype=bool)
    known = np.ones(len(decided), dtype=bool)
    for part in parts:
        if part.kind != "boolean":
            known[:] = False
            continue
        decided |= part.known & (part.values != all_)
        known &= part.known
    return Vector("boolean", decided != all_, known | decided)


def _negated(part: Vector) -> Vector:
    return Vector("boolean", ~part.values, part.known) if part.kind == "boolean" else _unknown(part.known)


def _compared(word: str, left: Vector, right: Vector) -> Vector:
    if left.kind != right.kind or left.kind == "unknown":
        return _unknown(left.known)
    known = left.known & right.known
    if left.kind != "text":
        return Vector("boolean", np.broadcast_to(_COMPARE[word](left.values, right.values), known.shape), known)
    answer = _COMPARE_TEXT[word](left.values, right.values)
    if isinstance(answer, pa.Scalar):
        return Vector("boolean", np.full(len(known), answer.as_py()), known)
    return Vector("boolean", to_numpy(answer.fill_null(False)), known)


def _calculated(word: str, left: Vector, right: Vector) -> Vector:
    known = left.known & right.known
    if left.kind == right.kind == "date" and word == "-":
        return Vector("number", (left.values - right.values) * np.float64(1), known)
    if left.kind == "date" and right.kind == "number" and word in "+-":
        return _shifted(left.values, right.values if word == "+" else -right.values, known)
    if not left.kind == right.kind == "number":
        return _unknown(known)
    with np.errstate(all="ignore"):
        function: dict[str, Callable[[Any, Any], Any]] = {
            "+": np.add,
            "-": np.subtract,
            "*": np.multiply,
            "/": np.divide,
        }
        result = function[word](left.values, right.values)
    finite = np.isfinite(result)
    return Vector("number", np.where(finite, result, 0.0), known & finite)


def _shifted(days: Any, by: NDArray[np.float64], known: Mask) -> Vector:
    moved = days + np.floor(by)
    inside = (moved >= _FIRST) & (moved <= _LAST)
    return Vector("date", np.where(inside, moved, 0).astype(np.int64), known & inside)


def _called(word: str, part: Vector) -> Vector:
    if word == "present":
        return Vector("boolean", part.known, np.ones(len(part.known), dtype=bool))
    if word == "length":
        if part.kind != "text":
            return _unknown(part.known)
        lengths = pc.utf8_length(part.values)
        one = isinstance(lengths, pa.Scalar)
        return Vector("number", np.float64(lengths.as_py()) if one else _floats(lengths), part.known)
    if part.kind != "date":
        return _unknown(part.known)
    years = np.asarray(part.values).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return Vector("number", years.astype(np.float64), part.known)


def _floats(array: pa.Array) -> NDArray[np.float64]:
    floats: NDArray[np.float64] = to_numpy(array.fill_null(0)).astype(np.float64)
    return floats
