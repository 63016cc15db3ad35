"""`quanmin vital measure`, `statistics`, `pyramid`, `report`: one document, a table for people, a PDF, errors of one line."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin import demo, population, synth, trust
from quanmin.cli import app, output
from quanmin.cli.app import main
from quanmin.lake import Lake
from quanmin.programs.vital import statistic
from quanmin.settings import Settings


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("vital")
    synth.write(place / "files", 400, 2015)
    with Lake.open(Settings(home=place / "home")) as lake:
        demo.collect_all(lake, place / "files", trust.local_administrator())
        population.build(lake)
        statistic.measure(lake)
    return place / "home"


@pytest.fixture
def home(_made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a small province that has no accounts, and speaks English."""
    place = Path(shutil.copytree(_made, tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_HOME", str(place))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    monkeypatch.setattr(output.out, "width", 300)
    return place


def run(*words: str) -> str:
    found = CliRunner().invoke(app, ["vital", *words], catch_exceptions=False, standalone_mode=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_counting_tells_how_many(home: Path) -> None:
    found: dict[str, Any] = json.loads(run("measure", "--json"))
    assert found["people"] > 200 and found["births"] > 0 and found["deaths"] > 0 and found["snapshot"] > 0
    assert found["pupils"] > 0
    assert "people" in run("measure") and f"{found['pupils']} pupils" in run("measure")


def test_the_figures_as_one_document_and_as_a_table(home: Path) -> None:
    found: dict[str, Any] = json.loads(run("statistics", "130000", "2015", "--json"))
    assert (found["region"], found["period"], found["minimum"]) == ("130000", "2015", 10)
    assert {"figures", "tables", "population_base"} <= set(found)
    assert json.loads(run("statistics", "130000", "2015", "--purpose", "supervision", "--json"))["minimum"] == 0
    assert "crude death rate" in run("statistics", "130000", "2015")
    assert "by school entry" in run("statistics", "130000", "2015")


def test_the_pyramid(home: Path) -> None:
    found: dict[str, Any] = json.loads(run("pyramid", "130000", "2015", "--json"))
    assert [row["age"] for row in found["rows"]][:2] == ["0-4", "5-9"]
    assert "0-4" in run("pyramid", "130000", "2015")


def test_publishing_tells_the_datasets(home: Path) -> None:
    found: list[dict[str, Any]] = json.loads(run("publish", "130000", "2015", "--json"))
    assert [one["record"] for one in found] == [
        "vital-statistics-130000",
        "life-tables-130000",
        "leading-causes-130000",
    ]
    assert "life-tables-130000" in run("publish", "130000", "2015")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_is_a_pdf(home: Path, language: str) -> None:
    file = home / "report.pdf"
    told = json.loads(run("report", "130000", "2015", "-o", str(file), "--language", language, "--json"))
    assert file.read_bytes().startswith(b"%PDF") and told["bytes"] == file.stat().st_size


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["statistics", "139999", "2015"], "QM-VITAL-131"),
        (["statistics", "130000", "1990"], "QM-VITAL-132"),
        (["statistics", "130000", "2015", "--years", "2"], "QM-VITAL-132"),
    ],
)
def test_an_error_is_one_line(
    home: Path, words: list[str], code: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["quanmin", "vital", *words])
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr().err
    assert code in said and "Traceback" not in said
