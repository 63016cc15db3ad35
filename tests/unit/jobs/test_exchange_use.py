"""The exchange's statistics are published by those whose work it is, and by nobody else."""

from __future__ import annotations

import pytest

from quanmin import jobs
from quanmin.exchange.role import OPERATOR
from quanmin.opendata import Portal, exchange_use
from quanmin.trust import Actor

from .conftest import Server


def test_an_operator_of_the_exchange_publishes_its_statistics(server: Server) -> None:
    actor = server.person("exchanger", OPERATOR)
    made = jobs.queue(server.lake, actor, "exchange_statistics", {})
    assert server.worker.once()
    done = jobs.get(server.lake, made.job)
    assert done.state == "done" and done.result is not None and done.result["record"] == exchange_use.NAME
    portal = Portal(server.lake.settings, server.lake.ledger)
    assert portal.catalogue.get(exchange_use.NAME).state == "published"
    portal.looker.close()


@pytest.mark.parametrize("role", ["clinician", "portal_moderator", "participant"])
def test_others_are_not_let(server: Server, role: str) -> None:
    assert not jobs.allowed(Actor("somebody", frozenset({role})), jobs.kind("exchange_statistics"))
