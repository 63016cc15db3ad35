"""Parquet, NDJSON, JSON and XLSX read directly: what each cell becomes, and where each row stood."""

from __future__ import annotations

import datetime as dt
import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from quanmin.collect import errors
from quanmin.collect.readers import open_reader
from quanmin.collect.readers.columnar import ParquetReader, as_text
from quanmin.collect.readers.object import ArrayReader, LinesReader
from quanmin.collect.readers.workbook import WorkbookReader
from quanmin.collect.sent_file import SentFile, receive
from quanmin.errors import QuanminError
from quanmin.settings import Settings

Rows = list[tuple[int, int, dict[str, str | None], str]]
Bad = list[tuple[int, int, str, str]]


def sent(tmp_path: Path, data: bytes | str, **settings: Any) -> SentFile:
    path = tmp_path / "sent"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return receive(path, Settings(**settings))


def rows_of(reader: Any) -> tuple[Rows, Bad]:
    """Each row with its place among the rows, its line, its cells and its text; and each malformed one."""
    good: Rows = []
    bad: Bad = []
    base = 0
    for piece in reader.pieces():
        chunk = piece.parse()
        columns = [column.to_pylist() for column in chunk.columns]
        for index, (offset, line) in enumerate(zip(chunk.offsets.tolist(), chunk.lines.tolist(), strict=True)):
            cells = {title: column[index] for title, column in zip(chunk.titles, columns, strict=True)}
            good.append((base + offset, line, cells, chunk.text(index)))
        bad += [(base + row.offset, row.line, row.text, row.reason) for row in chunk.malformed]
        base += chunk.count
    return good, bad


def cells_of(reader: Any) -> list[dict[str, str | None]]:
    return [row[2] for row in rows_of(reader)[0]]


# Parquet

TYPED: dict[str, tuple[pa.Array, list[str | None]]] = {
    "whole numbers": (pa.array([7, -1, None], pa.int8()), ["7", "-1", None]),
    "the largest number": (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
    "floating": (pa.array([110105.0, 0.5, None, 1e15, float("nan")]), ["110105", "0.5", None, "1e+15", "nan"]),
    "short floating": (pa.array([0.1, 3.0], pa.float32()), ["0.1", "3"]),
    "half floating": (pa.array([1.5, 2.0], pa.float16()), ["1.5", "2"]),
    "decimal": (pa.array([Decimal("1.50")], pa.decimal128(9, 2)), ["1.50"]),
    "date": (pa.array([dt.date(2020, 2, 29)]), ["2020-02-29"]),
    "long date": (pa.array([dt.date(2020, 2, 29)], pa.date64()), ["2020-02-29"]),
    "moment": (pa.array([dt.datetime(2020, 1, 2, 3, 4, 5)], pa.timestamp("ms")), ["2020-01-02 03:04:05"]),
    "midnight": (pa.array([dt.datetime(2020, 1, 2)], pa.timestamp("ns")), ["2020-01-02"]),
    "nanoseconds": (pa.array([1], pa.timestamp("ns")), ["1970-01-01 00:00:00.000000001"]),
    "the day of its own zone": (
        pa.array([dt.datetime(2020, 1, 1, 16)], pa.timestamp("us", "Asia/Shanghai")),
        ["2020-01-02"],
    ),
    "boolean": (pa.array([True, False, None]), ["true", "false", None]),
    "nothing": (pa.nulls(2), [None, None]),
    "dictionary": (pa.array(["01", None, "01"]).dictionary_encode(), ["01", None, "01"]),
    "runs": (pa.RunEndEncodedArray.from_arrays([2, 3], ["01", "02"]), ["01", "01", "02"]),
    "long text": (pa.array(["中"], pa.large_string()), ["中"]),
    "view": (pa.array(["中"], pa.string_view()), ["中"]),
    "bytes that are text": (pa.array(["中".encode(), None]), ["中", None]),
    "bytes that are none": (pa.array([b"\xffa"]), ["\\xffa"]),
    "bytes of one size": (pa.array([b"01"], pa.binary(2)), ["01"]),
    "list": (pa.array([[1, None], None]), ["[1, null]", None]),
    "structure": (pa.array([{"姓名": "李明", "day": dt.date(2020, 1, 2)}]), ['{"姓名": "李明", "day": "2020-01-02"}']),
}


@pytest.mark.parametrize("name", TYPED)
def test_a_column_of_any_type_becomes_text(name: str) -> None:
    column, texts = TYPED[name]
    found = as_text(column)
    assert found.type == pa.string() and found.to_pylist() == texts


def test_a_text_column_that_holds_no_text_is_told_byte_by_byte() -> None:
    offsets = pa.array([0, 2, 3], pa.int32()).buffers()[1]
    broken = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"\xffab"))
    assert as_text(broken).to_pylist() == ["\\xffa", "b"]


def test_parquet_rows_stand_where_they_stood_over_batches(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"a": ["0", None, "2", "3", "4"], "b": [1, 2, 3, None, 5]}), tmp_path / "sent", row_group_size=2
    )
    good, bad = rows_of(ParquetReader(receive(tmp_path / "sent", Settings()), rows=2))
    assert [row[:3] for row in good] == [
        (n, n + 1, {"a": a, "b": b})
        for n, (a, b) in enumerate([("0", "1"), (None, "2"), ("2", "3"), ("3", None), ("4", "5")])
    ]
    assert good[1][3] == '{"a": null, "b": "2"}' and bad == []


def test_a_nul_in_a_parquet_text_is_a_malformed_row(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["x", "a\0b", None], "b": [1, 2, 3]}), tmp_path / "sent")
    good, bad = rows_of(ParquetReader(receive(tmp_path / "sent", Settings())))
    assert [row[:3] for row in good] == [(0, 1, {"a": "x", "b": "1"}), (2, 3, {"a": None, "b": "3"})]
    assert good[1][3] == '{"a": null, "b": "3"}'
    assert bad == [(1, 2, '{"a": "a\\u0000b", "b": "2"}', "row.nul")]


def test_a_parquet_file_that_would_unpack_too_far_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["x" * 1000] * 1000}), tmp_path / "sent", use_dictionary=False)
    with pytest.raises(errors.ExpandsTooFar):
        ParquetReader(receive(tmp_path / "sent", Settings(max_expanded_bytes=100_000)))


def test_a_damaged_file_is_told_as_damaged_wherever_the_damage_is(tmp_path: Path) -> None:
    """Bytes changed at random: read as rows, or refused by name; never anything else."""
    pq.write_table(pa.table({"a": ["x", None] * 300, "b": range(600)}), tmp_path / "whole.parquet", row_group_size=99)
    book = openpyxl.Workbook()
    for n in range(50):
        book.active.append([f"a{n}", n])
    book.save(tmp_path / "whole.xlsx")
    chance, refused = random.Random(7), 0
    for data in ((tmp_path / name).read_bytes() for name in ("whole.parquet", "whole.xlsx")):
        for _ in range(80):
            spoilt = bytearray(data)
            for _ in range(3):
                spoilt[chance.randrange(4, len(data))] = chance.randrange(256)
            try:
                rows_of(open_reader(sent(tmp_path, bytes(spoilt)), lambda _title: True))
            except QuanminError:
                refused += 1
    assert refused > 80


# NDJSON


def lines(tmp_path: Path, text: str, **options: Any) -> LinesReader:
    return LinesReader(sent(tmp_path, text), "utf-8", **options)


def test_json_values_keep_the_text_they_were_sent_in(tmp_path: Path) -> None:
    line = '{"code": "0110", "n": 1e5, "big": 12345678901234567890.10, "yes": true, "no": null, "e": ""}'
    (row,) = cells_of(lines(tmp_path, line))
    assert row == {"code": "0110", "n": "1e5", "big": "12345678901234567890.10", "yes": "true", "no": None, "e": ""}


def test_nested_values_are_json_text_with_their_numbers_as_written(tmp_path: Path) -> None:
    (row,) = cells_of(lines(tmp_path, '{"a": {"k": [1, 2.50, "1", null, true, "引\\"号"]}, "b": []}'))
    assert row == {"a": '{"k": [1, 2.50, "1", null, true, "引\\"号"]}', "b": "[]"}
    assert json.loads(row["a"] or "") == {"k": [1, 2.5, "1", None, True, '引"号']}


@pytest.mark.parametrize("block", [1, 7, 64, 1 << 20])
def test_bad_lines_are_malformed_rows_with_their_number(tmp_path: Path, block: int) -> None:
    bad = ['{"a": 1', "[1]", '"text"', '{"a": 1} x', '{"a": 1, "a": 2}', '{"a": "\\ud800"}', "[" * 5000, "{'a': 1}"]
    deep = '{"a": ' + "[" * 900 + "]" * 900 + "}"
    good = '{"a": "good"}'
    text = "\n".join([good, "", *bad, '{"a": "x\\u0000y"}', "  ", good]) + "\r\n"
    rows, malformed = rows_of(lines(tmp_path, text, block=block))
    assert [row[:3] for row in rows] == [(0, 1, {"a": "good"}), (10, 13, {"a": "good"})]
    assert malformed == [
        *((place, place + 2, line, "row.syntax") for place, line in enumerate(bad, 1)),
        (9, 11, '{"a": "x\\u0000y"}', "row.nul"),
    ]
    rows, malformed = rows_of(lines(tmp_path, good + "\n" + deep))
    assert len(rows) + len(malformed) == 2


def test_ragged_objects_have_all_their_columns(tmp_path: Path) -> None:
    rows = cells_of(lines(tmp_path, '{"a": 1}\n{"b": 2, "a": 3}\n{}\n{"c": 4}\n'))
    assert rows == [
        {"a": "1", "b": None, "c": None},
        {"a": "3", "b": "2", "c": None},
        {"a": None, "b": None, "c": None},
        {"a": None, "b": None, "c": "4"},
    ]


def test_more_columns_than_any_table_has_are_refused(tmp_path: Path) -> None:
    text = "\n".join(f'{{"a{n}": 1}}' for n in range(2_001))
    with pytest.raises(errors.TooManyColumns):
        lines(tmp_path, text)


def test_a_line_beyond_the_limit_is_refused_with_its_number(tmp_path: Path) -> None:
    data = '{"a": 1}\n{"a": "' + "x" * 5000 + '"}\n'
    with pytest.raises(errors.LineTooLong) as caught:
        LinesReader(sent(tmp_path, data, max_line_bytes=4096), "utf-8")
    assert caught.value.fields["line"] == 2


# JSON


def array(tmp_path: Path, text: str, **options: Any) -> ArrayReader:
    return ArrayReader(sent(tmp_path, text), "utf-8", **options)


def test_an_array_gives_its_records_in_order_over_chunks(tmp_path: Path) -> None:
    text = "\ufeff [ " + " ,\n".join(f'{{"a": {n}, "b": "中"}}' for n in range(7)) + "\n]\n"
    rows, bad = rows_of(array(tmp_path, text, rows=3))
    assert [row[:3] for row in rows] == [(n, n + 1, {"a": str(n), "b": "中"}) for n in range(7)]
    assert rows[3][3] == '{"a": 3, "b": "中"}' and bad == []


def test_a_record_longer_than_a_read_is_whole(tmp_path: Path) -> None:
    long = "中" * 900_000
    rows = cells_of(ArrayReader(sent(tmp_path, f'[{{"a": "{long}"}}, {{"a": 2}}]', max_line_bytes=1 << 22), "utf-8"))
    assert [row["a"] for row in rows] == [long, "2"]


CUT = '[{"a": 1}, {"a": 2}, {"a": [3, {"b": "x"}]}]'


@pytest.mark.parametrize("end", range(1, len(CUT)))
def test_an_array_cut_anywhere_is_refused_with_the_record(tmp_path: Path, end: int) -> None:
    whole = CUT[:end].count("}") if end < 22 else 2 + (end > 41)
    with pytest.raises(errors.BadJson) as caught:
        array(tmp_path, CUT[:end])
    assert caught.value.fields["row"] in (whole, whole + 1)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('[{"a": 1} {"a": 2}]', 1),
        ('[{"a": 1}, 2]', 2),
        ('[{"a": 1}, ]', 2),
        ('[{"a": 1}] x', 2),
        ('[{"a": 1, "a": 2}]', 1),
        ("[" * 5000, 1),
    ],
)
def test_what_is_no_array_of_objects_is_refused_with_the_record(tmp_path: Path, text: str, row: int) -> None:
    with pytest.raises(errors.BadJson) as caught:
        array(tmp_path, text)
    assert caught.value.fields["row"] == row


def test_a_record_that_is_no_text_is_a_malformed_row(tmp_path: Path) -> None:
    _, bad = rows_of(array(tmp_path, '[{"a": 1}, {"a": "\\udc00"}, {"a": "\\u0000"}]'))
    assert bad == [(1, 2, '{"a": "\\udc00"}', "row.syntax"), (2, 3, '{"a": "\\u0000"}', "row.nul")]


def test_an_array_of_nothing_has_no_rows(tmp_path: Path) -> None:
    assert rows_of(array(tmp_path, " [ ] ")) == ([], [])


# XLSX


def test_cells_are_the_text_a_person_typed(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    cells: list[Any] = [
        "0110",
        110105,
        110105.0,
        0.1,
        True,
        dt.date(2020, 2, 29),
        dt.datetime(2020, 1, 2, 3, 4),
        "=1+1",
    ]
    sheet.append([None])
    sheet.append([f"c{n}" for n in range(len(cells))])
    sheet.append(cells)
    sheet.append([])
    sheet.append(["x", *[None] * len(cells), "beyond"])
    sheet.append(["=1", ArrayFormula("B6:B6", "=SUM(1,2)")])
    book.save(tmp_path / "sent")
    reader = WorkbookReader(receive(tmp_path / "sent", Settings()))
    good, bad = rows_of(reader)
    assert list(good[0][2].values()) == [
        "0110",
        "110105",
        "110105",
        "0.1",
        "true",
        "2020-02-29",
        "2020-01-02 03:04:00",
        "=1+1",
    ]
    assert [row[:2] for row in good] == [(0, 3), (2, 6)] and [row[:2] for row in bad] == [(1, 5)]
    assert bad[0][3] == "row.width"
    assert list(good[1][2].values())[:3] == ["=1", "=SUM(1,2)", None]


def test_two_sheets_with_data_are_refused_and_an_empty_second_one_is_not(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.append([1])
    second = book.create_sheet("more")
    book.save(tmp_path / "sent")
    assert cells_of(WorkbookReader(receive(tmp_path / "sent", Settings()))) == [{"a": "1"}]
    second.append(["a"])
    book.save(tmp_path / "sent")
    with pytest.raises(errors.SeveralSheets):
        WorkbookReader(receive(tmp_path / "sent", Settings()))
