"""Alarms over the audit: rules as data, thresholds in one place. An alarm asks somebody to look; it forbids nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import select

from quanmin.ledger import Ledger
from quanmin.ledger.table import AuditRow
from quanmin.text import Text
from quanmin.trust.audit.facts import NOTHING, Facts
from quanmin.trust.audit.log import Entry
from quanmin.trust.audit.search import read

CHINA = timezone(timedelta(hours=8))
NIGHT = (22, 6)  # from, to: hours of the installation's zone
READS = ("read", "verify")

Weigh = Callable[[Entry, Facts, tzinfo], int]


class Rule(NamedTuple):
    """An alarm when what an actor's entries weigh reaches `threshold` within `within`."""

    name: str
    title: Text
    threshold: int
    within: timedelta
    weigh: Weigh


class Alarm(NamedTuple):
    """A rule that was met: by whom, from when to when, how much, and by which entries."""

    rule: str
    title: Text
    actor: str
    first: datetime
    last: datetime
    amount: int
    entries: tuple[int, ...]


def _people(entry: Entry, _facts: Facts, _zone: tzinfo) -> int:
    rows = entry.fields.get("rows")
    return max(rows if isinstance(rows, int) else 0, len(_persons(entry))) if entry.fields["event"] in READS else 0


def _at_night(entry: Entry, _facts: Facts, zone: tzinfo) -> int:
    hour = entry.at.astimezone(zone).hour
    return int(entry.fields["event"] in READS and (hour >= NIGHT[0] or hour < NIGHT[1]))


def _denied(entry: Entry, _facts: Facts, _zone: tzinfo) -> int:
    return int(entry.fields["event"] == "decide" and entry.fields.get("allowed") is False)


def _of_colleagues(entry: Entry, facts: Facts, _zone: tzinfo) -> int:
    return sum(facts.colleague(entry.fields["actor"], person) for person in _persons(entry))


def _of_flagged(entry: Entry, facts: Facts, _zone: tzinfo) -> int:
    return sum(facts.flagged(person) for person in _persons(entry))


def _persons(entry: Entry) -> Sequence[str]:
    persons = entry.fields.get("persons")
    return persons if entry.fields["event"] in READS and isinstance(persons, list) else ()


RULES: tuple[Rule, ...] = (
    Rule("bulk", Text("大量读取", "bulk reads"), 500, timedelta(hours=1), _people),
    Rule("night", Text("夜间读取", "reads at night"), 5, timedelta(hours=8), _at_night),
    Rule("denials", Text("多次被拒", "repeated denials"), 5, timedelta(minutes=10), _denied),
    Rule("colleague", Text("读取同事信息", "reads of colleagues"), 1, timedelta(days=1), _of_colleagues),
    Rule("flagged", Text("读取重点人员信息", "reads of flagged persons"), 1, timedelta(days=1), _of_flagged),
)
"""Every rule with its threshold. An installation that wants others hands its own to `alarms`."""

CLOCK = Text("时钟回拨", "a clock set back")


def alarms(
    ledger: Ledger,
    since: datetime,
    until: datetime,
    facts: Facts = NOTHING,
    rules: Sequence[Rule] = RULES,
    zone: tzinfo = CHINA,
) -> list[Alarm]:
    """What the rules find among the entries of a time; `until` is not included."""
    query = select(AuditRow.__table__).where(AuditRow.at >= since, AuditRow.at < until).order_by(AuditRow.sequence)
    with ledger.reading() as connection:
        entries = read(connection, query)
    found = [alarm for rule in rules for alarm in _of_rule(rule, entries, facts, zone)]
    return sorted(found + list(_clock(entries)), key=lambda alarm: (alarm.first, alarm.rule))


def _of_rule(rule: Rule, entries: Iterable[Entry], facts: Facts, zone: tzinfo) -> list[Alarm]:
    windows, found = dict[str, deque[tuple[Entry, int]]](), dict[str, list[Alarm]]()
    for entry in entries:
        weight = rule.weigh(entry, facts, zone)
        if not weight:
            continue
        actor = entry.fields["actor"]
        window, own = windows.setdefault(actor, deque()), found.setdefault(actor, [])
        window.append((entry, weight))
        while window[0][0].at < entry.at - rule.within:
            window.popleft()
        if sum(one for _, one in window) < rule.threshold:
            continue
        if own and own[-1].last >= window[0][0].at:  # the same alarm goes on
            before = own.pop()
            fresh = [(one, much) for one, much in window if one.sequence > before.entries[-1]]
            own.append(_alarm(rule, actor, fresh, before))
        else:
            own.append(_alarm(rule, actor, window))
    return [alarm for own in found.values() for alarm in own]


def _alarm(rule: Rule, actor: str, window: Iterable[tuple[Entry, int]], before: Alarm | None = None) -> Alarm:
    work = list(window)
    first = before.first if before else work[0][0].at
    amount = (before.amount if before else 0) + sum(weight for _, weight in work)
    numbers = (before.entries if before else ()) + tuple(entry.sequence for entry, _ in work)
    return Alarm(rule.name, rule.title, actor, first, work[-1][0].at, amount, numbers)


def _clock(entries: Sequence[Entry]) -> Iterable[Alarm]:
    """Entries whose time is before that of the entry before them."""
    for before, entry in pairwise(entries):
        if entry.at < before.at:
            yield Alarm("clock", CLOCK, entry.fields["actor"], entry.at, before.at, 1, (entry.sequence,))
