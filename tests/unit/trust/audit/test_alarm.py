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

    def post(self, actor: str, at: datetime) -> tuple[tuple[str, ...], str | None]:
        """Nobody's."""
        return (), None

    def colleague(self, actor: str, person: str, at: datetime) -> bool:
        """One colleague."""
        return (actor, person) == ("doctor", "nurse")

    def flagged(self, person: str, at: datetime) -> bool:
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


def begun(at: datetime, persons: list[str]) -> Work:
    """The beginning of a read."""
    return (at, audit.BEGUN, "doctor", {"persons": persons})


def ended(at: datetime, begun: int, rows: int, persons: list[str]) -> Work:
    """Its end."""
    return (at, "read", "doctor", {"persons": persons, "rows": rows, "begun": begun, "ended": "whole"})


def test_a_read_that_ended_counts_once(ledger: Ledger) -> None:
    people = [f"p{n}" for n in range(300)]
    work = [begun(NOON, people), ended(NOON + timedelta(minutes=1), 1, 300, people)]
    assert raised(ledger, work) == []


def test_a_read_that_did_not_end_is_told_and_counts_by_whom_it_asked_for(ledger: Ledger) -> None:
    people = [f"p{n}" for n in range(500)]
    assert raised(ledger, [begun(NOON, []), begun(NOON + timedelta(hours=2), [*people, "star"])]) == [
        ("unended", "doctor", 1),
        ("bulk", "doctor", 501),
        ("flagged", "doctor", 1),
        ("unended", "doctor", 1),
    ]


def test_the_end_of_a_read_is_found_after_the_time_that_is_looked_at(ledger: Ledger) -> None:
    raised(ledger, [begun(NOON, ["p"]), ended(NOON + timedelta(hours=3), 1, 9, ["p"]), begun(NOON, ["p"])])
    hour = audit.alarms(ledger, NOON, NOON + timedelta(hours=1), Posts())
    assert [(one.rule, one.entries) for one in hour if one.rule != "clock"] == [("unended", (3,))]
    assert audit.verify(ledger).sound


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


def asked(count: int, step: timedelta, person: str = "p", answer: str = "differ") -> list[Work]:
    """Single questions whether a number has a name."""
    answers = {"agree": 0, "differ": 0, "unknown": 0, answer: 1}
    return [
        (NOON + step * n, "read", "clerk", {"rows": 1, "persons": [person], "answers": answers}) for n in range(count)
    ]


def file(rows: int, differ: int, most: int, persons: int = 0, at: datetime = NOON) -> Work:
    """One line for a whole file; `persons` of its people are named."""
    answers = {"agree": rows - differ, "differ": differ, "unknown": 0}
    fields = {"rows": rows, "persons": [f"p{n}" for n in range(persons)], "answers": answers, "most_differ": most}
    return at, "read", "clerk", fields


@pytest.mark.parametrize(("count", "expected"), [(4, []), (5, [("guesses", "clerk", 5)])])
def test_wrong_names_for_one_number_are_guesses(ledger: Ledger, count: int, expected: list[Any]) -> None:
    others = [one for n in range(4) for one in asked(1, timedelta(), f"other {n}")]
    right = asked(10, timedelta(hours=1), answer="agree")
    work = sorted(asked(count, timedelta(hours=4)) + others + right, key=lambda one: one[0])
    assert raised(ledger, work) == expected


@pytest.mark.parametrize(("most", "expected"), [(4, []), (5, [("guesses", "clerk", 5)])])
def test_a_file_that_tries_names_on_one_number_is_guessing(ledger: Ledger, most: int, expected: list[Any]) -> None:
    assert raised(ledger, [file(400, 12, most)]) == expected


def test_files_about_one_person_are_taken_together(ledger: Ledger) -> None:
    assert raised(ledger, [file(3, 3, 3, persons=1, at=NOON + timedelta(hours=n)) for n in range(2)]) == [
        ("guesses", "clerk", 6)
    ]


def test_ordinary_files_with_a_few_wrong_names_raise_none(ledger: Ledger) -> None:
    work = [file(480, 24, 2, at=NOON), file(450, 30, 1, at=NOON + timedelta(hours=2)), file(1, 1, 1, persons=1)]
    assert raised(ledger, work[:1] + work[2:] + work[1:2]) == []


@pytest.mark.parametrize(
    ("differ", "agree", "expected"),
    [(19, 0, []), (20, 0, [("mismatches", "clerk", 20)]), (20, 20, [("mismatches", "clerk", 20)]), (20, 21, [])],
)
def test_mostly_wrong_names_are_guesses_about_many(
    ledger: Ledger, differ: int, agree: int, expected: list[Any]
) -> None:
    right = [one for n in range(agree) for one in asked(1, timedelta(), f"known {n}", "agree")]
    unknown = [one for n in range(9) for one in asked(1, timedelta(), f"absent {n}", "unknown")]
    wrong = [one for n in range(differ) for one in asked(1, timedelta(), f"guess {n}")]
    assert raised(ledger, right + unknown + wrong) == expected


def test_an_alarm_of_identity_is_among_them(ledger: Ledger) -> None:
    work: list[Work] = [(NOON, "identity.alarm", "local-administrator", {"alarm": "clock_reset"})]
    assert raised(ledger, work) == [("identity", "local-administrator", 1)]


def test_every_rule_has_a_name_in_both_languages() -> None:
    assert all(rule.title.zh and rule.title.en and rule.threshold > 0 for rule in audit.RULES)
