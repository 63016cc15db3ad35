"""Whoever does what with blanks and certificates in any order: refused is what a plain book would refuse, and nothing breaks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from quanmin.errors import QuanminError
from quanmin.ledger import Ledger
from quanmin.programs.vital import invariant as invariants
from quanmin.programs.vital import role
from quanmin.programs.vital.blank import holding, loss, movement
from quanmin.programs.vital.certificate import desk, record, replacement, verification
from quanmin.programs.vital.certificate.application import Application
from quanmin.programs.vital.number import Span, key
from quanmin.settings import Settings

from ..unit.programs.vital.county import CITY, CLINIC, COUNTY, FIRST, HOSPITAL, PROVINCE, County, application

BASE = key(FIRST)
PICKS = st.integers(0, 999)
HOLDERS = st.sampled_from([PROVINCE, CITY, COUNTY, HOSPITAL, CLINIC])
DESKS = st.sampled_from([COUNTY, HOSPITAL, CLINIC])
ABOVE = {CITY: PROVINCE, COUNTY: CITY, HOSPITAL: COUNTY, CLINIC: COUNTY}
WHO = st.sampled_from(["ann", "bob", "cai"])
BABIES = st.integers(0, 3)
EVIDENCE = {"recovered_sheet": "1", **dict.fromkeys(replacement.REISSUE_EVIDENCE, "1")}


def asked(baby: int) -> Application:
    """The application of one of four newborns, of which the last two are twins."""
    twins = baby > 1
    made = application(5 if twins else baby, order=baby - 1 if twins else 1, plurality=2 if twins else 1)
    return replace(made, evidence=EVIDENCE)


@dataclass
class Sheet:
    """A certificate in the book."""

    baby: int
    holder: str
    writer: str
    state: str = "prepared"
    before: int | None = None
    approver: str = ""
    was: str = "issued"
    card: bool = False


@dataclass
class Book:
    """What a careful clerk would keep by hand: where each number is, and what is written on it."""

    place: dict[int, str] = field(default_factory=dict)
    use: dict[int, str] = field(default_factory=dict)
    way: dict[int, int] = field(default_factory=dict)
    moves: dict[int, tuple[str, str, list[int]]] = field(default_factory=dict)
    sheets: dict[int, Sheet] = field(default_factory=dict)

    def free(self, holder: str, numbers: list[int]) -> bool:
        """Whether a holder has them all, unused and in its safe."""
        return all(self.place.get(one) == holder and one not in self.use and one not in self.way for one in numbers)

    def valid(self, baby: int) -> int | None:
        """The sheet that counts for a newborn."""
        states = ("prepared", "approved", "issued")
        return next((at for at, one in self.sheets.items() if one.baby == baby and one.state in states), None)


class Offices(RuleBasedStateMachine):
    """Everybody at once; each rule says what the book makes of it."""

    tried: ClassVar[set[tuple[str, bool]]] = set()

    @initialize()
    def begin(self) -> None:
        """An empty store."""
        self.folder = tempfile.TemporaryDirectory()
        home = Settings(home=Path(self.folder.name), buckets=1)
        self.ledger = Ledger.open(home)
        self.county, self.book = County.open(self.ledger, home), Book()
        movement.printed(self.county.local, PROVINCE, [Span(BASE, BASE + 13)], 5)
        self.book.place = dict.fromkeys(range(BASE, BASE + 14), PROVINCE)
        some = Span(BASE, BASE + 11)
        self.county.down(COUNTY, [some])
        self.book.place |= dict.fromkeys(range(some.first, some.last + 1), COUNTY)
        for of, span in ((HOSPITAL, Span(BASE, BASE + 7)), (CLINIC, Span(BASE + 8, BASE + 9))):
            sent = movement.send(self.county.keeper(COUNTY), movement.OUT, COUNTY, of, [span])
            movement.receive(self.county.keeper(of), sent.id)
            self.book.place |= dict.fromkeys(range(span.first, span.last + 1), of)

    def attempt(self, name: str, allowed: bool, act: Callable[[], object]) -> bool:
        """Do it; it is refused just when the book says so."""
        self.tried.add((name, allowed))
        try:
            act()
        except QuanminError as error:
            assert not allowed, f"{name} was refused: {error}"
            return False
        assert allowed, f"{name} was not refused"
        return True

    def blank(self, pick: int, of: str | None = None) -> int:
        """Mostly a blank that can be used (by a holder), else any number."""
        likely = [one for one in self.book.place if self.book.free(of or self.book.place[one], [one])]
        return likely[pick % len(likely)] if likely and pick % 4 != 3 else BASE + pick % 16

    def sheet(self, pick: int, *states: str) -> int:
        """Mostly a certificate in one of some states, else any number."""
        likely = [number for number, one in self.book.sheets.items() if one.state in states]
        return likely[pick % len(likely)] if likely and pick % 4 != 3 else BASE + pick % 16

    @rule(pick=PICKS, size=st.integers(1, 3), receiver=HOLDERS, kind=st.sampled_from(["out", "return", "transfer"]))
    def send(self, pick: int, size: int, receiver: str, kind: str) -> None:
        """Numbers leave."""
        first = self.blank(pick)
        sender = self.book.place.get(first, HOSPITAL) if pick % 3 != 2 else CITY
        receiver = ABOVE.get(sender, receiver) if kind == "return" else receiver
        numbers = list(range(first, first + size))
        way = {
            "out": ABOVE.get(receiver) == sender,
            "return": ABOVE.get(sender) == receiver,
            "transfer": {sender, receiver} == {HOSPITAL, CLINIC},
        }[kind]
        sent: list[movement.Movement] = []
        span = Span(first, first + size - 1)
        if self.attempt(
            "send",
            way and self.book.free(sender, numbers),
            lambda: sent.append(movement.send(self.county.keeper(sender), kind, sender, receiver, [span])),
        ):
            self.book.moves[sent[0].id] = (sender, receiver, numbers)
            self.book.way |= dict.fromkeys(numbers, sent[0].id)

    @rule(pick=PICKS, take=st.booleans(), of=HOLDERS)
    def answer(self, pick: int, take: bool, of: str) -> None:
        """A parcel is received or refused, by whomever."""
        if not self.book.moves:
            return
        number = sorted(self.book.moves)[pick % len(self.book.moves)]
        _, receiver, numbers = self.book.moves[number]
        of = receiver if pick % 3 != 2 else of
        keeper = self.county.keeper(of)
        act = partial(movement.receive, keeper, number) if take else partial(movement.refuse, keeper, number, "no")
        if self.attempt("answer", of == receiver and self.book.way.get(numbers[0]) == number, act):
            for one in numbers:
                del self.book.way[one]
                if take:
                    self.book.place[one] = receiver

    @rule(pick=PICKS, lost=st.booleans())
    def gone(self, pick: int, lost: bool) -> None:
        """A blank is void or lost."""
        number = BASE + pick % 16
        of = self.book.place.get(number, CLINIC) if pick % 3 != 2 else CLINIC
        keeper, span = self.county.keeper(of), Span(number, number)
        act = partial(loss.lose, keeper, of, span) if lost else partial(loss.void, keeper, of, span, "damaged")
        if self.attempt("gone", self.book.free(of, [number]), act):
            self.book.use[number] = "lost" if lost else "void"

    @rule(pick=PICKS)
    def destroy(self, pick: int) -> None:
        """Two people destroy a void sheet."""
        void = [number for number, use in self.book.use.items() if use == "void"]
        number = void[pick % len(void)] if void and pick % 3 != 2 else BASE + pick % 16
        one, other = (self.county.at(role.SUPERVISOR, of=PROVINCE, name=name) for name in ("one", "other"))

        def act() -> object:
            return loss.destroy(other, loss.propose(one, PROVINCE, [Span(number, number)]).id)

        if self.attempt("destroy", self.book.use.get(number) == "void", act):
            self.book.use[number] = "destroyed"

    @rule(pick=PICKS, of=DESKS, baby=BABIES, who=WHO)
    def prepare(self, pick: int, of: str, baby: int, who: str) -> None:
        """A clerk writes."""
        number = self.blank(pick, of)
        clerk = self.county.at(role.CLERK, of=of, name=who)
        allowed = of != COUNTY and self.book.free(of, [number]) and self.book.valid(baby) is None
        if self.attempt("prepare", allowed, partial(desk.prepare, clerk, of, number, asked(baby))):
            self.book.use[number] = "bound"
            self.book.sheets[number] = Sheet(baby, of, who)

    @rule(pick=PICKS, who=WHO)
    def approve(self, pick: int, who: str) -> None:
        """Somebody approves."""
        number = self.sheet(pick, "prepared")
        one = self.book.sheets.get(number)
        approver = self.county.at(role.APPROVER, of=one.holder if one else HOSPITAL, name=who)
        allowed = one is not None and one.state == "prepared" and one.writer != who
        if self.attempt("approve", allowed, partial(desk.approve, approver, number)) and one:
            one.state, one.approver = "approved", who

    @rule(pick=PICKS, who=WHO)
    def seal(self, pick: int, who: str) -> None:
        """Somebody seals."""
        number = self.sheet(pick, "approved")
        one = self.book.sheets.get(number)
        sealer = self.county.at(role.SEALER, of=one.holder if one else HOSPITAL, name=who)
        allowed = one is not None and one.state == "approved" and who not in (one.writer, one.approver)
        if self.attempt("seal", allowed, partial(desk.seal, sealer, number)) and one:
            one.state = "issued"
            if one.before is not None:
                old = self.book.sheets[one.before]
                if old.was == "issued":
                    self.book.use[one.before] = "void"
                old.state = "replaced"

    @rule(pick=st.integers(0, 99))
    def spoil(self, pick: int) -> None:
        """A sheet is spoiled."""
        number = self.sheet(pick, "prepared", "approved") if pick > 60 else BASE + pick % 16
        one = self.book.sheets.get(number)
        clerk = self.county.at(role.CLERK, of=one.holder if one else HOSPITAL)
        allowed = one is not None and one.state in ("prepared", "approved")
        if self.attempt("spoil", allowed, partial(desk.spoil, clerk, number, "misprinted")) and one:
            one.state, self.book.use[number] = "spoiled", "void"
            if one.before is not None:
                old = self.book.sheets[one.before]
                old.state, one.before = old.was, None

    @rule(pick=PICKS, other=PICKS, of=DESKS, who=WHO, again=st.booleans())
    def replaced(self, pick: int, other: int, of: str, who: str, again: bool) -> None:
        """A certificate is exchanged or issued again."""
        old = self.sheet(pick, "lost" if again else "issued")
        before = self.book.sheets.get(old)
        if before is not None and other % 3 != 2:
            of = ABOVE.get(before.holder, of) if again else before.holder
        number = self.blank(other, of)
        clerk = self.county.at(role.CLERK, of=of, name=who)
        told = asked(before.baby if before else 0)
        act: Callable[[], object] = partial(replacement.exchange, clerk, of, old, number, told, "damaged")
        if again:
            act = partial(replacement.reissue, clerk, of, old, number, told)
        if self.attempt("reissue" if again else "exchange", self.fits(before, of, number, again), act) and before:
            before.was, before.state = before.state, "replacing"
            self.book.use[number] = "bound"
            self.book.sheets[number] = Sheet(before.baby, of, who, before=old)

    def fits(self, before: Sheet | None, of: str, number: int, again: bool) -> bool:
        """Whether the book allows one certificate to take the place of another."""
        if before is None or not self.book.free(of, [number]):
            return False
        if again:
            return before.state == "lost" and of == ABOVE.get(before.holder) and self.book.valid(before.baby) is None
        return before.state == "issued" and of in (before.holder, ABOVE.get(before.holder))

    @rule(pick=PICKS, what=st.sampled_from(["lose", "lose", "cancel", "card"]))
    def afterwards(self, pick: int, what: str) -> None:
        """A certificate is lost, cancelled, or its card reported."""
        number = self.sheet(pick, "issued")
        one = self.book.sheets.get(number)
        clerk = self.county.at(role.CLERK, of=one.holder if one else HOSPITAL)
        above = self.county.at(role.SUPERVISOR, of=PROVINCE)
        issued = one is not None and one.state in ("issued", "lost", "replacing", "replaced")
        acts: dict[str, tuple[Callable[[], object], bool]] = {
            "lose": (partial(replacement.lose, clerk, number, "x"), one is not None and one.state == "issued"),
            "cancel": (
                partial(replacement.cancel, above, number, "fraud"),
                one is not None and one.state in ("issued", "lost"),
            ),
            "card": (partial(desk.card, clerk, number), issued and one is not None and not one.card),
        }
        act, allowed = acts[what]
        if self.attempt(what, allowed, act) and one:
            if what == "card":
                one.card = True
            else:
                one.state = "lost" if what == "lose" else "cancelled"

    @invariant()
    def holds(self) -> None:
        """Nothing is broken, and the ledger says what the book says."""
        assert invariants.check(self.county.local) == []
        for number in range(BASE, BASE + 16):
            at = holding.place(self.county.local, number)
            if number not in self.book.place:
                assert at is None
                continue
            expected = self.book.use.get(number, "moving" if number in self.book.way else "free")
            assert at is not None and (at.holder, at.state) == (self.book.place[number], expected)
        known = {one.number: one for one in record.listing(self.county.local)}
        assert {at: one.state for at, one in known.items()} == {at: one.state for at, one in self.book.sheets.items()}
        for number, one in known.items():
            state = self.book.sheets[number].state
            never = state in ("prepared", "approved", "spoiled")
            verdict = verification.verify(self.ledger, one.text, one.code)
            assert verdict == ("valid" if state == "issued" else "unknown" if never else "void")

    def teardown(self) -> None:
        """The store goes."""
        if hasattr(self, "ledger"):
            self.ledger.close()
            self.folder.cleanup()


def test_whoever_does_what_in_any_order_no_invariant_breaks_and_the_book_agrees() -> None:
    Offices.tried.clear()
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    often = settings(
        max_examples=10, stateful_step_count=50, deadline=None, derandomize=True, suppress_health_check=quiet
    )
    run_state_machine_as_test(Offices, settings=often)


def test_a_walk_does_everything_once() -> None:
    """So that no rule above is one that only ever refuses."""
    Offices.tried.clear()
    machine = Offices()
    machine.begin()
    steps: list[tuple[Callable[..., None], tuple[object, ...]]] = [
        (machine.send, (0, 1, CITY, "return")),
        (machine.answer, (0, True, CITY)),
        (machine.gone, (3, False)),
        (machine.destroy, (0,)),
        *((step, told) for baby in (0, 2, 3) for step, told in issued(machine, baby)),
        (machine.replaced, (0, 0, HOSPITAL, "ann", False)),
        (machine.approve, (0, "bob")),
        (machine.seal, (0, "cai")),
        (machine.afterwards, (0, "card")),
        (machine.afterwards, (0, "lose")),
        (machine.send, (0, 1, COUNTY, "return")),
        (machine.answer, (0, True, COUNTY)),
        (machine.replaced, (0, 0, COUNTY, "ann", True)),
        (machine.spoil, (61,)),
        (machine.afterwards, (0, "cancel")),
    ]
    try:
        for step, told in steps:
            step(*told)
            machine.holds()
    finally:
        machine.teardown()
    done = "answer approve cancel card destroy exchange gone lose prepare reissue seal send spoil"
    assert {name for name, allowed in Offices.tried if allowed} == set(done.split())


def issued(machine: Offices, baby: int) -> list[tuple[Callable[..., None], tuple[object, ...]]]:
    """The three steps of an issue."""
    return [
        (machine.prepare, (0, HOSPITAL, baby, "ann")),
        (machine.approve, (0, "bob")),
        (machine.seal, (0, "cai")),
    ]
