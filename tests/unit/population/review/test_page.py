"""The queue a page at a time, what comes next for whom, and an answer to what was seen only."""

from __future__ import annotations

from typing import Any

import pytest

from quanmin import trust
from quanmin.ledger import listing
from quanmin.population.review import item, queue
from quanmin.population.review.errors import ChangedMeanwhile

REVIEWER = trust.Actor("first", frozenset({"reviewer"}), region="000000", assurance=2, mfa=True)
ARBITER = trust.Actor("third", frozenset({"arbiter"}), region="000000", assurance=2, mfa=True)


def test_pages_are_the_list_in_order(queued: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [one["review"] for one in queue.listing(queued.lake)]
    kinds = [workflow.kind for workflow in item.KINDS.values()]
    pages = [listing.page(queued.lake.ledger, kinds, item.WAITING, number, 2) for number in range(1, 4)]
    assert [one.id for page in pages for one in page.documents][: len(whole)] == whole
    assert {page.total for page in pages} == {len(whole)}
    found = queue.page(queued.lake, number=99)
    assert ([one["review"] for one in found["items"]], found["page"], found["pages"]) == (whole, 1, 1)
    assert [one["about"] for one in queue.page(queued.lake, ("double",))["items"]].count("double") == found[
        "total"
    ] - len(queue.page(queued.lake, ("link", "contested"))["items"])


def test_the_next_item_is_one_that_the_reviewer_may_answer(queued: Any, sampling: Any) -> None:
    sampling(True)
    first, *rest = [one["review"] for one in queue.listing(queued.lake)]
    assert queue.following(queued.lake, REVIEWER, 0) == first
    queued.decide(first)
    assert queue.following(queued.lake, REVIEWER, 0) == rest[0], "the second opinion is another's"
    assert queue.following(queued.lake, REVIEWER, rest[-1]) is None
    assert queue.following(queued.lake, REVIEWER, rest[-1] + 1, back=True) == rest[-1]
    assert queue.following(queued.lake, ARBITER, 0) is None
    queued.decide(first, "different", "second")
    assert queue.following(queued.lake, ARBITER, 0) == first


def test_an_answer_to_what_changed_since_is_refused(queued: Any) -> None:
    review = queued.one("contested")
    seen = queue.told(item.get(queued.lake.ledger, review))["steps"]
    queued.decide(review, "unsure", seen=seen)
    with pytest.raises(ChangedMeanwhile):
        queued.decide(review, "same", "second", seen=seen)
    assert queued.decide(review, "unsure", "second", seen=seen + 1).state == "closed"


def test_what_a_kind_stands_at_changes_with_every_action(queued: Any) -> None:
    review = queued.one("contested")
    before = listing.stand(queued.lake.ledger, "review_contested")
    queued.decide(review, "different")
    assert listing.stand(queued.lake.ledger, "review_contested") != before


def test_who_may_answer_and_undo(queued: Any) -> None:
    review = queued.one("contested")
    document = item.get(queued.lake.ledger, review)
    assert item.waits_for(document, REVIEWER, "first") and not item.waits_for(document, ARBITER, "third")
    closed = queued.decide(review)
    assert item.undoable(closed, ARBITER) and not item.undoable(closed, REVIEWER)
    assert not item.waits_for(closed, REVIEWER, "second")
