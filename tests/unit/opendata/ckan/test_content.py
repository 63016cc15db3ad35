"""What an uploaded file is, and which are refused: other kinds, broken ones, and those that would burst."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quanmin.opendata.ckan import content, tabular
from quanmin.opendata.ckan.errors import FileRefused
from quanmin.opendata.ckan.scan import holds_numbers
from quanmin.opendata.storage import Storage
from quanmin.standards.identity.citizen_number import check_character


def workbook(*cells: object) -> bytes:
    """A workbook with these in its first row."""
    book = openpyxl.Workbook()
    book.active.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(**parts: bytes) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, held in parts.items():
            made.writestr(name.replace("__", "/").replace("types", "[Content_Types].xml"), held)
    return out.getvalue()


def picture(width: int, height: int) -> bytes:
    """The beginning of a PNG of this size."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + b"\0" * 20


def photo(width: int, height: int) -> bytes:
    """The beginning of a JPEG of this size, after a note."""
    note = b"\xff\xfe" + struct.pack(">H", 6) + b"note"
    return b"\xff\xd8" + note + b"\xff\xc0" + struct.pack(">HBHHB", 8, 8, height, width, 3) + b"\0" * 9


def table(**columns: list[object]) -> bytes:
    """A Parquet file."""
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def look(path: Path, held: bytes, declared: str | None) -> str:
    """The text of a file, as it is looked through."""
    file = path / "file"
    file.write_bytes(held)
    return "\n".join(content.texts(file, content.kind(file, declared)))


GOOD = {
    "csv": b"\xef\xbb\xbfa,b\r\n010,\xe5\x80\xbc\r\n",
    "tsv": b"a\tb\n010\t2\n",
    "txt": "010 值".encode(),
    "json": b'{"a": "\\u0030\\u0031\\u0030"}',
    "geojson": b'{"type": "FeatureCollection", "features": [], "a": "010"}',
    "ndjson": b'{"a": "010"}\n\n{"a": 2}\n',
    "xml": b'<?xml version="1.0"?><a b="010">x</a>',
    "parquet": table(a=["010", None]),
    "xlsx": workbook("010", 5),
    "png": picture(100, 100) + b"010",
    "jpeg": photo(100, 100) + b"010",
}


@pytest.mark.parametrize("kind", content.KINDS)
def test_every_kind_is_known_by_what_it_holds_and_its_text_is_read(tmp_path: Path, kind: str):
    assert "010" in look(tmp_path, GOOD[kind], kind)
    if kind not in content.TEXTS:
        assert "010" in look(tmp_path, GOOD[kind], None)
        for other in ("csv", "json", "pdf"):
            with pytest.raises(FileRefused):
                look(tmp_path, GOOD[kind], other)


@pytest.mark.parametrize("kind", content.KINDS)
def test_a_citizen_number_is_found_in_every_kind(tmp_path: Path, kind: str):
    number = "11010119900307803" + check_character("11010119900307803")
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in number)
    held = {
        "json": f'{{"a": "{escaped}"}}'.encode(),
        "geojson": f'{{"a": ["{escaped}"]}}'.encode(),
        "ndjson": f'{{"b": 1}}\n{{"a": "{escaped}"}}'.encode(),
        "xml": ("<a>" + "".join(f"&#{ord(sign)};" for sign in number) + "</a>").encode(),
        "parquet": table(a=[None, number]),
        "xlsx": workbook("x", number),
        "png": picture(10, 10) + number.encode(),
        "jpeg": photo(10, 10) + number.encode(),
    }.get(kind, f"a,b\n{number},2\n".encode())
    assert holds_numbers(look(tmp_path, held, kind).splitlines())


BAD = {
    "empty": (b"", "csv"),
    "pdf": (b"%PDF-1.7", None),
    "program": (b"\x7fELF\x02", None),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1", "xls"),
    "packed": (gzip.compress(b"a,b"), "csv"),
    "NUL": (b"a,b\n1,\x00", "csv"),
    "NUL further on": (b"a,b\n" + b"1,2\n" * 400_000 + b"\x00", "csv"),
    "no UTF-8": ("县,数".encode("gb18030"), "csv"),
    "UTF-16": ("a,b".encode("utf-16"), "csv"),
    "a line without an end": (b"x" * (6 << 20), "txt"),
    "cut JSON": (b'{"a":', "json"),
    "deep JSON": (b"[" * 200_000, "json"),
    "cut NDJSON": (b'{"a": 1}\n{', "ndjson"),
    "XML with entities": (b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>', "xml"),
    "cut XML": (b"<a><b></a>", "xml"),
    "archive": (archive(a=b"b"), None),
    "archive as workbook": (archive(a=b"b"), "xlsx"),
    "cut workbook": (workbook("x")[:-200], "xlsx"),
    "workbook bomb": (archive(types=b"x", xl__sharedStrings=b"0" * (64 << 20)), "xlsx"),
    "macros": (archive(types=b"x", xl__workbook=b"<a/>", xl__vbaProject=b"x"), "xlsx"),
    "embedded": (archive(types=b"x", xl__embeddings__a=b"x"), "xlsx"),
    "entities in a workbook": (archive(types=b"x", xl__worksheets__a=b"<!DOCTYPE a><a/>"), "xlsx"),
    "picture bomb": (picture(60_000, 60_000), "png"),
    "photo bomb": (photo(60_000, 60_000), "jpeg"),
    "no picture": (picture(10, 10)[:12], "png"),
    "no photo": (b"\xff\xd8\xff\xe0\x00\x02" * 3, "jpeg"),
    "endless photo": (b"\xff\xd8" + b"\xff\xe0\x00\x00" * 5_000, "jpeg"),
    "flat picture": (picture(0, 10), "png"),
    "cut Parquet": (table(a=["x"])[:-6], "parquet"),
    "no Parquet": (b"PAR1" + b"\xff" * 100 + b"PAR1", "parquet"),
    "unknown": (b"x", "exe"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_broken_foreign_or_would_burst_is_refused(tmp_path: Path, name: str):
    with pytest.raises(FileRefused) as refused:
        look(tmp_path, *BAD[name])
    assert refused.value.message("zh") != refused.value.message("en")


def test_a_workbook_that_lies_of_its_size_is_not_opened_further(tmp_path: Path):
    held = bytearray(archive(types=b"x", xl__worksheets__a=b"<a>" + b"0" * 1_000_000 + b"</a>"))
    for place in range(len(held) - 4):
        if held[place : place + 4] == struct.pack("<I", 1_000_007):
            held[place : place + 4] = struct.pack("<I", 10)
    with pytest.raises(FileRefused):
        look(tmp_path, bytes(held), "xlsx")


def convert(path: Path, held: bytes, kind: str = "csv") -> pa.Table:
    """The table of a file."""
    file = path / "file"
    file.write_bytes(held)
    storage = Storage(path / "kept")
    return pq.read_table(storage.path(tabular.kept(storage, file, kind).sha256))


def test_a_table_is_text_as_it_was_written(tmp_path: Path):
    held = '\ufeff码,"名,称",n\r\n010,"两\n行",\r\n0164A,"",1e5\r\n,"a""b",NaN\r\n'.encode()
    found = convert(tmp_path, held)
    assert found.column_names == ["码", "名,称", "n"] and set(found.schema.types) == {pa.string()}
    assert found.to_pydict() == {
        "码": ["010", "0164A", None],
        "名,称": ["两\n行", "", 'a"b'],
        "n": [None, "1e5", "NaN"],
    }
    assert convert(tmp_path, b"a\tb\n1,5\t2\n", "tsv").to_pydict() == {"a": ["1,5"], "b": ["2"]}
    assert convert(tmp_path, b"a,b\n").num_rows == 0
    assert convert(tmp_path, b"a,b").num_rows == 0
    late = b"a\n" + b"1\n" * 400_000 + b"0164A\n"
    assert convert(tmp_path, late).column(0)[-1].as_py() == "0164A"


@pytest.mark.parametrize("held", [b"a,a\n1,2", b"a,\n1,2", b"\n", b",".join(b"c%d" % n for n in range(3_000))])
def test_a_table_needs_names(tmp_path: Path, held: bytes):
    with pytest.raises(FileRefused):
        convert(tmp_path, held)


def test_rows_of_another_width_are_told_by_number_and_without_their_values(tmp_path: Path):
    held = b"a,b\n1,2\n3\n4,5\n6,7,secret\n"
    with pytest.raises(FileRefused, match="3, 5") as refused:
        convert(tmp_path, held)
    assert "secret" not in json.dumps(refused.value.to_dict())
    assert not list((tmp_path / "kept").glob("[0-9a-f][0-9a-f]/*")), "nothing half kept"
