"""`quanmin release`: one walk through its verbs, and what is typed or read wrongly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.opendata.release.conftest import TABLE, people, store
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.lake import Lake
from quanmin.opendata.release.errors import (
    DirectIdentifier,
    EvidenceUnreadable,
    FileUnreadable,
    SamePerson,
    UnknownRelease,
)
from quanmin.settings import Settings


@pytest.fixture(params=["zh", "en"])
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", request.param)
    monkeypatch.setattr(output.out, "width", 250)
    with Lake.open(Settings(home=tmp_path / "home", buckets=1)) as lake:
        store(lake, people())
    path = tmp_path / "recipe.toml"
    path.write_text(TABLE.replace('rules = "health"', 'rules = "health"\nrefresh = true'), "utf-8")
    return path


def run(*words: str, code: int = 0) -> Any:
    """The JSON that a command prints, or the error that it raised."""
    done = CliRunner().invoke(app, ["release", *words, "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout) if done.stdout else done.exception


def say(*words: str) -> str:
    """What a command says to people."""
    done = CliRunner().invoke(app, ["release", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_release_from_recipe_to_tombstone(recipe: Path) -> None:
    made = run("run", str(recipe), "--as", "officer")
    number = str(made["number"])
    assert made["state"] == "proposed" and {one["format"] for one in made["files"]} == {
        "parquet",
        "csv",
        "xlsx",
        "json",
    }
    assert isinstance(run("check", number, "--approve", "--as", "officer", code=1), SamePerson)
    out = run("check", number, "--approve", "--standing", "--as", "checker")
    assert (out["state"], out["version"], out["checker"], out["standing"]) == ("published", 1, "checker", True)
    found = run("verify", number)
    assert found["sound"] and len(found["checks"]) == 6
    assert run("refresh", "--as", "officer") == [
        {"name": "people", "what": "unchanged", "release": None, "error": None}
    ]
    assert [one["name"] for one in run("list")] == ["people"] and run("list", "--state", "refused") == []
    for words in (("list",), ("show", number), ("verify", number), ("refresh", "people")):
        assert "people" in say(*words) or words[0] == "verify"
    assert run("withdraw", number, "--reason", "wrong year", "--as", "officer")["state"] == "withdrawn"
    assert run("verify", number)["sound"]


def test_evidence_with_a_flipped_byte_exits_1(recipe: Path, tmp_path: Path) -> None:
    made = run("run", str(recipe), "--as", "officer")
    out = run("check", str(made["number"]), "--approve", "--as", "checker")
    stored = tmp_path / "home" / "open" / "files" / out["evidence"][:2] / out["evidence"]
    copy = tmp_path / "evidence.json"
    copy.write_bytes(stored.read_bytes())
    assert run("verify", str(copy))["sound"]
    copy.write_bytes(stored.read_bytes().replace(b'"snapshot":1', b'"snapshot":2'))
    found = run("verify", str(copy), code=1)
    wrong = {one["name"] for one in found["checks"] if not one["sound"]}
    assert not found["sound"] and {"signature", "ledger", "replay"} <= wrong


def test_what_is_wrong_is_said(recipe: Path, tmp_path: Path) -> None:
    assert isinstance(run("run", str(tmp_path / "absent.toml"), code=1), FileUnreadable)
    recipe.write_bytes(b"\xff\xfe\x00")
    assert isinstance(run("run", str(recipe), code=1), FileUnreadable)
    recipe.write_text(TABLE.replace('element = "sex"', 'element = "name"'), "utf-8")
    assert isinstance(run("run", str(recipe), code=1), DirectIdentifier)
    assert isinstance(run("verify", str(recipe), code=1), EvidenceUnreadable)
    assert isinstance(run("show", "77", code=1), UnknownRelease)
    assert CliRunner().invoke(app, ["release", "list", "--state", "lost"]).exit_code == 2
