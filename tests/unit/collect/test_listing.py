"""Batches page by page, refused rows by rule, and how good what a source sends is, over time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quanmin import collect
from quanmin.collect.errors import NoRows, NoSuchBatch, NoSuchRule
from quanmin.collect.listing import accepted, listing, newest
from quanmin.collect.quality import course, overview
from quanmin.collect.refused import refused, titles
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import local_administrator

MONTHS = "cdc.notifiable_disease_monthly"
HEAD = "month,disease,cases\n"


@pytest.fixture
def lake(settings: Settings) -> Iterator[Lake]:
    with Lake.open(settings) as opened:
        yield opened


def send(lake: Lake, folder: Path, rows: str, dataset: str = MONTHS, source: str = "cdc") -> collect.Receipt:
    path = folder / "months.csv"
    path.write_text(HEAD + rows, "utf-8")
    return collect.collect(lake, dataset, path, source, local_administrator())


def year(year: int, bad: int = 0) -> str:
    """Twelve rows; the first ones lack their month, and so does one its disease."""
    rows = [
        f"{'' if month <= bad else f'{year}-{month:02}'},{'' if month == 1 and bad else 'Plague'},1"
        for month in range(1, 13)
    ]
    return "\n".join(rows) + "\n"


def test_batches_come_in_pages_the_newest_first_and_can_be_narrowed(lake: Lake, tmp_path: Path) -> None:
    sent = [send(lake, tmp_path, year(2000 + number)).batch for number in range(5)]
    collect.withdraw(lake, sent[1], local_administrator(), "by mistake")
    with pytest.raises(NoRows) as error:
        send(lake, tmp_path, "")
    broken = error.value.fields["batch"]
    first, last = listing(lake, size=4), listing(lake, size=4, page=99)
    assert [one.batch for one in first.receipts] == [broken, *sent[:1:-1]]
    assert (first.pages, first.total, last.page) == (2, 6, 2)
    assert [one.batch for one in last.receipts] == [sent[1], sent[0]]
    assert [one.batch for one in listing(lake, state="withdrawn").receipts] == [sent[1]]
    assert [one.batch for one in listing(lake, state="refused").receipts] == [broken]
    assert listing(lake, MONTHS, "cdc").total == 6
    assert (
        listing(lake, "cdc.notifiable", "cdc").total
        == listing(lake, MONTHS, "c_c").total
        == listing(lake, "%").total
        == 0
    )
    assert newest(lake) == broken
    assert [one.batch for one in accepted(lake, MONTHS, "cdc", 2)] == sent[3:]


def test_an_empty_lake_has_one_empty_page(lake: Lake) -> None:
    found = listing(lake, page=7)
    assert (found.receipts, found.page, found.pages, found.total, newest(lake)) == ([], 1, 1, 0, 0)
    assert overview(lake) == []
    assert course(lake, "cdc", MONTHS).points == []


def test_the_error_of_a_refused_file_says_which_batch_keeps_it(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(NoRows) as error:
        send(lake, tmp_path, "")
    kept = collect.receipt(lake, int(str(error.value.fields["batch"])))
    assert kept.error is not None and kept.error["code"] == "QM-COLLECT-003"


def test_refused_rows_are_told_by_rule_and_place_and_never_by_what_they_say(lake: Lake, tmp_path: Path) -> None:
    batch = send(lake, tmp_path, year(2020, bad=3)).batch
    every = refused(lake, batch)
    assert [(one.row, one.line) for one in every.rows] == [(1, 2), (2, 3), (3, 4)]
    assert every.rows[0].rules == ["month.required", "disease.required"]
    assert [one.row for one in refused(lake, batch, "disease.required").rows] == [1]
    second = refused(lake, batch, "month.required", page=2, size=2)
    assert ([one.row for one in second.rows], second.pages, second.total) == ([3], 2, 3)
    assert "Plague" not in str(every.to_dict())
    assert set(every.rows[0].rules) <= set(titles(MONTHS))
    collect.withdraw(lake, batch, local_administrator(), "to be corrected")
    assert refused(lake, batch).total == 0


def test_what_is_not_there_is_said(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(NoSuchBatch):
        refused(lake, 1)
    batch = send(lake, tmp_path, year(2020)).batch
    with pytest.raises(NoSuchRule):
        refused(lake, batch, "x' OR 1=1 --")
    assert refused(lake, batch, "row.width").rows == []


def test_the_course_of_a_source_is_the_shares_of_its_batches(lake: Lake, tmp_path: Path) -> None:
    sent = [send(lake, tmp_path, year(2000 + number, bad=number)).batch for number in range(3)]
    found = course(lake, "cdc", MONTHS)
    assert [(one.batch, one.read, one.quarantined) for one in found.points] == [
        (sent[0], 12, 0),
        (sent[1], 12, 1),
        (sent[2], 12, 2),
    ]
    assert [(one.rule, one.failed, one.tested) for one in found.rules] == [
        ("month.required", 3, 36),
        ("disease.required", 2, 36),
    ]
    [line] = overview(lake)
    assert (line.batches, line.read, line.quarantined, line.last_batch) == (3, 36, 3, sent[2])
    assert (line.share, line.last, line.before) == (3 / 36, 2 / 12, 1 / 24)
    collect.withdraw(lake, sent[2], local_administrator(), "by mistake")
    assert [one.batch for one in course(lake, "cdc", MONTHS).points] == sent[:2]
