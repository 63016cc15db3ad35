"""The exchange's figures for Prometheus are the ledger's, and the server tells them beside its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from quanmin.ledger import WORKFLOWS, Action, Days, Ledger, Workflow
from quanmin.ledger.exchange import ExchangeTrafficRow
from quanmin.settings import Settings
from quanmin.web import exchange_metrics

HOUR = datetime(2026, 4, 3, 5, tzinfo=UTC)


def read(told: bytes) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(told.decode())
    samples = [one for family in families for one in family.samples]
    return {(one.name, *(one.labels[name] for name in sorted(one.labels))): one.value for one in samples}


def test_figures_are_sums_of_all_hours(either_settings: Settings) -> None:
    row = {"sender": "insurance", "receiver": "health", "agreement": "A-1;v=1", "part": "out", "outcome": "answered"}
    row |= {"kind": "response", "messages": 3, "bytes": 500, "took": 250_000, "slow": 1}
    with Ledger.open(either_settings) as ledger:
        assert not [
            name for name in read(exchange_metrics.text(ledger)) if name[0] == "quanmin_exchange_messages_total"
        ]
        with ledger.writing() as connection:
            rows = [{**row, "hour": HOUR + timedelta(hours=n)} for n in range(4)]
            connection.execute(insert(ExchangeTrafficRow), rows)
        ledger.create("exchange_delivery", "D-1")
        found = read(exchange_metrics.text(ledger))
    place = ("response", "answered", "health", "insurance")
    assert found["quanmin_exchange_messages_total", *place] == 12
    assert found["quanmin_exchange_bytes_total", *place] == 2000
    assert found["quanmin_exchange_seconds_total", *place] == 1.0
    assert found["quanmin_exchange_slow_total", *place] == 4
    assert found["quanmin_exchange_deliveries", "sent", "prepared"] == 1
    assert found["quanmin_exchange_deliveries", "taken", "offered"] == 0


def test_a_clock_of_the_exchange_that_ran_out_is_told_and_no_other(
    either_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("exchange_trial", "other_trial"):
        flow = Workflow(kind, start="open", actions=[Action("close", "open", "closed", due=Days(1))])
        monkeypatch.setitem(WORKFLOWS, kind, flow)
    now = HOUR
    with Ledger.open(either_settings, lambda: now) as ledger:
        for kind in ("exchange_trial", "exchange_trial", "other_trial"):
            ledger.create(kind)
        now += timedelta(days=2)
        found = read(exchange_metrics.text(ledger))
    assert {name: one for name, one in found.items() if name[0] == "quanmin_exchange_overdue"} == {
        ("quanmin_exchange_overdue", "exchange_trial"): 2
    }


def test_the_server_tells_them_beside_its_own(home: Path, browse) -> None:
    with Ledger.open(Settings(home=home)) as ledger:
        ledger.create("exchange_delivery", "D-1")
    told = read(browse(home).get("/metrics").content)
    assert told["quanmin_exchange_deliveries", "sent", "prepared"] == 1
    assert any(name[0] == "quanmin_info" for name in told)


def test_the_server_tells_its_own_while_the_store_is_away(home: Path, browse, monkeypatch: pytest.MonkeyPatch) -> None:
    from quanmin.web import server
    from quanmin.web.errors import NoAccounts

    def away(_ledger: Ledger) -> bytes:
        raise NoAccounts()

    monkeypatch.setattr(server.exchange_metrics, "text", away)
    told = read(browse(home).get("/metrics").content)
    assert any(name[0] == "quanmin_info" for name in told) and not any("exchange" in name[0] for name in told)
