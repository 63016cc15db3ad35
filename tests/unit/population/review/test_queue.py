"""What becomes an item, once; what lapses; what the list tells."""

from __future__ import annotations

from typing import Any

import pytest

from quanmin.population.errors import NotBuilt
from quanmin.population.linkage.table import LINK, LINK_SCHEMA
from quanmin.population.review import item, queue

from .conftest import LI, LI_AGAIN, ZHAO, key


def test_each_open_question_is_an_item_once(desk: Any) -> None:
    first = queue.gather(desk.lake)
    assert (first.new, first.lapsed) == ({"link": 0, "contested": 1, "double": 2}, 0)
    again = queue.gather(desk.lake)
    assert (again.new, again.lapsed) == ({"link": 0, "contested": 0, "double": 0}, 0)
    assert item.people(desk.lake.ledger.get(desk.one("contested")).data) == [key(ZHAO)]


def test_a_link_for_review_is_an_item_and_lapses_with_the_link(desk: Any) -> None:
    death = desk.office.send(desk.office.death, {**LI, "number": None})
    desk.office.build()
    assert desk.links()[desk.office.death, death, 1][0] == "review"
    assert queue.gather(desk.lake).new["link"] == 1
    [told] = desk.items("link")
    assert (told["dataset"], told["batch"], told["row"], told["state"]) == (desk.office.death, death, 1, "open")
    with desk.lake.session("linkage") as session:
        writer = session.writer(LINK, LINK_SCHEMA, "bucket")
        writer.write(LINK_SCHEMA.empty_table())
        writer.overwrite()
        session.commit()
    assert queue.gather(desk.lake).lapsed == 1
    assert desk.items("link") == []


def test_the_list_tells_nobodys_data_and_counts_by_state(queued: Any) -> None:
    told = repr(queue.listing(queued.lake))
    assert len(queue.listing(queued.lake)) == 3
    assert not [row for row in (LI, LI_AGAIN, ZHAO) if str(key(row)) in told or row["name"] in told]
    assert queue.counts(queued.lake) == {"link": {}, "contested": {"open": 1}, "double": {"open": 2}}
    assert all(one["due"] > one["since"] for one in queue.listing(queued.lake))
    assert len(queue.listing(queued.lake, limit=2)) == 2
    queued.decide(queued.one("contested"))
    assert [one["about"] for one in queue.listing(queued.lake)] == ["double", "double"]
    assert [one["answer"] for one in queued.items("contested", "closed")] == ["same"]


def test_what_waits_too_long_is_overdue(queued: Any) -> None:
    import datetime as dt

    later = queued.lake.ledger.now() + dt.timedelta(days=30)
    assert {late.action for late in queued.lake.ledger.overdue(later)} == {"decide"}


def test_nothing_to_gather_before_the_base_is_built(office: Any) -> None:
    with pytest.raises(NotBuilt):
        queue.gather(office.lake)
