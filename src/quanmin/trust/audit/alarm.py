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
from quanmin.trust.audit.interval import FAILED
from quanmin.trust.audit.log import Entry
from quanmin.trust.audit.record import BEGUN
from quanmin.trust.audit.search import ended, read

CHINA = timezone(timedelta(hours=8))
NIGHT = (22, 6)  # from, to: hours of the installation's zone
READS = ("read", "verify", BEGUN)  # of a read that ended, its beginning is left out
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

Weigh = Callable[[Entry, Facts, tzinfo], int]


class Rule(NamedTuple):
    """An alarm when what an actor's entries weigh reaches `threshold` within `within`.

    With `about` entries are taken together by what they are about, else all of an actor. With `among` what they weigh must be
    `share` of what they weigh by that, too.
    """

    name: str
    title: Text
    threshold: int
    within: timedelta
    weigh: Weigh
    about: Callable[[Entry], str] | None = None
    among: Weigh | None = None
    share: float = 0.0


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
    return sum(facts.colleague(entry.fields["actor"], person, entry.at) for person in _persons(entry))


def _of_flagged(entry: Entry, facts: Facts, _zone: tzinfo) -> int:
    return sum(facts.flagged(person, entry.at) for person in _persons(entry))


def _unended(entry: Entry, _facts: Facts, _zone: tzinfo) -> int:
    return int(entry.fields["event"] == BEGUN)


def _unsigned(entry: Entry, _facts: Facts, _zone: tzinfo) -> int:
    return int(entry.fields["event"] == FAILED)


def _unstamped(entry: Entry, _facts: Facts, _zone: tzinfo) -> int:
    return int(entry.fields["event"] == UNSTAMPED)


def _parked(entry: Entry, _facts: Facts, _zone: tzinfo) -> int:
    return int(entry.fields["event"] == PARKED)


def _raised(entry: Entry, _facts: Facts, _zone: tzinfo) -> int:
    return int(entry.fields["event"] == "identity.alarm")


def _persons(entry: Entry) -> Sequence[str]:
    persons = entry.fields.get("persons")
    return persons if entry.fields["event"] in READS and isinstance(persons, list) else ()


def _answers(entry: Entry, *names: str) -> int:
    """How many answers of a verification were one of these."""
    answers = entry.fields.get("answers")
    counts = answers if entry.fields["event"] in READS and isinstance(answers, dict) else {}
    return sum(counts[name] for name in names if isinstance(counts.get(name), int))


def _differing(entry: Entry, _facts: Facts, _zone: tzinfo) -> int:
    return _answers(entry, "differ")


def _known(entry: Entry, _facts: Facts, _zone: tzinfo) -> int:
    """Answers about numbers that exist."""
    return _answers(entry, "agree", "differ")


def _guessed(entry: Entry, facts: Facts, zone: tzinfo) -> int:
    """Wrong names tried on one number: about one person those of the entry, of a file those of the number it tried most."""
    most = entry.fields.get("most_differ")
    if not isinstance(most, int):
        return _differing(entry, facts, zone) if len(set(_persons(entry))) == 1 else 0
    return most if len(set(_persons(entry))) == 1 or most >= GUESSES else 0


def _asked_about(entry: Entry) -> str:
    """The one person that an entry is about; else it stands by itself."""
    persons = set(_persons(entry))
    return persons.pop() if len(persons) == 1 else f"entry {entry.sequence}"


UNSTAMPED = "exchange.stamp.late"
"""The exchange's event that most of the time is over for which it goes on without time stamps."""
PARKED = "delivery_parked"
"""The exchange's event that the attempts at a delivery are used up."""
GUESSES = 5
"""So many wrong names for one number within a day, or within one file, are guesses."""
MISMATCHES, SHARE = 20, 0.5
"""So many wrong names within an hour, when they are half of all answers about numbers that exist, are no ordinary file."""

RULES: tuple[Rule, ...] = (
    Rule("bulk", Text("大量读取", "bulk reads"), 500, _HOUR, _people),
    Rule("night", Text("夜间读取", "reads at night"), 5, timedelta(hours=8), _at_night),
    Rule("denials", Text("多次被拒", "repeated denials"), 5, timedelta(minutes=10), _denied),
    Rule("colleague", Text("读取同事信息", "reads of colleagues"), 1, _DAY, _of_colleagues),
    Rule("flagged", Text("读取重点人员信息", "reads of flagged persons"), 1, _DAY, _of_flagged),
    Rule("guesses", Text("反复猜测一人", "guesses about one person"), GUESSES, _DAY, _guessed, _asked_about),
    Rule("mismatches", Text("核验多不一致", "mostly wrong names"), MISMATCHES, _HOUR, _differing, None, _known, SHARE),
    Rule("unended", Text("未见结束的读取", "reads without an end"), 1, timedelta(0), _unended),
    Rule("heads", Text("树头未能签发", "a head could not be signed"), 1, timedelta(0), _unsigned),
    Rule("stamps", Text("时间戳逾期未得", "time stamps are late"), 1, timedelta(0), _unstamped),
    Rule("parked", Text("推送多次失败，已挂起", "a delivery is parked after its attempts"), 1, timedelta(0), _parked),
    Rule("identity", Text("身份告警", "alarms of identity"), 1, timedelta(0), _raised),
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
        over = ended(connection, [one.sequence for one in entries if one.fields["event"] == BEGUN])
    counted = [one for one in entries if one.sequence not in over]
    found = [alarm for rule in rules for alarm in _of_rule(rule, counted, facts, zone)]
    return sorted(found + list(_clock(entries)), key=lambda alarm: (alarm.first, alarm.rule))


class _Window:
    """The entries of one actor (about one thing) that are near enough to count together, with what they weigh."""

    def __init__(self, rule: Rule, actor: str) -> None:
        self.rule, self.actor = rule, actor
        self.entries = deque[tuple[Entry, int, int]]()
        self.found: list[Alarm] = []

    def add(self, entry: Entry, weight: int, whole: int) -> None:
        """Take one more in, and let go of those that are too long ago."""
        self.entries.append((entry, weight, whole))
        while self.entries[0][0].at < entry.at - self.rule.within:
            self.entries.popleft()
        amount, among = sum(one for _, one, _ in self.entries), sum(one for _, _, one in self.entries)
        if weight and amount >= self.rule.threshold and amount >= self.rule.share * among:
            self._ring()

    def _ring(self) -> None:
        work = [(one, weight) for one, weight, _ in self.entries if weight]
        if self.found and self.found[-1].last >= self.entries[0][0].at:  # the same alarm goes on
            before = self.found.pop()
            fresh = [(one, much) for one, much in work if one.sequence > before.entries[-1]]
            self.found.append(_alarm(self.rule, self.actor, fresh, before))
        else:
            self.found.append(_alarm(self.rule, self.actor, work))


def _of_rule(rule: Rule, entries: Iterable[Entry], facts: Facts, zone: tzinfo) -> list[Alarm]:
    windows: dict[tuple[str, str], _Window] = {}
    for entry in entries:
        weight = rule.weigh(entry, facts, zone)
        whole = rule.among(entry, facts, zone) if rule.among else 0
        if not weight and not whole:
            continue
        actor, about = entry.fields["actor"], rule.about(entry) if rule.about else ""
        windows.setdefault((actor, about), _Window(rule, actor)).add(entry, weight, whole)
    return [alarm for window in windows.values() for alarm in window.found]


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
