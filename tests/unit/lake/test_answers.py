"""Answers without values: only a decision that owes an answer only may ask, and only about what it was asked about."""

from __future__ import annotations

import pytest

from quanmin import trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable


@pytest.mark.parametrize("purpose", ["treatment", "supervision", "statistics"])
def test_other_purposes_get_no_answers(lake: Lake, purpose: str) -> None:
    made = trust.decide(lake.ledger, trust.local_administrator(), purpose, "linked.person", ("sex", "name"), case="C-1")
    with pytest.raises(NotReadable):
        lake.read(made).answers("name", lambda value: True)


def test_a_column_that_was_not_asked_about_gives_no_answer(lake: Lake) -> None:
    made = trust.decide(
        lake.ledger,
        trust.local_administrator(),
        "verification",
        "linked.person",
        ("person_key", "citizen_number", "name"),
    )
    with pytest.raises(NotReadable):
        lake.read(made).answers("registered_address", lambda value: True)


def test_a_column_that_is_withheld_gives_no_answer_either(lake: Lake) -> None:
    asked = ("person_key", "citizen_number", "name", "birth_date")
    made = trust.decide(lake.ledger, trust.local_administrator(), "verification", "linked.person", asked)
    assert made.outcome("birth_date") == "withheld"
    with pytest.raises(NotReadable):
        lake.read(made).answers("birth_date", lambda value: True)
