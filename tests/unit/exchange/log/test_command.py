"""`quanmin exchange log` and `quanmin exchange proof` on a home that takes part."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from quanmin.cli import app
from quanmin.errors import QuanminError
from quanmin.exchange.log import keeper
from quanmin.exchange.log.errors import FileRefused, LogDamaged, NotLogged
from quanmin.exchange.member import directory as directories
from quanmin.exchange.member import enrolment
from quanmin.ledger.exchange import ExchangeLogRow
from quanmin.trust import audit

Command = Callable[..., Result]


@pytest.fixture
def command(talk: Any, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line of the home whose log has two pairs."""
    monkeypatch.setenv("QUANMIN_HOME", str(talk.settings.home))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    talk.logged("a", "b", keep=True)
    keeper.turn(talk.ledger, talk.settings)

    def run(*words: str, right: bool = True) -> Result:
        done = CliRunner().invoke(app, ["exchange", *words])
        assert (done.exit_code == 0) == right, done.output
        return done

    return run


def refusal(done: Result) -> QuanminError:
    assert isinstance(done.exception, QuanminError)
    return done.exception


def test_the_log_is_listed_and_shown(command: Command) -> None:
    told = json.loads(command("log", "list", "--json").stdout)
    assert [one["message"] for one in told] == ["b-answer", "b", "a-answer", "a"]
    assert [one["message"] for one in json.loads(command("log", "list", "--limit", "1", "--json").stdout)] == [
        "b-answer"
    ]
    assert json.loads(command("log", "list", "--peer", "education", "--json").stdout) == []
    assert json.loads(command("log", "list", "--delivery", "x", "--json").stdout) == []
    assert "a-answer" in command("log", "list").stdout
    [one] = json.loads(command("log", "show", "a", "--json").stdout)
    assert (one["sequence"], one["kind"], one["case"]) == (1, "request", "C-7") and '"@method"' in one["base"]
    assert "C-7" in command("log", "show", "a").stdout
    error = refusal(command("log", "show", "nobody", right=False))
    assert isinstance(error, NotLogged) and error.next_step("zh")


@pytest.mark.parametrize("joined", [True, False])
def test_a_home_without_a_directory_verifies_all_but_signatures(
    command: Command, talk: Any, monkeypatch: pytest.MonkeyPatch, joined: bool
) -> None:
    monkeypatch.setenv("QUANMIN_EXCHANGE_PLATFORM", "https://platform.example")
    if joined:
        directories.keep(talk.directory, enrolment.folder(talk.settings))
    told = json.loads(command("log", "verify", "--json").stdout)
    assert told["sound"] and told["entries"] == 4 and told["batches"] == 1
    assert told["unsigned"] == (0 if joined else 4) and told["audit"]["damage"] is None
    assert "4 entries and 1 batches hold" in command("log", "verify").stdout
    with talk.ledger.writing() as connection:
        connection.execute(update(ExchangeLogRow).where(ExchangeLogRow.sequence == 3).values(link=bytes(32)))
    error = refusal(command("log", "verify", right=False))
    assert isinstance(error, LogDamaged) and error.fields["sequence"] == 3


def test_a_day_is_archived_once_and_verifies(command: Command, talk: Any, tmp_path: Path) -> None:
    day, file = talk.now.date().isoformat(), tmp_path / "day.ndjson"
    told = json.loads(command("log", "export", day, str(file), "--json").stdout)
    assert (told["first"], told["last"]) == (1, 4)
    assert json.loads(command("log", "verify", str(file), "--json").stdout)[0]["last"] == 4
    assert "1–4" in command("log", "verify", str(file)).stdout
    error = refusal(command("log", "export", day, str(file), right=False))
    assert isinstance(error, FileRefused) and error.message("zh") and error.next_step("en")


def test_a_proof_is_written_and_its_making_is_in_the_audit(
    command: Command, talk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANMIN_EXCHANGE_PLATFORM", "https://platform.example")
    directories.keep(talk.directory, enrolment.folder(talk.settings))
    file = tmp_path / "p.json"
    command("proof", "a", "--out", str(file))
    keys = ["--key", str(talk.settings.home / "keys" / "audit.pub")]
    done = CliRunner().invoke(app, ["proof", "verify", str(file), *keys])
    assert done.exit_code == 0 and "✓ response a-answer answers a" in done.stdout and "(unchecked)" in done.stdout
    assert file.read_bytes()[:10] == command("proof", "a").stdout_bytes[:10]
    subjects = [one.fields.get("subject") for one in audit.entries(talk.ledger, "audit")]
    assert subjects == ["a", "a"]
