"""The verbs of intake: what they print, and their JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.exchange.delivery.network import pair
from tests.unit.exchange.intake.conftest import TERMS, World
from tests.unit.exchange.intake.test_collecting import DOUBTFUL, GOOD, UNKNOWN
from tests.unit.exchange.supply.pushing import pushing
from typer.testing import CliRunner

from quanmin.cli import output
from quanmin.cli.app import app
from quanmin.cli.exchange import intake
from quanmin.errors import QuanminError
from quanmin.exchange.intake import case, feedback
from quanmin.exchange.node.node import Node

Run = Callable[..., str]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with pair(tmp_path / "homes", TERMS) as made:
        yield World(made, tmp_path)


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command at a node."""
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "keyboard"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    monkeypatch.setattr(output.out, "width", 300)

    def ran(node: Node, *words: str, code: int = 0) -> str:
        @contextmanager
        def opened(_settings: object) -> Iterator[Node]:
            yield node

        monkeypatch.setattr(intake, "opened", opened)
        result = CliRunner().invoke(app, ["exchange", *words])
        if isinstance(result.exception, QuanminError):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    return ran


def test_a_recall_is_told_as_it_stands(world: World, run: Run) -> None:
    sent = world.send(GOOD + UNKNOWN)
    assert "confirmed" in run(world.cdc, "recall", str(sent.ref), "--reason", "wrong_data", "--words", "x")
    [one] = json.loads(run(world.cdc, "recalls", "--json"))
    assert (one["state"], one["rows"], one["reason"]) == ("confirmed", 2, "wrong_data")
    with pytest.raises(QuanminError, match="QM-EXCHANGE-112"):
        run(world.cdc, "recall", str(sent.ref), "--reason", "why")


def test_feedback_is_listed_on_both_sides_and_shown_by_line(world: World, run: Run) -> None:
    world.send(GOOD + UNKNOWN + DOUBTFUL)
    [told] = json.loads(run(world.health, "feedback", "tell", "--json"))
    assert told["told"] == 2
    world.run()
    [name] = told["feedback"]
    came = json.loads(run(world.cdc, "feedback", "list", "--json"))["received"]
    assert [(one["delivery"], one["told"]) for one in came] == [(name, 2)]
    assert "disease" in run(world.cdc, "feedback", "show", name)
    assert len(json.loads(run(world.cdc, "feedback", "show", name, "--json"))["lines"]) == 2
    went = json.loads(run(world.health, "feedback", "list", "--json"))
    assert (went["sent"][0]["told"], went["agreements"]["A-2026-0001"]["open"]) == (2, 2)
    assert name in run(world.cdc, "feedback", "list")
    assert name in run(world.health, "feedback", "list", "--agreement", "A-2026-0001")
    assert "A-2026-0001" in run(world.health, "feedback", "tell")


def test_an_error_is_disputed_and_decided(world: World, run: Run) -> None:
    world.send(GOOD + DOUBTFUL)
    [name] = world.tell().feedback
    named = ("feedback", "dispute", name, "--element", "deaths", "--reason", "confirmed_at_source")
    assert "handed in" in run(world.cdc, *named, "--row", "2")
    assert "QM-EXCHANGE-109" in run(world.cdc, *named, "--row", "1", code=1)
    [asked] = world.health.ledger.find(case.DISPUTE.kind)
    assert "upheld" in run(world.health, "feedback", "decide", str(asked.id), "--because", "right", "--uphold")


def test_rows_that_were_pushed_are_shown_by_key_and_found_in_a_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pushing(tmp_path / "rows") as made:
        monkeypatch.setattr(feedback, "MOST", 2)
        made.full(*((f"F{n}", "3") for n in range(5)))
        [name] = made.tell().feedback
        shown = run(made.provider, "feedback", "show", name)
        assert "funeral_no:" in shown and "QM-EXCHANGE-130" in shown and "3 more errors" in shown
        assert json.loads(run(made.provider, "feedback", "show", name, "--json"))["more"] == 3
        [went] = json.loads(run(made.consumer, "feedback", "list", "--json"))["sent"]
        assert (went["state"], went["told"], went["open"], went["more"]) == ("open", 2, 2, 3)
        own = tmp_path / "own.csv"
        own.write_text("funeral_no\nF7\nF1\n", "utf-8")
        found = json.loads(run(made.provider, "feedback", "find", name, str(own), "--json"))
        assert found == [{"row": 2, "told": 2, "element": "disposal", "code": "QM-EXCHANGE-130"}]
        assert "disposal" in run(made.provider, "feedback", "find", name, str(own))


def test_days_are_compared_and_listed(world: World, run: Run) -> None:
    world.send(GOOD)
    world.at += timedelta(days=2)
    found: list[dict[str, Any]] = json.loads(run(world.cdc, "reconcile", "--json"))
    assert [(one["day"], one["state"]) for one in found] == [("2026-11-02", "agrees"), ("2026-11-03", "agrees")]
    assert "agrees" in run(world.cdc, "reconcile", "--agreement", "A-2026-0001", "--day", "2026-11-02")
    assert "2026-11-03" in run(world.health, "reconciliations")
    assert len(json.loads(run(world.health, "reconciliations", "--days", "1", "--json"))) == 1
    with pytest.raises(QuanminError, match="QM-EXCHANGE-105"):
        run(world.cdc, "reconcile", "--agreement", "A-2026-0009")
