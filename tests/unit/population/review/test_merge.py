"""Two numbers of one person: where the old one leads, who says so, and that undoing leaves everything as it was."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from quanmin import population, trust
from quanmin.population.find import Sought, find
from quanmin.population.history import history
from quanmin.population.identifiers import identifiers_of
from quanmin.population.inquiry import merged
from quanmin.population.lookup import Counter
from quanmin.population.review import journal, merge, queue
from quanmin.population.verification import verify_table

from .conftest import ELSEWHERE, LI, LI_AGAIN, OTHER_NUMBER, REASON, key


def decision(desk: Any, purpose: str = "treatment") -> trust.Decision:
    return desk.office.decision(purpose, population.PERSON_COLUMNS, case="C-1" if purpose == "treatment" else None)


def answers(desk: Any) -> dict[str, Any]:
    """What every question says of the four numbers, without when and by which decision."""
    four = [row["number"] for row in (LI, LI_AGAIN, ELSEWHERE, OTHER_NUMBER)]

    def decide(about: str, elements: Any) -> trust.Decision:
        return trust.decide(desk.lake.ledger, trust.local_administrator(), "treatment", about, tuple(elements), "C-1")

    counter = Counter(desk.lake, lambda purpose, case: decision(desk))
    asked = pa.table({"citizen_number": four, "name": ["李晓明", "李晓明", "王峰", "王峯"]})
    found = {
        "show": [population.show(desk.lake, decision(desk), one) for one in four],
        "counter": [counter.show(one, "treatment", "C-1") for one in four],
        "history": [{**history(desk.lake, decision(desk), one), "reviews": None} for one in four],
        "verify": [population.verify(desk.lake, desk.office.decision(), one, "王峰") for one in four],
        "file": verify_table(desk.lake, desk.office.decision(), asked).to_pylist(),
        "find": find(desk.lake, decision(desk), Sought(name="李晓明")),
        "identifiers": [identifiers_of(desk.lake, decide, one) for one in four],
    }
    counter.close()
    return found


def test_the_old_number_leads_to_the_survivor_and_says_so(queued: Any) -> None:
    review = queued.double(LI, LI_AGAIN)
    assert merge.of(queued.lake, key(LI_AGAIN)) is None
    queued.decide(review)
    shown = population.show(queued.lake, decision(queued), LI_AGAIN["number"])
    assert (shown["person"], shown["merged"]["number"]) == (LI["number"], LI_AGAIN["number"])
    assert (shown["merged"]["review"], shown["numbers"]) == (review, [LI_AGAIN["number"]])
    by_new = population.show(queued.lake, decision(queued), LI["number"])
    assert ("merged" in by_new, by_new["numbers"]) == (False, [LI_AGAIN["number"]])
    assert (merged(queued.lake, LI_AGAIN["number"]), merged(queued.lake, LI["number"])) == (True, False)


def test_every_question_is_led_to_the_survivor(queued: Any) -> None:
    before = answers(queued)
    queued.decide(queued.double(ELSEWHERE, OTHER_NUMBER))
    after = answers(queued)
    assert [one["person"] for one in after["show"]] == [one["number"] for one in (LI, LI_AGAIN, ELSEWHERE, ELSEWHERE)]
    assert after["counter"] == after["show"]
    assert [one["person"] for one in after["history"]][3] == ELSEWHERE["number"]
    assert (before["verify"][3], after["verify"][3]) == ("differ", "agree")
    assert [one["answer"] for one in before["file"]] == ["agree"] * 4
    assert [one["answer"] for one in after["file"]] == ["agree", "agree", "agree", "differ"]
    assert [one["person"] for one in after["identifiers"]][3] == ELSEWHERE["number"]
    assert len(after["identifiers"][3]["identifiers"]) == sum(
        len(before["identifiers"][i]["identifiers"]) for i in (2, 3)
    )


def test_who_was_merged_is_found_once(queued: Any) -> None:
    queued.decide(queued.double(LI, LI_AGAIN))
    assert [one["person"] for one in find(queued.lake, decision(queued), Sought(name="李晓明"))] == [LI["number"]]


def test_a_merge_undone_leaves_everything_as_before(queued: Any) -> None:
    before = answers(queued)
    reviews = [queued.double(LI, LI_AGAIN), queued.double(ELSEWHERE, OTHER_NUMBER)]
    for review in reviews:
        queued.decide(review)
    assert answers(queued) != before
    for review in reviews:
        queued.undo(review)
    assert answers(queued) == before
    assert merge.everyone(queued.lake.ledger) == {}
    gathered = queue.gather(queued.lake)
    assert (gathered.new["double"], gathered.lapsed, len(queued.items("double"))) == (0, 0, 2)


def test_a_merge_undone_can_be_made_again(queued: Any) -> None:
    review = queued.double(LI, LI_AGAIN)
    for _ in range(2):
        queued.decide(review)
        assert merge.surviving(queued.lake, key(LI_AGAIN)) == key(LI)
        assert merge.others(queued.lake, key(LI)) == [key(LI_AGAIN)]
        queued.undo(review)
        assert merge.others(queued.lake, key(LI)) == []


@pytest.mark.parametrize(("keep", "survivor"), [("left", LI), ("right", LI_AGAIN), (None, LI)])
def test_the_number_with_more_records_survives_unless_the_reviewer_says(queued: Any, keep: Any, survivor: Any) -> None:
    queued.decide(queued.double(LI, LI_AGAIN), keep=keep)
    assert {merge.surviving(queued.lake, key(one)) for one in (LI, LI_AGAIN)} == {key(survivor)}


def test_the_higher_number_survives_where_it_has_more_records(queued: Any) -> None:
    review = queued.double(LI, LI_AGAIN)
    data = {**queued.lake.ledger.get(review).data, "records": [1, 2]}
    queued.decide(queued.lake.ledger.create("review_double", "by hand", data).id)
    assert merge.surviving(queued.lake, key(LI)) == key(LI_AGAIN)


def test_masked_for_who_may_not_see_numbers(queued: Any) -> None:
    queued.decide(queued.double(LI, LI_AGAIN))
    shown = population.show(queued.lake, decision(queued, "supervision"), LI_AGAIN["number"])
    assert shown["merged"]["number"] == trust.mask_number(LI_AGAIN["number"]) != LI_AGAIN["number"]


def test_merges_chain_and_questions_follow(queued: Any) -> None:
    queued.decide(queued.double(LI, LI_AGAIN))
    data = {"people": [key(LI), key(ELSEWHERE)], "records": [0, 1], "near": False}
    queued.decide(queued.lake.ledger.create("review_double", "by hand", data).id)
    assert merge.surviving(queued.lake, key(LI_AGAIN)) == key(ELSEWHERE)
    assert merge.everyone(queued.lake.ledger) == {key(LI): key(ELSEWHERE), key(LI_AGAIN): key(ELSEWHERE)}
    assert merge.others(queued.lake, key(ELSEWHERE)) == [key(LI), key(LI_AGAIN)]
    told = history(queued.lake, decision(queued), LI_AGAIN["number"])
    assert [one["person"] for one in told["before"]] == [LI["number"], LI_AGAIN["number"]]


def test_an_item_about_who_was_merged_lapses_and_the_question_is_about_the_survivor(queued: Any) -> None:
    """王峰's item lapses when his number was merged into another meanwhile, and comes back about that one."""
    stale = queued.double(ELSEWHERE, OTHER_NUMBER)
    data = {"people": [key(LI), key(ELSEWHERE)], "records": [1, 0], "near": False}
    queued.decide(queued.lake.ledger.create("review_double", "by hand", data).id)
    gathered = queue.gather(queued.lake)
    assert (gathered.lapsed, gathered.new["double"]) == (1, 1)
    assert (queued.lake.ledger.get(stale).state, queued.lake.ledger.get(stale).data["why"]) == ("lapsed", "merged")
    assert queued.double(LI, OTHER_NUMBER)


def test_every_change_is_in_the_persons_history(queued: Any) -> None:
    review = queued.double(LI, LI_AGAIN)
    queued.decide(review)
    queued.undo(review)
    queued.decide(review, "different")
    told = {row["name"] + row["number"][-4:]: journal.changes(queued.lake, key(row)) for row in (LI, LI_AGAIN)}
    events = [[change["event"] for change in changes] for changes in told.values()]
    assert events == [["merged", "undone", "told_apart"], ["merged_into", "undone", "told_apart"]]
    assert {(c["actor"], c["reason"], c["review"]) for changes in told.values() for c in changes} == {
        ("first", REASON, review)
    }
    assert [one["event"] for one in history(queued.lake, decision(queued), LI["number"])["reviews"]] == events[0]


def test_a_contested_number_is_told_in_its_history(queued: Any) -> None:
    from .conftest import ZHAO

    queued.decide(queued.one("contested"), "different")
    assert [one["event"] for one in journal.changes(queued.lake, key(ZHAO))] == ["contested"]
