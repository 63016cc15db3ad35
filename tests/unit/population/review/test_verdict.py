"""Who may decide what, the second opinion, and every refusal."""

from __future__ import annotations

from typing import Any

import pytest

from quanmin.ledger.errors import IllegalAction, NotYours
from quanmin.population.review import item, verdict
from quanmin.population.review.errors import (
    MergedMeanwhile,
    NoSuchReview,
    NothingToKeep,
    ReasonMissing,
    SameReviewer,
    UnknownAnswer,
)

from .conftest import ELSEWHERE, LI, LI_AGAIN, OTHER_NUMBER, REASON


def test_outside_the_sample_one_opinion_closes(queued: Any) -> None:
    closed = queued.decide(queued.one("contested"), "different")
    assert (closed.state, item.settled(closed)) == ("closed", "different")
    assert [(step.name, step.actor) for step in closed.actions[1:]] == [("decide", "first"), ("close", "first")]


def test_in_the_sample_another_reviewer_confirms(queued: Any, sampling: Any) -> None:
    sampling(True)
    review = queued.one("contested")
    waiting = queued.decide(review)
    assert (waiting.state, item.settled(waiting)) == ("decided", None)
    with pytest.raises(SameReviewer):
        queued.decide(review)
    assert queued.decide(review, actor="second").state == "closed"


def test_a_disagreement_is_settled_by_a_third(queued: Any, sampling: Any) -> None:
    sampling(True)
    review = queued.one("contested")
    queued.decide(review, "same")
    assert queued.decide(review, "different", "second").state == "disputed"
    for actor in ("first", "second"):
        with pytest.raises(SameReviewer):
            queued.decide(review, "different", actor)
    settled = queued.decide(review, "different", "third")
    assert (settled.state, item.settled(settled)) == ("closed", "different")


def test_who_is_unsure_leaves_it_to_another(queued: Any) -> None:
    review = queued.one("contested")
    assert queued.decide(review, "unsure").state == "decided"
    assert item.settled(queued.decide(review, "unsure", "second")) == "unsure"


def test_the_sample_is_a_tenth_and_always_the_same() -> None:
    class Reference:
        kind = "review_link"

        def __init__(self, number: int) -> None:
            self.ref = f"health.death {number} 1 ab"

    chosen = [item.sampled(Reference(number)) for number in range(5000)]  # type: ignore[arg-type]
    assert 400 < sum(chosen) < 600
    assert chosen == [item.sampled(Reference(number)) for number in range(5000)]  # type: ignore[arg-type]


def test_a_decision_needs_a_role_and_a_purpose_that_shows_people(queued: Any) -> None:
    review = queued.one("contested")
    for decision in (queued.decision("clerk", "nobody"),):
        with pytest.raises(NotYours):
            verdict.decide(queued.lake, decision, review, "same", REASON)
    verdict.decide(queued.lake, queued.decision("clerk", "reviewer"), review, "same", REASON)
    with pytest.raises(NotYours):
        verdict.undo(queued.lake, queued.decision("clerk", "reviewer"), review, REASON)
    assert verdict.undo(queued.lake, queued.decision("judge", "arbiter"), review, REASON).state == "open"


def test_unknown_items_are_refused(queued: Any) -> None:
    other = queued.lake.ledger.find("batch")[0].id
    for review in (10_000, other):
        with pytest.raises(NoSuchReview):
            queued.decide(review)
        with pytest.raises(NoSuchReview):
            queued.undo(review)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_needed(queued: Any, reason: str) -> None:
    review = queued.one("contested")
    with pytest.raises(ReasonMissing):
        queued.decide(review, reason=reason)
    with pytest.raises(ReasonMissing):
        verdict.undo(queued.lake, queued.decision(), review, reason)
    assert queued.one("contested") == review


def test_an_unknown_answer_and_a_number_that_nobody_asks_for(queued: Any) -> None:
    with pytest.raises(UnknownAnswer):
        queued.decide(queued.one("contested"), "maybe")
    with pytest.raises(NothingToKeep):
        queued.decide(queued.one("contested"), "same", keep="left")
    with pytest.raises(NothingToKeep):
        queued.decide(queued.double(LI, LI_AGAIN), "different", keep="left")


def test_what_is_closed_stays_so_and_what_is_open_cannot_be_undone(queued: Any) -> None:
    review = queued.one("contested")
    with pytest.raises(IllegalAction):
        queued.undo(review)
    queued.decide(review)
    with pytest.raises(IllegalAction):
        queued.decide(review, "different", "second")
    with pytest.raises(SameReviewer):
        queued.decide(review, "different")


def test_after_an_undoing_the_same_reviewer_may_decide_anew(queued: Any) -> None:
    review = queued.one("contested")
    queued.decide(review)
    assert (queued.undo(review).state, item.opinions(queued.lake.ledger.get(review))) == ("open", [])
    assert item.settled(queued.decide(review, "different")) == "different"


def test_a_decision_on_a_person_merged_meanwhile_is_refused(queued: Any) -> None:
    """The item about LI_AGAIN was opened before LI_AGAIN was merged into LI."""
    merged, stale = queued.double(LI, LI_AGAIN), queued.double(ELSEWHERE, OTHER_NUMBER)
    data = {**queued.lake.ledger.get(stale).data, "people": queued.lake.ledger.get(merged).data["people"]}
    other = queued.lake.ledger.create("review_double", "by hand", data).id
    queued.decide(merged)
    with pytest.raises(MergedMeanwhile) as refused:
        queued.decide(other, "different", "second")
    assert refused.value.code == "QM-REVIEW-005"
    assert refused.value.fields == {"review": other, "merge": merged}
    queued.undo(merged)
    assert queued.decide(other, "different", "second").state == "closed"


def test_everything_is_in_the_audit(queued: Any) -> None:
    from quanmin import trust

    review = queued.one("contested")
    queued.decide(review)
    queued.undo(review)
    lines = [entry.fields for entry in trust.audit.entries(queued.lake.ledger, "review")]
    assert [(line["review"], line["action"], line["actor"]) for line in lines] == [
        (review, "decide", "first"),
        (review, "undo", "first"),
    ]
    assert trust.audit.verify(queued.lake.ledger).sound
