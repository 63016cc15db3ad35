"""Feedback: addresses and reasons leave, values do not; the summary says what belongs to the export."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from quanmin import population
from quanmin.population.errors import UnknownSource
from quanmin.population.feedback import total_of

LI = {"number": "11010519491231002X", "name": "李明"}
WANG = {"number": "440524188001010014", "name": "王芳"}


def lines(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def summary(folder: Path, report: population.Feedback) -> dict[str, Any]:
    return dict(json.loads((folder / report.summary).read_text("utf-8")))


def told(office: Any, folder: Path) -> population.Feedback:
    """A base in which health is told of two wrong names, one of them in each of two files, and of an unknown number."""
    office.send(office.bench, LI, WANG)
    office.send(
        office.whole, LI, {**LI, "name": "赵一"}, {"number": "110105198001010016", "name": "欧阳娜"}, sent_as="w.csv"
    )
    office.send(office.death, {**WANG, "name": "赵一"}, sent_as="d.csv")
    office.build()
    return population.export_feedback(office.lake, "health", folder)


def test_every_line_has_an_address_and_a_due_date(office: Any, tmp_path: Path) -> None:
    report = told(office, tmp_path)
    whole = lines(tmp_path / f"{office.whole}.feedback.csv")
    assert [(one["file"], one["row"], one["code"], one["element"]) for one in whole] == [
        ("w.csv", "2", "E03", "name"),
        ("w.csv", "3", "E02", "citizen_number"),
    ]
    assert all(one["due_on"] and one["title_zh"] and one["expected_en"] for one in whole)
    assert report.files == {f"{office.whole}.feedback.csv": 2, f"{office.death}.feedback.csv": 1}


def test_no_value_of_a_person_leaves(office: Any, tmp_path: Path) -> None:
    told(office, tmp_path)
    text = "".join(path.read_text("utf-8-sig") for path in tmp_path.iterdir() if path.is_file())
    secrets = ["李明", "王芳", "赵一", "欧阳娜", *(one["number"][:17] for one in (LI, WANG)), "11010519800101001"]
    assert "E03" in text
    assert [secret for secret in secrets if secret in text] == []


def test_the_summary_is_the_files(office: Any, tmp_path: Path) -> None:
    """Counts by code, first due date and digest agree with the files that are there."""
    report = told(office, tmp_path)
    found = summary(tmp_path, report)
    assert report.summary == "health.feedback.json"
    assert (found["source"], found["snapshot"]) == ("health", office.lake.snapshot().id)
    assert (found["errors"], found["rows"], found["codes"], found["uncoded"]) == (3, 3, {"E02": 1, "E03": 2}, 0)
    assert {one["file"] for one in found["files"]} == set(report.files)
    for one in found["files"]:
        written = lines(tmp_path / one["file"])
        assert one["sha256"] == hashlib.sha256((tmp_path / one["file"]).read_bytes()).hexdigest()
        assert one["errors"] == len(written) == sum(one["codes"].values())
        assert one["rows"] == len({(line["batch"], line["row"]) for line in written})
        assert one["due_on"] == min(line["due_on"] for line in written)
    assert found["due_on"] == min(one["due_on"] for one in found["files"])


def test_a_row_with_two_errors_is_one_row(office: Any, tmp_path: Path) -> None:
    office.send(office.bench, LI)
    office.send(office.whole, LI, flags="sex.derived residence_region.region")
    office.build()
    found = summary(tmp_path, population.export_feedback(office.lake, "health", tmp_path))
    assert (found["errors"], found["rows"], found["codes"]) == (2, 1, {"E04": 1, "E10": 1})


def test_a_source_without_errors_is_told_so(office: Any, tmp_path: Path) -> None:
    office.send(office.bench, LI)
    office.build()
    report = population.export_feedback(office.lake, "health", tmp_path / "new")
    found = summary(tmp_path / "new", report)
    assert (report.files, found["errors"], found["files"], found["due_on"]) == ({}, 0, [], None)


def test_the_total_adds_codes_and_takes_the_first_due_date() -> None:
    """Files without a due date do not count as due first."""
    one = {"errors": 3, "rows": 2, "uncoded": 1, "codes": {"E03": 2}, "due_on": "2026-01-09"}
    other = {"errors": 1, "rows": 1, "uncoded": 0, "codes": {"E03": 1}, "due_on": None}
    third = {"errors": 1, "rows": 1, "uncoded": 0, "codes": {"E01": 1}, "due_on": "2026-01-02"}
    total = total_of([one, other, third])
    assert total == {"errors": 5, "rows": 4, "uncoded": 1, "codes": {"E01": 1, "E03": 3}, "due_on": "2026-01-02"}


def test_an_unknown_agency_gets_nothing(office: Any, tmp_path: Path) -> None:
    with pytest.raises(UnknownSource):
        population.export_feedback(office.lake, "nobody", tmp_path / "new")
    assert not (tmp_path / "new").exists()
