"""`quanmin exchange push | schedule | events | inbox | peers`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.unit.exchange.supply.supplying import Supplying, supplying
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.cli.exchange import supply as verbs
from quanmin.exchange.agreement.errors import NotInForce
from quanmin.exchange.node.node import Node


class Desk:
    """Runs verbs at one of the two nodes."""

    def __init__(self, made: Supplying, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made, self.monkeypatch = made, monkeypatch

    def run(self, node: Node, *words: str, json_: bool = True) -> Any:
        @contextmanager
        def opened(_settings: Any) -> Iterator[Any]:
            yield node

        self.monkeypatch.setenv("QUANMIN_HOME", str(node.settings.home))
        self.monkeypatch.setenv("QUANMIN_MEMBER", node.member)
        self.monkeypatch.setattr(verbs, "opened", opened)
        found = CliRunner().invoke(app, ["exchange", *words, *(["--json"] if json_ else [])])
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        return json.loads(found.stdout) if json_ else found.stdout


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(output.out, "width", 300)
    with supplying(tmp_path) as made:
        yield Desk(made, monkeypatch)


def test_rows_are_pushed_planned_numbered_and_taken_out(desk: Desk, tmp_path: Path) -> None:
    made, number = desk.made, desk.made.terms.id
    [before] = desk.run(made.provider, "schedule", "list")
    assert (before["owed"], before["acknowledged"], before["frequency"]) == (True, None, "daily")
    pushed = desk.run(made.provider, "push", number)
    assert (pushed["content"], pushed["rows"]) == ("full", 2)
    made.pair.run(seconds=10)
    [after] = desk.run(made.provider, "schedule", "list")
    assert (after["owed"], after["acknowledged"], after["next"]) == (False, 1, "2026-11-29T02:00+08:00")
    told = desk.run(made.provider, "events", number)
    assert told["sent"] == [{"event": 1, "delivery": pushed["delivery"]}] and told["missing"] == []
    target = tmp_path / "out.parquet"
    assert desk.run(made.consumer, "inbox", number, "--out", str(target)) == {
        "agreement": number,
        "rows": 2,
        "snapshot": 1,
    }
    with pq.ParquetFile(target) as file:
        assert file.metadata.num_rows == 2
    assert desk.run(made.consumer, "events", number, "--resend")["asked"] == []


def test_a_consumer_asks_the_provider(desk: Desk) -> None:
    told = desk.run(desk.made.consumer, "push", desk.made.terms.cited, "--full")
    assert told["content"] == "full"
    [peer] = desk.run(desk.made.consumer, "peers")
    assert (peer["member"], peer["late"]) == ("civil_affairs", True)


def test_everything_is_said_in_words_too(desk: Desk) -> None:
    made = desk.made
    assert "civil_affairs" in desk.run(made.provider, "schedule", "list", json_=False)
    assert "civil_affairs." in desk.run(made.provider, "push", made.terms.id, json_=False)
    assert "civil_affairs." in desk.run(made.provider, "events", made.terms.id, json_=False)
    assert "civil_affairs" in desk.run(made.consumer, "peers", json_=False)


def test_an_agreement_that_does_not_stand_is_refused(desk: Desk) -> None:
    with pytest.raises(NotInForce):
        desk.run(desk.made.provider, "push", "A-2026-4444")
