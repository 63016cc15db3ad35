"""Deliveries between two real processes that are killed at every step, over a network that is cut at every kind of byte.

At the end every delivery is there once, receipted by what was sent, and each recovery took less than half a minute.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import random
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.integration.exchange import peer
from tests.integration.exchange.peer import CONSUMER, PROVIDER, TERMS, Plan
from tests.integration.exchange.wire import FAULTS, Wire

from quanmin.exchange.delivery import crash, place
from quanmin.exchange.delivery.receipt import read
from quanmin.exchange.log.line import START
from quanmin.ledger import Ledger
from quanmin.ledger.exchange import ExchangeLogRow
from quanmin.settings import Settings

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["tests.integration.exchange.peer"])
RECOVERY = 30.0
SENDERS = crash.POINTS[: crash.POINTS.index("acknowledged") + 1]
RECEIVERS = crash.POINTS[crash.POINTS.index("acknowledged") + 1 :]


@pytest.fixture(scope="session")
def empty_homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two homes, with nothing in them."""
    root = tmp_path_factory.mktemp("homes")
    peer.settle(root)
    return root


@dataclass
class Play:
    """Two processes that are started again whenever they die, each with the next of its crashes."""

    root: Path
    dice: random.Random
    crashes: dict[str, list[str]]
    sources: list[bytes]
    faults: list[str] = field(default_factory=list)
    full: int = 0
    killed: list[str] = field(default_factory=list)
    slowest: float = 0.0
    run: Callable[[Plan], None] = peer.run

    def __post_init__(self) -> None:
        self.ports = {member: _free() for member in (PROVIDER, CONSUMER)}
        self.wire = Wire(self.ports[CONSUMER], self.dice, self.faults)
        self.files = []
        for number, source in enumerate(self.sources):
            self.files.append(self.root / f"{number}.gz")
            self.files[-1].write_bytes(source)
        self.running: dict[str, Any] = {}

    def plan(self, member: str) -> Plan:
        files = tuple(self.files) if member == PROVIDER else ()
        to = self.wire.port if member == PROVIDER else self.ports[PROVIDER]
        own = self.crashes[member]
        full, self.full = (self.full, 0) if member == CONSUMER else (0, self.full)
        return Plan(self.root, member, self.ports[member], to, own.pop(0) if own else "", full, files)

    def start(self, member: str) -> None:
        self.running[member] = FORK.Process(target=self.run, args=(self.plan(member),), daemon=True)
        self.running[member].start()

    def revive(self) -> bool:
        """Start again whoever died; whether somebody had."""
        found = False
        for member, process in list(self.running.items()):
            if process.exitcode is not None:
                assert process.exitcode == -9, f"{member} ended by itself with {process.exitcode}"
                self.killed.append(member)
                self.start(member)
                found = True
        return found

    def end(self) -> None:
        for process in self.running.values():
            process.kill()
            process.join()
        self.wire.close()

    def play(self, until: Callable[[], bool] | None = None) -> None:
        """Until everything is receipted, or something else is so."""
        began = time.monotonic()
        with Ledger.open(Settings(home=self.root / PROVIDER)) as ledger:
            while True:
                done = (
                    until() if until else ledger.count("exchange_delivery").get("acknowledged", 0) == len(self.sources)
                )
                if self.revive():
                    self.slowest = max(self.slowest, time.monotonic() - began)
                    began = time.monotonic()
                elif done:
                    break
                assert time.monotonic() - began < RECOVERY, ledger.count("exchange_delivery")
                time.sleep(0.01)
        self.slowest = max(self.slowest, time.monotonic() - began)


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


@contextmanager
def played(homes: Path, root: Path, seed: int, crashes: dict[str, list[str]], **more: Any) -> Iterator[Play]:
    shutil.copytree(homes, root, dirs_exist_ok=True)
    dice = random.Random(seed)
    sources = [dice.randbytes(dice.randrange(1500, 4000)) for _ in range(more.pop("count", 2))]
    play = Play(root, dice, crashes, sources, **more)
    try:
        play.start(CONSUMER)
        play.start(PROVIDER)
        yield play
    finally:
        play.end()


def nothing_lost_nothing_twice(play: Play) -> None:
    """Everything is there once on both sides, and the receipts are the same bytes and of what was sent."""
    kept = place.kept(play.root / CONSUMER, TERMS.id)
    assert sorted(one.read_bytes() for one in kept.iterdir() if one.name[0] != ".") == sorted(play.sources)
    with Ledger.open(Settings(home=play.root / PROVIDER)) as ledger:
        sent = ledger.find("exchange_delivery")
    with Ledger.open(Settings(home=play.root / CONSUMER)) as ledger:
        taken = ledger.find("exchange_intake")
    assert sorted(one.data["manifest"]["event"] for one in sent) == list(range(1, len(play.sources) + 1))
    assert [one.state for one in sent] == ["acknowledged"] * len(play.sources)
    assert {one.ref: one.data["receipt"] for one in sent} == {one.ref: one.data["receipt"] for one in taken}
    assert len(taken) == len(sent)
    for one in sent:
        told = read(one.data["receipt"])
        assert (told.delivery, told.manifest, told.outcome) == (one.ref, one.data["digest"], "accepted")
    for member in (PROVIDER, CONSUMER):
        assert chained(play.root / member) > 0
    assert left_over(play) == []
    for one in taken:
        assert [step.name for step in one.actions if step.name == "accept"] == ["accept"]


def left_over(play: Play) -> list[Path]:
    """What no delivery needs any more; a process that was started again takes it away first thing."""
    began = time.monotonic()
    while True:
        intake, out = (place.intake(play.root / CONSUMER, "-").parent, place.out(play.root / PROVIDER, "-").parent)
        found = [*intake.iterdir(), *(one for one in out.iterdir() if one.name[0] == ".")]
        if not found or time.monotonic() - began > 5:
            return found
        time.sleep(0.02)


def chained(home: Path) -> int:
    """Entries of a log, each of which is chained to the one before."""
    with Ledger.open(Settings(home=home)) as ledger, ledger.reading() as connection:
        rows = connection.execute(select(ExchangeLogRow.__table__).order_by(ExchangeLogRow.sequence)).all()
    before = START
    for number, row in enumerate(rows, 1):
        before = hashlib.sha256(before + row.entry.encode()).digest()
        assert (row.sequence, row.link) == (number, before)
    return len(rows)


def schedules() -> list[tuple[int, dict[str, list[str]], list[str]]]:
    """Every point is met by itself, then in company: several kills of both sides and cuts in between, in any order."""
    dice, made = random.Random(20261128), []
    singles = {PROVIDER: list(SENDERS), CONSUMER: list(RECEIVERS)}
    for round_ in range(6):
        plans = {member: [f"{one}:{1 + round_ % 2}" for one in points] for member, points in singles.items()}
        for points in plans.values():
            dice.shuffle(points)
        for at in range(0, len(SENDERS), 4):
            crashes = {member: points[at : at + 4] for member, points in plans.items()}
            faults = [dice.choice((*FAULTS, "", "")) for _ in range(16)] if round_ else []
            made.append((dice.randrange(2**32), crashes, faults))
    return made


@pytest.mark.parametrize(("seed", "crashes", "faults"), schedules())
def test_killed_at_every_step_nothing_is_lost_and_nothing_comes_twice(
    empty_homes, tmp_path, seed, crashes, faults
) -> None:
    with played(empty_homes, tmp_path, seed, crashes, faults=faults) as play:
        play.play()
        nothing_lost_nothing_twice(play)
        assert play.slowest < RECOVERY


@pytest.mark.parametrize(("member", "points"), [(PROVIDER, SENDERS), (CONSUMER, RECEIVERS)])
def test_every_point_kills(empty_homes, tmp_path, member, points) -> None:
    """No schedule is about a point that no process comes by."""
    crashes: dict[str, list[str]] = {PROVIDER: [], CONSUMER: []}
    with played(empty_homes, tmp_path, 1, crashes, count=len(points)) as play:
        play.running[member].kill()
        crashes[member] += [f"{one}:1" for one in points]
        play.play(lambda: not crashes[member])
        play.play()
        assert play.killed.count(member) == len(points) + 1
        nothing_lost_nothing_twice(play)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_connection_cut_at_any_kind_of_byte_loses_nothing(empty_homes, tmp_path, fault) -> None:
    crashes = {PROVIDER: [], CONSUMER: []}
    with played(empty_homes, tmp_path, 5, crashes, faults=[fault] * 8, count=1) as play:
        play.play()
        assert set(play.wire.met) == {fault} and len(play.wire.met) >= 5
        nothing_lost_nothing_twice(play)


def test_a_full_disk_at_the_receiver_is_tried_again(empty_homes, tmp_path) -> None:
    with played(empty_homes, tmp_path, 6, {PROVIDER: [], CONSUMER: []}, full=7) as play:
        play.play()
        nothing_lost_nothing_twice(play)


def test_an_agreement_suspended_in_mid_transfer_stops_it_until_it_stands_again(empty_homes, tmp_path) -> None:
    (tmp_path / "suspended").touch()
    with played(empty_homes, tmp_path, 7, {PROVIDER: [], CONSUMER: []}, faults=["late"] * 100) as play:
        (tmp_path / "suspended").unlink()
        with Ledger.open(Settings(home=tmp_path / CONSUMER)) as theirs:
            play.play(lambda: theirs.count("exchange_intake").get("offered", 0) > 0)
            (tmp_path / "suspended").touch()
            play.play(lambda: theirs.count("exchange_intake").get("offered", 0) == 0)
            before = theirs.count("exchange_intake")
            time.sleep(0.5)
            assert theirs.count("exchange_intake") == before
            assert "accepted" not in before or "stopped" in before
        (tmp_path / "suspended").unlink()
        play.play()
        nothing_lost_nothing_twice(play)
