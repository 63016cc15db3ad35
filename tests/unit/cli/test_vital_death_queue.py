"""`quanmin vital death queue | take | code`: what no rule decides is a coder's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.errors import QuanminError
from quanmin.ledger import Ledger
from quanmin.programs.vital.death.certificate import Certificate
from quanmin.programs.vital.death.desk import Desk
from quanmin.programs.vital.death.workflow import CERTIFIER
from quanmin.settings import Settings
from quanmin.trust import Actor

DOUBTFUL = {
    "certificate_no": "S000000000001",
    "citizen_number": "130102195003010016",
    "sex": "1",
    "birth_date": "1950-03-01",
    "death_date": "2020-08-20",
    "filled_on": "2020-08-21",
    "cause_a": "慢性肾衰竭",
    "cause_a_code": "N18.9",
    "cause_b": "老年性白内障",
    "cause_b_code": "H25.9",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    monkeypatch.setattr(output.out, "width", 300)
    doctor = Actor("doctor", frozenset({CERTIFIER}), kind="staff", assurance=2, mfa=True)
    with Ledger.open(Settings(home=tmp_path / "home")) as ledger:
        desk = Desk(ledger)
        desk.issue(Certificate.read(DOUBTFUL), doctor.id, doctor)
        assert desk.select(DOUBTFUL["certificate_no"]).code is None


def run(*words: str) -> str:
    found = CliRunner().invoke(app, ["vital", "death", *words], catch_exceptions=False, standalone_mode=False)
    assert found.exit_code == 0, found.output
    return found.output


def told(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


def test_a_case_is_taken_and_decided_and_is_gone_from_the_queue() -> None:
    number = DOUBTFUL["certificate_no"]
    assert [(one["number"], one["state"], one["why"]) for one in told("queue")] == [(number, "waiting", "relation")]
    assert number in run("queue") and "waiting" in run("queue")
    assert told("take", number)["state"] == "with a coder"
    for words, code in ((("take", number), "QM-VITAL-0"), (("code", number, "ZZ9", "--reason", "档"), "QM-VITAL-0")):
        with pytest.raises(QuanminError) as refused:
            run(*words)
        assert refused.value.code.startswith(code)
    assert told("code", number, "N18.9", "--reason", "病历")["state"] == "coded"
    assert told("queue") == []
    with pytest.raises(QuanminError):
        run("take", number)
