"""A pair side by side: marks, masks, what is not told, and what a second reviewer must not see."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from quanmin import trust
from quanmin.lake.errors import NotReadable
from quanmin.population.review import queue, side
from quanmin.trust.errors import AccessDenied

from .conftest import ELSEWHERE, LI, LI_AGAIN, OTHER_NUMBER, RIVAL, ZHAO


def asker(desk: Any, purpose: str = "supervision", case: str | None = None) -> Any:
    actor = trust.local_administrator()
    return lambda table, elements: trust.decide(desk.lake.ledger, actor, purpose, table, tuple(elements), case)


def rows(found: dict[str, Any]) -> dict[str, Any]:
    return {one["item"]: (one["values"], one["marks"]) for one in found["items"]}


def test_two_people_with_their_differences_marked(queued: Any) -> None:
    found = side.show(queued.lake, asker(queued, "treatment", "C-1"), queued.double(LI, LI_AGAIN))
    told = rows(found)
    assert told["citizen_number"] == ([LI["number"], LI_AGAIN["number"]], ["near"])
    assert told["name"] == (["李晓明", "李晓明"], ["same"])
    assert found["records"] == [2, 1]
    other = rows(side.show(queued.lake, asker(queued, "treatment", "C-1"), queued.double(ELSEWHERE, OTHER_NUMBER)))
    assert (other["name"], other["citizen_number"][1]) == ((["王峰", "王峯"], ["near"]), ["differs"])


def test_values_are_masked_and_marks_are_not_fooled(queued: Any) -> None:
    found = side.show(queued.lake, asker(queued), queued.double(ELSEWHERE, OTHER_NUMBER))
    told = rows(found)
    assert told["name"] == ([trust.mask_name("王峰"), trust.mask_name("王峯")], ["near"])
    assert told["citizen_number"][0] == [trust.mask_number(one["number"]) for one in (ELSEWHERE, OTHER_NUMBER)]
    assert not [one for one in (ELSEWHERE, OTHER_NUMBER) if one["number"] in repr(found)]


def test_a_contested_number_with_who_claims_it(queued: Any) -> None:
    found = side.show(queued.lake, asker(queued, "treatment", "C-1"), queued.one("contested"))
    told = rows(found)
    assert told["name"] == ([ZHAO["name"], RIVAL["name"]], ["differs"])
    assert (told["citizen_number"][1], found["sides"][1]["row"]) == (["same"], 1)


def test_a_record_beside_a_person(desk: Any) -> None:
    desk.office.send(desk.office.death, {**LI, "number": None})
    desk.office.build()
    desk.links()
    queue.gather(desk.lake)
    told = rows(side.show(desk.lake, asker(desk, "treatment", "C-1"), desk.one("link")))
    assert told["name"] == (["李晓明", "李晓明"], ["same"])
    assert told["citizen_number"][1] == ["absent"]


def test_the_first_opinion_is_hidden_from_the_second(queued: Any, sampling: Any) -> None:
    sampling(True)
    review = queued.one("contested")
    queued.decide(review, "different")
    waiting = side.show(queued.lake, asker(queued), review)
    assert (waiting["state"], waiting["opinions"], waiting["answer"]) == ("decided", [], None)
    queued.decide(review, "same", "second")
    assert [one["answer"] for one in side.show(queued.lake, asker(queued), review)["opinions"]] == ["different", "same"]


@pytest.mark.parametrize(
    ("purpose", "error"),
    [
        ("verification", NotReadable),
        ("statistics", NotReadable),
        ("research", AccessDenied),
        ("nonsense", AccessDenied),
    ],
)
def test_purposes_that_may_not_ask_for_a_person_see_no_pair(queued: Any, purpose: str, error: Any) -> None:
    with pytest.raises(error):
        side.show(queued.lake, asker(queued, purpose), queued.one("contested"))


def test_who_looked_is_in_the_audit(queued: Any) -> None:
    review = queued.double(LI, LI_AGAIN)
    side.show(queued.lake, asker(queued), review)
    persons = trust.Pseudonyms.open(queued.lake.settings, "audit")
    reads = [e.fields["persons"] for e in trust.audit.entries(queued.lake.ledger, "read")]
    assert [[persons.of(int(one["number"][:17]))] for one in (LI, LI_AGAIN)] == reads
    [line] = trust.audit.entries(queued.lake.ledger, "review")
    assert (line.fields["review"], line.fields["action"]) == (review, "show")


@pytest.mark.parametrize(
    ("name", "left", "right", "expected"),
    [
        ("name", "买买提·艾力", "买买提•艾力", "same"),
        ("name", "李峰", "李峯", "near"),
        ("name", "李峰", "李丰", "differs"),
        ("sex", "1", "2", "differs"),
        ("sex", None, "2", "absent"),
        ("birth_date", dt.date(1971, 3, 7), dt.date(1971, 7, 3), "near"),
        ("birth_date", dt.date(1971, 3, 7), dt.date(1971, 3, 8), "near"),
        ("birth_date", dt.date(1971, 3, 7), dt.date(1985, 3, 8), "differs"),
        ("citizen_number", LI["number"], LI_AGAIN["number"], "near"),
        ("citizen_number", LI["number"], OTHER_NUMBER["number"], "differs"),
    ],
)
def test_marks(name: str, left: Any, right: Any, expected: str) -> None:
    assert side.mark(name, left, right) == side.mark(name, right, left) == expected
