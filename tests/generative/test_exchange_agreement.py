"""Agreements against plain references: what the gate gives, and who may do what in any order."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from quanmin import standards, trust
from quanmin.errors import QuanminError
from quanmin.exchange.agreement import decide
from quanmin.exchange.agreement.decision import consumer
from quanmin.exchange.terms import Terms
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust.errors import AccessDenied

from ..unit.exchange.agreement import parties as names
from ..unit.exchange.agreement.cremations import BASE, DATASET, fill, number, rows
from ..unit.exchange.agreement.parties import Parties, place_in_force, wish

PURPOSES = ("sharing", "supervision", "emergency", "public_health", "research", "open_data", "treatment", "operation")
SHARING = ("sharing", "supervision", "emergency", "public_health")
_FUNERAL = [one.name for one in standards.catalogue().dataset(DATASET).elements]
_ITEMS = [one.id for one in standards.catalogue().items]
COLUMNS = {DATASET: [*_FUNERAL, "person_key", "no_such"], BASE: [*_ITEMS, "person_key", "name_source"]}
CODES = {DATASET: "disposal", BASE: "sex"}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lake, Parties]]:
    made = Settings(home=tmp_path_factory.mktemp("agreed") / "home", buckets=1)
    with Lake.open(made) as lake:
        fill(lake)
        yield lake, Parties(made, lake.ledger)


@st.composite
def agreements(draw: st.DrawFn) -> tuple[Terms, list[str], str | None]:
    """Terms of any kind, columns that are asked for, and a case or none."""
    dataset = draw(st.sampled_from([DATASET, BASE]))
    names_of = st.lists(st.sampled_from(COLUMNS[dataset]), unique=True, max_size=6)
    elements = draw(names_of)
    asked = draw(st.lists(st.sampled_from(COLUMNS[dataset]), unique=True, min_size=1, max_size=8))
    region = draw(st.sampled_from([None, "370000", "370100", "370202", "000000", "510104", "440000"]))
    where = draw(st.dictionaries(st.just(CODES[dataset]), st.lists(st.sampled_from("123"), max_size=2, unique=True)))
    told = wish(dataset=dataset, elements=elements, region=region, where=where, case=draw(st.booleans()))
    told["purpose"] = draw(st.sampled_from(PURPOSES))
    terms = Terms.read({**told, "id": "A-2026-0000", "version": 1, "authority": names.PLATFORM})
    return terms, asked, draw(st.sampled_from([None, " ", "C-1"]))


def _inside(key: int, region: str | None) -> bool:
    stem = region or ""
    while stem.endswith("00"):
        stem = stem[:-2]
    return f"{key:017d}".startswith(stem)


def _reference(terms: Terms, asked: list[str], case: str | None) -> tuple[list[str], list[dict[str, Any]]]:
    """The columns and rows, one by one as anybody would do it by hand."""
    shared = terms.purpose in SHARING and (terms.purpose != "public_health" or terms.dataset == BASE)
    free = not terms.case or (case is not None and case.strip() != "")
    columns = [one for one in asked if one in terms.elements and one != "no_such"] if shared and free else []
    stored = {one["person_key"]: one for one in rows(terms.dataset)}
    kept = [
        one
        for key, one in stored.items()
        if _inside(key, terms.region) and all(one[name] in codes for name, codes in terms.where.items())
    ]
    return columns, kept


_count = iter(range(1, 10**6))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=agreements())
def test_the_gate_gives_exactly_the_agreed_and_permitted_columns_and_rows(
    held: tuple[Lake, Parties], made: tuple[Terms, list[str], str | None]
) -> None:
    lake, _ = held
    drawn, asked, case = made
    terms = Terms.read({**drawn.to_dict(), "id": f"A-2026-{next(_count):04d}"})
    place_in_force(lake.ledger, terms)
    columns, kept = _reference(terms, [one for one in asked if one != "name_source"], case)
    asked = [one for one in asked if one != "name_source"]
    decision = decide(lake, terms, case, elements=asked)
    assert [one.name for one in decision.columns if one.outcome != "withheld"] == columns
    assert all(one.outcome in ("clear", "withheld") for one in decision.columns)
    if not columns:
        with pytest.raises(AccessDenied):
            lake.read(decision)
        return
    found = lake.read(decision).fetch()
    assert found.column_names == columns
    wanted = [{name: _shown(one, name) for name in columns} for one in kept]
    assert sorted(map(repr, found.to_pylist())) == sorted(map(repr, wanted))


def _shown(row: dict[str, Any], name: str) -> Any:
    if name in row:
        return row[name]
    return number(row["person_key"])


class Course:
    """What a version should be, told by its own plain words and not by the workflow."""

    def __init__(self, agreement: str, version: int, starts: date, until: date) -> None:
        self.id, self.version, self.starts, self.until = agreement, version, starts, until
        self.state = "draft"
        self.signed: set[str] = set()
        self.by = ""


MEMBERS = (names.PLATFORM, names.PROVIDER, names.CONSUMER, names.STRANGER)
_STEPS: dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    "request": (("draft",), "requested", (names.CONSUMER, names.PROVIDER)),
    "review": (("requested",), "reviewed", (names.PLATFORM,)),
    "answer": (("reviewed", "answered"), "answered", (names.PROVIDER,)),
    "suspend": (("in_force",), "suspended", (names.PROVIDER, names.PLATFORM)),
    "resume": (("suspended",), "in_force", (names.PROVIDER, names.PLATFORM)),
    "revoke": (("in_force", "suspended"), "revoked", (names.PROVIDER, names.PLATFORM)),
}
_OVER = ("revoked", "expired", "superseded", "withdrawn")


class Sharing(RuleBasedStateMachine):
    """Members act at random on agreements; a plain model says what should come of it."""

    reached: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        own = Settings(home=Path(self.folder.name) / "home", buckets=1)
        self.lake = Lake.open(own)
        self.parties = Parties(own, self.lake.ledger)
        self.courses: list[Course] = []

    def teardown(self) -> None:
        self.lake.close()
        self.folder.cleanup()

    @property
    def today(self) -> date:
        return (self.parties.now + timedelta(hours=8)).date()

    @initialize()
    def begin(self) -> None:
        self.draft(-1, 40)
        self.goes_its_way(0)
        self.both_sign(0)

    @rule(starts=st.integers(-1, 20), lasts=st.integers(5, 60))
    def draft(self, starts: int, lasts: int) -> None:
        first = self.today + timedelta(days=starts)
        last = first + timedelta(days=lasts)
        told = wish(starts=first.isoformat(), until=last.isoformat())
        made = self.parties.office.draft(names.CONSUMER, told)
        assert made.ref not in {one.id for one in self.courses}
        self.courses.append(Course(str(made.ref), 1, first, last))

    @rule(at=st.integers(0, 5), days=st.integers(0, 10), through=st.booleans())
    def revise(self, at: int, days: int, through: bool) -> None:
        mine = self._newest(at)
        first = self.today + timedelta(days=days)
        fits = mine.state in ("in_force", "suspended", "expired", "revoked", "withdrawn")
        told = {"starts": first.isoformat(), "until": (first + timedelta(days=30)).isoformat()}
        if self._tried(lambda: self.parties.office.revise(names.CONSUMER, mine.id, told), fits):
            self.courses.append(Course(mine.id, mine.version + 1, first, first + timedelta(days=30)))
            if through:
                self.goes_its_way(at)
                self.both_sign(at)

    @rule(at=st.integers(0, 5), step=st.sampled_from(sorted(_STEPS)), who=st.sampled_from(MEMBERS))
    def act(self, at: int, step: str, who: str) -> None:
        sources, target, doers = _STEPS[step]
        mine = self._acted_on(at, sources)
        fits = mine is not None and who in doers
        if mine is not None and step in ("request", "review", "answer"):
            fits = fits and mine.until >= self.today
        if mine is not None and step == "resume":
            fits = fits and who == mine.by
        reason = ("because",) if step in ("suspend", "revoke") else ()
        office, agreement = self.parties.office, self._newest(at).id
        if self._tried(lambda: getattr(office, step)(who, agreement, *reason), fits) and mine is not None:
            mine.state = target
            mine.by = who if step == "suspend" else mine.by
            mine.signed = set() if step == "answer" else mine.signed

    @rule(at=st.integers(0, 5), who=st.sampled_from(MEMBERS), by=st.sampled_from(MEMBERS), other=st.booleans())
    def sign(self, at: int, who: str, by: str, other: bool) -> None:
        mine = self._acted_on(at, ("answered",))
        agreement = self._newest(at).id
        version = mine.version if mine else None
        terms = Terms.read({**wish(), "id": agreement, "version": 1, "authority": names.PLATFORM, "where": {}})
        if mine is not None:
            terms = self.parties.office.terms(self.parties.office.course(names.PLATFORM, agreement, version))
        pen = self.parties.pens[by]
        text = terms.revised().text() if other else terms.text()
        fits = mine is not None and who in (names.PROVIDER, names.CONSUMER) and who == by and not other
        fits = fits and mine is not None and who not in mine.signed and mine.until >= self.today
        done = self._tried(lambda: self.parties.office.sign(who, agreement, pen.key, pen.sign(text).hex()), fits)
        if done and mine is not None:
            mine.signed.add(who)
            if mine.signed == {names.PROVIDER, names.CONSUMER}:
                mine.state = "in_force"
                self._overtake(agreement)

    @rule(at=st.integers(0, 5))
    def both_sign(self, at: int) -> None:
        for who in (names.PROVIDER, names.CONSUMER):
            self.sign(at, who, who, False)

    @rule(at=st.integers(0, 5))
    def goes_its_way(self, at: int) -> None:
        for step, who in (("request", names.CONSUMER), ("review", names.PLATFORM), ("answer", names.PROVIDER)):
            self.act(at, step, who)

    @rule(at=st.integers(0, 5), who=st.sampled_from(MEMBERS))
    def withdraw(self, at: int, who: str) -> None:
        mine = self._acted_on(at, ("draft", "requested", "reviewed", "answered", "in_force", "suspended"))
        fits = mine is not None and (who == names.CONSUMER or (who == names.PROVIDER and mine.state == "draft"))
        if self._tried(lambda: self.parties.office.withdraw(who, self._newest(at).id), fits) and mine is not None:
            mine.state = "withdrawn"

    @rule(days=st.integers(1, 12), told=st.booleans())
    def time_passes(self, days: int, told: bool) -> None:
        self.parties.now += timedelta(days=days)
        if not told:
            return
        self.parties.office.tick()
        for one in self.courses:
            if one.state not in _OVER and one.until < self.today:
                one.state = "expired"
        for agreement in {one.id for one in self.courses}:
            self._overtake(agreement)

    def _overtake(self, agreement: str) -> None:
        standing = [one for one in self.courses if one.id == agreement and one.state in ("in_force", "suspended")]
        begun = [one.version for one in standing if one.starts <= self.today]
        if not any(one.state == "in_force" for one in standing):
            return
        for one in standing:
            if one.version < max(begun, default=0):
                one.state = "superseded"

    def _tried(self, do: Any, fits: bool) -> bool:
        try:
            do()
        except QuanminError:
            assert not fits
            return False
        assert fits
        return True

    def _newest(self, at: int) -> Course:
        named = sorted({one.id for one in self.courses})
        return [one for one in self.courses if one.id == named[at % len(named)]][-1]

    def _acted_on(self, at: int, sources: tuple[str, ...]) -> Course | None:
        agreement = self._newest(at).id
        fitting = [one for one in self.courses if one.id == agreement and one.state in sources]
        return fitting[-1] if fitting else None

    @invariant()
    def a_field_is_shown_by_a_signed_agreement_in_force_on_its_days_and_by_no_other(self) -> None:
        for one in self.courses:
            begun = [
                other.version
                for other in self.courses
                if other.id == one.id and other.state in ("in_force", "suspended") and other.starts <= self.today
            ]
            counts = one.state == "in_force" and one.version == max(begun, default=0) and one.until >= self.today
            document = self.parties.office.course(names.PLATFORM, one.id, one.version)
            assert document.state == one.state
            self.reached.add(one.state if one.version == 1 else f"second {one.state}")
            terms = self.parties.office.terms(document)
            assert decide(self.lake, terms, "C-1").allowed == counts
            assert not counts or one.signed == {names.PROVIDER, names.CONSUMER}
            assert not trust.decide(
                self.lake.ledger, consumer(terms), terms.purpose, terms.dataset, terms.elements, "C-1"
            ).allowed


def test_whoever_does_what_in_any_order_a_field_needs_both_signatures_and_its_days() -> None:
    run_state_machine_as_test(Sharing, settings=settings(max_examples=30, stateful_step_count=30, deadline=None))


def test_the_model_and_the_office_go_through_every_state_together() -> None:
    """One walk that is sure to reach what the random ones may miss."""
    Sharing.reached.clear()
    machine = Sharing()
    walk: list[tuple[Any, ...]] = [
        (machine.begin,),
        (machine.act, 0, "suspend", names.PROVIDER),
        (machine.act, 0, "resume", names.PLATFORM),
        (machine.act, 0, "resume", names.PROVIDER),
        (machine.revise, 0, 3, True),
        (machine.time_passes, 4, True),
        (machine.act, 0, "suspend", names.PLATFORM),
        (machine.act, 0, "revoke", names.PROVIDER),
        (machine.draft, 0, 9),
        (machine.goes_its_way, 1),
        (machine.sign, 1, names.CONSUMER, names.PROVIDER, False),
        (machine.sign, 1, names.CONSUMER, names.CONSUMER, True),
        (machine.both_sign, 1),
        (machine.time_passes, 12, False),
        (machine.time_passes, 1, True),
        (machine.draft, 0, 9),
        (machine.withdraw, 2, names.STRANGER),
        (machine.withdraw, 2, names.CONSUMER),
    ]
    try:
        for do, *told in walk:
            do(*told)
            machine.a_field_is_shown_by_a_signed_agreement_in_force_on_its_days_and_by_no_other()
    finally:
        machine.teardown()
    states = {"draft", "in_force", "suspended", "superseded", "answered", "expired", "withdrawn"}
    assert Sharing.reached >= {*states, "second in_force", "second suspended", "second revoked"}
