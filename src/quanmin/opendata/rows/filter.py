"""A filter as a typed tree, and its one grammar in JSON (CKAN's DataStore's, with `$not`, `ne`, `null`, `prefix`, `contains`).

    {"county": "420100"}                        equal; null means that there is no value
    {"county": ["420100", "420200"]}            one of
    {"age": {"gte": 60, "lt": 80}}              compared; all of an object's parts hold
    {"age": [{"lt": 1}, {"gte": 80}]}           one of several comparisons
    {"$or": [{...}, {...}]}  {"$and": [...]}  {"$not": {...}}
    [{...}, {...}]                              one of several filters
    {"$$name": 1}                               the field "$name"

Comparisons are those of SQL: with NULL nothing is equal, greater or unequal, and `$not` of it does not hold either.
Field names are only ever looked up in the schema, and values only ever compared: nothing of a filter becomes a statement.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, get_args

from quanmin.opendata.rows.errors import BadFilter, BadOperator
from quanmin.text import Text

Operator = Literal["eq", "ne", "in", "gt", "gte", "lt", "lte", "null", "prefix", "contains"]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
DEPTH = 20
NODES = 1_000
VALUES = 10_000
LONGEST = 200_000
"""Characters that a filter may have."""


@dataclass(frozen=True)
class Compare:
    """A field compared with a value (for `in` several, for `null` whether there is none)."""

    field: str
    operator: Operator
    value: Any


@dataclass(frozen=True)
class And:
    """All parts hold; without parts: always."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Or:
    """One of the parts holds; without parts: never."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Not:
    """The part does not hold (and is not unknown, as a comparison with NULL is)."""

    part: Node


@dataclass(frozen=True)
class Words:
    """Every one of the words stands in some text of the row, whatever the case of its letters."""

    words: tuple[str, ...]


Node = Compare | And | Or | Not | Words
EVERYTHING = And()


def read(text: str) -> Node:
    """A filter of JSON text; BadFilter, BadOperator. Numbers keep the digits they are written with."""
    if len(text) > LONGEST:
        raise BadFilter(reason=Text(f"长于 {LONGEST} 个字符", f"longer than {LONGEST} characters"))
    try:
        found = json.loads(text, parse_float=_exact, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise BadFilter(reason=Text("不是 JSON，或有重复的键", "not JSON, or a key given twice")) from None
    return parse(found)


def parse(document: object) -> Node:
    """A filter of its JSON document; BadFilter, BadOperator."""
    return _Reader().filter(document, 0)


def words(text: str) -> Node:
    """A plain search: every word, separated by blanks, stands somewhere in the texts of the row; BadFilter."""
    found = tuple(dict.fromkeys(text.split()))
    if len(text) > 1_000 or len(found) > 20 or any("\ud800" <= one <= "\udfff" for one in text):
        raise BadFilter(
            reason=Text("检索词过长、过多或含残缺字符", "search words are too long, too many or of broken characters")
        )
    return Words(found) if found else EVERYTHING


def _exact(digits: str) -> Decimal:
    return Decimal(digits)


def _no_constant(_name: str) -> Any:
    raise ValueError


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


class _Reader:
    """Reads one document, counting what it has."""

    def __init__(self) -> None:
        self._nodes = 0

    def filter(self, found: object, depth: int) -> Node:
        self._count(depth)
        if isinstance(found, Mapping):
            return _all([self._member(key, below, depth + 1) for key, below in found.items()])
        if isinstance(found, list):
            return Or(tuple(self.filter(one, depth + 1) for one in found))
        raise BadFilter(reason=Text("须为对象或对象的列表", "an object, or a list of objects, is expected"))

    def _member(self, key: object, below: object, depth: int) -> Node:
        if not isinstance(key, str):
            raise BadFilter(reason=Text("字段名须为文本", "names of fields are text"))
        if key in ("$or", "$and"):
            parts = [self.filter(one, depth) for one in _listed(below)]
            return Or(tuple(parts)) if key == "$or" else _all(parts)
        if key == "$not":
            return Not(self.filter(below, depth))
        if key.startswith("$") and not key.startswith("$$"):
            raise BadFilter(reason=Text("只有 $or、$and、$not", "there are only $or, $and and $not"))
        return self._field(key[1:] if key.startswith("$$") else key, below, depth)

    def _field(self, field: str, below: object, depth: int) -> Node:
        self._count(depth)
        if isinstance(below, Mapping):
            return _all([self._comparison(field, operator, given) for operator, given in below.items()])
        if isinstance(below, list):
            if below and all(isinstance(one, Mapping) for one in below):
                return Or(tuple(self._field(field, one, depth + 1) for one in below))
            return self._comparison(field, "in", below)
        return self._comparison(field, "eq", below)

    def _comparison(self, field: str, operator: object, given: object) -> Node:
        self._count(0)
        if operator not in OPERATORS:
            raise BadOperator(element=field)
        if operator == "in" or (operator == "eq" and isinstance(given, list)):
            return self._among(field, _listed(given))
        if given is None and operator in ("eq", "ne"):
            return Compare(field, "null", operator == "eq")
        if operator == "null" and not isinstance(given, bool):
            raise BadFilter(reason=Text("null 的值为 true 或 false", "null is true or false"))
        if not isinstance(given, str | int | float | Decimal):
            raise BadFilter(reason=Text("值须为文本、数或布尔值", "a value is a text, a number or a truth value"))
        return Compare(field, operator, given)

    def _among(self, field: str, given: Sequence[object]) -> Node:
        if len(given) > VALUES:
            raise BadFilter(reason=Text(f"多于 {VALUES} 个值", f"more than {VALUES} values"))
        if not all(one is None or isinstance(one, str | int | float | Decimal) for one in given):
            raise BadFilter(reason=Text("值须为文本、数或布尔值", "a value is a text, a number or a truth value"))
        among = Compare(field, "in", tuple(one for one in given if one is not None))
        return Or((among, Compare(field, "null", True))) if None in given else among

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if depth > DEPTH or self._nodes > NODES:
            raise BadFilter(reason=Text("层次过深或条件过多", "nested too deep, or too many conditions"))


def _all(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _listed(found: object) -> list[Any]:
    if not isinstance(found, list):
        raise BadFilter(reason=Text("此处须为列表", "a list is expected here"))
    return found
