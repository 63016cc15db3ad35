"""The operator's two commands for corrections: listing what waits, and answering."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from quanmin.cli import app
from quanmin.errors import QuanminError
from quanmin.ledger import Ledger
from quanmin.ledger.errors import IllegalAction
from quanmin.population.correction import CORRECTION
from quanmin.settings import Settings


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """A request that waits for its source."""
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    (tmp_path / "home").mkdir()
    data = {"item": "education", "dataset": "education.degree", "source": "education", "rows": [], "about": "s" * 32}
    with Ledger.open(Settings()) as ledger:
        return ledger.create(CORRECTION.kind, "one", {**data, "claim": "学历不对"}, "p-1").id


def run(*words: str) -> str:
    found = CliRunner().invoke(app, list(words), catch_exceptions=False, standalone_mode=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_what_waits_is_listed_and_answered(asked: int) -> None:
    [told] = json.loads(run("feedback", "corrections", "--json"))
    assert (told["document"], told["state"], told["claim"]) == (asked, "asked", "学历不对")
    assert json.loads(run("feedback", "corrections", "--source", "health", "--json")) == []
    assert "学历不对" in run("feedback", "corrections")
    words = ("feedback", "answer", str(asked), "--outcome", "corrected", "--words", "已更正")
    with pytest.raises(IllegalAction):
        run(*words)
    with Ledger.open(Settings()) as ledger:
        ledger.act(asked, "send", {})
    assert json.loads(run(*words, "--json")) == {"document": asked, "state": "answered"}
    assert json.loads(run("feedback", "corrections", "--json")) == []


def test_an_outcome_is_one_of_two(asked: int) -> None:
    found = CliRunner().invoke(app, ["feedback", "answer", str(asked), "--outcome", "perhaps", "--words", "x"])
    assert found.exit_code != 0 and not isinstance(found.exception, QuanminError)
