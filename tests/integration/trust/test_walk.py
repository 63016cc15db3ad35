"""Attack A2, a walk: whoever asks for somebody whom he may not see gets what is said of somebody who does not exist.

Seven people at two offices and a hospital ask about eight numbers, one of which nobody has, in seven ways, while relations begin
and end and sessions are revoked. Every decision that was asked for is one entry of the audit, and every read refers to one.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from quanmin import collect, population, trust
from quanmin.errors import QuanminError
from quanmin.lake import Lake
from quanmin.lake.lookup import LookUps
from quanmin.population.find import Sought, search
from quanmin.population.history import history
from quanmin.population.identifiers import identifiers_of
from quanmin.settings import Settings
from quanmin.standards.identity import check_character
from quanmin.trust import Actor, audit, identity
from quanmin.trust.circumstance import Circumstances
from quanmin.trust.identity import Proofs, Registry, account, founding, mandate, organisation, patient, totp
from quanmin.trust.identity.errors import NotYourWork, SessionOver

REGISTER = "public_security.household_registration"
FIRST = [
    f"{place}19{year}0312{order}" for place in ("370102", "370202") for year, order in ((49, 123), (72, 246), (88, 351))
]
NUMBERS = [one + check_character(one) for one in (*FIRST, "37010219550101777", "37020219550101777")]
NAMES = ["龘一", "龘二", "龘三", "龘四", "龘五", "龘六"]
PEOPLE, ABSENT = range(6), {6: "370102", 7: "370202"}
BASE = "linked.person"
SECRET = "marble-Ostrich_55 kite"


@dataclass
class World:
    """The base, the accounts, a clock, and what is true of whom."""

    lake: Lake
    registry: Registry
    facts: Circumstances
    clock: datetime
    seeds: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    care: dict[int, int] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    decided: int = 0

    def sign_in(self, name: str) -> str:
        """A new session."""
        self.clock += timedelta(seconds=30)
        code = totp.code(base64.b32decode(self.seeds[name]), totp.step_of(self.clock))
        self.tokens[name] = identity.sign_in(self.registry, name, Proofs(SECRET, code), f"desk {name}")
        self.ended.discard(name)
        return self.tokens[name]

    def open(self, name: str, halves: tuple[str, str]) -> None:
        """Activate an account."""
        self.seeds[name] = identity.activate(self.registry, name, halves, SECRET, f"desk {name}")
        self.clock += timedelta(seconds=30)
        code = totp.code(base64.b32decode(self.seeds[name]), totp.step_of(self.clock))
        identity.enrol(self.registry, name, Proofs(SECRET, code), f"desk {name}")

    def actor(self, name: str) -> Actor:
        """Who a session stands for now."""
        return identity.authenticate(self.registry, self.tokens[name])

    def decide(self, actor: Actor, purpose: str, dataset: str, columns: Sequence[str], number: str) -> trust.Decision:
        """One decision, counted."""
        self.decided += 1
        about = self.facts.situation(actor, purpose, dataset, number)
        return trust.decide(self.lake.ledger, actor, purpose, dataset, tuple(columns), f"case {self.decided}", about)

    def employ(self, name: str, kind: Any, place: str, role: str, until: date) -> None:
        """An account with a grant."""
        system, security = (identity.authenticate(self.registry, self.sign_in(one)) for one in ("sys-one", "sec-one"))
        half = account.add(self.registry, system, name, kind, place, f"number of {name}", f"王{name}")
        self.open(name, (half, account.confirm(self.registry, security, name)))
        more = {"role": role, "organisation": place, "purpose": "work", "owner": "sys-one"}
        made = mandate.propose(self.registry, system, "grant", name, until, **more)
        mandate.confirm(self.registry, security, made.id)


def _world(folder: Path) -> World:
    lake = Lake.open(Settings(home=folder / "home", buckets=2, threads=1))
    path = folder / "register.csv"
    lines = [
        f"HH000{n},1,{NUMBERS[n]},{NAMES[n]},{'12'[int(NUMBERS[n][16]) % 2 == 0]},{FIRST[n][6:10]}-03-12,{FIRST[n][:6]}"
        for n in PEOPLE
    ]
    head = "户号,户内序号,公民身份号码,姓名,性别,出生日期,户籍地行政区划"
    path.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    assert collect.collect(lake, REGISTER, path, "public_security", trust.local_administrator()).accepted == len(PEOPLE)
    population.build(lake)
    registry = replace(Registry.open(lake.ledger, lake.settings), work=4)
    made = World(lake, registry, Circumstances(registry, lake.settings), datetime(2026, 11, 2, 8, tzinfo=UTC))
    lake.ledger.now = lambda: made.clock
    _accounts(made)
    return made


def _accounts(world: World) -> None:
    """Founders, two supervisors of two divisions, one whose grant is over, a doctor, a patient, a guardian who was."""
    registry, today = world.registry, world.clock.date()
    founders = [founding.Founder(name, f"number of {name}") for name in ("sys-one", "sec-one", "aud-one")]
    for name, halves in founding.found(registry, "office", "省卫健委", "370000", *founders).items():
        world.open(name, halves)
    for name, region in (("office-a", "370100"), ("office-b", "370200"), ("hospital", "370100")):
        organisation.add(
            registry, identity.authenticate(registry, world.sign_in("sys-one")), name, name, region, "office"
        )
    far = today + timedelta(days=300)
    world.employ("sup-a", "staff", "office-a", "supervisor", far)
    world.employ("sup-b", "staff", "office-b", "supervisor", far)
    world.employ("sup-old", "staff", "office-b", "supervisor", today)
    world.employ("dr-a", "clinician", "hospital", "clinician", far)
    for name, who in (("patient", 0), ("guardian", 4)):
        claim = identity.Claim(NUMBERS[who], NAMES[who], "phone", "x")
        known, halves = patient.enrol(registry, _proven, claim, f"desk {name}")
        world.open(known, halves)
        world.seeds[name], world.codes[name] = world.seeds[known], (known, "")
    system, security = (identity.authenticate(registry, world.sign_in(one)) for one in ("sys-one", "sec-one"))
    known = world.codes["guardian"][0]
    ward = patient.guardian(registry, system, known, NUMBERS[3], "parent", far)
    mandate.confirm(registry, security, ward.id)
    world.care[-1] = ward.id
    _careless(world, 1, today)
    world.clock += timedelta(days=2)
    world.seeds |= {world.codes[name][0]: world.seeds[name] for name in world.codes}


def _proven(claim: identity.Claim) -> str:
    """A base that believes everybody: who may be enrolled is not what is walked here."""
    return claim.number


def _careless(world: World, person: int, until: date) -> int:
    made = world.facts.open_care(trust.local_administrator(), NUMBERS[person], until, "dr-a")
    return made.id


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = _world(tmp_path_factory.mktemp("walk"))
    yield made
    made.lake.close()


PURPOSE = {"sup-a": "supervision", "sup-b": "supervision", "sup-old": "supervision", "dr-a": "treatment"}
PURPOSE |= {"patient": "own_record", "guardian": "own_record", "aud-one": "supervision"}
WAYS = ("gate", "bulk", "row", "show", "history", "identifiers", "find")
COLUMNS = population.PERSON_COLUMNS


class Walk(RuleBasedStateMachine):
    """Everybody asks about everybody."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[tuple[str, int, str], object] = {}
        world = self.world
        for document in [world.care.pop(person) for person in list(world.care) if person >= 0]:
            world.facts.end_care(trust.local_administrator(), document, "over")
        for name in PURPOSE:
            world.tokens[name] = world.sign_in(world.codes.get(name, (name,))[0])
        world.ended.clear()
        world.decided = sum(1 for _ in audit.entries(world.lake.ledger, "decide"))

    def may(self, who: str, person: int) -> bool:
        """The plain rule that the walk is held against."""
        if person in ABSENT:
            return False
        match who:
            case "sup-a":
                return person < 3
            case "sup-b":
                return person >= 3
            case "dr-a":
                return person in self.world.care
            case "patient":
                return person == 0
            case "guardian":
                return person == 4
        return False

    @rule(who=st.sampled_from(sorted(PURPOSE)), person=st.integers(0, 7), way=st.sampled_from(WAYS))
    def ask(self, who: str, person: int, way: str) -> None:
        """One asks about one."""
        if who in self.world.ended:
            with pytest.raises(SessionOver):
                self.world.actor(who)
            return
        got = self.answer(who, person, way)
        if self.may(who, person) and isinstance(got, dict):  # the person may be seen, the register's numbers may not
            assert (who, way, got["address"]["dataset"]) == ("dr-a", "identifiers", REGISTER)
        elif self.may(who, person):
            assert isinstance(got, str) and NAMES[person] in got and sum(name in got for name in NAMES) == 1, (way, got)
        else:
            assert got == self.nobody(who, person, way) and not isinstance(got, str), (who, person, way)
            assert not any(text in str(got) for text in (*NAMES, *NUMBERS, *FIRST))

    def nobody(self, who: str, person: int, way: str) -> object:
        """What is said of a number of the same division that nobody has; the same until something changes."""
        place = next(one for one, region in ABSENT.items() if NUMBERS[person].startswith(region))
        if (who, place, way) not in self.known:
            self.known[who, place, way] = self.answer(who, place, way)
        return self.known[who, place, way]

    def answer(self, who: str, person: int, way: str) -> object:
        """What is shown, as text; else the whole body of the refusal, or that there are no rows."""
        world, number = self.world, NUMBERS[person]
        actor, purpose = world.actor(who), PURPOSE[who]

        def decide(dataset: str, columns: Sequence[str]) -> trust.Decision:
            return world.decide(actor, purpose, dataset, columns, number)

        try:
            found = ASK[way](world.lake, decide, number)
        except QuanminError as error:
            return error.to_dict()
        return str(found) if found else None

    @rule(person=st.sampled_from(PEOPLE))
    def treat(self, person: int) -> None:
        """The doctor begins to treat somebody."""
        self.known.clear()
        if person not in self.world.care:
            self.world.care[person] = _careless(self.world, person, self.world.clock.date())

    @rule(person=st.sampled_from(PEOPLE))
    def leave(self, person: int) -> None:
        """And ends."""
        self.known.clear()
        if person in self.world.care:
            self.world.facts.end_care(trust.local_administrator(), self.world.care.pop(person), "discharged")

    @rule(who=st.sampled_from(["sup-a", "sup-b", "dr-a"]))
    def revoke(self, who: str) -> None:
        """A session is revoked: the next question no longer counts it."""
        self.known.clear()
        security = identity.authenticate(self.world.registry, self.world.sign_in("sec-one"))
        identity.session.revoke(self.world.registry, security, who)
        self.world.ended.add(who)

    @rule(who=st.sampled_from(["sup-a", "sup-b", "dr-a"]))
    def return_(self, who: str) -> None:
        """Somebody signs in again."""
        self.world.sign_in(who)

    @invariant()
    def every_decision_is_one_entry(self) -> None:
        """count(decisions) = count(log), and no read without a decision."""
        ledger = self.world.lake.ledger
        made = Counter(one.fields["decision"] for one in audit.entries(ledger, "decide"))
        assert made.total() == len(made) == self.world.decided
        assert {one.fields["decision"] for one in audit.entries(ledger, "read")} <= set(made)


def _key(number: str) -> int:
    return int(number[:17])


def _row(lake: Lake, decide: Any, number: str) -> Any:
    ups = LookUps(lake, BASE)
    try:
        return ups.row(decide(BASE, ("name", "citizen_number")), _key(number))
    finally:
        ups.close()


ASK: dict[str, Callable[[Lake, Any, str], Any]] = {
    "gate": lambda lake, decide, number: (
        lake.read(decide(BASE, ("name", "citizen_number"))).where(person_key=_key(number)).fetch().to_pylist()
    ),
    "bulk": lambda lake, decide, number: [
        row
        for row in lake.read(decide(BASE, ("name", "citizen_number", "sex"))).fetch().to_pylist()
        if row["citizen_number"] == number
    ],
    "row": _row,
    "show": lambda lake, decide, number: population.show(lake, decide(BASE, COLUMNS), number),
    "history": lambda lake, decide, number: history(lake, decide(BASE, COLUMNS), number)["changes"],
    "identifiers": lambda lake, decide, number: (
        f"{identifiers_of(lake, decide, number)} {NAMES[NUMBERS.index(number)]}"
    ),
    "find": lambda lake, decide, number: search(
        lake, decide, Sought(name=[*NAMES, "龘七", "龘八"][NUMBERS.index(number)], birth_year=int(number[6:10]))
    ),
}


def test_nobody_sees_whom_he_may_not(world: World) -> None:
    Walk.world = world
    limits = how(max_examples=6, stateful_step_count=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    run_state_machine_as_test(Walk, settings=limits)


def test_everybody_in_every_way(world: World) -> None:
    """The walk takes a sample; this is the whole table, once."""
    Walk.world = world
    walk = Walk()
    walk.treat(2)
    for who in PURPOSE:
        for person, way in product((0, 2, 4, 6, 7), WAYS):
            walk.ask(who, person, way)
    walk.every_decision_is_one_entry()


def test_an_ended_guardianship_opens_nobody(world: World) -> None:
    token, number = world.sign_in(world.codes["guardian"][0]), world.care[-1]
    actor = identity.act_for(world.registry, token, number)
    made = world.decide(actor, "own_record", BASE, ("name",), NUMBERS[3])
    assert world.lake.read(made).fetch()["name"].to_pylist() == [NAMES[3]]
    security = identity.authenticate(world.registry, world.sign_in("sec-one"))
    mandate.end(world.registry, security, number, "of age")
    after = identity.authenticate(world.registry, token)
    assert not world.decide(after, "own_record", BASE, ("name",), NUMBERS[3]).allowed
    with pytest.raises(NotYourWork):
        identity.act_for(world.registry, token, number)


def test_a_walk_that_would_be_told_the_difference_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk is no formality: a gate that forgets the rows is caught by it."""
    Walk.world = world
    walk = Walk()
    monkeypatch.setattr("quanmin.lake.gate.Reading._limits", lambda *_: [])
    with pytest.raises(AssertionError):
        walk.ask("sup-a", 4, "gate")
