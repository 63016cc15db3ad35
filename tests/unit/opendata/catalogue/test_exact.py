"""A query that is exactly a record's name or id gives that record first."""

from __future__ import annotations

import random

import pytest

from quanmin.opendata.catalogue import FACETS, Query

NAMES = ("record-7", "RECORD-7", "  record-7 ", "id-000007", "id-000007\n")


@pytest.fixture
def shelf(own, make):
    """Thirty records of which many are about the words that one is named by."""
    documents = [make(number, en=f"record 7 and record {number}") for number in range(30)]
    own.publish_all(documents, "officer")
    return own


@pytest.mark.parametrize("text", NAMES)
def test_the_named_record_comes_first_and_only_once(shelf, text):
    found = shelf.search(Query(text, rows=50))
    ids = [row["id"] for row in found.rows]
    assert ids[0] == "id-000007" and ids.count("id-000007") == 1 and found.total == len(ids)
    assert not found.loosened


def test_a_name_whose_words_stand_in_no_record_finds_it_alone(own, make):
    own.publish(make(1) | {"quanmin:name": "hubei-2025"}, "officer")
    own.publish(make(2, en="Hubei today"), "officer")
    found = own.search(Query("hubei-2025", facets=FACETS))
    assert [row["id"] for row in found.rows] == ["id-000001"] and not found.loosened
    assert found.facets["organisation"][0]["count"] == 1
    assert [row["id"] for row in own.search(Query("hubei")).rows] == ["id-000002"]


def test_a_former_name_is_found_and_a_withdrawn_record_is_not(own, make):
    own.publish(make(1) | {"quanmin:name": "first-name"}, "officer")
    own.publish(make(1) | {"quanmin:name": "second-name"}, "officer")
    assert all(own.search(Query(text)).total == 1 for text in ("first-name", "second-name"))
    own.rebuild()
    assert own.search(Query("first-name")).rows[0]["name"] == "second-name"
    own.withdraw("id-000001", "a mistake", "officer")
    assert own.search(Query("second-name")).total == own.search(Query("id-000001")).total == 0


def test_filters_hold_and_drafts_stay_unseen(own, make):
    own.publish(make(1), "officer")
    own.draft(make(2), "officer")
    assert own.search(Query("record-1", filters={"organisation": ("health",)})).total == 1
    assert own.search(Query("record-1", filters={"organisation": ("cdc",)})).total == 0
    assert [row["id"] for row in own.search(Query("record-2")).rows] == ["id-000001"]  # for its words


def test_pages_lose_and_repeat_nothing_after_the_named_record(shelf):
    whole = [row["id"] for row in shelf.search(Query("record-7", rows=50)).rows]
    paged, after = [], None
    while True:
        page = shelf.search(Query("record-7", rows=7, after=after))
        paged += [row["id"] for row in page.rows]
        after = page.next
        if after is None:
            break
    assert paged == whole


def test_every_simulated_record_is_found_by_its_name_and_its_id(large, simulated):
    for document in random.Random(5).sample(simulated, 60):
        for text in (document["quanmin:name"], document["dct:identifier"]):
            assert large.search(Query(text)).rows[0]["id"] == document["dct:identifier"]
