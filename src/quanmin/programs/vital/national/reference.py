"""The same rules by the book: event by event, number by number, in plain Python. The set-based check is compared with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from quanmin.programs.vital import number
from quanmin.programs.vital.edition import edition
from quanmin.programs.vital.national.address import Address
from quanmin.programs.vital.national.event import (
    DESTROY,
    EXCHANGE,
    FIRST,
    IN,
    ISSUED,
    ISSUING,
    LOSS,
    LOSS_ISSUED,
    OUT,
    PRINT,
    REISSUE,
    RETURN,
    SENT,
    SPENT,
    TRANSFER,
    VOID,
    VOID_ISSUED,
)
from quanmin.programs.vital.national.rule import CARD_DAYS, TRANSIT_DAYS, VOID_DAYS


@dataclass(frozen=True)
class Holder:
    """One period of one organisation."""

    address: Address
    code: str
    parent: str | None
    level: int
    region: str | None
    valid_from: date
    valid_to: date | None = None

    @property
    def province(self) -> int | None:
        """The digits of its numbers; 0 for the nation, which has those of all."""
        return 0 if self.level == 1 else int(self.region[:2]) if self.region else None

    def open_on(self, day: date) -> bool:
        """Whether it was open."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Stock:
    """One stock action; numbers are keys."""

    address: Address
    action: int
    kind: int
    source: str | None
    target: str | None
    edition: int
    first: int
    last: int
    quantity: int
    day: date
    reported: date
    pair: int | None = None


@dataclass(frozen=True)
class Issue:
    """One step in the life of a certificate; `kind` is one of `event`'s, above `ISSUED`."""

    address: Address
    action: int
    kind: int
    first: int
    previous: int | None
    newborn: str
    edition: int
    target: str
    day: date
    reported: date

    @property
    def last(self) -> int:
        """An issue is of one number."""
        return self.first


@dataclass(frozen=True)
class Balance:
    """Monthly stock of one holder and edition."""

    address: Address
    holder: str
    edition: int
    month: date
    opening: int
    received: int
    sent: int
    issued: int
    voided: int
    lost: int
    closing: int


@dataclass(frozen=True)
class Birth:
    """What a birth says of its certificate."""

    address: Address
    number: int
    institution: str | None
    issued_on: date


Event = Stock | Issue


def place(event: Event) -> tuple[date, bool, int, Address]:
    """Where an event stands among all: by day, stock before issue, by running number."""
    return event.day, isinstance(event, Issue), event.action, event.address


@dataclass
class Found:
    """What a row breaks: how many numbers it concerns, and the row that it conflicts with."""

    numbers: int = 0
    beside: Address | None = None


@dataclass
class Register:
    """Everything that came, and what is wrong with it (`found`, by rule and address)."""

    holders: Sequence[Holder]
    stock: Sequence[Stock] = ()
    issues: Sequence[Issue] = ()
    balances: Sequence[Balance] | None = None
    births: Sequence[Birth] | None = None
    today: date = date(2025, 1, 1)
    found: dict[tuple[str, Address], Found] = field(default_factory=lambda: defaultdict(Found))

    def check(self) -> dict[tuple[str, Address], Found]:
        """Every rule on every row."""
        self.found.clear()
        self._holders()
        for one in self.stock:
            self._stock(one)
        for step in self.issues:
            self._issue(step)
        self._lives()
        self._replacements()
        self._newborns()
        self._births()
        self._balances()
        return dict(self.found)

    def tell(self, rule: str, address: Address, beside: Address | None = None, numbers: int = 1) -> None:
        """One more number of a row that breaks a rule."""
        one = self.found[rule, address]
        one.numbers += numbers
        one.beside = min((each for each in (one.beside, beside) if each is not None), default=None, key=_number)

    def tenure(self, code: str | None, day: date) -> Holder | None:
        """An organisation as it was on a day (before its first period: as it was then); None if it is not known."""
        known = sorted((one for one in self.holders if one.code == code), key=lambda one: one.valid_from)
        return next((one for one in reversed(known) if one.valid_from <= day), known[0] if known else None)

    def _holders(self) -> None:
        codes = {one.code for one in self.holders}
        latest: dict[str, Holder] = {}
        for one in sorted(self.holders, key=lambda one: (one.code, one.valid_from)):
            if one.level != 1 and one.parent not in codes:
                self.tell("org.orphan", one.address)
            before = latest.get(one.code)
            if before is not None and (before.valid_to is None or before.valid_to >= one.valid_from):
                self.tell("org.overlap", one.address, before.address)
            latest[one.code] = one

    def _stock(self, one: Stock) -> None:
        source, target = self.tenure(one.source, one.day), self.tenure(one.target, one.day)
        if one.quantity != one.last - one.first + 1:
            self.tell("stock.quantity", one.address)
        if one.reported > one.day:
            self.tell("stock.late", one.address)
        if source is not None and target is not None and _unrelated(one.kind, source, target):
            self.tell("stock.unrelated", one.address)
        if (one.source is not None and source is None) or (one.target is not None and target is None):
            self.tell("org.unknown", one.address)
        shut = source is not None and one.kind in (OUT, TRANSFER) and not source.open_on(one.day)
        if shut or (target is not None and not target.open_on(one.day)):
            self.tell("org.closed", one.address)
        self._clock(one)
        self._province(one, source, target)

    def _issue(self, one: Issue) -> None:
        by, issuing = self.tenure(one.target, one.day), one.kind in ISSUING
        waited = (one.reported - one.day).days
        if issuing and waited > CARD_DAYS:
            self.tell("card.late", one.address)
        if not issuing and waited > VOID_DAYS:
            self.tell("void.late", one.address)
        if issuing and not edition(one.edition).issued_on(one.day):
            self.tell("edition.date", one.address)
        if by is None:
            self.tell("org.unknown", one.address)
        elif issuing and not by.open_on(one.day):
            self.tell("org.closed", one.address)
        self._clock(one)
        self._province(one, by)

    def _clock(self, one: Event) -> None:
        if one.reported < one.day:
            self.tell("date.clock", one.address)
        if max(one.reported, one.day) > self.today:
            self.tell("date.future", one.address)

    def _province(self, one: Event, *holders: Holder | None) -> None:
        digits = int(number.province(one.first))
        others = {each.province for each in holders if each is not None} - {0, None, digits}
        if others or int(number.province(one.last)) != digits:
            self.tell("number.province", one.address)

    def _lives(self) -> None:
        """The life of every number."""
        lives: dict[int, list[Event]] = defaultdict(list)
        every: list[Event] = [*self.stock, *self.issues]
        for one in every:
            for key in range(one.first, one.last + 1):
                lives[key].append(one)
        for key, events in lives.items():
            events.sort(key=place)
            for at, one in enumerate(events):
                self._follow(key, one, events[:at], events[at + 1 :])
            self._end(events[-1])

    def _follow(self, key: int, one: Event, earlier: list[Event], later: list[Event]) -> None:
        if not earlier:
            if one.kind != PRINT:
                self.tell("number.unprinted", one.address)
            return
        before = earlier[-1]
        rules = ["number.edition"] if one.edition != before.edition else []
        if isinstance(one, Issue):
            rules += _issuing(one, earlier, later)
        elif one.kind == PRINT:
            rules.append("number.printed_twice")
        elif one.kind == DESTROY:
            rules += ["destroy.not_void"] if before.kind not in (VOID, VOID_ISSUED) else []
        elif before.kind > ISSUED or before.kind in SPENT:
            rules.append("number.spent")
        elif one.kind == IN:
            rules += self._received(key, one, earlier)
        elif before.kind in SENT:
            rules.append("holder.on_the_way")
        elif one.source != before.target:
            rules.append("holder.other")
        for rule in rules:
            self.tell(rule, one.address, before.address)

    def _received(self, key: int, one: Stock, earlier: list[Event]) -> list[str]:
        """What is wrong with a receipt of a number that is neither issued nor spent."""
        before = earlier[-1]
        if isinstance(before, Stock) and before.kind in SENT and before.action == one.pair:
            same = (one.source, one.target, one.first, one.last) == _sent(before)
            return [] if same else ["pair.differs"]
        named = [
            each for each in self.stock if each.kind in SENT and each.action == one.pair and each.first <= each.last
        ]
        sent = [each for each in named if each.first <= key <= each.last]
        if not named:
            return ["pair.unknown"]
        if not sent:
            return ["pair.differs"]
        if sent[0] not in earlier:
            return ["pair.before"]
        again = any(isinstance(each, Stock) and each.kind == IN and each.pair == one.pair for each in earlier)
        return ["pair.twice" if again else "holder.second"]

    def _end(self, last: Event) -> None:
        """Where a number came to rest."""
        if last.kind in SENT and (self.today - last.day).days > TRANSIT_DAYS:
            self.tell("transit.unanswered", last.address)
        ends = [one.valid_to or date.max for one in self.holders if one.code == last.target]
        if last.kind in (PRINT, IN) and ends and max(ends) < self.today:
            self.tell("org.stranded", last.address)

    def _replacements(self) -> None:
        cited: dict[int, Address] = {}
        links = [(one.previous, one.first) for one in self.issues if one.kind in (EXCHANGE, REISSUE)]
        for one in sorted(self.issues, key=place):
            if one.kind == FIRST and one.previous is not None:
                self.tell("replacement.unexpected", one.address)
            if one.kind not in (EXCHANGE, REISSUE):
                continue
            self._replacement(one)
            if one.previous is not None:
                if one.previous in cited:
                    self.tell("replacement.branch", one.address, cited[one.previous])
                cited.setdefault(one.previous, one.address)
                if _leads(one.first, one.previous, links):
                    self.tell("replacement.cycle", one.address)

    def _replacement(self, one: Issue) -> None:
        steps = sorted((each for each in self.issues if each.first == one.previous), key=place)
        issued = [each for each in steps if each.kind in ISSUING]
        before = [each for each in steps if place(each) < place(one)]
        origin = [each for each in before if each.kind in ISSUING]
        if not issued:
            self.tell("replacement.unknown", one.address)
        elif not origin:
            self.tell("replacement.later", one.address)
        else:
            fits = (*ISSUING, VOID_ISSUED) if one.kind == EXCHANGE else (LOSS_ISSUED,)
            if before[-1].kind not in fits:
                self.tell("replacement.state", one.address, origin[-1].address)
            if origin[-1].newborn != one.newborn:
                self.tell("replacement.newborn", one.address, origin[-1].address)

    def _newborns(self) -> None:
        """Certificates of each newborn that are valid, as time goes on."""
        valid: dict[int, Issue] = {}
        for one in sorted(self.issues, key=place):
            valid.pop(one.first, None)
            if one.kind in (EXCHANGE, REISSUE) and one.previous is not None:
                valid.pop(one.previous, None)
            if one.kind not in ISSUING:
                continue
            others = [each.address for each in valid.values() if each.newborn == one.newborn]
            if others:
                self.tell("newborn.two", one.address, min(others, key=_number))
            valid[one.first] = one

    def _births(self) -> None:
        if self.births is None:
            return
        issued = [one for one in self.issues if one.kind in ISSUING]
        for birth in self.births:
            same = [one for one in issued if one.first == birth.number]
            if not same:
                self.tell("birth.uncertified", birth.address)
            elif not any(birth.issued_on == one.day and birth.institution in (None, one.target) for one in same):
                self.tell("birth.differs", birth.address, min((one.address for one in same), key=_number))
        born = {birth.number for birth in self.births}
        for one in issued:
            if one.kind == FIRST and one.first not in born and (self.today - one.day).days > CARD_DAYS:
                self.tell("issue.unreported", one.address)

    def _balances(self) -> None:
        last: dict[tuple[str, int], Balance] = {}
        for one in sorted(self.balances or (), key=lambda one: one.month):
            flows = one.received, one.sent, one.issued, one.voided, one.lost
            if one.opening + flows[0] - sum(flows[1:]) != one.closing:
                self.tell("balance.sum", one.address)
            if flows != self._flows(one):
                self.tell("balance.flow", one.address)
            before = last.get((one.holder, one.edition))
            if before is not None and before.closing != one.opening:
                self.tell("balance.opening", one.address, before.address)
            if self.tenure(one.holder, one.month) is None:
                self.tell("org.unknown", one.address)
            last[one.holder, one.edition] = one

    def _flows(self, one: Balance) -> tuple[int, ...]:
        """What the actions of the month say."""

        def total(events: Iterable[Event]) -> int:
            within = [each for each in events if each.day.replace(day=1) == one.month and each.edition == one.edition]
            return sum(max(each.last - each.first + 1, 0) for each in within)

        into = [each for each in self.stock if each.target == one.holder and each.kind in (PRINT, IN)]
        out = {each: each.kind for each in self.stock if each.source == one.holder}
        used = [each for each in self.issues if each.target == one.holder and each.kind in ISSUING]
        sent, voided, lost = ([e for e, kind in out.items() if kind in kinds] for kinds in (SENT, (VOID,), (LOSS,)))
        return total(into), total(sent), total(used), total(voided), total(lost)


def _number(address: Address) -> int:
    return address.number


def _sent(one: Stock) -> tuple[str | None, str | None, int, int]:
    return one.source, one.target, one.first, one.last


def _unrelated(kind: int, source: Holder, target: Holder) -> bool:
    """Whether sheets went between organisations where they should not."""
    if kind == OUT:
        return target.parent != source.code
    if kind == RETURN:
        return source.parent != target.code
    siblings = source.parent is not None and source.parent == target.parent and source.code != target.code
    return kind == TRANSFER and not siblings


def _issuing(one: Issue, earlier: list[Event], later: list[Event]) -> list[str]:
    """What is wrong with a step on a number that has a history."""
    before = earlier[-1]
    if one.kind not in ISSUING:
        return [] if before.kind in ISSUING else ["issue.not_issued"]
    found = ["issue.twice"] if any(each.kind in ISSUING for each in earlier) else []
    found += ["issue.spent"] if any(each.kind in SPENT for each in earlier) else []
    if found or (before.kind in (PRINT, IN) and before.target == one.target):
        return found
    return ["issue.early" if any(each.kind == IN and each.target == one.target for each in later) else "issue.holder"]


def _leads(start: int, end: int, links: Iterable[tuple[int | None, int]]) -> bool:
    """Whether replacements lead from one number to another (or are both)."""
    reached, waiting = {start}, [start]
    while waiting:
        at = waiting.pop()
        fresh = {to for came, to in links if came == at} - reached
        reached |= fresh
        waiting += fresh
    return end in reached
