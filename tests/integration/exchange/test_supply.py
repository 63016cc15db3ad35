"""Rows supplied between two nodes over real sockets: full, changed, asked for, and heartbeats with the log's head."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.integration.exchange.test_intake import run, tomorrow
from tests.unit.exchange.supply.pushing import parquet

from quanmin import collect, synth
from quanmin.exchange import delivery
from quanmin.exchange.agreement import decide
from quanmin.exchange.delivery import crash, place, taking, transfer
from quanmin.exchange.intake import correction, feedback, kept, reconciliation
from quanmin.exchange.intake.healing import heal
from quanmin.exchange.supply import event, finding, heartbeat, inbox, schedule
from quanmin.exchange.terms import FORMS
from quanmin.ledger import Document
from quanmin.trust import local_administrator

ELEMENTS = ["certificate_no", "citizen_number", "death_date"]


def _settled(exchange: Any, sent: Document) -> Document:
    """Both sides work until the receipt is there."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        transfer._polled.clear()
        transfer.work(exchange.platform)
        taking.work(exchange.agency)
        found = exchange.platform.ledger.get(sent.id)
        if found.state not in schedule.OPEN:
            return found
    raise AssertionError(found.state)


@pytest.fixture
def deaths(exchange: Any, tmp_path: Path) -> Path:
    """The platform has deaths; the file that they came from."""
    synth.write(tmp_path / "files", 300, 7)
    [file] = [one for one in (tmp_path / "files").iterdir() if one.name.startswith("health.death.")]
    collect.collect(exchange.platform.lake, "health.death", file, "health", local_administrator())
    return file


@pytest.mark.parametrize("form", FORMS)
def test_full_then_changed_rows_arrive_as_agreed(exchange: Any, deaths: Path, tmp_path: Path, form: str) -> None:
    terms = exchange.agree(elements=ELEMENTS, form=form)
    first = schedule.serve(exchange.platform, terms)
    assert first is not None
    full = _settled(exchange, first)
    assert (full.state, full.data["manifest"]["content"], full.data["quarantined"]) == ("acknowledged", "full", 0)
    assert full.data["manifest"]["format"] == terms.form == form

    inbox.write(exchange.agency, terms.id, tmp_path / "inbox.parquet")
    with pq.ParquetFile(tmp_path / "inbox.parquet") as file:
        taken = file.read().to_pylist()[0]
    lines = [json.loads(one) for one in deaths.read_text("utf-8").splitlines()]
    [line] = [one for one in lines if one["死亡证明编号"] == taken["certificate_no"]][-1:]
    corrected = line | {"死亡日期": (taken["death_date"] - timedelta(days=1)).isoformat()}
    (tmp_path / "health.death.2.ndjson").write_text(json.dumps(corrected, ensure_ascii=False) + "\n", "utf-8")
    collect.collect(
        exchange.platform.lake, "health.death", tmp_path / "health.death.2.ndjson", "health", local_administrator()
    )
    told = event.ask(exchange.agency, terms, "/deliveries/requests", {"content": "change"})
    [asked] = exchange.platform.ledger.find("exchange_delivery", ref=told["delivery"])
    assert (told["content"], asked.data["manifest"]["rows"]) == ("change", 1)
    assert _settled(exchange, asked).state == "acknowledged"

    rows, _ = inbox.write(exchange.agency, terms.id, tmp_path / "inbox.parquet")
    with pq.ParquetFile(tmp_path / "inbox.parquet") as file:
        assert file.schema_arrow.names == ELEMENTS
        have = sorted(map(repr, file.read().to_pylist()))
    reading = exchange.platform.lake.read(decide(exchange.platform.lake, terms, delivery="D"))
    assert have == sorted(map(repr, reading.fetch().to_pylist())) and rows == len(have) > 5


TAKE = """
import sys
from quanmin.exchange.delivery import taking
from quanmin.exchange.node.opening import opened
from quanmin.settings import Settings
with opened(Settings.model_validate_json(sys.argv[1])) as node:
    taking.work(node)
"""


def test_a_kill_between_conversion_and_receipt_comes_to_the_same(exchange: Any, deaths: Path, tmp_path: Path) -> None:
    terms = exchange.agree(elements=ELEMENTS, form="ndjson")
    sent = schedule.serve(exchange.platform, terms)
    assert sent is not None
    while (found := exchange.agency.ledger.find("exchange_intake", ref=sent.ref)) == [] or found[0].state == "offered":
        transfer._polled.clear()
        transfer.work(exchange.platform)
    kept = place.kept(exchange.agency.settings.home, terms.id)
    settings = exchange.agency.settings.model_dump_json()
    for point in (crash.CONVERTED, "taken"):
        killed = subprocess.run(
            [sys.executable, "-c", TAKE, settings], env={**os.environ, crash.VARIABLE: f"{point}:1"}, check=False
        )
        assert killed.returncode == -signal.SIGKILL
        assert exchange.agency.ledger.find("exchange_intake", ref=sent.ref)[0].state == "received"
        left = place.intake(exchange.agency.settings.home, str(sent.ref)) / "plain"
        assert any(one.name.startswith("good.") for one in left.iterdir())
        assert kept.exists() == (point == "taken")
    half = {one.name: one.read_bytes() for one in kept.iterdir()}
    done = _settled(exchange, sent)
    assert (done.state, done.data["accepted"], done.data["quarantined"]) == (
        "acknowledged",
        sent.data["manifest"]["rows"],
        0,
    )
    assert {one.name: one.read_bytes() for one in kept.iterdir()} == half and len(half) == 1
    rows, _ = inbox.write(exchange.agency, terms.id, tmp_path / "inbox.parquet")
    assert rows == done.data["accepted"] > 5
    assert list(place.intake(exchange.agency.settings.home, "-").parent.iterdir()) == []


def test_heartbeats_tell_time_version_events_and_the_head_of_the_log(exchange: Any, deaths: Path) -> None:
    terms = exchange.agree(elements=ELEMENTS)
    schedule.serve(exchange.platform, terms)
    heartbeat.tell(exchange.agency, "health")
    [peer] = heartbeat.peers(exchange.agency)
    assert (peer["late"], peer["clock"], peer["error"]) == (False, False, None)
    assert len(peer["log"]) == 64 and peer["missing"] == {terms.id: [(1, 1)]}
    [seen] = heartbeat.peers(exchange.platform)
    assert seen["member"] == "civil_affairs" and seen["heard"]


def test_rows_that_fail_are_told_and_closed_by_the_next_push_and_both_sides_agree(
    exchange: Any, tmp_path: Path
) -> None:
    """The agency pushes cremations to the platform: one is wrong, is told by row and key, and comes again right."""
    for node in (exchange.platform, exchange.agency):
        node.directory.forget()
    pushed = {"provider": "civil_affairs", "consumer": "health", "dataset": "civil_affairs.funeral", "mode": "push"}
    pushed |= {"initiative": "provider", "operations": [], "case": False, "where": {"disposal": ["1", "2"]}}
    terms = exchange.agree(**pushed, elements=["funeral_no", "disposal", "death_date"])
    wrong = parquet(tmp_path / "1.parquet", [("F1", "1"), ("F2", "3")])
    first = delivery.send(
        exchange.agency, terms, wrong, "full", file="full.parquet", form="parquet", rows=2, snapshot=1
    )
    run(exchange)
    taken = exchange.agency.ledger.get(first.id)
    assert (taken.state, taken.data["accepted"], taken.data["quarantined"]) == ("acknowledged", 1, 1)
    [name] = feedback.tell(exchange.platform, terms).feedback
    run(exchange)
    [line] = kept.show(exchange.agency, name).lines
    assert (line["delivery"], line["row"], line["element"]) == (first.ref, "2", "disposal")
    (tmp_path / "own.csv").write_text("funeral_no,disposal\nF2,3\n", "utf-8")
    assert [one.row for one in finding.find(exchange.agency, name, tmp_path / "own.csv")] == [1]
    right = parquet(tmp_path / "2.parquet", [("F2", "2", "update")])
    told = {"rows": 1, "snapshot": 2, "since": 1}
    delivery.send(exchange.agency, terms, right, "change", file="change.parquet", form="parquet", **told)
    run(exchange)
    assert feedback.tell(exchange.platform, terms).closed == 1
    run(exchange)
    feedback.tell(exchange.platform, terms)
    assert {one.state for one in correction.progress(exchange.platform)} == {"closed"}
    assert [(one.told, one.closed) for one in kept.listing(exchange.agency)] == [(1, 0), (0, 1)]

    tomorrow(exchange)
    day = reconciliation.today(exchange.agency) - timedelta(days=1)
    found = reconciliation.reconcile(exchange.agency, terms, day, heal)
    assert found.state == "agrees", json.dumps(found.data["findings"])
    sums = found.data["mine"]["deliveries"]["civil_affairs"]
    assert (sums["rows"], sums["accepted"], sums["quarantined"], sums["pending"]) == (3, 2, 1, 0)
