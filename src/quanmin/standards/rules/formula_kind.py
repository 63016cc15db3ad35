"""What kind of value a formula gives, known before any row is read: a formula that could never be known is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from quanmin.standards.element import Type
from quanmin.standards.rules.formula import Constant, Node

ValueKind = Literal["boolean", "number", "text", "date"]

KIND_OF_TYPE: dict[Type, ValueKind] = {
    "text": "text",
    "code": "text",
    "citizen_number": "text",
    "region": "text",
    "date": "date",
    "datetime": "date",
    "integer": "number",
    "decimal": "number",
    "boolean": "boolean",
}
"""How a formula sees an element of each type."""


def kind_of_formula(
    node: Node, kinds: Mapping[str, ValueKind], codes: Mapping[str, Collection[str]] | None = None
) -> ValueKind:
    """The kind of a formula over names of these kinds; `codes` are the values that a name can have.

    ValueError for a name that is not there, for values of different kinds put together, for a code that its name cannot have,
    and for `today`: what is counted today must be counted the same tomorrow.
    """
    parts = [kind_of_formula(part, kinds, codes) for part in node.parts]
    match node.kind:
        case "name":
            if node.word not in kinds:
                raise ValueError(f"{node.word} is not known here")
            return kinds[node.word]
        case "constant":
            return _kind_of_constant(node.constants[0])
        case "today":
            raise ValueError("today would count differently every day")
        case "and" | "or" | "not":
            _all_of("boolean", parts, node.kind)
            return "boolean"
        case "compare":
            if len(set(parts)) > 1:
                raise ValueError(f"a {parts[0]} is compared with a {parts[1]}")
            _check_codes(node.parts[0], [one.constants[0] for one in node.parts[1:] if one.constants], codes or {})
            _check_codes(node.parts[1], [one.constants[0] for one in node.parts[:1] if one.constants], codes or {})
            return "boolean"
        case "in":
            if not node.constants or {_kind_of_constant(one) for one in node.constants} != set(parts):
                raise ValueError("in is followed by constants of the same kind")
            _check_codes(node.parts[0], node.constants, codes or {})
            return "boolean"
        case "arithmetic":
            return _calculated(node.word, parts)
        case "negative":
            _all_of("number", parts, "-")
            return "number"
        case _:
            return _called(node.word, parts[0])


def _kind_of_constant(value: Constant) -> ValueKind:
    return "boolean" if isinstance(value, bool) else "number" if isinstance(value, float) else "text"


def _all_of(kind: ValueKind, parts: Collection[ValueKind], word: str) -> None:
    if set(parts) != {kind}:
        raise ValueError(f"{word} takes a {kind}")


def _calculated(word: str, parts: list[ValueKind]) -> ValueKind:
    match word, *parts:
        case "-", "date", "date":
            return "number"
        case (("+" | "-"), "date", "number"):
            return "date"
    _all_of("number", parts, word)
    return "number"


def _called(word: str, part: ValueKind) -> ValueKind:
    if word == "present":
        return "boolean"
    _all_of("text" if word == "length" else "date", [part], word)
    return "number"


def _check_codes(node: Node, constants: Collection[Constant], codes: Mapping[str, Collection[str]]) -> None:
    """Equality with a value that the value set lacks would never hold."""
    known = codes.get(node.word) if node.kind == "name" else None
    for one in constants if known is not None else ():
        if one not in (known or ()):
            raise ValueError(f"{node.word} has no value {one}")
