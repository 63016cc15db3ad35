"""Attack A14 on files: odd numbers, huge fields, doubled keys, formula cells. Rows are accounted for; nothing of them is told."""

from __future__ import annotations

import csv
import io
import json
import resource
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quanmin import collect, population
from quanmin.collect.errors import BadJson, LineTooLong
from quanmin.errors import QuanminError
from quanmin.lake import Lake
from quanmin.population.feedback import harmless
from quanmin.trust import local_administrator

DATASET = "social_security.death"
HEAD = "record_no,citizen_number,name,death_date\n"
NUMBER, NAME = "11010519491231002X", "龘靐"
FIELDS = {"record_no": "D0000001", "citizen_number": NUMBER, "name": NAME, "death_date": "2020-01-01"}


def send(lake: Lake, folder: Path, data: bytes | str, name: str = "sent.csv") -> collect.Receipt:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return collect.collect(lake, DATASET, path, "social_security", local_administrator())


def numbers(lake: Lake, zone: str = "clean") -> list[object]:
    column = "person_key" if zone == "clean" else "text"
    with lake.session("collect") as session:
        if not session.exists(f"{zone}.{DATASET}"):
            return []
        rows = session.connection.execute(f"SELECT {column} FROM {session.relation(f'{zone}.{DATASET}')}").fetchall()
    return [row[0] for row in rows]


KEY = int(NUMBER[:17])
SPELLED = {
    "full width": (NUMBER.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)}), KEY),
    "lower x": (NUMBER.lower(), KEY),
    "fifteen digits": (NUMBER[:6] + NUMBER[8:17], KEY),
    "letters O": (NUMBER.replace("0", "O"), None),
    "Chinese numerals": (NUMBER.translate({ord(str(n)): "〇一二三四五六七八九"[n] for n in range(10)}), None),
    "bidi": ("\u202e" + NUMBER[::-1], None),
    "a formula": ("=" + NUMBER, None),
    "power": ("1.1010519491231E+17", None),
    "two numbers": (NUMBER + NUMBER, None),
}


@pytest.mark.parametrize("name", SPELLED)
def test_an_odd_number_is_read_as_the_person_or_as_nobody_and_never_told(lake: Lake, tmp_path: Path, name: str) -> None:
    spelled, key = SPELLED[name]
    receipt = send(lake, tmp_path, f"{HEAD}D0000001,{spelled},{NAME},2020-01-01\n")
    assert receipt.read == 1 == receipt.accepted + receipt.quarantined
    assert [one for one in numbers(lake) if one is not None] == ([] if key is None else [key])
    told = json.dumps(receipt.to_dict(), ensure_ascii=False)
    assert spelled not in told and NAME not in told and NUMBER not in told


HUGE = "龘" * (10 << 20)
BIG = {
    "csv": (f"{HEAD}D0000001,{NUMBER},{HUGE},2020-01-01\n", LineTooLong),
    "ndjson": (json.dumps({**FIELDS, "name": HUGE}, ensure_ascii=False) + "\n", LineTooLong),
    "json": (json.dumps([{**FIELDS, "name": HUGE}], ensure_ascii=False), LineTooLong),
}


@pytest.mark.parametrize("name", BIG)
def test_a_field_of_ten_million_characters_is_refused_by_its_line(lake: Lake, tmp_path: Path, name: str) -> None:
    data, kind = BIG[name]
    with pytest.raises(kind) as caught:
        send(lake, tmp_path, data, f"sent.{name}")
    assert "龘" not in str(caught.value.to_dict()) and len(str(caught.value)) < 200
    assert lake.snapshot().tables == {}


def test_a_field_of_ten_million_characters_in_a_table_file_is_one_refused_row(lake: Lake, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(FIELDS))
    sheet.append(list({**FIELDS, "name": "龘" * 32_000}.values()))
    book.save(tmp_path / "long.xlsx")
    table = pa.table({name: [value] for name, value in {**FIELDS, "name": HUGE}.items()})
    pq.write_table(table, tmp_path / "long.parquet")
    for name in ("long.xlsx", "long.parquet"):
        receipt = send(lake, tmp_path, (tmp_path / name).read_bytes(), name)
        assert (receipt.read, receipt.quarantined) == (1, 1) and len(json.dumps(receipt.to_dict())) < 20_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_500_000  # kilobytes


def test_a_key_twice_is_refused_and_which_value_counts_is_never_guessed(lake: Lake, tmp_path: Path) -> None:
    twice = f'{{"record_no":"D0000001","citizen_number":"{NUMBER}","citizen_number":"x","name":"{NAME}"}}'
    with pytest.raises(BadJson) as caught:
        send(lake, tmp_path, f"[{twice}]", "a.json")
    assert NUMBER not in str(caught.value.to_dict())
    whole = json.dumps(FIELDS, ensure_ascii=False)
    receipt = send(lake, tmp_path, f"{twice}\n{whole}\n", "a.ndjson")
    assert (receipt.accepted, receipt.quarantined) == (1, 1) and numbers(lake, "quarantine") == [twice]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e-400", "9" * 400, "NaN", "Infinity", "110105194912310021.0"])
def test_a_number_beyond_all_numbers_is_text_and_no_crash(lake: Lake, tmp_path: Path, number: str) -> None:
    line = json.dumps({**FIELDS, "citizen_number": "@", "death_date": "#"}, ensure_ascii=False)
    line = line.replace('"@"', number).replace('"#"', number)
    receipt = send(lake, tmp_path, line + "\n", "a.ndjson")
    assert receipt.read == 1 == receipt.accepted + receipt.quarantined
    assert [one for one in numbers(lake) if one is not None] == []


def test_titles_and_names_of_files_are_told_without_numbers(lake: Lake, tmp_path: Path) -> None:
    spelled = " ".join(NUMBER)
    receipt = send(
        lake,
        tmp_path,
        f"{HEAD.strip()},{NUMBER},备注,{spelled}\nD0000001,,{NAME},2020-01-01,a,b,c\n",
        f"死亡 {spelled}.csv",
    )
    assert (receipt.file, receipt.unknown_columns) == ("死亡 ***.csv", ["***", "备注"])
    with pytest.raises(QuanminError) as caught:
        send(lake, tmp_path, b"", f"{NUMBER}.csv")
    assert caught.value.fields == {"file": "***.csv"}


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", '=HYPERLINK("http://x","y")']


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_cell_that_a_spreadsheet_would_compute_leaves_as_text(formula: str) -> None:
    table = pa.table({"file": pa.array([formula, "a=b", None]), "row": pa.array([1, -2, 3])})
    assert harmless(table).to_pydict() == {"file": ["'" + formula, "a=b", None], "row": [1, -2, 3]}


def test_a_file_called_like_a_formula_comes_back_as_text(lake: Lake, tmp_path: Path) -> None:
    name = "=cmd|' C calc'!A0.csv"
    receipt = send(lake, tmp_path, f"{HEAD},{NUMBER},{NAME},2020-01-01\n", name)
    assert receipt.quarantined == 1
    written = population.export_feedback(lake, "social_security", tmp_path / "told")
    [file] = written.files
    rows = list(csv.DictReader(io.StringIO((tmp_path / "told" / file).read_text("utf-8-sig"))))
    assert {row["file"] for row in rows} == {"'" + name} and NUMBER not in str(rows) and NAME not in str(rows)
