"""`quanmin trust` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import audit, decide, local_administrator
from quanmin.trust.errors import PolicyDuty, UnknownSubject
from quanmin.trust.policy import shipped


@pytest.fixture(params=["zh", "en"])
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", request.param)
    monkeypatch.setattr(output.out, "width", 250)
    return tmp_path / "home"


def run(*words: str, code: int = 0) -> Any:
    """The JSON that a command prints."""
    done = CliRunner().invoke(app, ["trust", *words, "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout) if done.stdout else done.exception


def say(*words: str) -> str:
    """What a command says to people."""
    done = CliRunner().invoke(app, ["trust", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


ASKED = ("--actor", "clinician", "--purpose", "treatment", "--dataset", "health.death")


def test_explain(home: Path) -> None:
    told = run("explain", *ASKED, "--element", "cause_a", "--with", "person")
    assert told["columns"][0]["outcome"] == "withheld" and told["columns"][0]["would"] == [["care"], ["rescue"]]
    told = run("explain", *ASKED, "--element", "cause_a", "--with", "care", "--one-factor")
    assert told["columns"][0]["policies"] == ["guard.factors"] and told["columns"][0]["would"] == [["mfa"]]
    assert "treatment.care" in say("explain", *ASKED, "--with", "care")
    with Ledger.open(Settings()) as ledger:
        made = decide(ledger, local_administrator(), "supervision", "health.death", ("cause_a",))
        assert list(audit.entries(ledger, "trust"))
    assert run("explain", "--decision", made.id)["columns"][0]["outcome"] == "masked"
    assert "local.mask" in say("explain", "--decision", made.id)
    assert isinstance(run("explain", *ASKED[:-1], "no.such", code=1), UnknownSubject)
    assert isinstance(run("explain", "--actor", "nobody", *ASKED[2:], code=1), UnknownSubject)
    assert isinstance(run("explain", *ASKED, "--with", "luck", code=1), UnknownSubject)
    assert CliRunner().invoke(app, ["trust", "explain", "--actor", "nurse"]).exit_code == 2


def test_what_somebody_may_see_and_the_policies(home: Path) -> None:
    rows = run("see", "--actor", "statistician", "--region", "370000")
    assert {"statistics", "open_data"} == {row["purpose"] for row in rows}
    assert "statistics" in say("see", "--actor", "statistician")
    found = run("policies")
    assert found["version"] == shipped().version and found["signed"] is None
    assert "guard.factors" in say("policies")


def test_one_person_alone_changes_no_policy(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quanmin.trust.policy.expected.datasets", lambda: ("health.birth",))
    folder = tmp_path / "policy"
    folder.mkdir()
    for name, text in shipped().files.items():
        (folder / name).write_text(text.replace("resource.grade == 1 }", "resource.grade <= 2 }"), "utf-8")
    made = run("policy", "propose", str(folder), "--reason", "the desk needs it")
    seen = run("policy", "differences", str(made["document"]))
    assert seen["reason"] == "the desk needs it" and "the desk needs it" in say(
        "policy", "differences", str(made["document"])
    )
    assert seen["differences"] and str(seen["digest"]) in say("policy", "differences", str(made["document"]))
    assert isinstance(run("policy", "approve", str(made["document"]), seen["digest"], code=1), PolicyDuty)
    assert run("policy", "refuse", str(made["document"]), "--because", "no")["state"] == "refused"
