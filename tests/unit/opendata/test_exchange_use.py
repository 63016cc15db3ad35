"""How agencies share, as an open dataset: what the figures say, in both forms, and nothing small."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pyarrow.parquet
import pytest
from sqlalchemy import insert

from quanmin.exchange.agreement.workflow import AGREEMENT
from quanmin.exchange.template import template, terms
from quanmin.ledger import Ledger
from quanmin.ledger.exchange import ExchangeTrafficRow
from quanmin.opendata import Portal, exchange_use
from quanmin.opendata.catalogue import problems
from quanmin.settings import Settings


@pytest.fixture
def portal(either_settings: Settings) -> Iterator[Portal]:
    with Ledger.open(either_settings, lambda: datetime(2026, 5, 4, tzinfo=UTC)) as ledger:
        made = terms(template(12), date(2026, 1, 1), date(2026, 12, 31), "A-1")
        ledger.create(AGREEMENT.kind, "A-1", {"terms": made.to_dict()})
        one = {
            "hour": datetime(2026, 4, 3, 5, tzinfo=UTC),
            "agreement": "A-1;v=1",
            "part": "out",
            "bytes": 1,
            "took": 1,
        }
        there, back = {"sender": "health", "receiver": "insurance"}, {"sender": "insurance", "receiver": "health"}
        rows = [
            {**one, **there, "slow": 0, "kind": "request", "outcome": "answered", "messages": 1_234_567},
            {**one, **back, "slow": 0, "kind": "response", "outcome": "consumer QM-EXCHANGE-030", "messages": 9},
        ]
        with ledger.writing() as connection:
            connection.execute(insert(ExchangeTrafficRow), rows)
        portal = Portal(either_settings, ledger)
        yield portal
        portal.looker.close()


def test_it_is_published_as_a_dataset_with_the_same_content_in_both_forms(portal: Portal) -> None:
    told = exchange_use.publish(portal, "operator")
    assert told == exchange_use.publish(portal, "operator"), "what is the same is published the same"
    standing = portal.catalogue.get(exchange_use.NAME)
    assert standing.document is not None and problems(standing.document) == [] and standing.state == "published"
    table = pyarrow.parquet.read_table(portal.storage.path(told["parquet"]))
    lines = list(csv.DictReader(portal.storage.path(told["csv"]).read_text("utf-8-sig").splitlines()))
    assert table.schema.equals(exchange_use.SCHEMA) and list(exchange_use.FIGURES.fields) == exchange_use.SCHEMA.names
    assert {one["measure"]: one["value"] for one in lines} == {"asked": "1234567", "refused": ""}
    assert table["value"].to_pylist() == [1_234_567, None] and set(table["item"].to_pylist()) == {"12"}


def test_an_exchange_without_traffic_is_published_as_an_empty_table(portal: Portal) -> None:
    with portal.ledger.writing() as connection:
        connection.execute(ExchangeTrafficRow.__table__.delete())
    assert exchange_use.publish(portal, "operator")["rows"] == 0
