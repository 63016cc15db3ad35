"""`quanmin audit` in both languages and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from quanmin.cli import app
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import Pseudonyms, audit
from quanmin.trust.errors import AuditBroken

NUMBER = "11010519491231002X"


@pytest.fixture
def home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with a log of five entries."""
    monkeypatch.setenv("QUANMIN_HOME", str(settings.home))
    who = Pseudonyms.open(settings, "audit").of(11010519491231002)
    with Ledger.open(settings) as ledger:
        decided = {"decision": "d", "purpose": "treatment", "dataset": "linked.person", "columns": {"name": "masked"}}
        audit.append(ledger, "decide", "doctor", decided)
        audit.append(ledger, "read", "doctor", {**decided, "persons": [who], "rows": 1})
        for n in range(3):
            audit.append(ledger, "read", "clerk", {"purpose": "statistics", "rows": n})
    return settings


def ask(*words: str) -> Any:
    """The JSON answer."""
    done = CliRunner().invoke(app, ["audit", *words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.stdout)


def spoil(settings: Settings, statement: str) -> None:
    """Change the database behind the log's back."""
    with Ledger.open(settings) as ledger, ledger.writing() as connection:
        connection.execute(text(statement))


def test_a_log_is_exported_and_verified_elsewhere(home: Settings, tmp_path: Path) -> None:
    early = tmp_path / "early.json"
    early.write_text(json.dumps(ask("head")))
    assert ask("export", str(tmp_path / "log.ndjson"))["entries"] == 6
    key = str(home.home / "keys" / "audit.pub")
    words = ["verify", "--export", str(tmp_path / "log.ndjson"), "--public-key", key, "--head", str(early)]
    found = ask(*words)
    assert found["sound"] and found["entries"] == found["covered"] == 6
    assert ask("verify")["sound"]


def test_damage_is_told_and_exits_twelve(home: Settings) -> None:
    ask("head")
    spoil(home, "UPDATE audit SET actor = 'other' WHERE sequence = 3")
    for words in (["verify"], ["verify", "--json"]):
        done = CliRunner().invoke(app, ["audit", *words])
        assert isinstance(done.exception, AuditBroken) and "3" in done.stdout
    assert AuditBroken.category == "conflict"  # exit 12


def test_a_restored_backup_is_found_by_the_head_that_was_noted(home: Settings) -> None:
    files = ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"]
    backup = {name: (home.home / name).read_bytes() for name in files if (home.home / name).exists()}
    with Ledger.open(home) as ledger:
        audit.append(ledger, "read", "clerk", {"rows": 9})
    ask("head")
    for name in files:
        (home.home / name).unlink(missing_ok=True)
    for name, content in backup.items():
        (home.home / name).write_bytes(content)
    done = CliRunner().invoke(app, ["audit", "verify", "--json"])
    assert json.loads(done.stdout)["damage"] == "removed" and json.loads(done.stdout)["sequence"] == 6
    assert type(CliRunner().invoke(app, ["audit", "head"]).exception).__name__ == "RolledBack"


def test_one_entry_is_proven(home: Settings) -> None:
    found = ask("prove", "2")
    assert found["holds"] and found["proof"]["sequence"] == 2 and found["head"]["size"] == 5
    assert "doctor" in CliRunner().invoke(app, ["audit", "prove", "2"]).stdout


def test_a_search_is_an_entry_too(home: Settings) -> None:
    assert [one["sequence"] for one in ask("search", "--actor", "doctor")] == [2, 1]
    [noted] = ask("search", "--event", "audit")
    assert noted["action"] == "search"


def test_a_citizen_sees_who_read(home: Settings) -> None:
    [own] = ask("mine", NUMBER)
    assert (own["actor"], own["purpose"], own["columns"]) == ("doctor", "treatment", {"name": "masked"})
    assert NUMBER[:17] not in json.dumps(ask("search"))


def test_a_timer_signs_only_what_is_due(home: Settings) -> None:
    first = ask("head", "--every", "10")
    assert ask("head", "--every", "10") == first != {}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("words", [["verify"], ["head"], ["search"], ["alarms"], ["mine", NUMBER], ["prove", "1"]])
def test_every_answer_is_in_both_languages(
    home: Settings, monkeypatch: pytest.MonkeyPatch, language: str, words: list[str]
) -> None:
    monkeypatch.setenv("QUANMIN_LANGUAGE", language)
    done = CliRunner().invoke(app, ["audit", *words], catch_exceptions=False)
    assert done.exit_code == 0 and done.stdout
    assert ask("alarms") == []
