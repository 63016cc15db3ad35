"""Rows that fail go back row by row; what puts them right, or takes them away, closes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quanmin.exchange.intake import case, correction, dispute, feedback, kept
from quanmin.exchange.supply import fault, finding, inbox, quarantine, standing
from quanmin.exchange.supply.errors import ColumnsLacking, FileUnreadable
from quanmin.ledger.errors import UnknownDocument

from .pushing import Change, Pushing, parquet, pushing

AGREED = ("disposal", "QM-EXCHANGE-130")
"""Element and code of a row that is not agreed on."""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Pushing]:
    with pushing(tmp_path) as found:
        yield found


def test_a_row_that_fails_is_told_by_number_key_element_and_code(made: Pushing) -> None:
    sent = made.full(("F1", "1"), ("F2", "x"), ("F3", "3"))
    assert (sent.data["accepted"], sent.data["quarantined"]) == (1, 2)
    told = made.tell()
    assert told.told == 3, "what is in no value set is not agreed on either"
    assert made.standing() == {
        (sent.ref, 2, "disposal", "E11"),
        (sent.ref, 2, "disposal", "QM-EXCHANGE-130"),
        (sent.ref, 3, "disposal", "QM-EXCHANGE-130"),
    }
    assert made.counted() == [("open", 3, 3, 0)]


def test_no_value_of_a_row_goes_back_and_the_key_is_the_same_wherever_the_row_is(made: Pushing) -> None:
    made.full(("F1", "1"), ("F2", "x"))
    [first] = made.tell().feedback
    [line, _] = made.lines(first)
    assert re.fullmatch(r"funeral_no:[0-9a-f]{32}", line["key"])
    for path in kept.show(made.provider, first).folder.iterdir():
        text = path.read_text("utf-8-sig")
        assert "F2" not in text and "2026-03-03" not in text
    made.full(("F7", "x"), ("F2", "1"), ("F8", "3"))
    made.change(("F2", "y", "update"))
    keys = {one["key"] for name in made.tell().feedback for one in made.lines(name)}
    assert line["key"] in keys
    assert len(keys) == 3


def test_an_error_told_once_stays_with_the_delivery_that_brought_it(made: Pushing) -> None:
    first = made.full(("F1", "1"), ("F2", "3"))
    made.tell()
    made.full(("F0", "1"), ("F1", "1"), ("F2", "3"), ("F4", "3"))
    told = made.tell()
    assert (told.told, told.closed) == (1, 0)
    second = made.sent[-1]
    assert made.standing() == {(first.ref, 2, *AGREED), (second.ref, 4, *AGREED)}
    assert made.tell().feedback == ()
    assert made.counted() == [("open", 1, 1, 0), ("open", 1, 1, 0)]


@pytest.mark.parametrize(
    "change", [("F2", "1", "update"), ("F2", "3", "delete"), ("F2", "1", "insert"), ("F2", "x", "delete")]
)
def test_a_change_in_which_the_row_passes_or_is_gone_closes_it(made: Pushing, change: Change) -> None:
    made.full(("F1", "1"), ("F2", "3"), ("F3", "3"))
    made.tell()
    sent = made.change(change)
    assert (sent.data["accepted"], sent.data["quarantined"]) == (1, 0)
    assert made.tell().closed == 1
    assert made.tell().feedback == ()
    assert made.counted() == [("open", 2, 1, 1), ("closed", 0, 0, 0)]
    made.change(("F3", "2", "update"))
    made.tell()
    made.tell()
    assert [one[0] for one in made.counted()] == ["closed"] * 3
    assert made.standing() == set()


def test_full_rows_close_what_passes_and_what_they_lack(made: Pushing) -> None:
    made.full(("F1", "3"), ("F2", "3"), ("F3", "3"))
    made.tell()
    made.full(("F1", "1"), ("F3", "3"))
    told = made.tell()
    assert (told.told, told.closed) == (0, 2)
    assert {line[1] for line in made.standing()} == {3}


def test_another_error_of_the_row_is_another_error(made: Pushing) -> None:
    made.full(
        ("F1", "x"),
    )
    made.tell()
    made.change(("F1", "3", "update"))
    told = made.tell()
    assert (told.told, told.closed) == (0, 1), "it is in its value set now, and still not agreed on"
    assert {line[3] for line in made.standing()} == {"QM-EXCHANGE-130"}


def test_a_row_deleted_by_its_key_goes_whatever_its_values_are(made: Pushing, tmp_path: Path) -> None:
    made.full(("F1", "1"), ("F2", "1"))
    made.change(("F2", "x", "update"))
    sent = made.change(("F2", "x", "delete"))
    assert sent.data["quarantined"] == 0
    inbox.write(made.consumer, made.terms.id, tmp_path / "inbox.parquet")
    assert pq.read_table(tmp_path / "inbox.parquet").column("funeral_no").to_pylist() == ["F1"]
    made.tell()
    assert made.standing() == set()


def test_rows_without_a_key_are_counted_by_their_values(made: Pushing) -> None:
    first = made.full((None, "3"), (None, "3"), ("F1", "1"))
    made.tell()
    second = made.change((None, "3", "insert"))
    made.tell()
    assert made.standing() == {(first.ref, 1, *AGREED), (first.ref, 2, *AGREED), (second.ref, 1, *AGREED)}
    sent = made.change((None, "3", "delete"), (None, "3", "delete"), (None, "1", "insert"))
    assert (sent.data["accepted"], sent.data["quarantined"]) == (1, 2)
    told = made.tell()
    assert (told.told, told.closed) == (0, 2), "a row that goes is nothing to correct"
    assert made.standing() == {(first.ref, 1, *AGREED)}


def test_a_file_that_does_not_say_its_key_is_told_by_its_values(tmp_path: Path) -> None:
    with pushing(tmp_path, key=None) as made:
        made.full(
            ("F1", "3"),
        )
        [name] = made.tell().feedback
        assert made.lines(name)[0]["key"].startswith("*:")


def test_a_recall_closes_what_was_told_and_leaves_nothing_of_the_rows(made: Pushing) -> None:
    made.full(("F1", "3"), ("F2", "1"))
    made.tell()
    sent = made.change(("F1", "1", "update"), ("F2", "3", "update"))
    assert (made.tell().told, len(made.standing())) == (1, 1)
    assert made.recall(sent).state == "confirmed"
    aside = quarantine.folder(made.consumer.settings.home, made.terms.id)
    assert [one.name for one in aside.iterdir()] == [f"000001-{made.terms.dataset}.parquet"]
    told = made.tell()
    assert (told.told, told.closed) == (1, 1), "what the change had put right is wrong again"
    made.recall(made.sent[0])
    made.tell()
    made.tell()
    assert made.standing() == set()
    assert {one[0] for one in made.counted()} == {"closed"}
    assert [one.name for one in aside.iterdir()] == [quarantine.STANDING]


def test_a_dispute_that_is_upheld_closes_the_error_and_the_same_later_is_not_told(made: Pushing) -> None:
    made.full(("F1", "3"), ("F2", "3"))
    [name] = made.tell().feedback
    line = {"row": 1, "element": "disposal", "code": AGREED[1]}
    answer = dispute.ask(made.provider, name, [line], "rule_not_applicable", "")
    assert answer.status == 200
    [asked] = made.consumer.ledger.find(case.DISPUTE.kind)
    made.tell()
    assert correction.progress(made.consumer)[0].disputed == 1
    dispute.decide(made.consumer.ledger, asked.id, True, "right", "me")
    assert made.tell().closed == 1
    made.full(("F1", "3"), ("F2", "3"))
    assert made.tell().feedback == ()
    with pytest.raises(UnknownDocument):
        dispute.decide(made.consumer.ledger, 9999, True, "right", "me")


def test_of_many_errors_the_first_are_told_and_how_many_more_there_are(
    made: Pushing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "MOST", 3)
    sent = made.full(*((f"F{n}", "3") for n in range(10)))
    [name] = made.tell().feedback
    found = kept.show(made.provider, name)
    assert (found.told, found.more, [one["row"] for one in found.lines]) == (3, 7, ["1", "2", "3"])
    assert made.tell().feedback == (), "there is no room before some are closed"
    made.change(("F1", "1", "update"), ("F5", "1", "update"))
    [name] = made.tell().feedback
    found = kept.show(made.provider, name)
    assert (found.told, found.closed, found.more) == (1, 1, 5)
    assert {line[:2] for line in made.standing()} == {(sent.ref, 1), (sent.ref, 3), (sent.ref, 4)}
    made.full(*((f"F{n}", "1") for n in range(10)))
    assert made.tell().closed == 3
    made.tell()
    assert {one[0] for one in made.counted()} == {"closed"}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_of_a_delivery_whole_rows_are_read_and_no_others(
    made: Pushing, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    made.full(*((f"F{n}", "x") for n in range(1, 11)))
    made.change(("F0", "x", "insert"), ("F4", "1", "update"))
    standing.update(made.consumer, made.terms.id)
    assert standing.counts(made.consumer, made.terms.id) == {1: 18, 2: 2}
    monkeypatch.setattr(standing, "ROWS", size)
    for told, most, rows in (
        ([], 2, [1, 2]),
        ([6], 3, [1, 2, 3, 6]),
        ([1, 9], 0, [1, 9]),
        ([4, 2], 99, [*range(1, 4), *range(5, 11)]),
    ):
        found = standing.errors(made.consumer, made.terms.id, 1, pa.array(told, pa.int64()), most)
        assert found.column("row").to_pylist() == [row for row in rows for _ in range(2)], (told, most)


def test_a_division_that_was_not_agreed_on_is_told_as_such() -> None:
    found = fault.of(fault.rule("citizen_number", fault.OUTSIDE, "370000"))
    assert (found.element, found.code) == ("citizen_number", "QM-EXCHANGE-131")
    assert "370000" in found.title.en and "370000" in found.title.zh
    assert fault.of(fault.rule("_change", fault.VALUE)).code == "QM-EXCHANGE-132"


def test_what_stands_goes_on_from_where_it_was_and_is_made_anew_when_it_is_lost(made: Pushing) -> None:
    made.full(("F1", "3"), ("F2", "3"))
    made.change(("F1", "1", "update"))
    standing.update(made.consumer, made.terms.id)
    file = standing.file(made.consumer.settings.home, made.terms.id)
    before = pq.read_table(file)
    assert before.column("row").to_pylist() == [2]
    for harm in (b"", b"PAR1 but not really"):
        file.write_bytes(harm)
        standing.update(made.consumer, made.terms.id)
        assert pq.read_table(file).equals(before)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_provider_finds_the_rows_in_a_file_of_its_own(made: Pushing, tmp_path: Path, suffix: str) -> None:
    made.full(("F1", "3"), ("F2", "1"), ("F3", "x"), (None, "3"))
    [name] = made.tell().feedback
    own = parquet(tmp_path / "own.parquet", [("F9", "1"), ("F3", "x"), ("F3", "2"), ("F1", "3"), (None, "3")])
    if suffix == "csv":
        own = tmp_path / "own.csv"
        own.write_text("disposal,funeral_no,death_date\n1,F9,\nx,F3,\n2,F3,\n3,F1,\n3,,2026-03-03\n", "utf-8-sig")
    found = [(one.row, one.told, one.code) for one in finding.find(made.provider, name, own)]
    f3 = [(row, 3, code) for row in (2, 3) for code in ("E11", AGREED[1])]
    assert found == [*f3, (4, 1, AGREED[1]), (5, 4, AGREED[1])]


def test_a_file_in_which_nothing_can_be_found_is_refused(made: Pushing, tmp_path: Path) -> None:
    made.full(("F1", "3"))
    [name] = made.tell().feedback
    (tmp_path / "own.csv").write_text("number\nF1\n", "utf-8")
    with pytest.raises(ColumnsLacking, match="funeral_no"):
        finding.find(made.provider, name, tmp_path / "own.csv")
    (tmp_path / "own.parquet").write_bytes(b"nothing")
    for file in ("own.parquet", "none.csv"):
        with pytest.raises(FileUnreadable, match=file):
            finding.find(made.provider, name, tmp_path / file)
