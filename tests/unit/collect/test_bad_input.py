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


def zipped(*names: str, text: str = HEADER + ROW) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, text)
    return buffer.getvalue()


def column(lake: Lake, name: str, zone: str = "clean") -> list[tuple[object, ...]]:
    with lake.session("collect") as session:
        table = session.relation(f"{zone}.{DATASET}")
        return session.connection.execute(f"SELECT {name} FROM {table} ORDER BY _row").fetchall()


def reasons(lake: Lake) -> list[tuple[object, ...]]:
    return column(lake, "_row, reasons", "quarantine")


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
    "cut zip": (zipped("a.csv")[:-30], errors.Truncated),
    "no member": (zipped(), errors.UnknownFormat),
    "cut JSON": (b'[{"Date": "2004-01", "Diseases": "Bacterial dysentery", "Ca', errors.BadJson),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), errors.UnknownFormat),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(200), errors.UnknownFormat),
    "workbook in gzip in gzip": (gzip.compress(gzip.compress(HEADER.encode())), errors.BadArchive),
    "same element by two titles": (
        b"Date,month,Diseases,ADCode,Cases\n2004-01,2004-01,X,340000,1\n",
        errors.DuplicateColumn,
    ),
    "header twice the file": (b'"Date,Diseases\n2004-01,X\n', errors.EmptyFile),
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


BOMB = HEADER + ROW * 500_000


@pytest.mark.parametrize("data", [gzip.compress(BOMB.encode()), zipped("a.csv", text=BOMB)], ids=["gzip", "zip"])
def test_a_zip_bomb_is_refused_by_the_limit(tmp_path: Path, data: bytes) -> None:
    with Lake.open(Settings(home=tmp_path / "home", max_expansion=2)) as lake:
        with pytest.raises(errors.ExpandsTooFar):
            send(lake, tmp_path, data)
        assert lake.snapshot().tables == {}


def test_a_workbook_that_is_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER.strip().split(","))
    book.save(tmp_path / "bomb.xlsx")
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.bin", bytes(20 << 20))
    with Lake.open(Settings(home=tmp_path / "home", max_expansion=2)) as lake, pytest.raises(errors.ExpandsTooFar):
        send(lake, tmp_path, (tmp_path / "bomb.xlsx").read_bytes())


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


@pytest.mark.parametrize(
    ("dataset", "source", "category"),
    [(DATASET, "education", "denied"), (DATASET, "nobody", "not_found"), ("no.such", "cdc", "not_found")],
)
def test_who_may_not_send_is_refused_and_who_is_unknown_too(
    lake: Lake, tmp_path: Path, dataset: str, source: str, category: str
) -> None:
    path = tmp_path / "sent.csv"
    path.write_text(HEADER + ROW)
    with pytest.raises(QuanminError) as caught:
        collect.collect(lake, dataset, path, source, local_administrator())
    assert caught.value.category == category
    assert collect.receipts(lake) == [] and lake.snapshot().tables == {}


@pytest.mark.parametrize("day", ["1900-02-29", "2023-02-29", "2004-13", "2004-00", "0000-01", "2004-1-32", "44197"])
def test_a_day_that_never_was_is_refused_by_its_row(lake: Lake, tmp_path: Path, day: str) -> None:
    receipt = send(lake, tmp_path, HEADER + ROW + ROW.replace("2004-01", day) + ROW.replace("2004-01", "2000-02-29"))
    assert (receipt.accepted, receipt.quarantined) == (2, 1)
    assert reasons(lake) == [(2, "month.type")]


@pytest.mark.parametrize("code", ["3.4E+05", "3.4e5", "340000.0E0"])
def test_a_code_that_a_spreadsheet_spoilt_is_refused_and_kept_as_it_came(lake: Lake, tmp_path: Path, code: str) -> None:
    receipt = send(lake, tmp_path, HEADER + ROW.replace("340000", code) + ROW)
    assert (receipt.accepted, receipt.quarantined) == (1, 1)
    assert reasons(lake) == [(1, "region.type")]
    assert column(lake, "region", "raw") == [(code,), ("340000",)]


@pytest.mark.parametrize("code", ["+340000", "34 0000", "-340000", "0340000", "340000.5", "999999"])
def test_a_code_that_is_none_is_taken_with_a_flag(lake: Lake, tmp_path: Path, code: str) -> None:
    receipt = send(lake, tmp_path, HEADER + ROW.replace("340000", code) + ROW)
    assert (receipt.accepted, receipt.quarantined) == (2, 0)
    assert column(lake, "region, _flags") == [(code, "region.region region.valid_in_month"), ("340000", None)]


def test_leading_zeros_survive_to_the_lake(lake: Lake, tmp_path: Path) -> None:
    send(lake, tmp_path, HEADER.strip() + ",批号\n" + ROW.strip() + ",0012\n")
    assert column(lake, "_extra", "raw") == [('{"批号":"0012"}',)]


def test_columns_that_are_not_there_are_told(lake: Lake, tmp_path: Path) -> None:
    receipt = send(lake, tmp_path, "Date,Diseases\n2004-01,Bacterial dysentery\n")
    assert receipt.missing_columns == [
        "disease_name", "province", "region", "cases", "deaths", "incidence", "mortality",
    ]  # fmt: skip
    assert column(lake, "cases") == [(None,)]


def test_ten_thousand_rows_of_one_key_leave_the_first(lake: Lake, tmp_path: Path) -> None:
    receipt = send(lake, tmp_path, HEADER + "".join(ROW.replace("439", str(n)) for n in range(1, 10_001)))
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (10_000, 1, 9_999)
    assert column(lake, "_row, cases") == [(1, 1)]
    (rule,) = (rule for rule in receipt.rules if rule["failed"])
    assert (rule["id"], rule["failed"], rule["rows"]) == ("key.unique_in_batch", 9_999, list(range(2, 102)))
    kept = column(lake, "_row, _line, text", "quarantine")
    assert kept == [(n, n + 1, ROW.strip().replace("439", str(n))) for n in range(2, 10_001)]


def test_ten_thousand_records_with_one_number_are_taken_and_told(lake: Lake, tmp_path: Path) -> None:
    """A placeholder number: no row is lost, and all of them stand in one bucket (the base caps the group)."""
    body = "".join(f"D{n:07},11010519491231002X,李明,2020-01-01\n" for n in range(10_000))
    path = tmp_path / "deaths.csv"
    path.write_text("record_no,citizen_number,name,death_date\n" + body)
    receipt = collect.collect(lake, "social_security.death", path, "social_security", local_administrator())
    assert receipt.read == receipt.accepted + receipt.quarantined == 10_000
    assert receipt.quarantined == 0
    with lake.session("collect") as session:
        table = session.relation("clean.social_security.death")
        query = (
            f"SELECT count(*), count(DISTINCT person_key), count(DISTINCT bucket), count(DISTINCT _row) FROM {table}"
        )
        assert session.connection.execute(query).fetchall() == [(10_000, 1, 1, 10_000)]


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
