"""Finding entries, and a person's own record of access."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quanmin.ledger import Ledger
from quanmin.trust import audit

START = datetime(2026, 1, 1, 8, tzinfo=UTC)


class Posts:
    """What identity would say."""

    def post(self, actor: str, at: datetime) -> tuple[tuple[str, ...], str | None]:
        """One doctor."""
        return (("clinician",), "first hospital") if actor == "doctor" else ((), None)

    def colleague(self, actor: str, person: str, at: datetime) -> bool:
        """One colleague."""
        return (actor, person) == ("doctor", "p-nurse")

    def flagged(self, person: str, at: datetime) -> bool:
        """One flagged person."""
        return person == "p-star"


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """Two actors, three persons, one entry an hour."""
    hours = iter(range(100))
    ledger.now = lambda: START + timedelta(hours=next(hours))
    columns = {"name": "clear", "birth_date": "generalised", "phone": "withheld"}
    decided = {
        "decision": "d1",
        "purpose": "treatment",
        "dataset": "linked.person",
        "columns": columns,
        "allowed": True,
    }
    audit.append(ledger, "decide", "doctor", decided)
    read = {
        "decision": "d1",
        "purpose": "treatment",
        "dataset": "linked.person",
        "persons": ["p1", "p2", "p1"],
        "rows": 2,
    }
    audit.append(ledger, "read", "doctor", read)
    audit.append(ledger, "decide", "clerk", {"decision": "d2", "purpose": "statistics", "allowed": False})
    audit.append(ledger, "read", "clerk", {"decision": "d3", "purpose": "statistics", "persons": ["p2"], "rows": 1})
    return ledger


def numbers(found: list[audit.Entry]) -> list[int]:
    """Which entries."""
    return [one.sequence for one in found]


def test_entries_are_found_by_each_of_their_columns_newest_first(filled: Ledger) -> None:
    assert numbers(audit.search(filled)) == [4, 3, 2, 1]
    assert numbers(audit.search(filled, actor="doctor")) == [2, 1]
    assert numbers(audit.search(filled, purpose="statistics")) == [4, 3]
    assert numbers(audit.search(filled, event="read")) == [4, 2]
    assert numbers(audit.search(filled, person="p2")) == [4, 2]
    assert numbers(audit.search(filled, person="p1")) == [2]
    assert numbers(audit.search(filled, since=START + timedelta(hours=1), until=START + timedelta(hours=3))) == [3, 2]
    assert numbers(audit.search(filled, event="read", person="p2", actor="clerk")) == [4]
    assert numbers(audit.search(filled, limit=1)) == [4]
    assert audit.search(filled, person="p3") == audit.search(filled, actor="' OR 1=1 --") == []


def test_a_person_sees_who_read_what_when_and_why(filled: Ledger) -> None:
    [own] = audit.of_person(filled, "p1", Posts())
    assert own == audit.Access(
        sequence=2,
        at=START + timedelta(hours=1),
        event="read",
        actor="doctor",
        roles=("clinician",),
        organisation="first hospital",
        purpose="treatment",
        dataset="linked.person",
        columns={"name": "clear", "birth_date": "generalised"},
    )
    unknown, known = audit.of_person(filled, "p2")
    assert (unknown.actor, unknown.columns, unknown.organisation) == ("clerk", {}, None)
    assert (known.actor, known.roles) == ("doctor", ())


def test_a_read_is_one_access_and_one_that_did_not_end_is_one_too(filled: Ledger) -> None:
    own = {"decision": "d1", "persons": ["p9"]}
    audit.append(filled, audit.BEGUN, "doctor", own)
    audit.append(filled, "read", "doctor", {**own, "rows": 1, "begun": 5, "ended": "whole"})
    audit.append(filled, audit.BEGUN, "doctor", own)
    found = audit.of_person(filled, "p9", Posts())
    assert [(one.sequence, one.event) for one in found] == [(7, audit.BEGUN), (6, "read")]
    assert found[0].columns == {"name": "clear", "birth_date": "generalised"}
    assert numbers(audit.search(filled, person="p9")) == [7, 6, 5] and audit.verify(filled).sound


def test_roles_that_the_decision_noted_are_those_of_that_day(ledger: Ledger) -> None:
    noted = {"decision": "d", "roles": ["nurse"], "organisation": "old hospital"}
    audit.append(ledger, "decide", "doctor", noted)
    audit.append(ledger, "read", "doctor", {"decision": "d", "persons": ["p"]})
    [own] = audit.of_person(ledger, "p", Posts())
    assert (own.roles, own.organisation) == (("nurse",), "old hospital")


def test_the_facts_of_the_decision_say_in_what_post_somebody_read(ledger: Ledger) -> None:
    for number, facts in (
        ("d1", {"roles": ["nurse", "registrar"], "organisation": "old hospital"}),
        ("d2", {"roles": ["administrator"], "organisation": None}),
    ):
        audit.append(ledger, "decide", "doctor", {"decision": number, "facts": facts, "rows": []})
        audit.append(ledger, "read", "doctor", {"decision": number, "persons": ["p"], "rows": 1})
    local, former = audit.of_person(ledger, "p", Posts())
    assert (former.roles, former.organisation) == (("nurse", "registrar"), "old hospital")
    assert (local.roles, local.organisation) == (("administrator",), None)
