"""The small language of row expressions: parsed by `ast`, limited to what is listed here, never evaluated as Python.

    or  and  not                      three-valued: a missing value makes an unknown, which is neither true nor false
    = `==`  !=  <  <=  >  >=  in  not in (a tuple of constants)
    +  -  *  /                        numbers (as 64-bit floats); date - date is days, date + number is a date
    element names, numbers, 'texts', True, False, today
    present(x)  length(x)  year(x)

Values of different kinds (a text and a number, say) do not compare: the answer is unknown, as it is for a division by zero.
A chain `a < b < c` means `a < b and b < c`.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Constant = bool | float | str
Compare = Literal["==", "!=", "<", "<=", ">", ">="]
FUNCTIONS = ("present", "length", "year")
TODAY = "today"

_COMPARE: dict[type[ast.cmpop], Compare] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_LONGEST = 2000


@dataclass(frozen=True)
class Node:
    """One part of a formula.

    `kind`: name, constant, today, and, or, not, compare, in, arithmetic, negative, call; `word` is its name, operator or
    function.
    """

    kind: str
    word: str = ""
    parts: tuple[Node, ...] = ()
    constants: tuple[Constant, ...] = ()

    def names(self) -> Iterator[str]:
        """The element names in it, in order, repeated as they stand."""
        if self.kind == "name":
            yield self.word
        for part in self.parts:
            yield from part.names()


def parse_formula(text: str) -> Node:
    """The tree of a formula; ValueError says what is not understood."""
    if len(text) > _LONGEST:
        raise ValueError(f"an expression has at most {_LONGEST} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        raise ValueError("the expression is not well formed") from None
    try:
        return _node(tree.body)
    except RecursionError:
        raise ValueError("the expression is nested too deeply") from None


def _node(tree: ast.expr) -> Node:
    match tree:
        case ast.BoolOp(op=op, values=values):
            return Node("and" if isinstance(op, ast.And) else "or", parts=tuple(map(_node, values)))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Node("not", parts=(_node(operand),))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Node("negative", parts=(_node(operand),))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return Node("arithmetic", _ARITHMETIC[type(op)], (_node(left), _node(right)))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            return _chain(left, ops, comparators)
        case ast.Call(func=ast.Name(id=word), args=[argument], keywords=[]) if word in FUNCTIONS:
            return Node("call", word, (_node(argument),))
        case ast.Name(id=word):
            return Node("today") if word == TODAY else Node("name", word)
        case ast.Constant():
            return Node("constant", constants=(_constant(tree),))
    raise ValueError(f"{ast.unparse(tree)} is not part of the language of expressions")


def _chain(left: ast.expr, ops: list[ast.cmpop], comparators: list[ast.expr]) -> Node:
    found = []
    for op, right in zip(ops, comparators, strict=True):
        found.append(_comparison(left, op, right))
        left = right
    return found[0] if len(found) == 1 else Node("and", parts=tuple(found))


def _comparison(left: ast.expr, op: ast.cmpop, right: ast.expr) -> Node:
    if isinstance(op, ast.In | ast.NotIn):
        if not isinstance(right, ast.Tuple | ast.List | ast.Set):
            raise ValueError("in is followed by constants in brackets")
        node = Node("in", parts=(_node(left),), constants=tuple(_constant(item) for item in right.elts))
        return node if isinstance(op, ast.In) else Node("not", parts=(node,))
    if type(op) not in _COMPARE:
        raise ValueError("is and is not are not part of the language of expressions")
    return Node("compare", _COMPARE[type(op)], (_node(left), _node(right)))


def _constant(tree: ast.expr) -> Constant:
    match tree:
        case ast.Constant(value=bool(value) | str(value)):
            return value
        case ast.Constant(value=int(value) | float(value)):
            return _finite(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value) | float(value))):
            return -_finite(value)
    raise ValueError(f"{ast.unparse(tree)} is not a constant")


def _finite(value: int | float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("a number of the expression is too large")
    return number
