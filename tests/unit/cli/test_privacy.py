"""`quanmin privacy` as it is typed: two people give a budget, questions are asked, answers and spendings are shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app
from quanmin.opendata.privacy.errors import (
    BudgetExhausted,
    BudgetMissing,
    ColumnUnfit,
    LossInvalid,
    OwnProposal,
    QueryInvalid,
    UnknownBudget,
)
from quanmin.trust.errors import AccessDenied

DATASET = "cdc.notifiable_disease_monthly"
GIVE = ("privacy", "budget", "propose", DATASET, "--epsilon", "2", "--until", "2999-12-31", "--reason", "the year")
SUM = ("privacy", "ask", DATASET, "sum", "--epsilon", "1", "--column", "cases", "--lower", "0", "--upper", "200")


def run(*words: str) -> Any:
    done = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    return json.loads(done.stdout)


def said(*words: str) -> str:
    done = CliRunner().invoke(app, [*words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a table that is open to everybody."""
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    file = tmp_path / "months.csv"
    lines = [f"{year}-{month:02d},Plague,370000,{month * 10},1" for year in (2018, 2019) for month in range(1, 13)]
    file.write_text("\n".join(["month,disease,region,cases,deaths", *lines]) + "\n", "utf-8")
    run("collect", DATASET, str(file), "--source", "cdc")
    return tmp_path


def test_two_people_give_it_and_questions_spend_it(home: Path) -> None:
    made = str(run(*GIVE, "--officer", "zhang")["document"])
    with pytest.raises(OwnProposal):
        said("privacy", "budget", "confirm", made, "--officer", "zhang")
    assert run("privacy", "budget", "confirm", made, "--officer", "li")["state"] == "given"
    first = run(*SUM)
    assert abs(first["answer"] - 24 * 65) < 5_000 and first["dataset"] == DATASET and first["snapshot"] > 0
    assert run(*SUM) == first and run("privacy", "show", str(first["spending"])) == first
    cells = run(
        "privacy", "ask", DATASET, "histogram", "--column", "region", "--category", "370000", "--epsilon", "0.75"
    )
    assert set(cells["answer"]) == {"categories", "other"}
    assert "off by" in said("privacy", "show", "2") and "370000" in said("privacy", "show", "2")
    counted = run("privacy", "ask", DATASET, "count", "--epsilon", "0.25")
    assert counted["accuracy"]["rows"] == 12 and counted["left"]["epsilon"] == "0"
    with pytest.raises(BudgetExhausted):
        said("privacy", "ask", DATASET, "count", "--epsilon", "0.01")
    assert [one["statistic"] for one in run("privacy", "show", DATASET)] == ["sum", "histogram", "count"]
    [listed] = run("privacy", "budget", "list", DATASET)
    assert (listed["total"], listed["spent"]) == ({"epsilon": "2", "delta": "0"},) * 2
    assert "cdc" in said("privacy", "budget", "list") and "count" in said("privacy", "show", DATASET)
    assert run("privacy", "budget", "end", made, "--reason", "over", "--officer", "wang")["state"] == "ended"


def test_what_is_not_permitted_or_odd_is_told_and_costs_nothing(home: Path) -> None:
    made = str(run(*GIVE, "--officer", "zhang")["document"])
    run("privacy", "budget", "confirm", made, "--officer", "li")
    odd: list[tuple[type[Exception], tuple[str, ...]]] = [
        (BudgetMissing, ("privacy", "ask", "health.death", "count", "--epsilon", "1")),
        (AccessDenied, ("privacy", "ask", "no.such", "count", "--epsilon", "1")),
        (QueryInvalid, ("privacy", "ask", DATASET, "maximum", "--epsilon", "1")),
        (LossInvalid, ("privacy", "ask", DATASET, "count", "--epsilon", "NaN")),
        (LossInvalid, ("privacy", "ask", DATASET, "count", "--epsilon", "1", "--delta", "0.5")),
        (ColumnUnfit, (*SUM[:6], "--column", "disease", *SUM[8:])),
        (UnknownBudget, ("privacy", "show", "4711")),
    ]
    for error, words in odd:
        with pytest.raises(error):
            said(*words)
    assert run("privacy", "budget", "list")[0]["spent"]["epsilon"] == "0"
