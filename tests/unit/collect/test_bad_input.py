"""What agencies really send: every bad file is refused by name, or every row of it is accounted for."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest

from quanmin import collect, standards
from quanmin.collect import errors
from quanmin.errors import QuanminError
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import local_administrator

DATASET = "cdc.notifiable_disease_monthly"
HEADER = "Date,Diseases,Province,ADCode,Cases,Deaths\n"
ROW = "2004-01,Bacterial dysentery,Anhui,340000,439,1\n"


def send(lake: Lake, tmp_path: Path, data: bytes | str, name: str = "sent.csv") -> collect.Receipt:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return collect.collect(lake, DATASET, path, "cdc", local_administrator())


def months(count: int) -> list[str]:
    return [f"{2004 + n // 12}-{n % 12 + 1:02},Bacterial dysentery,Anhui,340000,{n},0" for n in range(count)]


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, HEADER + ROW)
    return buffer.getvalue()


REFUSED: dict[str, tuple[bytes, type[QuanminError]]] = {
    "empty": (b"", errors.EmptyFile),
    "blank": (b"\n\n\n", errors.EmptyFile),
    "header only": (HEADER.encode(), errors.NoRows),
    "wrong delimiter": ((HEADER + ROW).replace(",", "^").encode(), errors.NoHeader),
    "no header": (ROW.encode(), errors.NoHeader),
    "garbage": (bytes(range(256)) * 40, errors.UnknownFormat),
    "cut gzip": (
        gzip.compress((HEADER + ROW * 500).encode() + os.urandom(5000).hex().encode())[:-40],
        errors.Truncated,
    ),
    "two members": (zipped("a.csv", "b.csv"), errors.BadArchive),
    "duplicate titles": (b"Date,Diseases,Date,ADCode,Cases,Deaths\n" + ROW.encode(), errors.DuplicateColumn),
    "missing column": (b"Diseases,Cases\nX,1\n", errors.MissingColumn),
    "broken JSON": (b'[{"Date": "2004-01", "Diseases": "X", "ADCode": "340000", "Cases": 1}, {"Date"]', errors.BadJson),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_table_is_refused_and_leaves_nothing(lake: Lake, tmp_path: Path, name: str) -> None:
    data, kind = REFUSED[name]
    with pytest.raises(kind):
        send(lake, tmp_path, data)
    assert lake.snapshot().tables == {}
    assert all(receipt.state == "refused" and receipt.error for receipt in collect.receipts(lake))


def test_a_zip_bomb_is_refused_by_the_limit(tmp_path: Path) -> None:
    data = gzip.compress((HEADER + ROW * 500_000).encode())
    with Lake.open(Settings(home=tmp_path / "home", max_expansion=2)) as lake, pytest.raises(errors.ExpandsTooFar):
        send(lake, tmp_path, data)


def test_mixed_encodings_are_refused_with_the_line(lake: Lake, tmp_path: Path) -> None:
    utf8 = "2004-01,痢疾病,安徽省,340000,1,0\n".encode()
    other = "2004-02,痢疾,安徽省份,340000,1,0\n".encode("gb18030")
    with pytest.raises(errors.MixedEncodings) as caught:
        send(lake, tmp_path, HEADER.encode() + utf8 * 3 + other + utf8)
    assert caught.value.fields["line"] == 5


def test_a_text_that_turns_out_to_be_gb18030_late_is_read_as_gb18030(lake: Lake, tmp_path: Path) -> None:
    plain = "".join(f"2004-01,D{n},Anhui,340000,1,0\n" for n in range(200_000))
    data = (HEADER + plain + "2004-02,痢疾,安徽,340000,1,0\n").encode("gb18030")
    receipt = send(lake, tmp_path, data)
    assert receipt.read == 200_001 == receipt.accepted + receipt.quarantined


def test_a_long_line_is_refused_with_its_number_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write((HEADER + ROW).encode() + b"x" * (1 << 17))
        file.truncate(1 << 30)
    settings = Settings(home=tmp_path / "home", max_line_bytes=4096)
    with Lake.open(settings) as lake, pytest.raises(errors.LineTooLong) as caught:
        collect.collect(lake, DATASET, path, "cdc", local_administrator())
    assert caught.value.fields["line"] == 3


def test_ragged_rows_and_nul_bytes_are_quarantined_with_their_lines(lake: Lake, tmp_path: Path) -> None:
    body = "\n".join([*months(3), "2005-01,short", "2005-02,a\0b,Anhui,340000,1,0", *months(5)[3:]])
    receipt = send(lake, tmp_path, HEADER + body)
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (7, 5, 2)
    with lake.session("collect") as session:
        table = session.relation(f"quarantine.{DATASET}")
        rows = session.connection.execute(f"SELECT _row, _line, text, reasons FROM {table} ORDER BY 1").fetchall()
    assert rows == [
        (4, 5, "2005-01,short", "row.width"),
        (5, 6, "2005-02,a\0b,Anhui,340000,1,0", "row.nul"),
    ]


def test_unknown_columns_are_told_and_kept(lake: Lake, tmp_path: Path) -> None:
    receipt = send(lake, tmp_path, HEADER.strip() + ",备注\n" + ROW.strip() + ',"a ""b"""\n')
    assert receipt.unknown_columns == ["备注"]
    with lake.session("collect") as session:
        table = session.relation(f"raw.{DATASET}")
        assert session.connection.execute(f"SELECT _extra FROM {table}").fetchall() == [('{"备注":"a \\"b\\""}',)]


def test_formulas_are_text_and_whole_numbers_keep_their_form(lake: Lake, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER.strip().split(","))
    sheet.append(["2004-01", "Bacterial dysentery", "Anhui", 340000, 439, "=1+1"])
    sheet.append(["2004-02", "Bacterial dysentery", "Anhui", 340000.0, 1e20, 1])
    book.save(tmp_path / "sent.xlsx")
    receipt = send(lake, tmp_path, (tmp_path / "sent.xlsx").read_bytes(), "sent.xlsx")
    assert receipt.read == 2 == receipt.accepted + receipt.quarantined
    with lake.session("collect") as session:
        table, name = session.relation(f"raw.{DATASET}"), standards.catalogue().dataset(DATASET).resolve("ADCode")
        deaths = standards.catalogue().dataset(DATASET).resolve("Deaths")
        rows = session.connection.execute(f"SELECT {name}, {deaths} FROM {table} ORDER BY _row").fetchall()
    assert rows == [("340000", "=1+1"), ("340000", "1")]


def test_many_errors_give_a_bounded_report(lake: Lake, tmp_path: Path) -> None:
    receipt = send(lake, tmp_path, HEADER + "1900-02-29,X,Y,3.4E+05,many,few\n" * 300_000)
    assert receipt.quarantined == receipt.read == 300_000
    assert max(len(rule["rows"]) for rule in receipt.rules) == 100


def test_the_same_bytes_twice_are_one_batch(lake: Lake, tmp_path: Path) -> None:
    first = send(lake, tmp_path, HEADER + ROW)
    assert send(lake, tmp_path, HEADER + ROW, "again.csv") == first
    assert lake.snapshot().id == first.snapshot


def test_a_repeated_key_is_quarantined_with_its_own_text(lake: Lake, tmp_path: Path) -> None:
    receipt = send(lake, tmp_path, HEADER + ROW + ROW.replace("439", "440") + months(2)[1] + "\n")
    assert (receipt.accepted, receipt.quarantined) == (2, 1)
    with lake.session("collect") as session:
        table = session.relation(f"quarantine.{DATASET}")
        rows = session.connection.execute(f"SELECT _row, _line, text FROM {table}").fetchall()
        clean = session.connection.execute(f"SELECT _row FROM {session.relation(f'clean.{DATASET}')}").fetchall()
    assert rows == [(2, 3, ROW.strip().replace("439", "440"))]
    assert sorted(clean) == [(1,), (3,)]


def test_a_correction_supersedes_and_a_withdrawal_brings_the_old_row_back(lake: Lake, tmp_path: Path) -> None:
    send(lake, tmp_path, HEADER + ROW)
    second = send(lake, tmp_path, HEADER + ROW.replace("439", "440"), "second.csv")
    assert second.supersedes == 1
    collect.withdraw(lake, second.batch, local_administrator(), "sent by mistake")
    assert collect.receipt(lake, second.batch).state == "withdrawn"
    with lake.session("collect") as session:
        rows = session.connection.execute(f"SELECT cases FROM {session.live(DATASET)} AS l").fetchall()
    assert rows == [(439,)]
    with pytest.raises(errors.NotAccepted):
        collect.withdraw(lake, second.batch, local_administrator(), "again")


def test_who_may_not_send_is_refused_and_who_is_unknown_too(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_text(HEADER + ROW)
    for dataset, source in ((DATASET, "education"), (DATASET, "nobody"), ("no.such", "cdc")):
        with pytest.raises(QuanminError):
            collect.collect(lake, dataset, path, source, local_administrator())
    assert collect.receipts(lake) == []


def test_a_full_disk_leaves_nothing(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("quanmin.lake.writer._Part.write", full)
    with pytest.raises(QuanminError) as caught:
        send(lake, tmp_path, HEADER + ROW)
    assert caught.value.category == "unavailable"
    assert lake.snapshot().tables == {}


def test_check_reports_and_stores_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_text(HEADER + ROW + ROW)
    report = collect.check(standards.catalogue().dataset(DATASET), path)
    assert (report.read, report.accepted, report.quarantined, report.passed) == (2, 1, 1, False)
