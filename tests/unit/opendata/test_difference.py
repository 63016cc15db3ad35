"""What changed between versions: parts of the record, fields, files, and rows against a plain reference."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.opendata import difference
from quanmin.opendata.difference import RowsChanged, differences, rows_changed
from quanmin.opendata.storage import Storage


def document(**parts: Any) -> dict[str, Any]:
    made = {
        "@type": "dcat:Dataset",
        "dct:identifier": "id-1",
        "quanmin:name": "a-1",
        "dct:title": {"zh": "甲", "en": "one"},
        "dct:description": {"zh": "说明"},
        "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫生"}},
        "quanmin:access": "public",
    }
    return made | {key.replace("__", ":"): value for key, value in parts.items()}


def column(name: str, kind: str = "string") -> dict[str, Any]:
    return {"csvw:name": name, "csvw:title": {"zh": name, "en": name}, "csvw:datatype": kind}


def fields(*columns: dict[str, Any]) -> dict[str, Any]:
    return {"csvw:table": [{"csvw:column": list(columns)}]}


def test_parts_fields_and_files_are_told_one_by_one() -> None:
    before = document(healthdcatap__hasVariables=fields(column("a"), column("b")), dcat__version="1")
    file = {"dct:identifier": "csv", "dcat:accessURL": "/x", "dct:format": "csv", "dcat:byteSize": 1200}
    after = document(
        healthdcatap__hasVariables=fields(column("a", "integer"), column("c")),
        dct__title={"zh": "乙", "en": "one"},
        dcat__distribution=[file],
    )
    told = [(one.part.en, one.name, one.before, one.after) for one in differences(before, after)]
    assert told == [
        ("Title", "", "甲 · one", "乙 · one"),
        ("Version", "", "1", None),
        ("Fields", "a", "a · a · string", "a · a · integer"),
        ("Fields", "b", "b · b · string", None),
        ("Fields", "c", None, "c · c · string"),
        ("Files", "csv", None, "CSV · 1,200 B"),
    ]
    assert differences(before, before) == []


def keep(storage: Storage, table: pa.Table, name: str) -> str:
    path = storage.folder / name
    storage.folder.mkdir(exist_ok=True)
    pq.write_table(table, path)
    return storage.keep(path).sha256


rows = st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["1", "01", None])), max_size=12)


@settings(max_examples=25, deadline=None)
@given(before=rows, after=rows)
def test_rows_are_compared_as_a_bag(tmp_path_factory: Any, before: list[Any], after: list[Any]) -> None:
    storage = Storage(tmp_path_factory.mktemp("files"))
    shape = pa.schema({"x": pa.string(), "y": pa.string()})
    made = [
        keep(storage, pa.Table.from_pylist([dict(zip("xy", one, strict=True)) for one in some], shape), str(at))
        for at, some in enumerate((before, after))
    ]
    old, new = Counter(before), Counter(after)
    assert rows_changed(storage, *made) == RowsChanged(
        len(before), len(after), (new - old).total(), (old - new).total(), (), ()
    )


def test_fields_that_only_one_has_are_told_and_names_are_quoted(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    old = keep(storage, pa.table({'a"; DROP': ["1"], "b": ["2"]}), "old")
    new = keep(storage, pa.table({'a"; DROP': ["1"], "c": ["2"]}), "new")
    assert rows_changed(storage, old, new) == RowsChanged(1, 1, 0, 0, ("c",), ("b",))
    assert rows_changed(storage, old, keep(storage, pa.table({"z": ["1"]}), "z")) == RowsChanged(
        1, 1, None, None, ("z",), ('a"; DROP', "b")
    )


def test_what_cannot_be_compared_is_left_out(tmp_path: Path, monkeypatch: Any) -> None:
    storage = Storage(tmp_path)
    good = keep(storage, pa.table({"a": ["1"]}), "good")
    assert rows_changed(storage, good, "0" * 64) is None
    assert rows_changed(storage, good, storage.keep(b"PAR1 no").sha256) is None
    monkeypatch.setattr(difference, "LARGEST", 10)
    assert rows_changed(storage, good, good) is None
