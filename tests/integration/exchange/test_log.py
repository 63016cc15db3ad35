"""The log of two real nodes: it verifies on both sides, gives proofs on both sides, and stops new messages without stamps."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from quanmin.exchange.log import check, keeper, proof, verify
from quanmin.exchange.log.errors import StampOverdue
from quanmin.exchange.log.limit import Limit
from quanmin.exchange.node.worker import WORKERS
from quanmin.exchange.request import ask
from quanmin.exchange.request.question import Question
from quanmin.ledger.exchange import ExchangeLogRow
from quanmin.trust import audit

NOBODY = Question("query", ({"citizen_number": "110101199003070011"},))


def test_both_sides_can_prove_what_was_said(exchange: Any) -> None:
    exchange.platform.directory.forget()
    ask(exchange.agency, exchange.agree(), NOBODY, "C-1")
    key = exchange.platform.identity
    for node in (exchange.platform, exchange.agency):
        done = keeper.turn(node.ledger, node.settings)
        assert done.batches and done.head is not None and done.failed is None
        found = check.verify(node.ledger, node.directory())
        assert found.sound and found.entries == done.batches[-1].last and found.unsigned == 0
        wanted = select(ExchangeLogRow.message).where(ExchangeLogRow.kind == "request")
        with node.ledger.reading() as connection:
            name = connection.execute(wanted).scalars().all()[-1]
        content = proof.prove(node.ledger, node.settings, node.directory(), name)
        public = audit.Ed25519Public.read(node.settings.home / "keys" / "audit.pub")
        newest = [one for one in key.keys() if one.use == "signature"][-1]
        checks = verify.verify(content, verify.Trusted(public, (newest.algorithm, bytes.fromhex(newest.public))))
        verify.require(checks)
        told = [one.name.en for one in checks if one.holds]
        assert any(one.endswith(f"answers {name}") for one in told)
        assert f"request {name} is signed by civil_affairs" in told


@pytest.fixture
def stamps(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Whether stamps are late, for the nodes that are opened from now on."""
    state = {"late": False}

    def require(_limit: Limit) -> None:
        if state["late"]:
            raise StampOverdue(seconds=2, limit=1)

    monkeypatch.setattr(Limit, "require", require)
    return state


def test_without_stamps_nothing_new_is_taken_and_what_was_begun_is_finished(
    stamps: dict[str, bool], exchange: Any
) -> None:
    exchange.platform.directory.forget()  # it may be from the moment before the agency was admitted
    terms = exchange.agree()
    stamps["late"] = True
    refused = ask(exchange.agency, terms, NOBODY, "C-1")
    assert refused.status == 503 and refused.told["code"] == "QM-EXCHANGE-042"
    exchange.renew()
    stamps["late"] = False
    assert (
        ask(exchange.agency, terms, NOBODY, "C-2").told["code"] == "QM-EXCHANGE-066"
    )  # it is worked on: there is no data


def test_a_node_tends_its_log_by_itself(exchange: Any) -> None:
    node = exchange.platform
    assert WORKERS["log"] is keeper.tend
    assert keeper.tend(node) == node.settings.exchange_batch_seconds
    assert keeper.turn(node.ledger, node.settings).batches == ()
