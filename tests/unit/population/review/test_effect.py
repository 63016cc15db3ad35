"""What a decision changes in linkage: attached, never again, once more after an undoing; merges; lessons."""

from __future__ import annotations

from typing import Any

import pytest

from quanmin.population import linkage
from quanmin.population.linkage import saved
from quanmin.population.review import queue

from .conftest import LI, LI_AGAIN, ZHAO, Desk, key


@pytest.fixture
def unclear(desk: Desk) -> tuple[Desk, tuple[str, int, int]]:
    """A death of Li without number: it fits both his numbers."""
    batch = desk.office.send(desk.office.death, {**LI, "number": None})
    desk.office.build()
    place = (desk.office.death, batch, 1)
    assert desk.links()[place][0] == "review"
    queue.gather(desk.lake)
    return desk, place


def test_same_attaches_and_undoing_asks_again(unclear: Any) -> None:
    desk, place = unclear
    review, before = desk.one("link"), desk.links()
    [person] = desk.lake.ledger.get(review).data["people"]
    desk.decide(review)
    assert desk.links()[place] == ("attach", person)
    assert queue.gather(desk.lake).new["link"] == 0
    desk.undo(review)
    assert queue.gather(desk.lake).lapsed == 0, "linkage has not heard of it yet, the question stands"
    assert desk.links() == before
    assert (queue.gather(desk.lake).new["link"], desk.one("link")) == (0, review)


def test_what_was_decided_reaches_the_base_with_the_next_build_and_leaves_it_when_undone(unclear: Any) -> None:
    desk, _ = unclear
    before = desk.office.outcomes(desk.office.death)
    desk.decide(desk.one("link"))
    desk.links()
    desk.office.build()
    assert desk.office.outcomes(desk.office.death) == {1: "linked"} != before
    desk.undo(desk.items("link", "closed")[0]["review"])
    desk.links()
    desk.office.build()
    assert desk.office.outcomes(desk.office.death) == before


def test_different_never_comes_back(desk: Desk) -> None:
    """Zhao is all that the record fits, and a clerk says that it is not about Zhao."""
    batch = desk.office.send(desk.office.death, {**ZHAO, "number": None})
    desk.office.build()
    place = (desk.office.death, batch, 1)
    assert desk.links()[place] == ("review", key(ZHAO))
    queue.gather(desk.lake)
    review = desk.one("link")
    desk.decide(review, "different")
    assert place not in desk.links()
    linkage.link(desk.lake, train=True)
    assert place not in desk.links()
    assert (queue.gather(desk.lake).new["link"], desk.items("link")) == (0, [])
    desk.undo(review)
    assert desk.links()[place] == ("review", key(ZHAO))


def test_different_leaves_the_other_candidate(unclear: Any) -> None:
    desk, place = unclear
    [person] = desk.lake.ledger.get(desk.one("link")).data["people"]
    desk.decide(desk.one("link"), "different")
    assert desk.links()[place] == ("attach", ({key(LI), key(LI_AGAIN)} - {person}).pop())


def test_unsure_changes_nothing(unclear: Any) -> None:
    desk, _ = unclear
    review, before = desk.one("link"), desk.links()
    desk.decide(review, "unsure")
    desk.decide(review, "unsure", "second")
    assert desk.links() == before
    assert queue.gather(desk.lake).new["link"] == 0


def test_what_waits_for_a_second_opinion_changes_nothing(unclear: Any, sampling: Any) -> None:
    desk, place = unclear
    sampling(True)
    desk.decide(desk.one("link"))
    assert desk.links()[place][0] == "review"


def test_with_both_numbers_one_person_the_record_attaches(unclear: Any) -> None:
    desk, place = unclear
    review = desk.double(LI, LI_AGAIN)
    desk.decide(review)
    assert desk.links()[place] == ("attach", key(LI))
    desk.undo(review)
    assert desk.links()[place][0] == "review"


def test_a_link_to_a_number_merged_later_is_to_the_survivor(unclear: Any) -> None:
    desk, place = unclear
    desk.decide(desk.one("link"))
    [person] = desk.lake.ledger.get(desk.items("link", "closed")[0]["review"]).data["people"]
    keep = "right" if person == key(LI) else "left"
    desk.decide(desk.double(LI, LI_AGAIN), keep=keep)
    assert desk.links()[place] == ("attach", ({key(LI), key(LI_AGAIN)} - {person}).pop())


def test_a_number_found_uncontested_no_longer_holds_links_back(desk: Desk) -> None:
    batch = desk.office.send(desk.office.death, {**ZHAO, "number": None})
    desk.office.build()
    place = (desk.office.death, batch, 1)
    queue.gather(desk.lake)
    assert desk.links()[place] == ("review", key(ZHAO))
    review = desk.one("contested")
    desk.decide(review, "same")
    assert desk.links()[place] == ("attach", key(ZHAO))
    desk.undo(review)
    assert desk.links()[place] == ("review", key(ZHAO))


def test_reviewed_pairs_are_lessons(unclear: Any) -> None:
    desk, _ = unclear
    linkage.link(desk.lake, train=True)
    model = saved.newest(desk.lake.ledger)
    assert model is not None
    desk.decide(desk.one("link"))
    linkage.link(desk.lake, train=True)
    learnt = saved.newest(desk.lake.ledger)
    assert learnt is not None
    assert learnt.figures["labelled"] == model.figures["labelled"] + 1
