"""Feedback, correction, recall and reconciliation between two nodes over real sockets, with their real logs."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete

from quanmin.exchange import delivery
from quanmin.exchange.delivery import taking, transfer
from quanmin.exchange.intake import feedback, kept, recall, reconciliation
from quanmin.exchange.intake.healing import heal
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document
from quanmin.ledger.exchange import ExchangeLogRow

HEAD = "funeral_no,citizen_number,name,death_date\n"
LI, WANG = "11010519491231002X", "440524188001010014"


def agreed(exchange: Any) -> Terms:
    """The agency pushes its funerals to the platform."""
    for node in (exchange.platform, exchange.agency):
        node.directory.forget()  # what it read before the agency was admitted
    elements = ["funeral_no", "citizen_number", "name", "death_date"]
    pushed = {"provider": "civil_affairs", "consumer": "health", "dataset": "civil_affairs.funeral", "mode": "push"}
    pushed |= {"initiative": "provider", "operations": [], "content": "file", "case": False}
    found: Terms = exchange.agree(**pushed, elements=elements)
    return found


def run(exchange: Any) -> None:
    """Both sides work until nothing is on its way."""
    nodes = (exchange.agency, exchange.platform)
    for _ in range(20):
        for node in nodes:
            transfer._polled.clear()
            transfer.work(node)
            taking.work(node)
        if not [one for node in nodes for one in node.ledger.find("exchange_delivery", states=transfer.ACTIVE)]:
            return


def send(exchange: Any, terms: Terms, folder: Path, text: str, **more: Any) -> Document:
    path = folder / "funerals.csv"
    path.write_text(HEAD + text, "utf-8")
    content = more.pop("content", "file")
    rows = text.count("\n")
    sent = delivery.send(exchange.agency, terms, path, content, file=path.name, form="csv", rows=rows, **more)
    run(exchange)
    found: Document = exchange.agency.ledger.get(sent.id)
    return found


def tomorrow(exchange: Any) -> None:
    """A day later for both."""
    for node in (exchange.agency, exchange.platform):
        before = node.ledger.now
        node.ledger.now = lambda before=before: before() + timedelta(days=1)
    exchange.renew()


def test_errors_go_back_are_corrected_and_what_is_recalled_is_gone(exchange: Any, tmp_path: Path) -> None:
    terms = agreed(exchange)
    sent = send(exchange, terms, tmp_path, f"A0000001,{LI},李明,2010-01-01\nA0000002,{WANG},,2010-01-01\n")
    assert (sent.state, sent.data["accepted"] + sent.data["quarantined"]) == ("acknowledged", 2)
    told = feedback.tell(exchange.platform, terms)
    run(exchange)
    assert told.told > 0
    assert kept.show(exchange.agency, told.feedback[0]).answers == sent.ref
    fixed = f"A0000002,{WANG},王芳,2010-01-01\n"
    corrected = send(exchange, terms, tmp_path, fixed, content="correction", answers=told.feedback[0])
    assert (corrected.state, corrected.data["accepted"]) == ("acknowledged", 1)
    assert feedback.tell(exchange.platform, terms).closed == 1
    run(exchange)
    found = recall.recall(exchange.agency, str(sent.ref), "superseded")
    assert found.state == "confirmed", found.data
    assert found.data["confirmation"]["rows"] == 2
    assert set(told.feedback) <= set(found.data["confirmation"]["feedback"])


def test_the_logs_of_a_day_agree_and_an_entry_that_is_removed_is_found(exchange: Any, tmp_path: Path) -> None:
    terms = agreed(exchange)
    send(exchange, terms, tmp_path, f"A0000001,{LI},李明,2010-01-01\nbad,,,\n")
    feedback.tell(exchange.platform, terms)
    run(exchange)
    tomorrow(exchange)
    day = reconciliation.today(exchange.agency) - timedelta(days=1)
    found = reconciliation.reconcile(exchange.agency, terms, day, heal)
    assert found.state == "agrees", json.dumps(found.data["findings"])
    sums = found.data["mine"]["deliveries"]["civil_affairs"]
    assert (sums["rows"], sums["accepted"] + sums["quarantined"], sums["pending"]) == (2, 2, 0)
    assert sum(found.data["mine"]["messages"].values()) >= 8

    with exchange.platform.ledger.writing() as connection:
        chunk = (ExchangeLogRow.kind == "chunk", ExchangeLogRow.part == "in", ExchangeLogRow.sender == "civil_affairs")
        connection.execute(delete(ExchangeLogRow).where(*chunk))
    found = reconciliation.reconcile(exchange.agency, terms, day, heal)
    assert found.state == "differs"
    assert {one["what"] for one in found.data["findings"]} == {"missing_there"}
    theirs = exchange.platform.ledger.find("exchange_reconciliation")[-1]
    assert {one["what"] for one in theirs.data["findings"]} == {"missing_here"}
