"""Rows of a table: what is refused, cursors, indexes that are missing or damaged, and rows as files."""

from __future__ import annotations

import csv as plain_csv
import io
import json
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quanmin.errors import QuanminError
from quanmin.opendata.rows import AT_ONCE, MOST, Compare, Query, Table, Tables, names, order, read, records, words
from quanmin.opendata.rows import tables as tables_module
from quanmin.opendata.rows.writing import WRITERS, csv
from quanmin.opendata.storage import Storage

from ..publishing import TABLE, parquet


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(Storage(tmp_path / "files"), tmp_path / "rows")


@pytest.fixture
def table(tables: Tables, tmp_path: Path) -> Table:
    return tables.open(Storage(tmp_path / "files").keep(parquet(TABLE)).sha256)


def code(work: Callable[[], object]) -> str:
    with pytest.raises(QuanminError) as caught:
        work()
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "": "QM-ROWS-004",
        "nothing": "QM-ROWS-004",
        "1": "QM-ROWS-004",
        "null": "QM-ROWS-004",
        '"x"': "QM-ROWS-004",
        '{"age": NaN}': "QM-ROWS-004",
        '{"age": 1, "age": 2}': "QM-ROWS-004",
        '{"$where": 1}': "QM-ROWS-004",
        '{"$or": {}}': "QM-ROWS-004",
        '{"age": {"null": 1}}': "QM-ROWS-004",
        '{"age": {"gt": null}}': "QM-ROWS-004",
        '{"age": {"gt": [1]}}': "QM-ROWS-004",
        '{"age": [[1]]}': "QM-ROWS-004",
        '{"age": {"between": [1, 2]}}': "QM-ROWS-003",
        '{"age": {"prefix": "1"}}': "QM-ROWS-003",
        '{"age": {"contains": "1"}}': "QM-ROWS-003",
        '{"nothing": 1}': "QM-ROWS-001",
        '{"county; DROP TABLE x": 1}': "QM-ROWS-001",
        '{"age": "1 OR 1=1"}': "QM-ROWS-002",
        '{"age": "Infinity"}': "QM-ROWS-002",
        '{"age": true}': "QM-ROWS-002",
        '{"county": true}': "QM-ROWS-002",
        '{"county": "\\ud800"}': "QM-ROWS-002",
        '{"day": "2025-02-30"}': "QM-ROWS-002",
        '{"day": 20250101}': "QM-ROWS-002",
        "[" * 100_000: "QM-ROWS-004",
        "[" * 30 + "]" * 30: "QM-ROWS-004",
        json.dumps({"county": ["x"] * 10_001}): "QM-ROWS-004",
        json.dumps([{"county": "x"}] * 1_001): "QM-ROWS-004",
        json.dumps({"county": "x" * 10_001}): "QM-ROWS-002",
        '{"county": "' + "x" * 10_000_000 + '"}': "QM-ROWS-004",
    }.items(),
    ids=lambda one: one[:30],
)
def test_a_filter_that_is_none_is_refused(table: Table, text: str, expected: str) -> None:
    began = time.monotonic()
    assert code(lambda: table.page(Query(filter=read(text)))) == expected
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "text", ["' OR '1'='1", "420100' --", "420100; DROP TABLE beds", '"', "\\", "%", "_", "$$", "{{1}}"]
)
def test_an_injection_finds_nothing(table: Table, text: str) -> None:
    for filters in ({"county": text}, {"county": [text]}, {"county": {"prefix": text}}):
        assert table.page(Query(filter=read(json.dumps(filters)))).records() == []


FOUND = {
    '{"county": "010"}': [4],
    '{"county": 10}': [],
    '{"county": null}': [3],
    '{"county": {"ne": "010"}}': [0, 1, 2],
    '{"county": ["420100", null]}': [0, 2, 3],
    '{"age": {"gt": 60, "lte": 70}}': [1, 3],
    '{"age": {"gt": 60.5}}': [1, 3],
    '{"age": [{"lt": 6}, {"gte": 70}]}': [1, 4],
    '{"$or": [{"county": "010"}, {"age": 60}]}': [0, 4],
    '[{"county": "010"}, {"age": 60}]': [0, 4],
    '{"$and": [{"county": "420100"}, {"age": null}]}': [2],
    '{"$not": {"county": "420100"}}': [1, 4],
    '{"cost": 1.1}': [0],
    '{"cost": "1.10"}': [0],
    '{"cost": {"lt": 1.105}}': [0, 4],
    '{"cost": {"gt": 1e400}}': [],
    '{"age": {"lt": 1e9999}}': [0, 1, 3, 4],
    '{"day": {"gte": "2025-01-01"}}': [0, 1, 4],
    '{"disease": {"prefix": "高血压"}}': [0, 3],
    '{"disease": {"contains": "2 期"}}': [3],
    '{"$$name": 1}': None,
    "{}": [0, 1, 2, 3, 4],
    "[]": [],
    '{"county": []}': [],
}


@pytest.mark.parametrize("text", FOUND)
def test_the_grammar_means_what_the_manual_says(table: Table, text: str) -> None:
    if FOUND[text] is None:
        assert read(text) == Compare("$name", "eq", 1)
        return
    assert table.page(Query(filter=read(text))).numbers.tolist() == FOUND[text]


def test_words_stand_anywhere_whatever_their_case(table: Table) -> None:
    assert table.page(Query(q=words("高血压"))).numbers.tolist() == [0, 3]
    assert table.page(Query(q=words("血压 420100"))).numbers.tolist() == [0]
    assert table.page(Query(q=words('A "B'))).numbers.tolist() == [4]
    assert code(lambda: words("x" * 1_001)) == code(lambda: words("\ud800")) == "QM-ROWS-004"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(limit=-1), "QM-ROWS-005"),
        (Query(limit=MOST + 1), "QM-ROWS-005"),
        (Query(offset=-1), "QM-ROWS-005"),
        (Query(offset=10**9), "QM-ROWS-005"),
        (Query(offset=1, after="x"), "QM-ROWS-005"),
        (Query(fields=()), "QM-ROWS-005"),
        (Query(fields=("age", "age")), "QM-ROWS-005"),
        (Query(order=(("age", True), ("age", False))), "QM-ROWS-005"),
        (Query(fields=("nothing",)), "QM-ROWS-001"),
        (Query(order=(("nothing", True),)), "QM-ROWS-001"),
        (Query(after=""), "QM-ROWS-006"),
        (Query(after="x" * 39), "QM-ROWS-006"),
        (Query(after="é" * 39), "QM-ROWS-006"),
    ],
    ids=str,
)
def test_a_query_out_of_range_is_refused(table: Table, query: Query, expected: str) -> None:
    assert code(lambda: table.page(query)) == expected


def test_a_cursor_is_of_one_file_and_one_query(table: Table, tables: Tables, tmp_path: Path) -> None:
    first = table.page(Query(limit=2))
    assert first.next is not None and table.page(Query(limit=9, after=first.next)).numbers.tolist() == [2, 3, 4]
    for changed in {first.next[:-3] + "AAA", first.next[:5] + "AA" + first.next[7:]} - {first.next}:
        assert code(lambda text=changed: table.page(Query(after=text))) == "QM-ROWS-006"  # type: ignore[misc]
    assert code(lambda: table.page(Query(order=order("age"), after=first.next))) == "QM-ROWS-007"
    assert code(lambda: table.page(Query(filter=read('{"age": 1}'), after=first.next))) == "QM-ROWS-007"
    other = tables.open(Storage(tmp_path / "files").keep(parquet(TABLE.slice(1))).sha256)
    assert code(lambda: other.page(Query(limit=2, after=first.next))) == "QM-ROWS-007"


def test_names_and_orders_are_read_with_their_quotes() -> None:
    assert names('a, b,"c,d","e""f"') == ("a", "b", "c,d", 'e"f')
    assert order('a desc, "b desc" , 年龄 ASC') == (("a", True), ("b desc", False), ("年龄", False))
    for text in ("", ",", "a,,b", 'a,"b', " "):
        assert code(lambda text=text: names(text)) == "QM-ROWS-005"  # type: ignore[misc]


def test_rows_of_a_json_document_lose_nothing(table: Table) -> None:
    first, *_, last = table.page(Query()).records()
    assert first == {"county": "420100", "disease": "高血压", "age": 60, "cost": "1.10", "day": "2025-01-01"}
    assert last["county"] == "010"
    assert records(pa.table({"x": [float("nan"), 1.5, float("inf")]})) == [{"x": None}, {"x": 1.5}, {"x": None}]


def test_a_query_is_ended_at_its_time(table: Table) -> None:
    for query in (Query(filter=read('{"age": 60}')), Query(q=words("x")), Query(distinct=True)):
        assert code(lambda query=query: table.page(query, seconds=-1)) == "QM-ROWS-009"  # type: ignore[misc]
    assert code(lambda: list(table.batches(Query(), seconds=-1))) == "QM-ROWS-009"


def test_a_large_table_is_not_indexed_while_somebody_waits(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = Storage(tmp_path / "files").keep(parquet(TABLE)).sha256
    monkeypatch.setattr(tables_module, "AT_ONCE", 5)
    assert AT_ONCE > 5 and code(lambda: tables.open(sha256)) == "QM-ROWS-010"
    assert tables.prepare(sha256).rows == 5
    assert tables.open(sha256).rows == 5


@pytest.mark.parametrize("damage", ["meta.json", "0.codes.npy", "everything"])
def test_a_damaged_index_is_made_anew(tables: Tables, tmp_path: Path, damage: str) -> None:
    storage = Storage(tmp_path / "files")
    sha256 = storage.keep(parquet(TABLE)).sha256
    tables.open(sha256)
    folder = tmp_path / "rows" / sha256[:2] / sha256
    for file in folder.iterdir():
        if damage in (file.name, "everything"):
            file.write_bytes(b"")
    fresh = Tables(storage, tmp_path / "rows")
    assert fresh.open(sha256).page(Query(filter=read('{"county": "010"}'))).numbers.tolist() == [4]


def test_several_at_once_make_one_index(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "files")
    sha256 = storage.keep(parquet(TABLE)).sha256
    found: list[int] = []
    several = [
        threading.Thread(target=lambda: found.append(Tables(storage, tmp_path / "rows").open(sha256).rows))
        for _ in range(8)
    ]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert found == [5] * 8
    assert [one.name for one in (tmp_path / "rows" / sha256[:2]).iterdir()] == [sha256]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1",
        b"county,age\n1,2\n",
        parquet(pa.table({"x": [[1]]})),
        parquet(pa.table({"x": [b"1"]})),
        parquet(pa.table([[1], [2]], names=["x", "x"])),
    ],
    ids=["empty", "cut", "csv", "nested", "binary", "twice"],
)
def test_what_is_no_table_is_refused(tables: Tables, tmp_path: Path, content: bytes) -> None:
    sha256 = Storage(tmp_path / "files").keep(content).sha256
    assert code(lambda: tables.open(sha256)) == "QM-ROWS-011"


def test_a_table_without_rows_has_pages(tables: Tables, tmp_path: Path) -> None:
    empty = tables.open(Storage(tmp_path / "files").keep(parquet(TABLE.slice(0, 0))).sha256)
    page = empty.page(Query(filter=read('{"age": {"gt": 1}}'), order=order("age desc, county"), total=True))
    assert (page.records(), page.next, page.total) == ([], None, 0)
    assert empty.page(Query(distinct=True, fields=("county",))).records() == []


def written(ending: str, table: pa.Table = TABLE, **more: Any) -> bytes:
    out = io.BytesIO()
    assert WRITERS[ending]([table.slice(0, 2), table.slice(2)], table.schema, out, **more) == table.num_rows
    return out.getvalue()


def test_csv_is_rfc_4180_and_tells_nothing_from_an_empty_text() -> None:
    table = pa.table({"a": ["x", None, "", 'q"q', "c,c", "n\r\nn"], "b": [1, 2, None, 4, 5, 6]})
    text = written("csv", table).decode()
    assert text.split("\r\n")[:4] == ['"a","b"', '"x",1', ",2", '"",']
    again = list(plain_csv.reader(io.StringIO(text, newline="")))
    assert [row[0] for row in again[1:]] == ["x", "", "", 'q"q', "c,c", "n\r\nn"]
    out = io.BytesIO()
    csv([TABLE], TABLE.schema, out, bom=True)
    assert out.getvalue().startswith(b'\xef\xbb\xbf"county"')


def test_parquet_and_json_come_back_as_they_were() -> None:
    assert pq.read_table(io.BytesIO(written("parquet"))).equals(TABLE)
    assert json.loads(written("json")) == records(TABLE)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "'=1", "http://x"])
def test_a_worksheet_has_no_formula(text: str) -> None:
    table = pa.table({text: [text], "n": [1], "d": [Decimal("1.10")], "big": [2**60]})
    sheet = openpyxl.load_workbook(io.BytesIO(written("xlsx", table))).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells == [[text, "n", "d", "big"], [text, 1, "1.10", str(2**60)]]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n"}
    assert all(cell.data_type == "s" for cell in next(sheet.iter_cols()))


@pytest.mark.parametrize("text", ["x" * 32_768, "a\x00b", "\x1b"])
def test_a_cell_that_a_worksheet_cannot_hold_is_refused(text: str) -> None:
    assert code(lambda: written("xlsx", pa.table({"a": [text]}))) == "QM-ROWS-013"


def test_a_worksheet_that_is_too_long_is_refused() -> None:
    long = pa.table({"a": pa.nulls(1_048_576, pa.string())})
    assert code(lambda: WRITERS["xlsx"]([long], long.schema, io.BytesIO())) == "QM-ROWS-013"
