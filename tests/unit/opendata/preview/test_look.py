"""Looks into files: what each kind shows, and that nothing a file holds can hurt."""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.opendata.preview import Looker, Map, Members, Picture, Refused, Rows, Words, drawn, look, looker
from quanmin.opendata.preview.look import BOMB, BROKEN, EMPTY, LARGE, NEVER, READ, SLOW
from quanmin.opendata.preview.look import ROWS as MOST
from quanmin.opendata.storage import Storage


@pytest.fixture
def of(tmp_path: Path) -> Any:
    """A look into these bytes."""

    def seen(content: bytes, kind: str) -> Any:
        path = tmp_path / "file"
        path.write_bytes(content)
        return look(path, kind)

    return seen


def parquet(table: pa.Table, **how: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **how)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_is_text_in_whatever_encoding(of: Any, encoding: str) -> None:
    seen = of('地区,编码\r\n湖北,"010"\r\n"多\n行",\r\n'.encode(encoding), "csv")
    assert seen == Rows(("地区", "编码"), (("湖北", "010"), ("多\n行", "")), False)


def test_rows_are_as_wide_as_the_head(of: Any) -> None:
    assert of(b"a,b\n1\n1,2,3\n", "csv").rows == (("1", ""), ("1", "2"))
    assert of(b"a\tb\n1,5\t2\n", "tsv").rows == (("1,5", "2"),)


def test_of_a_large_text_the_beginning_is_read_and_a_cut_row_is_left_out(of: Any) -> None:
    seen = of(b"a,b\n" + b"1234567890,%s\n" % (b"x" * 500) * 5_000, "csv")
    assert seen.more and len(seen.rows) == (READ - 4) // 512 and all(row[0] == "1234567890" for row in seen.rows)
    assert all(len(value) <= 200 for row in seen.rows for value in row)
    many = of(b"a\n" + b"1\n" * (MOST + 1), "csv")
    assert many.more and len(many.rows) == MOST
    assert not of(b"a\n" + b"1\n" * MOST, "csv").more


def test_a_parquet_file_says_how_many_rows_it_has(of: Any) -> None:
    table = pa.table({"code": ["010", None], "n": [1, 2]})
    assert of(parquet(table), "parquet") == Rows(("code", "n"), (("010", "1"), ("", "2")), False, 2)
    seen = of(parquet(pa.table({"n": range(20_000)})), "parquet")
    assert seen.more and seen.total == 20_000 and len(seen.rows) == MOST and seen.rows[-1] == (str(MOST - 1),)
    assert of(parquet(table.slice(0, 0)), "parquet").rows == ()


def test_a_group_of_rows_that_expands_too_much_is_not_opened(of: Any) -> None:
    huge = parquet(pa.table({"n": ["x" * 1_000_000] * 300}), compression="zstd", use_dictionary=False)
    assert len(huge) < 1 << 20 and of(huge, "parquet") == LARGE


def test_a_workbook_shows_its_first_sheet(of: Any) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["地区", "数"])
    book.active.append(["湖北", 5])
    book.save(out)
    assert of(out.getvalue(), "xlsx") == Rows(("地区", "数"), (("湖北", "5"),), False)


def test_a_workbook_that_expands_is_refused_unopened(of: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as held:
        held.writestr("xl/worksheets/sheet1.xml", bytes(100 << 20))
    assert of(out.getvalue(), "xlsx") == BOMB


def test_json_is_rows_where_it_is_a_list_of_objects_else_words(of: Any) -> None:
    assert of(b'[{"a": "010", "b": 1}, {"a": null, "c": [1]}]', "json") == Rows(
        ("a", "b", "c"), (("010", "1", ""), ("", "", "[1]")), False, 2
    )
    assert of(b'{"a": 1}', "json") == Words('{"a": 1}', False)
    assert of(b'{"a": 1}\n{"a": 2}\n', "ndjson").rows == (("1",), ("2",))


def test_words_are_the_beginning_of_a_text(of: Any) -> None:
    assert of("说明".encode(), "txt") == Words("说明", False)
    long = of(b"x" * 100_000, "html")
    assert long.more and len(long.text) == 65_536
    assert of(b"", "txt") == EMPTY and of(b"a\0b", "txt") == BROKEN


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")


def jpeg(width: int, height: int, before: bytes = b"\xff\xe0\x00\x04ab") -> bytes:
    frame = b"\xff\xc2\x00\x11\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return b"\xff\xd8" + before + frame


def test_of_a_picture_only_the_head_is_read(of: Any) -> None:
    assert of(png(640, 480), "png") == Picture(640, 480)
    assert of(jpeg(640, 480), "jpeg") == Picture(640, 480)
    assert of(jpeg(640, 480, b"\xff\xff\xe0\x00\x02"), "jpeg") == Picture(640, 480)
    assert of(png(60_000, 60_000), "png") == BOMB and of(jpeg(65_000, 65_000), "jpeg") == BOMB
    assert of(png(0, 5), "png") == BROKEN and of(b"\xff\xd8\xff", "jpeg") == BROKEN and of(b"GIF89a", "png") == BROKEN


def feature(kind: str, coordinates: Any, **told: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": told, "geometry": {"type": kind, "coordinates": coordinates}}


RING = [[100, 30], [110, 30], [110, 35], [100, 30]]


def test_areas_are_drawn_only_with_a_review_number(of: Any) -> None:
    features = [feature("Point", [105, 32], name="甲"), feature("Polygon", [RING]), feature("LineString", RING)]
    found = {"type": "FeatureCollection", "features": features}
    seen = of(json.dumps(found).encode(), "geojson")
    assert isinstance(seen, Map) and [one.kind for one in seen.shapes] == ["point", "line"] and seen.unreviewed == 1
    reviewed = of(json.dumps({**found, "review_number": "GS(2024)0650号"}).encode(), "geojson")
    assert reviewed.unreviewed == 0 and reviewed.review == "GS(2024)0650号"
    outlines = drawn(reviewed)
    assert [one.filled for one in outlines] == [True, False, True] and outlines[-1].tip == "甲"
    numbers = [float(word) for word in outlines[0].path.replace("M", " ").replace("L", " ").replace("Z", " ").split()]
    assert all(0 <= x <= 720 for x in numbers[::2]) and all(0 <= y <= 480 for y in numbers[1::2])


@pytest.mark.parametrize(
    "found",
    [
        b"[]",
        b"{}",
        b'{"type": "FeatureCollection", "features": 5}',
        json.dumps(feature("Point", [500, 0])).encode(),
        json.dumps(feature("Point", [])).encode(),
        json.dumps(feature("Circle", [1, 1])).encode(),
        json.dumps(feature("Polygon", [[["x", 1]]])).encode(),
        b"[" * 100_000,
    ],
)
def test_what_is_no_geojson_is_told_so(of: Any, found: bytes) -> None:
    assert of(found, "geojson") == BROKEN


def test_shapes_of_too_many_points_are_not_drawn(of: Any) -> None:
    assert of(json.dumps(feature("LineString", [[1, 1]] * 200_001)).encode(), "geojson") == LARGE


def test_an_archive_lists_its_members(of: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as held:
        for number in range(250):
            held.writestr(f"{number}.csv", "a")
    seen = of(out.getvalue(), "zip")
    assert isinstance(seen, Members) and seen.more and len(seen.members) == 200 and seen.members[0] == ("0.csv", 1)


KINDS = ("csv", "tsv", "json", "ndjson", "parquet", "xlsx", "txt", "geojson", "png", "jpeg", "zip", "pdf", "api", "?")
HEADS = (
    b"",
    b"PAR1",
    b"PK\x03\x04",
    b"\xff\xd8\xff\xc0",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b'{"type":',
    b"\xef\xbb\xbf",
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(HEADS), st.binary(max_size=200), st.sampled_from(KINDS))
def test_no_bytes_make_a_look_fail(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, rest: bytes, kind: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(head + rest)
    assert isinstance(look(path, kind), Rows | Words | Picture | Map | Members | Refused)


def test_a_truncated_file_is_told_broken(of: Any) -> None:
    whole = parquet(pa.table({"n": list(range(1_000))}))
    for size in range(0, len(whole), 97):
        assert of(whole[:size], "parquet") == BROKEN


def test_a_format_without_a_look_says_so(of: Any) -> None:
    assert of(b"%PDF-1.4", "pdf") == NEVER


def test_a_slow_look_is_not_waited_for_and_is_there_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    made: list[Path] = []

    def slowly(path: Path, kind: str) -> Words:
        made.append(path)
        go.wait(5)
        return Words("late", False)

    monkeypatch.setattr(looker, "look", slowly)
    storage = Storage(tmp_path)
    kept, watching = storage.keep(b"x"), Looker(storage, seconds=0.05)
    begun = time.monotonic()
    assert watching.look(kept.sha256, "txt") == SLOW and time.monotonic() - begun < 2
    go.set()
    deadline = time.monotonic() + 5
    while watching.look(kept.sha256, "txt") == SLOW and time.monotonic() < deadline:
        time.sleep(0.01)
    assert watching.look(kept.sha256, "txt") == Words("late", False) and len(made) == 1
    watching.close()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    watching = Looker(Storage(tmp_path))
    seen = watching.look("0" * 64, "csv")
    assert isinstance(seen, Refused) and "0" * 64 in seen.why.en
    watching.close()
