"""`quanmin keys` and `quanmin backup` as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import Pseudonyms, audit
from quanmin.trust.keys import open_store, store
from quanmin.trust.keys.errors import KeyFixed


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    return tmp_path / "home"


def run(*words: str, code: int = 0) -> Any:
    """The JSON that a command prints."""
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout) if done.stdout else done.exception


def test_keys_are_listed_rotated_revoked_and_destroyed_and_each_is_audited(home: Path) -> None:
    first = Pseudonyms.open(Settings(), "research").of(42)
    assert run("keys", "rotate", "pseudonym/research")[0]["version"] == 2
    assert Pseudonyms.open(Settings(), "research").of(42) != first
    assert run("keys", "revoke", "pseudonym/research", "1")[0]["state"] == "revoked"
    assert run("keys", "reinstate", "pseudonym/research", "1")[0]["state"] == "retired"
    assert run("keys", "destroy", "pseudonym/research", "1", "--yes")[0]["state"] == "destroyed"
    listed = [one for one in run("keys", "list") if one["name"] == "pseudonym/research"]
    assert [(one["version"], one["state"]) for one in listed] == [(1, "destroyed"), (2, "active")]
    assert {len(one) for one in listed} == {6}
    with Ledger.open(Settings()) as ledger:
        done = [entry.fields["action"] for entry in audit.entries(ledger, "keys")]
    assert done == ["rotate", "revoke", "reinstate", "destroy"]
    Pseudonyms.open(Settings(), "audit")
    assert isinstance(run("keys", "rotate", "pseudonym/audit", code=1), KeyFixed)
    plain = CliRunner().invoke(app, ["keys", "destroy", "pseudonym/research", "2"], input="n\n")
    assert plain.exit_code == 1 and run("keys", "list")[-1]["state"] == "active"


def test_the_master_moves_to_a_passphrase(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = Pseudonyms.open(Settings(), "research").of(42)
    monkeypatch.setenv("QUANMIN_NEW_PASSPHRASE", "correct horse")
    answer = run("keys", "rewrap")
    assert answer["kind"] == "passphrase" and "horse" not in json.dumps(answer)
    monkeypatch.delenv("QUANMIN_NEW_PASSPHRASE")
    monkeypatch.setenv("QUANMIN_PASSPHRASE", "correct horse")
    store._store.cache_clear()
    assert Pseudonyms.open(Settings(), "research").of(42) == mark
    assert open_store(Settings()).ring().master["kind"] == "passphrase"


def test_a_backup_is_made_drilled_and_restored(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("init")
    file = str(tmp_path / "one.backup")
    made = run("backup", "create", file)
    assert run("backup", "drill", file)["sound"] is True
    restored = run("backup", "restore", file, str(tmp_path / "again"))
    assert (restored["backup"], restored["snapshot"]) == (made["id"], made["snapshot"])
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "again"))
    with Ledger.open(Settings()) as ledger:
        assert [entry.fields["action"] for entry in audit.entries(ledger, "backup")] == ["restore"]
        assert audit.verify(ledger).sound
    content = bytearray(Path(file).read_bytes())
    content[-1] ^= 1
    (tmp_path / "bad").write_bytes(content)
    monkeypatch.setenv("QUANMIN_HOME", str(home))
    assert run("backup", "drill", str(tmp_path / "bad"), code=12)["problems"][0]["kind"] == "QM-BACKUP-002"
    said = CliRunner().invoke(app, ["backup", "drill", str(tmp_path / "bad")])
    assert said.exit_code == 12 and "Not sound" in said.stdout


@pytest.mark.parametrize(("language", "word"), [("zh", "完好"), ("en", "Sound")])
def test_both_languages(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, word: str) -> None:
    monkeypatch.setenv("QUANMIN_LANGUAGE", language)
    assert CliRunner().invoke(app, ["backup", "create", str(tmp_path / "one")]).exit_code == 0
    assert word in CliRunner().invoke(app, ["backup", "drill", str(tmp_path / "one")]).stdout
    assert CliRunner().invoke(app, ["keys", "list"]).exit_code == 0
