"""Rows of one dataset and of the base in a lake, for reads under agreements."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa

from quanmin import standards
from quanmin.lake import Lake
from quanmin.standards import kernels

DATASET, BASE = "civil_affairs.funeral", "linked.person"
KEYS = (
    11010119491231001,
    37010219491231002,
    37010319500101003,
    37020219500101004,
    37020219510101005,
    51010419510101006,
)
_TYPES = {
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "boolean": pa.bool_(),
}


def number(key: int) -> str:
    """The citizen number of a key."""
    return str(kernels.decode(pa.array([key], pa.int64()))[0].as_py())


def _value(name: str, kind: str, place: int, key: int) -> Any:
    if kind == "citizen_number":
        return number(key)
    if kind == "region":
        return str(key)[:6]
    if kind in ("date", "datetime"):
        day = datetime.datetime(2026, 1, 1 + place)
        return day.date() if kind == "date" else day
    if kind == "boolean":
        return place % 2 == 0
    if kind in ("integer", "decimal"):
        return place
    return str(1 + place % 2) if kind == "code" else f"{name} {place}"


def rows(dataset: str) -> list[dict[str, Any]]:
    """The stored rows, one a person."""
    catalogue = standards.catalogue()
    if dataset == BASE:
        kinds = {one.id: str(one.type) for one in catalogue.items if one.id != "citizen_number"}
    else:
        kinds = {one.name: str(one.type) for one in catalogue.dataset(dataset).elements}
    told = [
        {name: _value(name, kind, place, key) for name, kind in kinds.items()} | {"person_key": key}
        for place, key in enumerate(KEYS)
    ]
    return [{**one, "bucket": 0} for one in told]


def fill(lake: Lake) -> None:
    """Put the rows in."""
    catalogue = standards.catalogue()
    for dataset in (DATASET, BASE):
        elements = catalogue.items if dataset == BASE else catalogue.dataset(dataset).elements
        kinds = {getattr(one, "name", None) or getattr(one, "id", ""): str(one.type) for one in elements}
        told = rows(dataset)
        fields = [(name, _TYPES.get(kinds[name], pa.string())) for name in told[0] if name in kinds]
        schema = pa.schema([*fields, ("person_key", pa.int64()), ("bucket", pa.int32())])
        table = pa.Table.from_pylist(told, schema)
        key: tuple[str, ...] = ()
        if dataset == DATASET:
            table = table.append_column("_batch", pa.array([1] * len(told), pa.int64()))
            key = catalogue.dataset(dataset).key
        with lake.session("population" if dataset == BASE else "collect") as session:
            address = dataset if dataset == BASE else f"clean.{dataset}"
            session.writer(address, table.schema, "bucket", key=key).write(table)
            session.commit()
