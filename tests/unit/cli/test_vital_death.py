"""`quanmin vital death` on files and on a small base."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from quanmin import collect, synth, trust
from quanmin.cli.vital.death import app
from quanmin.errors import Invalid
from quanmin.lake import Lake
from quanmin.settings import Settings

RIGHT = {
    "certificate_no": "S000000000001",
    "citizen_number": "13010219500301001X",
    "name": "某人",
    "sex": "1",
    "birth_date": "1950-03-01",
    "death_date": "2020-08-20",
    "death_place": "1",
    "cause_a": "脑出血",
    "cause_a_code": "I61.9",
    "cause_b": "高血压",
    "cause_b_code": "I10",
    "underlying_cause_code": "I61.9",
    "filled_on": "2020-08-21",
}


def written(path: Path, *rows: dict[str, str]) -> Path:
    """A file of certificates."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, RIGHT)
        writer.writeheader()
        writer.writerows(rows)
    return path


def run(*words: object, code: int = 0):
    found = CliRunner().invoke(app, [str(word) for word in words])
    assert found.exit_code == code, found.output
    return found.output


def test_right_certificates_pass(tmp_path):
    told = json.loads(run("check", written(tmp_path / "a.csv", RIGHT), "--json"))
    assert (told["passed"], told["read"], told["findings"]) == (True, 1, [])


def test_wrong_ones_are_told_by_row_and_element(tmp_path):
    wrong = RIGHT | {"certificate_no": "S2", "cause_b_code": "I53", "death_date": "2020-08", "citizen_number": ""}
    file = written(tmp_path / "a.csv", RIGHT, wrong, RIGHT | {"death_place": ""})
    told = json.loads(run("check", file, "--json", code=10))
    found = [(one["row"], one["rule"], one["element"], one["line"]) for one in told["findings"]]
    assert found == [
        (2, "death_date.day_unknown", "death_date", None),
        (2, "code.exists", "cause_b_code", "b"),
        (3, "form.missing", "death_place", None),
        (3, "file.number", "certificate_no", None),
        (3, "file.person", "citizen_number", None),
    ]
    assert (told["read"], told["refused"], told["questioned"]) == (3, 2, 0)
    shown = run("check", file, code=10)
    assert "2 refused" in shown
    assert RIGHT["citizen_number"] not in shown


def test_the_deadline_is_an_option(tmp_path):
    file = written(tmp_path / "a.csv", RIGHT | {"filled_on": "2020-08-31"})
    assert json.loads(run("check", file, "--json"))["questioned"] == 0
    assert json.loads(run("check", file, "--days", 7, "--json"))["questioned"] == 1
    assert json.loads(run("check", file, "--days", 7, "--working", "--json"))["questioned"] == 0


def test_a_broken_row_is_told_and_the_rest_goes_on(tmp_path):
    file = written(tmp_path / "a.csv", RIGHT)
    file.write_text(
        file.read_text("utf-8") + "too,few\n" + ",".join(RIGHT.values()).replace("0001", "0002") + "\n", "utf-8"
    )
    told = json.loads(run("check", file, "--json", code=10))
    assert [one["rule"] for one in told["findings"] if one["row"] == 2] == ["row.unreadable"]
    assert told["read"] == 3
    rows = json.loads(run("select", file, "--json"))["rows"]
    assert [one["code"] for one in rows] == ["I61.9", None, "I61.9"]


def test_a_file_that_is_none_is_refused_whole(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", "utf-8")
    found = CliRunner().invoke(app, ["check", str(tmp_path / "a.csv")])
    assert isinstance(found.exception, Invalid)


def test_causes_are_selected_with_reasons(tmp_path):
    hard = RIGHT | {"cause_a_code": "H40.9", "cause_b_code": "N20.0"}
    file = written(tmp_path / "a.csv", RIGHT, hard)
    told = json.loads(run("select", file, "--json"))
    assert (told["read"], told["selected"], told["queued"]) == (2, 1, 1)
    first, second = told["rows"]
    assert [step["rule"] for step in first["steps"]] == ["SP3", "M1"]
    assert first["steps"][0]["words"]["en"]
    assert second["queued"]["why"] == "relation"
    assert "1 for a coder" in run("select", file)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    synth.write(tmp_path / "files", 1_500, 5, formats="parquet", errors=synth.ErrorRates.none())
    with Lake.open(Settings()) as lake:
        for dataset in ("public_security.household_registration", "health.death"):
            file = tmp_path / "files" / f"{dataset}.parquet"
            collect.collect(lake, dataset, file, dataset.split(".")[0], trust.local_administrator())
    return tmp_path


def test_quality_of_what_was_collected(home):
    told = json.loads(run("quality", "--json"))
    total = told["all"]
    assert total["deaths"] == sum(one["deaths"] for one in told["rows"]) > 30
    assert 0 < total["unusable"] == sum(total["classes"].values()) < total["deaths"]
    assert run("quality", "--by", "certifier_code")
    assert isinstance(CliRunner().invoke(app, ["quality", "--by", "name"]).exception, Invalid)


def test_activity_needs_a_base(home):
    assert CliRunner().invoke(app, ["activity"]).exit_code != 0
