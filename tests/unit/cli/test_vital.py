"""`quanmin vital lifetable`: one document, a table for people, errors of one line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.cli.app import main
from quanmin.programs.vital.demography import AgeGroups, life_table
from quanmin.programs.vital.demography.uncertainty import interval

COUNTS = "年龄,死亡数,平均人口\n0,120,10000\n1-4岁,30,40000\n5-9,12,52000\n10-14,10,50000\n15岁及以上,4000,400000\n"
MX = [0.012, 0.00075, 12 / 52000, 0.0002, 0.01]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of deaths and population, in an installation that speaks English."""
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    monkeypatch.setattr(output.out, "width", 300)
    path = tmp_path / "own.csv"
    path.write_text(COUNTS, "utf-8")
    return path


def run(*words: str) -> str:
    found = CliRunner().invoke(app, ["vital", "lifetable", *words], catch_exceptions=False, standalone_mode=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_one_document_with_rows_e0_and_the_interval(file: Path) -> None:
    found: dict[str, Any] = json.loads(run(str(file), "--sex", "male", "--json"))
    table = life_table(AgeGroups.abridged(15), MX, "male")
    assert (found["sex"], found["kind"], found["e0"]) == ("male", "abridged", pytest.approx(table.e0))
    assert [row["ages"] for row in found["rows"]] == ["0", "1-4", "5-9", "10-14", "15+"]
    assert set(found["rows"][0]) == {
        *("age", "ages", "n", "ax", "mx", "qx", "lx", "dx", "Lx", "Tx", "ex", "ex_low", "ex_high"),
    }
    assert found["rows"][-1]["n"] is None and found["rows"][0]["ex"] == found["e0"]
    low, high = interval(table, [120, 30, 12, 10, 4000])
    assert found["interval"] == {"level": 0.95, "low": pytest.approx(low[0]), "high": pytest.approx(high[0])}
    assert found["interval"]["low"] < found["e0"] < found["interval"]["high"]


def test_rates_alone_have_no_interval(file: Path) -> None:
    file.write_text("age\tmx\n" + "".join(f"{age}\t{rate}\n" for age, rate in enumerate(MX)), "utf-8")
    found = json.loads(run(str(file), "--json"))
    assert (found["interval"], found["kind"], found["sex"]) == (None, "complete", "both")
    assert "ex_low" not in found["rows"][0]
    assert "interval" not in run(str(file))


@pytest.mark.parametrize(("language", "words"), [("en", "life expectancy at birth"), ("zh", "出生时期望寿命")])
def test_a_table_for_people(file: Path, monkeypatch: pytest.MonkeyPatch, language: str, words: str) -> None:
    monkeypatch.setenv("QUANMIN_LANGUAGE", language)
    lines = run(str(file), "--sex", "female").splitlines()
    assert words in lines[1] and f"{life_table(AgeGroups.abridged(15), MX, 'female').e0:.2f}" in lines[1]
    assert len(lines) == 3 + 5
    assert lines[3].split()[:3] == ["0", "0.09", "0.01200"] and lines[-1].split()[0] == "15+"
    assert lines[3].split()[4] == "100,000"


@pytest.mark.parametrize(("columns", "numbers"), [(80, 8), (120, 11)])
def test_a_narrow_terminal_shows_fewer_columns_and_folds_none(
    file: Path, monkeypatch: pytest.MonkeyPatch, columns: int, numbers: int
) -> None:
    monkeypatch.setattr("quanmin.cli.output.out.width", columns)
    lines = run(str(file)).splitlines()
    assert len(lines) == 3 + 5 and {len(line.split()) for line in lines[3:]} == {numbers}
    assert lines[2].split()[0] == "age" and ("Lx" in lines[2]) == (columns == 120)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "QM-COLLECT-002"),
        ("age,mx\n0,0.1\n1,nan\n", "QM-VITAL-066"),
        ("age,mx\n0,0.1\n1,0\n", "QM-VITAL-070"),
        ("age,deaths,exposure\n0,1,0\n1,1,1\n", "QM-VITAL-068"),
    ],
)
def test_errors_are_a_line_with_a_code_and_a_step(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, code: str
) -> None:
    file.write_text(text, "utf-8")
    monkeypatch.setattr(sys, "argv", ["quanmin", "vital", "lifetable", str(file), "--json"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 10
    told = capsys.readouterr()
    assert told.out == ""
    [line, step] = told.err.splitlines()
    assert line.startswith(code) and step.startswith("→") and "Traceback" not in told.err
    if code == "QM-VITAL-070":
        assert "row 3" in line
