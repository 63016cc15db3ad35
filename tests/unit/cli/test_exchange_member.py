"""`quanmin exchange member`: the platform's register from the command line, and a member's copy of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.exchange.member import enrolment
from quanmin.exchange.member.errors import EnrolmentRefused
from quanmin.exchange.node.errors import NotJoined
from quanmin.settings import Settings

AGENCY = "civil_affairs"


@pytest.fixture(params=["zh", "en"], autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    monkeypatch.setenv("QUANMIN_LANGUAGE", request.param)
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(output.out, "width", 400)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, code: int = 0) -> Any:
    done = CliRunner().invoke(app, ["exchange", "member", *words])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.exception


def asked(home: Path) -> str:
    """The file of an agency that wants to take part."""
    path = home / "enrolment.json"
    path.write_text(json.dumps(enrolment.asked(Settings(home=home / "agency", member=AGENCY))), "utf-8")
    return str(path)


def test_a_member_is_admitted_listed_suspended_and_let_back(home: Path) -> None:
    told = json.loads(run("admit", asked(home), "--json"))
    assert told["member"] == AGENCY and told["active"] and len(told["keys"]) == 2
    kept = enrolment.join(Settings(home=home / "agency", member=AGENCY), enrolment.read(home / "membership.json"))
    assert set(kept.members) == {"health", AGENCY}
    assert [one["member"] for one in json.loads(run("list", "--json"))] == [AGENCY, "health"]
    assert json.loads(run("show", AGENCY, "--json"))["keys"] == told["keys"]
    assert json.loads(run("suspend", AGENCY, "--reason", "drill", "--json"))["active"] is False
    assert json.loads(run("address", AGENCY, "https://a:8443", "--json"))["address"] == "https://a:8443"
    assert json.loads(run("readmit", AGENCY, "--json"))["state"] == "admitted"
    assert json.loads(run("address", AGENCY, "--json"))["address"] is None
    gone = json.loads(run("revoke-key", f"{AGENCY}/signature/1", "--json"))
    assert [one["id"] for one in gone["keys"] if one["revoked"]] == [f"{AGENCY}/signature/1"]
    assert json.loads(run("leave", AGENCY, "--reason", "merged", "--json"))["state"] == "left"
    assert [one["member"] for one in json.loads(run("list", "--json"))] == ["health"]


def test_what_is_printed_names_the_keys_to_compare(home: Path) -> None:
    public = enrolment.asked(Settings(home=home / "agency", member=AGENCY))["keys"][0]["public"]
    assert public in run("admit", asked(home), "--to", str(home / "answer.json"))
    assert (home / "answer.json").exists()
    assert AGENCY in run("list") and public in run("show", AGENCY)
    assert AGENCY in run("suspend", AGENCY, "--reason", "drill")


def test_what_does_not_fit_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in (
        ("admit", str(home / "away.json")),
        ("suspend", "education", "--reason", "x"),
        ("revoke-key", "education/signature/1"),
        ("address", "education", "ftp://a"),
    ):
        assert isinstance(run(*words, code=1), EnrolmentRefused)
    assert not (home / "membership.json").exists()
    monkeypatch.setenv("QUANMIN_EXCHANGE_PLATFORM", "https://127.0.0.1:1")
    assert isinstance(run("suspend", AGENCY, "--reason", "x", code=1), EnrolmentRefused)  # the platform's to do
    assert run("list", code=1).code == NotJoined.code
