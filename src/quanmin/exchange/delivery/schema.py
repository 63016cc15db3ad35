"""The schema of a delivery whose rows are lines of JSON: a Frictionless Table Schema, told in the manifest.

It says each member of a line with its type, and by what rows are known. `required` stands at a part of the key that no row of
this delivery lacks. `optionalKey` is ours, as the standard lets a schema have more: parts of the key in which null is a value
like others. Source: Table Schema of Data Package 2.0 (datapackage.org).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import pyarrow as pa

from quanmin.exchange.delivery.errors import ManifestBroken

Kind = Literal["string", "date", "datetime", "integer", "number", "boolean"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ARROW: Mapping[Kind, pa.DataType] = {
    "string": pa.string(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}
"""As what a field is kept."""
MOST_FIELDS = 1_001
"""The elements that an agreement may have, and `_change`."""
_NAME = re.compile(r"_?[a-z][a-z0-9_]{0,63}")
_REQUIRED = {"required": True}


@dataclass(frozen=True)
class Field:
    """A member of every line."""

    name: str
    type: Kind
    required: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As the standard writes it."""
        return {"name": self.name, "type": self.type} | ({"constraints": {**_REQUIRED}} if self.required else {})


@dataclass(frozen=True)
class TableSchema:
    """The fields of a line; `key` by which rows are known (none: by their values), `optional` its parts that may be null."""

    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The members of a line."""
        return tuple(one.name for one in self.fields)

    def arrow(self) -> pa.Schema:
        """The columns that the lines become."""
        return pa.schema([(one.name, ARROW[one.type]) for one in self.fields])

    def to_dict(self) -> dict[str, Any]:
        """The Table Schema. No text counts as missing: null does, and the empty text is a value."""
        told: dict[str, Any] = {"fields": [one.to_dict() for one in self.fields], "missingValues": []}
        told |= {"primaryKey": list(self.key)} if self.key else {}
        return told | ({"optionalKey": list(self.optional)} if self.optional else {})


def read(told: Any) -> TableSchema:
    """A schema from its JSON, each field once and of a known type, and nothing beside. ManifestBroken."""
    _members(told, "schema", {"fields", "missingValues"}, {"primaryKey", "optionalKey"})
    if told["missingValues"] != []:
        raise ManifestBroken(member="schema.missingValues", fault="not empty")
    some = told["fields"]
    if not isinstance(some, list) or not 1 <= len(some) <= MOST_FIELDS:
        raise ManifestBroken(member="schema.fields", fault=f"not 1 to {MOST_FIELDS}")
    fields = tuple(_field(f"schema.fields[{number}]", one) for number, one in enumerate(some, 1))
    names = {one.name for one in fields}
    if len(names) < len(fields):
        raise ManifestBroken(member="schema.fields", fault="a name twice")
    key = _names(told, "primaryKey", names)
    return TableSchema(fields, key, _names(told, "optionalKey", {*key}))


def _field(address: str, told: Any) -> Field:
    _members(told, address, {"name", "type"}, {"constraints"})
    name, kind = told["name"], told["type"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ManifestBroken(member=f"{address}.name", fault="form")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ManifestBroken(member=f"{address}.type", fault=f"none of {', '.join(KINDS)}")
    constraints = told.get("constraints", _REQUIRED)
    if not isinstance(constraints, dict) or constraints.keys() != {"required"} or constraints["required"] is not True:
        raise ManifestBroken(member=f"{address}.constraints", fault="not required: true")
    return Field(name, kind, "constraints" in told)


def _members(told: Any, address: str, needed: set[str], more: set[str]) -> None:
    if not isinstance(told, dict) or not needed <= told.keys() <= needed | more:
        raise ManifestBroken(member=address, fault=f"members are not {', '.join(sorted(needed))}")


def _names(told: Mapping[str, Any], member: str, known: set[str]) -> tuple[str, ...]:
    """A list of some of the names, each once; none where the member is not there."""
    if member not in told:
        return ()
    some = told[member]
    texts = isinstance(some, list) and all(isinstance(one, str) for one in some)
    if not texts or not some or len(set(some)) < len(some) or not set(some) <= known:
        raise ManifestBroken(member=f"schema.{member}", fault="not names of what it is of, each once")
    return tuple(some)
