"""Rules about rows together, through the whole of collecting: in a file, in a dataset, towards another dataset."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from quanmin import collect, standards
from quanmin.collect.together import modest
from quanmin.lake.engine import Engine
from quanmin.settings import Settings
from quanmin.trust import local_administrator

LOAN = "loan_no,reader_number,title,lent_on,shelf\n"
READER = "card_no,reader_number,name,joined_on\n"
CARD = 'kind = "reference"\nelements = ["reader_number"]\ndataset = "library.reader"\nto = ["reader_number"]\n'
WARN, REJECT = 'severity = "warn"', 'severity = "reject"'


def loan(desk, no: int, reader: int, title: str = "三体", shelf: str = "A") -> str:
    return f"{no:04},{desk.number(reader)},{title},2024-01-01,{shelf}\n"


def reader(desk, card: str, which: int) -> str:
    return f"{card},{desk.number(which)},李明,2020-01-01\n"


def test_a_reference_is_not_tested_before_there_is_anything_to_refer_to(desk) -> None:
    receipt = desk.send("library.loan", LOAN + loan(desk, 1, 1))
    (rule,) = (rule for rule in receipt.rules if rule["id"] == "card.known")
    assert (rule["tested"], rule["failed"], receipt.accepted) == (0, 0, 1)


def test_a_dangling_reference_is_flagged_and_the_row_stays(desk) -> None:
    desk.send("library.reader", READER + reader(desk, "A00001", 1), "readers.csv")
    receipt = desk.send("library.loan", LOAN + loan(desk, 1, 1) + loan(desk, 2, 2) + "0003,,三体,2024-01-01,A\n")
    assert (receipt.accepted, receipt.quarantined) == (3, 0)
    (rule,) = (rule for rule in receipt.rules if rule["id"] == "card.known")
    assert (rule["tested"], rule["failed"], rule["rows"]) == (2, 1, [2])
    assert desk.rows("clean.library.loan", "_row, _flags") == [
        (1, None),
        (2, "card.known"),
        (3, "reader_number.required"),
    ]


def test_a_dangling_reference_of_a_strict_standard_is_refused_with_its_text(desk) -> None:
    desk.change("library.loan", CARD + WARN, CARD + REJECT)
    desk.send("library.reader", READER + reader(desk, "A00001", 1), "readers.csv")
    receipt = desk.send("library.loan", LOAN + loan(desk, 1, 1) + loan(desk, 2, 2))
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (2, 1, 1)
    assert desk.rows("clean.library.loan", "_row") == [(1,)]
    assert desk.rows("raw.library.loan", "_row") == [(1,), (2,)]
    assert desk.rows("quarantine.library.loan", "_row, _line, text, reasons") == [
        (2, 3, loan(desk, 2, 2).strip(), "card.known")
    ]


def test_a_reference_looks_at_live_rows_only(desk) -> None:
    first = desk.send("library.reader", READER + reader(desk, "A00001", 1) + reader(desk, "A00002", 2), "readers.csv")
    corrected = desk.send("library.reader", READER + reader(desk, "A00002", 3), "corrected.csv")
    assert corrected.supersedes == 1
    receipt = desk.send("library.loan", LOAN + "".join(loan(desk, n, n) for n in (1, 2, 3)))
    assert desk.failed(receipt) == {"card.known": [2]}
    assert first.accepted == 2


def test_a_value_of_the_dataset_is_refused_in_a_later_batch_and_a_correction_is_not(desk) -> None:
    desk.send("library.reader", READER + reader(desk, "A00001", 1) + reader(desk, "A00002", 2))
    again = desk.send("library.reader", READER + reader(desk, "A00003", 1) + reader(desk, "A00004", 4), "again.csv")
    assert desk.failed(again) == {"reader_number.one_card": [1]} and again.quarantined == 1
    corrected = desk.send("library.reader", READER + reader(desk, "A00001", 1).replace("李明", "李鸣"), "corrected.csv")
    assert (corrected.accepted, corrected.supersedes) == (1, 1)
    with desk.lake.session("collect") as session:
        live = session.live("library.reader", key=("card_no",))
        rows = session.connection.execute(f"SELECT card_no, name FROM {live} AS l ORDER BY 1").fetchall()
    assert rows == [("A00001", "李鸣"), ("A00002", "李明"), ("A00004", "李明")]


def test_the_value_is_free_again_when_its_batch_is_withdrawn(desk) -> None:
    first = desk.send("library.reader", READER + reader(desk, "A00001", 1))
    collect.withdraw(desk.lake, first.batch, local_administrator(), "sent by mistake")
    assert desk.send("library.reader", READER + reader(desk, "A00002", 1), "second.csv").accepted == 1


def test_the_first_of_equal_rows_stands_and_reasons_and_flags_are_told_together(desk) -> None:
    """Row 2 repeats the key and the value; row 3 only the key; row 4 only the value."""
    rows = [("A00001", 1), ("A00001", 1), ("A00001", 2), ("A00009", 1), ("A00002", 3)]
    receipt = desk.send("library.reader", READER + "".join(reader(desk, card, which) for card, which in rows))
    assert desk.failed(receipt) == {"key.unique_in_batch": [2, 3], "reader_number.one_card": [2, 4]}
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (5, 2, 3)
    assert desk.rows("quarantine.library.reader", "_row, reasons") == [
        (2, "key.unique_in_batch reader_number.one_card"),
        (3, "key.unique_in_batch"),
        (4, "reader_number.one_card"),
    ]


def test_a_warning_on_rows_together_joins_the_flags_that_are_there(desk) -> None:
    rows = [loan(desk, 1, 1), loan(desk, 2, 1), loan(desk, 3, 1, shelf=""), loan(desk, 4, 1, shelf="")]
    body = "".join(
        row.strip() + f",{town}\n" for row, town in zip(rows, ["110105", "999999", "110105", "110105"], strict=True)
    )
    receipt = desk.send("library.loan", LOAN.strip() + ",town\n" + body)
    assert (receipt.accepted, receipt.quarantined) == (4, 0)
    flags = dict(desk.rows("clean.library.loan", "_row, _flags"))
    assert flags == {1: None, 2: "town.region town.on_day title.once_a_day", 3: None, 4: "title.once_a_day"}
    assert desk.failed(receipt)["title.once_a_day"] == [2, 4]


def test_a_part_that_could_not_be_read_is_unknown_and_not_absent(desk, tmp_path: Path) -> None:
    """With a type that only warns, an unreadable shelf is stored as missing: only its flag tells."""
    soft = '\n[[rule]]\nkind = "{}"\nelements = ["shelf"]\nseverity = "warn"\n'
    path = desk.standards / "datasets" / "library.loan.toml"
    (desk.standards / "indicators" / "loans.toml").unlink()  # they tell the shelves apart, which are numbers here
    more = soft.format("type").replace("severity", 'type = "integer"\nseverity')
    path.write_text(
        path.read_text("utf-8").replace('type = "code"\nvalues = "Shelf-2"', 'type = "integer"') + more, "utf-8"
    )
    bodies = [loan(desk, n, 1, shelf=shelf) for n, shelf in enumerate(("", "x", "y", "", "7", "7"), 1)]
    data = LOAN + "".join(bodies)
    assert desk.failed(desk.send("library.loan", data)) == {
        "shelf.type": [2, 3],
        "title.once_a_day": [4, 6],
    }
    report = collect.check(desk.catalogue.dataset("library.loan"), tmp_path / "sent.csv")
    assert {rule["id"]: rule["rows"] for rule in report.rules if rule["failed"]} == {
        "shelf.type": [2, 3],
        "title.once_a_day": [4, 6],
    }


@pytest.mark.parametrize("absent", [True, False])
def test_an_absent_part_counts_in_the_whole_dataset_where_the_rule_says_so(desk, absent: bool) -> None:
    path = desk.standards / "datasets" / "library.loan.toml"
    text = path.read_text("utf-8").replace("unique_in_batch", "unique_in_dataset")
    path.write_text(text if absent else text.replace('optional = ["shelf"]\n', ""), "utf-8")
    desk.send("library.loan", LOAN + loan(desk, 1, 1, shelf="") + loan(desk, 2, 1, shelf="A"))
    receipt = desk.send("library.loan", LOAN + loan(desk, 3, 1, shelf="") + loan(desk, 4, 1, shelf="A"), "second.csv")
    assert desk.failed(receipt) == {"title.once_a_day": [1, 2] if absent else [2]}


def test_two_rows_of_the_whole_country_for_one_month_repeat_each_other(lake, tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    month = "2004-01,Bacterial dysentery"
    lines = [f"{month},,,5,0", f"{month},,,6,0", f"{month},Anhui,340000,5,0", f"{month},Anhui,340000,6,0"]
    lines += [f"{month},全国,,7,0", f"{month},Hebei,,8,0", "2004-02,Bacterial dysentery,,,5,0"]
    path.write_text("Date,Diseases,Province,ADCode,Cases,Deaths\n" + "\n".join(lines))
    receipt = collect.collect(lake, "cdc.notifiable_disease_monthly", path, "cdc", local_administrator())
    told = {rule["id"]: rule["rows"] for rule in receipt.rules if rule["failed"]}
    assert told == {"key.unique_in_batch": [2, 4, 5], "region.of_province": [6]}
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (7, 3, 4)


def test_check_asks_the_same_questions_as_collect(desk, tmp_path: Path) -> None:
    rows = [("A00001", 1), ("A00001", 1), ("A00009", 1), ("A00002", 3), ("B", 4)]
    receipt = desk.send("library.reader", READER + "".join(reader(desk, card, which) for card, which in rows))
    report = collect.check(desk.catalogue.dataset("library.reader"), tmp_path / "sent.csv")
    shared = [field.name for field in dataclasses.fields(report) if hasattr(receipt, field.name)]
    assert {name: getattr(report, name) for name in shared} == {name: getattr(receipt, name) for name in shared}
    assert "rules" in shared and not report.passed and report.quarantined == 3


def test_no_dataset_of_the_library_is_known_to_the_built_in_catalogue(desk) -> None:
    """What is proven here is proven without one word about health: neither standards nor engine know these names."""
    assert set(desk.catalogue.datasets).isdisjoint(standards.catalogue().datasets)
    assert set(desk.catalogue.agencies).isdisjoint(standards.catalogue().agencies)
    assert set(desk.catalogue.value_sets).isdisjoint(standards.catalogue().value_sets)


@pytest.mark.parametrize(("memory", "limit"), [("2GB", "250000000"), ("64MB", "64000000")])
def test_the_engine_is_modest_silent_and_able_to_spill(tmp_path: Path, memory: str, limit: str) -> None:
    """Its progress would go to stdout, where `--json` promises one document; its folder must be there to spill into."""
    engine = Engine(Settings(home=tmp_path / "home", memory="16MB"))
    modest(engine.connection, Settings(home=tmp_path / "home", memory=memory))
    query = "SELECT current_setting('enable_progress_bar'), parse_formatted_bytes(current_setting('memory_limit'))"
    ((bar, found),) = engine.connection.execute(query).fetchall()
    assert not bar and abs(found - int(limit)) <= int(limit) // 100
    engine.connection.execute("SET memory_limit = '16MB'")
    engine.connection.execute("CREATE TEMP TABLE t AS SELECT hash(range) AS h FROM range(4000000)")
    assert engine.connection.execute("SELECT count(*) FROM t").fetchall() == [(4_000_000,)]
    engine.close()
