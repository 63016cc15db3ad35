"""Alarms: each rule below and at its threshold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quanmin.ledger import Ledger
from quanmin.trust import audit

NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)  # in China
THRESHOLDS = {rule.name: rule.threshold for rule in audit.RULES}


class Posts:
    """What identity would say."""

    def post(self, actor: str) -> tuple[tuple[str, ...], str | None]:
        """Nobody's."""
        return (), None

    def colleague(self, actor: str, person: str) -> bool:
        """One colleague."""
        return (actor, person) == ("doctor", "nurse")

    def flagged(self, person: str) -> bool:
        """One flagged person."""
        return person == "star"


Work = tuple[datetime, str, str, Mapping[str, Any]]


def raised(ledger: Ledger, work: list[Work]) -> list[tuple[str, str, int]]:
    """The alarms of what was done: rule, actor, amount."""
    for at, event, actor, fields in work:
        ledger.now = lambda at=at: at
        audit.append(ledger, event, actor, fields)
    found = audit.alarms(ledger, NOON - timedelta(days=2), NOON + timedelta(days=2), Posts())
    return [(one.rule, one.actor, one.amount) for one in found]


def reads(count: int, step: timedelta, start: datetime = NOON, actor: str = "doctor", rows: int = 1) -> list[Work]:
    """Reads at even distances."""
    return [(start + step * n, "read", actor, {"rows": rows, "persons": [f"p{n}"]}) for n in range(count)]


def test_usual_work_raises_none(ledger: Ledger) -> None:
    assert raised(ledger, reads(60, timedelta(minutes=1))) == []


@pytest.mark.parametrize(("rows", "expected"), [(99, []), (100, [("bulk", "doctor", 500)])])
def test_many_people_in_an_hour(ledger: Ledger, rows: int, expected: list[Any]) -> None:
    assert THRESHOLDS["bulk"] == 500
    assert raised(ledger, reads(5, timedelta(minutes=10), rows=rows)) == expected


def test_many_people_over_a_day_are_usual_work(ledger: Ledger) -> None:
    assert raised(ledger, reads(8, timedelta(hours=1, minutes=1), NOON - timedelta(hours=4), rows=499)) == []


def test_one_alarm_goes_on_and_two_actors_are_two(ledger: Ledger) -> None:
    work = reads(8, timedelta(minutes=1), rows=100) + reads(1, timedelta(), NOON + timedelta(minutes=9), "clerk", 600)
    assert raised(ledger, work) == [("bulk", "doctor", 800), ("bulk", "clerk", 600)]


@pytest.mark.parametrize(("count", "expected"), [(4, []), (5, [("night", "doctor", 5)])])
def test_reads_at_night(ledger: Ledger, count: int, expected: list[Any]) -> None:
    assert raised(ledger, reads(count, timedelta(minutes=90), NOON.replace(hour=14))) == expected  # from ten at night


@pytest.mark.parametrize(("count", "expected"), [(4, []), (5, [("denials", "clerk", 5)])])
def test_repeated_denials(ledger: Ledger, count: int, expected: list[Any]) -> None:
    work: list[Work] = [(NOON + timedelta(minutes=2 * n), "decide", "clerk", {"allowed": False}) for n in range(count)]
    allowed: list[Work] = [(NOON + timedelta(minutes=10), "decide", "clerk", {"allowed": True})]
    assert raised(ledger, work + allowed) == expected


def test_colleagues_and_flagged_persons(ledger: Ledger) -> None:
    work: list[Work] = [
        (NOON, "read", "doctor", {"persons": ["nurse"]}),
        (NOON, "read", "clerk", {"persons": ["nurse"]}),
        (NOON, "read", "clerk", {"persons": ["p", "star"]}),
    ]
    assert sorted(raised(ledger, work)) == [("colleague", "doctor", 1), ("flagged", "clerk", 1)]


def test_a_clock_set_back(ledger: Ledger) -> None:
    work = reads(2, timedelta(hours=-1))
    assert raised(ledger, work) == [("clock", "doctor", 1)]


def test_every_rule_has_a_name_in_both_languages() -> None:
    assert all(rule.title.zh and rule.title.en and rule.threshold > 0 for rule in audit.RULES)
