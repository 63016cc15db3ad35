"""`quanmin vital birth` and the push, as a province uses them at the beginning of a month."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.programs.vital.birth.hospital import COUNTY, Desk
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.programs.vital.push import Month, read_package
from quanmin.programs.vital.push.month import of


def run(*words: str) -> str:
    found = CliRunner().invoke(app, ["vital", *words], catch_exceptions=False, standalone_mode=False)
    assert found.exit_code == 0, found.output
    return found.output


def told(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


@pytest.fixture
def month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Month:
    """The last month that is over; a birth was certified on its tenth day."""
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_BUCKETS", "2")
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    monkeypatch.setattr(output.out, "width", 300)
    now = dt.datetime.now(dt.UTC)
    last = of(now.date().replace(day=1) - dt.timedelta(days=1))
    place = Desk(tmp_path / "home", at=dt.datetime(last.year, last.number, 10, 4, tzinfo=dt.UTC))
    place.issue(place.application(birth_date=last.first))
    place.lake.close()
    return last


def test_births_from_card_to_finding(month: Month) -> None:
    [receipt] = told("birth", "collect")
    assert (receipt["accepted"], told("birth", "collect")) == (1, [])
    assert told("birth", "join")["births"] == 1
    report = told("birth", "crosscheck", "--region", "370000", "--since", month.first.isoformat())
    assert report["findings"]["mother_unknown"] == 1
    [found] = told("birth", "findings", "mother_unknown")
    assert (found["batch"], found["row"], found["element"], found["code"]) == (
        receipt["batch"],
        1,
        "mother_number",
        "E02",
    )
    [cohort] = told("birth", "completeness", str(month.year), str(month.year), "--region", COUNTY)
    assert (cohort["births"], cohort["people"]) == (1, 0)
    assert (cohort["school"]["value"], cohort["school"]["marks"]) == (None, ["none"])
    shown = run("birth", "completeness", str(month.year), str(month.year))
    assert "no source" in shown and f"\n{month.year} " in shown  # a year is no amount
    for words in (["collect"], ["join"], ["crosscheck"], ["findings"], ["completeness", "2026", "2026"]):
        assert run("birth", *words)


def test_a_month_from_owed_to_made(month: Month) -> None:
    assert [one["month"] for one in told("owing")] == [str(month)]
    made = told("push", str(month))
    assert {part["dataset"]: part["rows"] for part in made["parts"]}["health.certificate_issue"] == 1
    assert read_package(Path(made["path"])).id == made["id"]
    [one] = told("pushes", str(month))
    assert (one["state"], {part["state"] for part in one["parts"]}) == ("made", {"waiting"})
    assert [one["month"] for one in told("owing")] == [str(month)]
    assert told("owing", "--below") == []
    assert "health.birth" in run("push", str(month)) and made["id"] in run("pushes") and str(month) in run("owing")
