"""Formulas over whole columns: the same language as `formula`, with pyarrow's three-valued logic."""

from __future__ import annotations

import ast
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from quanmin.standards.columns import Columns
from quanmin.standards.rules.formula import iso_day

COMPARISONS = {
    ast.Lt: pc.less,
    ast.LtE: pc.less_equal,
    ast.Gt: pc.greater,
    ast.GtE: pc.greater_equal,
    ast.Eq: pc.equal,
    ast.NotEq: pc.not_equal,
}
ARITHMETIC = {ast.Add: pc.add, ast.Sub: pc.subtract, ast.Mult: pc.multiply, ast.Div: pc.divide}


class Vector:
    """Evaluates a formula over columns; a constant is a scalar, everything else an array as long as the columns."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def truth(self, node: ast.expr) -> pa.Array:
        """A formula as truth values, missing where the formula is."""
        return self._whole(self._truth(self.value(node)), pa.bool_())

    def value(self, node: ast.expr) -> Any:
        """The value of a formula: a pyarrow scalar or array."""
        match node:
            case ast.Constant(value=constant):
                return _simple(pa.scalar(constant))
            case ast.Name(id=name):
                return _simple(self.columns[name])
            case ast.BoolOp(op=op, values=values):
                return self._logic(isinstance(op, ast.And), [self.value(one) for one in values])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return pc.invert(self._truth(self.value(operand)))
            case ast.UnaryOp(operand=operand):
                return _arithmetic(pc.multiply, pa.scalar(-1.0), self.value(operand))
            case ast.BinOp(op=op, left=left, right=right):
                return _arithmetic(ARITHMETIC[type(op)], self.value(left), self.value(right))
            case ast.Compare(
                left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[ast.Tuple() | ast.List() as many]
            ):
                side = self.value(left)
                inside = self._logic(False, [_compare(pc.equal, side, self.value(one)) for one in many.elts])
                return inside if isinstance(op, ast.In) else pc.invert(inside)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                sides = [self.value(one) for one in (left, *rights)]
                return self._logic(
                    True, [_compare(COMPARISONS[type(op)], sides[i], sides[i + 1]) for i, op in enumerate(ops)]
                )
            case ast.Call(func=ast.Name(id=name), args=args):
                return _call(name, [self.value(one) for one in args])
        raise AssertionError(ast.dump(node))

    def _truth(self, one: Any) -> Any:
        return one if pa.types.is_boolean(one.type) else pa.scalar(None, pa.bool_())

    def _logic(self, every: bool, values: list[Any]) -> Any:
        join = pc.and_kleene if every else pc.or_kleene
        result = self._truth(values[0])
        for one in values[1:]:
            result = join(result, self._truth(one))
        return result

    def _whole(self, one: Any, type_: pa.DataType) -> pa.Array:
        if isinstance(one, pa.Scalar):
            return pa.array([one.as_py()] * self.columns.rows, type_)
        return one


def _simple(one: Any) -> Any:
    """Days for dates and times, floats for numbers, text and truth as they are; anything else is missing."""
    if pa.types.is_timestamp(one.type):
        return one.cast(pa.date32()) if isinstance(one, pa.Scalar) else pc.cast(one, pa.date32(), safe=False)
    if pa.types.is_integer(one.type):
        return pc.cast(one, pa.float64(), safe=False)
    return one


def _sort(one: Any) -> str:
    type_ = one.type
    if pa.types.is_floating(type_):
        return "number"
    if pa.types.is_date(type_):
        return "day"
    return "truth" if pa.types.is_boolean(type_) else "text" if pa.types.is_string(type_) else "none"


def _compare(function: Any, left: Any, right: Any) -> Any:
    sorts = (_sort(left), _sort(right))
    if sorts == ("day", "text"):
        right = _days(right)
    elif sorts == ("text", "day"):
        left = _days(left)
    elif sorts[0] != sorts[1] or sorts[0] == "none":
        return pa.scalar(None, pa.bool_())
    return function(left, right)


def _days(one: Any) -> Any:
    """Texts beside dates, read as ISO dates; almost always a constant."""
    if isinstance(one, pa.Scalar):
        text = one.as_py()
        return pa.scalar(None if text is None else iso_day(text), pa.date32())
    return pa.array([None if text is None else iso_day(text) for text in one.to_pylist()], pa.date32())


def _arithmetic(function: Any, left: Any, right: Any) -> Any:
    if _sort(left) != "number" or _sort(right) != "number":
        return pa.scalar(None, pa.float64())
    result = function(left, right)
    return pc.if_else(pc.fill_null(pc.is_finite(result), False), result, pa.scalar(None, pa.float64()))


def _call(name: str, args: list[Any]) -> Any:
    first = args[0]
    if name == "present":
        return pc.is_valid(first)
    if name == "length":
        return pc.cast(pc.utf8_length(first), pa.float64()) if _sort(first) == "text" else pa.scalar(None, pa.float64())
    if name == "year":
        return pc.cast(pc.year(first), pa.float64()) if _sort(first) == "day" else pa.scalar(None, pa.float64())
    if _sort(first) != "day" or _sort(args[1]) != "day":
        return pa.scalar(None, pa.float64())
    return pc.cast(pc.days_between(args[1], first), pa.float64())
