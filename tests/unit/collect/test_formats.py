"""The same rows in every format, packing and language of titles are the same rows in the lake; and what the receipt says."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Callable

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quanmin import collect
from quanmin.trust import local_administrator

CELLS = {
    "loan_no": ["0001", "0002", "0003"],
    "reader_number": ["11010519491231002X", "11010519491231002x", "110105491231002"],
    "title": ['三体，"黑暗"森林', "line\nbreak", "Moby-Dick, or the Whale"],
    "card_class": ["01", "02", "大人"],
    "copies": ["1", "-1", "9"],
    "lent_on": ["2024-02-29", "2024-01-01", "2024-01-02"],
}
CLEAN = [
    (1, "0001", '三体，"黑暗"森林', "01", 1, "2024-02-29"),
    (2, "0002", "line\nbreak", "02", None, "2024-01-01"),
    (3, "0003", "Moby-Dick, or the Whale", "01", 9, "2024-01-02"),
]
CHINESE = ["借书单号", "读者号码", "题名", "证别", "册数", "借出日期"]
ENGLISH = ["Loan number", "Reader number", "BOOK TITLE", "card_class", "Copies", "Lent on"]


def delimited(titles: list[str], sign: str, encoding: str, end: str = "\n") -> bytes:
    quote = ['"' + text.replace('"', '""') + '"' for text in CELLS["title"]]
    rows = zip(*({**CELLS, "title": quote}).values(), strict=True)
    return end.join([sign.join(titles), *(sign.join(row) for row in rows), ""]).encode(encoding)


def workbook(titles: list[str]) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.append(titles)
    for row in zip(*CELLS.values(), strict=True):
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


def parquet(titles: list[str]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(list(CELLS.values()), names=titles), buffer)
    return buffer.getvalue()


def objects(titles: list[str]) -> list[dict[str, str]]:
    return [dict(zip(titles, row, strict=True)) for row in zip(*CELLS.values(), strict=True)]


FORMATS: dict[str, Callable[[list[str]], bytes]] = {
    "comma, UTF-8": lambda titles: delimited(titles, ",", "utf-8"),
    "comma, UTF-8 with a mark": lambda titles: delimited(titles, ",", "utf-8-sig"),
    "comma, GB18030, CR LF": lambda titles: delimited(titles, ",", "gb18030", "\r\n"),
    "tab": lambda titles: delimited(titles, "\t", "utf-8"),
    "semicolon": lambda titles: delimited(titles, ";", "gb18030"),
    "bar": lambda titles: delimited(titles, "|", "gb18030"),
    "XLSX": workbook,
    "Parquet": parquet,
    "JSON": lambda titles: json.dumps(objects(titles), ensure_ascii=False, indent=1).encode(),
    "JSON, GB18030": lambda titles: json.dumps(objects(titles), ensure_ascii=False).encode("gb18030"),
    "NDJSON": lambda titles: "\n".join(json.dumps(row) for row in objects(titles)).encode(),
}


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", b"")
        archive.writestr("folder/inside", data)
    return buffer.getvalue()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "gzip": gzip.compress, "zip": zipped}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_and_packing_gives_the_same_rows(desk, name: str, packing: str) -> None:
    receipt = desk.send("library.loan", PACKINGS[packing](FORMATS[name](CHINESE)), "sent.bin")
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (3, 3, 0), desk.failed(receipt)
    columns = "_row, loan_no, title, card_class, copies, lent_on::VARCHAR"
    assert desk.rows("clean.library.loan", columns) == CLEAN
    assert desk.rows("raw.library.loan", "loan_no, copies") == list(zip(CELLS["loan_no"], CELLS["copies"], strict=True))


@pytest.mark.parametrize("titles", [list(CELLS), ENGLISH, CHINESE, [f" {title.upper()} " for title in CELLS]])
def test_titles_may_be_names_english_or_chinese(desk, titles: list[str]) -> None:
    desk.send("library.loan", FORMATS["tab"](titles))
    assert desk.rows("clean.library.loan", "_row, loan_no, title, card_class, copies, lent_on::VARCHAR") == CLEAN


def test_the_receipt_says_what_was_sent_and_what_became_of_it(desk) -> None:
    data = (
        "loan_no,reader_number,title,lent_on,shelf,备注\n"
        "0001,,三体,2024-01-01,A,x\n"
        "2,,三体,2024-01-01,A,x\n"
        "0003,,三体,2023-02-29,Z,x\n"
        "0004,,三体\n"
    )
    receipt = desk.send("library.loan", data, "loans.csv")
    assert (receipt.dataset, receipt.version, receipt.source, receipt.file) == (
        "library.loan",
        "3",
        "library",
        "loans.csv",
    )
    assert (receipt.sha256, receipt.bytes) == (hashlib.sha256(data.encode()).hexdigest(), len(data.encode()))
    assert (receipt.state, receipt.read, receipt.accepted, receipt.quarantined) == ("accepted", 4, 1, 3)
    assert receipt.snapshot == desk.lake.snapshot().id and receipt.at.endswith("+00:00")
    assert receipt.unknown_columns == ["备注"]
    assert receipt.missing_columns == [
        "name", "card_class", "copies", "fee", "renewed", "returned_at", "town",
    ]  # fmt: skip
    counts = {
        rule["id"]: (rule["code"], rule["severity"], rule["tested"], rule["failed"], rule["rows"])
        for rule in receipt.rules
    }
    assert counts["loan_no.pattern"] == (None, "reject", 3, 1, [2])
    assert counts["lent_on.type"] == ("E14", "reject", 3, 1, [3])
    assert counts["shelf.value_set"] == ("E11", "reject", 3, 1, [3])
    assert counts["reader_number.required"] == ("E12", "warn", 3, 3, [1, 2, 3])
    assert counts["row.width"] == (None, "reject", 4, 1, [4])
    assert counts["key.unique_in_batch"][2:4] == (1, 0)
    assert desk.rows("quarantine.library.loan", "_row, _line, text, reasons") == [
        (2, 3, "2,,三体,2024-01-01,A,x", "loan_no.pattern"),
        (3, 4, "0003,,三体,2023-02-29,Z,x", "shelf.value_set lent_on.type"),
        (4, 5, "0004,,三体", "row.width"),
    ]
    stored = json.loads((desk.lake.settings.home / "receipts" / f"{receipt.batch:08}.json").read_text("utf-8"))
    assert stored == receipt.to_dict() == collect.receipt(desk.lake, receipt.batch).to_dict()
    assert set(stored) >= {"batch", "dataset", "source", "sha256", "read", "accepted", "quarantined", "snapshot"}
    told = json.dumps(stored, ensure_ascii=False)
    assert all(value not in told for value in ("三体", "0001", "0003", "2023-02-29"))


def test_progress_tells_rows_and_bytes_to_the_end(desk, tmp_path) -> None:
    news: list[tuple[int, int, int | None]] = []
    path = tmp_path / "sent.csv"
    path.write_text(
        "loan_no,reader_number,title,lent_on\n" + "".join(f"{n:07},,三体,2024-01-01\n" for n in range(400_000))
    )
    collect.collect(
        desk.lake, "library.loan", path, "library", local_administrator(),
        progress=lambda *told: news.append(told), catalogue=desk.catalogue,
    )  # fmt: skip
    size = path.stat().st_size
    assert news == sorted(news) and len(news) > 2
    assert news[-1] == (400_000, size, size) and {total for _, _, total in news} == {size}


@pytest.mark.parametrize("body", ["0001,,三体,2024-01-01,\n", "0001,,三体,2024-01-01,x\n0002,,三体,2024-01-01,\n"])
def test_an_unknown_column_may_be_empty(desk, body: str) -> None:
    receipt = desk.send("library.loan", "loan_no,reader_number,title,lent_on,备注\n" + body)
    assert receipt.accepted == receipt.read


def test_what_the_standard_does_not_know_is_kept_where_it_is_not_empty(desk) -> None:
    body = '0001,,三体,2024-01-01,,\n0002,,三体,2024-01-01,甲,\n0003,,三体,2024-01-01,,乙\n0004,,三体,2024-01-01,"丙,",丁\n'
    receipt = desk.send("library.loan", "loan_no,reader_number,title,lent_on,备注,other\n" + body)
    assert receipt.accepted == receipt.read == 4
    with desk.lake.session("collect") as session:
        query = f"SELECT _extra FROM {session.relation('raw.library.loan')} ORDER BY loan_no"
        kept = [row[0] and json.loads(row[0]) for row in session.connection.execute(query).fetchall()]
    assert kept == [None, {"备注": "甲"}, {"other": "乙"}, {"备注": "丙,", "other": "丁"}]


@pytest.mark.parametrize(("last", "told"), [(200, 20), (199, None), (2, 20), (3, None)])
def test_a_file_ten_times_larger_or_smaller_than_usual_is_taken_and_told(desk, last: int, told: int | None) -> None:
    titles = "loan_no,reader_number,title,lent_on\n"
    for number, size in enumerate([18, 20, 21, last]):
        receipt = desk.send("library.loan", titles + "".join(f"{number}{n:06},,三体,2024-01-01\n" for n in range(size)))
        assert receipt.accepted == size
        assert receipt.usual == (told if number == 3 else None)
