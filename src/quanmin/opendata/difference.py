"""What changed from one version of a record to the next: parts of the record, fields, rows of its table."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import duckdb

from quanmin.errors import QuanminError
from quanmin.opendata.catalogue import Document, Record, read
from quanmin.opendata.storage import Storage
from quanmin.text import Text

LARGEST = 64 << 20
"""Bytes of two tables together that are compared row by row."""
SECONDS = 3.0

PARTS: dict[str, Text] = {
    "dct:title": Text("标题", "Title"),
    "dct:description": Text("说明", "Description"),
    "dct:publisher": Text("发布机构", "Organisation"),
    "quanmin:name": Text("名称", "Name"),
    "quanmin:access": Text("开放属性", "Access"),
    "dcat:theme": Text("主题", "Theme"),
    "quanmin:area": Text("业务领域", "Business area"),
    "dcat:keyword": Text("标签", "Tags"),
    "dct:accrualPeriodicity": Text("更新周期", "Update frequency"),
    "dct:temporal": Text("时间范围", "Period"),
    "dct:spatial": Text("地区", "Region"),
    "dct:modified": Text("数据更新日", "Data of"),
    "dct:issued": Text("发布日", "Published"),
    "dcat:version": Text("版本号", "Version"),
    "dcat:inSeries": Text("系列", "Series"),
    "dcat:contactPoint": Text("联系", "Contact"),
    "dct:provenance": Text("来源说明", "Provenance"),
    "dct:source": Text("来源", "Sources"),
    "quanmin:agreement": Text("共享协议", "Agreements"),
    "quanmin:release": Text("发布单", "Release"),
    "healthdcatap:numberOfRecords": Text("行数", "Rows"),
    "dcat:distribution": Text("文件", "Files"),
    "healthdcatap:hasVariables": Text("字段", "Fields"),
}
"""The parts of a record that are told of, in the order of the page."""


class Change(NamedTuple):
    """One difference: which part, its name here, what was and what is (None: nothing)."""

    part: Text
    name: str
    before: str | None
    after: str | None


def differences(before: Document, after: Document) -> list[Change]:
    """Every difference of two versions of a record, part by part; fields and files one by one."""
    old, new = read(before), read(after)
    found = [change for part in PARTS for change in _part(part, before, after)]
    found += _listed("healthdcatap:hasVariables", _fields(old), _fields(new))
    return found + list(_listed("dcat:distribution", _files(old), _files(new)))


def _part(part: str, before: Document, after: Document) -> Iterator[Change]:
    if part in ("dcat:distribution", "healthdcatap:hasVariables") or before.get(part) == after.get(part):
        return
    yield Change(PARTS[part], "", _said(before.get(part)), _said(after.get(part)))


def _listed(part: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    names = dict.fromkeys([*old, *new])
    return [Change(PARTS[part], name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def _fields(record: Record) -> dict[str, str]:
    return {
        one.name: " · ".join(part for part in (one.title.zh, one.title.en, one.datatype, one.values) if part)
        for one in record.variables
    }


def _files(record: Record) -> dict[str, str]:
    """Of each file what is told of it: its format, its size and its checksum."""
    return {
        one.id: " · ".join(
            part
            for part in (
                one.format.title.en if one.format else "",
                f"{one.size:,} B" if one.size is not None else "",
                one.checksum[1][:12] if one.checksum else "",
            )
            if part
        )
        for one in record.distributions
    }


def _said(value: Any) -> str | None:
    """A part of a record in a line: the values that stand in it."""
    return " · ".join(_values(value))[:500] or None


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            if not key.startswith("@"):
                yield from _values(one)
    elif isinstance(value, list):
        for one in value:
            yield from _values(one)
    elif value is not None:
        yield str(value)


class RowsChanged(NamedTuple):
    """What changed in a table: rows before and after, rows of each that are not in the other, and fields of each alike.

    `added` and `removed` are None where the tables have no field in common.
    """

    before: int
    after: int
    added: int | None
    removed: int | None
    new_fields: tuple[str, ...]
    lost_fields: tuple[str, ...]


def rows_changed(storage: Storage, before: str, after: str) -> RowsChanged | None:
    """The differences of two Parquet files by their checksums; None where one cannot be read or both are too large to compare."""
    try:
        old, new = storage.path(before), storage.path(after)
        if old.stat().st_size + new.stat().st_size > LARGEST:
            return None
        return _compared(str(old), str(new))
    except (QuanminError, OSError, duckdb.Error):
        return None


def _compared(old: str, new: str) -> RowsChanged:
    """By DuckDB over the two files: rows are the same when every field that both have is, and as often."""
    with duckdb.connect(config={"threads": 1, "memory_limit": "512MB"}) as engine:
        alarm = threading.Timer(SECONDS, engine.interrupt)
        alarm.start()
        try:
            engine.from_parquet(old).create_view("before")
            engine.from_parquet(new).create_view("after")
            fields = {one: engine.table(one).columns for one in ("before", "after")}
            same = [name for name in fields["before"] if name in fields["after"]]
            counts = {one: _count(engine, f"SELECT 1 FROM {one}") for one in ("before", "after")}
            listed = ", ".join(f'CAST("{name.replace(chr(34), chr(34) * 2)}" AS VARCHAR)' for name in same)
            lone = {
                one: _count(engine, f"SELECT {listed} FROM {one} EXCEPT ALL SELECT {listed} FROM {other}")
                if same
                else None
                for one, other in (("before", "after"), ("after", "before"))
            }
        finally:
            alarm.cancel()
    new_fields = tuple(name for name in fields["after"] if name not in same)
    lost = tuple(name for name in fields["before"] if name not in same)
    return RowsChanged(counts["before"], counts["after"], lone["after"], lone["before"], new_fields, lost)


def _count(engine: duckdb.DuckDBPyConnection, query: str) -> int:
    found = engine.execute(f"SELECT count(*) FROM ({query})").fetchone()
    assert found is not None
    return int(found[0])
