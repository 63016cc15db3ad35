"""Rows that fail, pushed between two processes that are killed at every step until all of them are told and put right.

At the end every error was told once and closed once, and both sides say so.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.integration.exchange import peer, row_peer
from tests.integration.exchange.peer import CONSUMER, PROVIDER, Plan
from tests.integration.exchange.row_peer import PUSHES, ROWS
from tests.integration.exchange.test_crashes import RECEIVERS, RECOVERY, SENDERS, Play
from tests.unit.exchange.supply.pushing import parquet

from quanmin.exchange.delivery import crash
from quanmin.exchange.intake import told
from quanmin.exchange.supply import quarantine, standing
from quanmin.ledger import Ledger
from quanmin.settings import Settings


@pytest.fixture(scope="session")
def empty_homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two homes, with nothing in them."""
    root = tmp_path_factory.mktemp("row_homes")
    peer.settle(root)
    return root


@dataclass
class RowPlay(Play):
    """A provider that pushes rows, and a consumer that tells which of them are wrong."""

    run: Callable[[Plan], None] = row_peer.run

    def __post_init__(self) -> None:
        super().__post_init__()
        self.files = [
            parquet(self.root / f"{number}.{content}.parquet", rows) for number, (content, rows, _) in enumerate(PUSHES)
        ]

    def finish(self) -> None:
        """Play until all was pushed, told and closed, and the consumer knows that the provider was told."""

        def done() -> bool:
            cases = ledger.find("exchange_case")
            return len(cases) == PUSHES[-1][2] and all(one.state == "closed" for one in cases)

        with Ledger.open(Settings(home=self.root / CONSUMER)) as ledger:
            self.play(done)


@contextmanager
def played(homes: Path, root: Path, seed: int, crashes: dict[str, list[str]]) -> Iterator[RowPlay]:
    shutil.copytree(homes, root, dirs_exist_ok=True)
    play = RowPlay(root, random.Random(seed), crashes, [])
    try:
        play.start(CONSUMER)
        play.start(PROVIDER)
        yield play
    finally:
        play.end()


def told_once_and_closed_once(play: RowPlay) -> None:
    """Both sides have the same deliveries, each feedback came once, and what it tells adds up."""
    with Ledger.open(Settings(home=play.root / PROVIDER)) as ledger:
        sent, came = ledger.find("exchange_delivery"), ledger.find("exchange_intake")
    with Ledger.open(Settings(home=play.root / CONSUMER)) as ledger:
        taken, back, cases = (ledger.find(kind) for kind in ("exchange_intake", "exchange_delivery", "exchange_case"))
    for out, into in ((sent, taken), (back, came)):
        assert {one.ref: one.data["receipt"] for one in out} == {one.ref: one.data["receipt"] for one in into}
        assert {one.state for one in out} == {"acknowledged"} and {one.state for one in into} == {"accepted"}
    assert [(one.data["accepted"], one.data["quarantined"]) for one in sent] == [(1, 2), (1, 1), (4, 0)]
    assert sorted(one.data["delivery"] for one in cases) == sorted(str(one.ref) for one in came)
    events = {str(one.ref): one.data["manifest"]["event"] for one in sent}
    lines = [(events[line["delivery"]], int(line["row"]), line["state"], line["code"]) for line in of(play)]
    agreed = "QM-EXCHANGE-130"
    wrong = [(1, 2, agreed), (1, 3, agreed), (2, 2, "E11"), (2, 2, agreed)]
    assert sorted(lines) == sorted(
        (event, row, state, code) for event, row, code in wrong for state in ("open", "closed")
    )
    home = play.root / CONSUMER
    apart = sorted(one.name for one in quarantine.folder(home, ROWS.id).iterdir())
    assert apart == ["000001-0.full.parquet", "000002-1.change.parquet", standing.file(home, ROWS.id).name]


def of(play: RowPlay) -> list[dict[str, Any]]:
    """Every line of every feedback that the provider has."""
    found: list[dict[str, Any]] = []
    for place in sorted((play.root / PROVIDER / "exchange" / "feedback").glob("*/*")):
        assert json.loads((place / told.SUMMARY).read_text("utf-8"))["more"] == 0
        found += told.lines_in(place)
    return found


def schedules() -> list[tuple[int, dict[str, list[str]]]]:
    """Several kills of both sides in any order; each of the steps of rows and their feedback, the first time and the second."""
    dice, made = random.Random(20261129), []
    for round_ in range(3):
        own = [f"{one}:{1 + round_ % 2}" for one in crash.ROW_POINTS]
        consumer = [*own, *(f"{one}:1" for one in dice.sample([*SENDERS, *RECEIVERS], 3))]
        provider = [f"{one}:{dice.randrange(1, 3)}" for one in dice.sample([*SENDERS, *RECEIVERS], 4)]
        dice.shuffle(consumer)
        made.append((dice.randrange(2**32), {CONSUMER: consumer, PROVIDER: provider}))
    return made


@pytest.mark.parametrize(("seed", "crashes"), schedules())
def test_killed_at_every_step_every_error_is_told_once_and_closed_once(empty_homes, tmp_path, seed, crashes) -> None:
    with played(empty_homes, tmp_path, seed, crashes) as play:
        play.finish()
        told_once_and_closed_once(play)
        assert play.slowest < RECOVERY


def test_every_point_kills(empty_homes, tmp_path) -> None:
    """No schedule is about a point that the consumer does not come by."""
    crashes = {PROVIDER: [], CONSUMER: [f"{one}:1" for one in crash.ROW_POINTS]}
    with played(empty_homes, tmp_path, 1, crashes) as play:
        play.finish()
        assert play.killed.count(CONSUMER) == len(crash.ROW_POINTS) and not crashes[CONSUMER]
        told_once_and_closed_once(play)
