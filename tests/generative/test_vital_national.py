"""The set-based check of the national register against the simulation by the book, on small worlds full of trouble."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.programs.vital import number
from quanmin.programs.vital.national import RULES, finding
from quanmin.programs.vital.national.address import BALANCE, BIRTH, HOLDER, ISSUE, STOCK, Address, address
from quanmin.programs.vital.national.check import ALWAYS, Look, look
from quanmin.programs.vital.national.event import (
    EXCHANGE,
    FIRST,
    IN,
    ISSUED,
    OUT,
    PRINT,
    REISSUE,
    TRANSFER,
)
from quanmin.programs.vital.national.reference import Balance, Birth, Found, Holder, Issue, Register, Stock

TODAY = date(2024, 9, 1)
DAYS = [date(2022, 12, 25) + timedelta(days=at) for at in range(60)]
NATION, PROVINCE, CITY, COUNTY, OTHER_COUNTY = "00", "440000", "440100", "440106", "440105"
INSTITUTIONS = ("44010601", "44010602", "44010501")
FIRST_NUMBER = number.key("U449999979")
COLUMNS = {
    HOLDER: "code parent level region valid_from:date32 valid_to:date32",
    STOCK: "action_no:int64 kind from_org to_org edition:int64 letter first_serial:int64 last_serial:int64 quantity:int64 "
    "occurred_on:date32 reported_on:date32 pair:int64",
    ISSUE: "action_no:int64 kind certificate_no previous_no newborn edition:int64 institution_code issued_on:date32 "
    "reported_on:date32",
    BALANCE: "holder edition:int64 month:date32 opening:int64 received:int64 sent:int64 issued:int64 voided:int64 lost:int64 "
    "closing:int64",
    BIRTH: "certificate_no institution_code issued_on:date32",
}


def rows_of(one: Any) -> tuple[Any, ...]:
    """A row of the reference as the lake has it."""
    match one:
        case Holder():
            return one.code, one.parent, str(one.level), one.region, one.valid_from, one.valid_to
        case Stock():
            numbers = number.letter(one.first), one.first % 10**9, one.last % 10**9, one.quantity
            who = one.source, one.target, one.edition
            return one.action, str(one.kind), *who, *numbers, one.day, one.reported, one.pair
        case Issue():
            before = None if one.previous is None else number.text(one.previous)
            numbers = number.text(one.first), before, one.newborn, one.edition
            return one.action, str(one.kind - ISSUED), *numbers, one.target, one.day, one.reported
        case Balance():
            flows = one.received, one.sent, one.issued, one.voided, one.lost
            return one.holder, one.edition, one.month, one.opening, *flows, one.closing
        case Birth():
            return number.text(one.number), one.institution, one.issued_on
    raise TypeError(one)


def found_by_engine(world: Register, rows: int = 10, asked: Any = ALWAYS) -> dict[tuple[str, Address], Found]:
    """What the set-based check finds in a world, `rows` at a time."""
    connection = duckdb.connect(config={"threads": "1"})
    given = {
        HOLDER: world.holders,
        STOCK: world.stock,
        ISSUE: world.issues,
        BALANCE: world.balances,
        BIRTH: world.births,
    }
    tables = {dataset: each for dataset, each in given.items() if each is not None}
    for dataset, each in tables.items():
        columns = [name.partition(":") for name in COLUMNS[dataset].split()]
        columns += [("_batch", ":", "int64"), ("_row", ":", "int64")]
        lines = [(*rows_of(one), one.address.batch, one.address.row) for one in each]
        arrays = [
            pa.array([line[at] for line in lines], getattr(pa, kind or "string")())
            for at, (_, _, kind) in enumerate(columns)
        ]
        connection.register("given", pa.table(arrays, names=[name for name, _, _ in columns]))
        connection.execute(f'CREATE TABLE "{dataset}" AS SELECT * FROM given')

    def live(dataset: str, condition: str) -> str:
        return f'(SELECT r.* FROM "{dataset}" AS r WHERE {condition})'

    look(connection, Look(live, frozenset(tables), asked, world.today, rows))
    told = connection.execute("SELECT rule, address, numbers, beside FROM told").fetchall()
    assert (
        len(told)
        == sum(table.num_rows for table in finding.stored(connection))
        == sum(finding.counts(connection)[0].values())
    )
    connection.close()
    return {
        (rule, address(where)): Found(numbers, None if beside is None else address(beside))
        for rule, where, numbers, beside in told
    }


class World:
    """A year of a small province: guided steps, of which a share is wrong in some way."""

    def __init__(self, seed: int, steps: int, trouble: float) -> None:
        self.rng, self.trouble = random.Random(seed), trouble
        self.action, self.rows = 440000000000, Counter[str]()
        self.stock: list[Stock] = []
        self.issues: list[Issue] = []
        self.held: dict[int, str | None] = {}
        self.babies = 0
        self.holders = self._holders()
        self.print()
        for at in range(steps):
            self.day = DAYS[min(at * len(DAYS) // steps, len(DAYS) - 1)]
            self.rng.choice([self.move, self.move, self.move, self.issue, self.issue, self.end, self.replace])()
        self.distort()

    def at(self, dataset: str) -> Address:
        """The address of the next row."""
        self.rows[dataset] += 1
        return Address(dataset, self.rng.choice([1, 2, 3]), self.rows[dataset])

    def bad(self, share: float = 1.0) -> bool:
        """Whether something goes wrong now."""
        return self.rng.random() < self.trouble * share

    def _holders(self) -> list[Holder]:
        since, rng = date(2014, 1, 1), self.rng
        tree = [(NATION, None, 1, None), (PROVINCE, NATION, 2, PROVINCE), (CITY, PROVINCE, 3, CITY)]
        tree += [(COUNTY, CITY, 4, COUNTY), (OTHER_COUNTY, CITY, 4, OTHER_COUNTY)]
        tree += [(code, code[:6], 5, code[:6]) for code in INSTITUTIONS]
        tree += [("450000", NATION, 2, "450000")]
        made = [Holder(self.at(HOLDER), *one, since) for one in tree]
        if self.bad(3):
            made[-2] = Holder(made[-2].address, *tree[-2], since, rng.choice(DAYS))
        if self.bad(2):
            made.append(
                Holder(self.at(HOLDER), tree[-2][0], COUNTY, 5, COUNTY, rng.choice(DAYS), rng.choice([None, DAYS[-1]]))
            )
        if self.bad():
            made.append(Holder(self.at(HOLDER), "lost", "nobody", 5, COUNTY, since))
        return made

    def orgs(self) -> list[str]:
        return [NATION, PROVINCE, CITY, COUNTY, OTHER_COUNTY, *INSTITUTIONS]

    def shift(self, number_of_days: int) -> date:
        return self.day + timedelta(days=number_of_days)

    def act(
        self, kind: int, first: int, last: int, source: str | None, target: str | None, pair: int | None = None
    ) -> Stock:
        """One more stock action, perhaps with something wrong in its own values."""
        rng = self.rng
        self.action += rng.choice([1, 1, 2])
        quantity = last - first + 1 + (rng.choice([-1, 1]) if self.bad(0.2) else 0)
        reported = self.shift(rng.choice([-1, 1, 600]) if self.bad(0.2) else 0)
        day = self.shift(rng.choice([-9, -1, 1, 600])) if self.bad(0.2) else self.day
        if self.bad(0.1):
            source = rng.choice([*self.orgs(), "nobody", "450000"])
        if self.bad(0.1):
            target = target and rng.choice([*self.orgs(), "nobody", "450000"])
        edition = rng.choice([6, 7]) if self.bad(0.1) else 6
        one = Stock(
            self.at(STOCK), self.action, kind, source, target, edition, first, last, quantity, day, reported, pair
        )
        self.stock.append(one)
        return one

    def print(self) -> None:
        self.day = DAYS[0]
        last = FIRST_NUMBER + 19
        self.act(PRINT, FIRST_NUMBER, last, None, PROVINCE)
        self.held = dict.fromkeys(range(FIRST_NUMBER, last + 1), PROVINCE)
        if self.bad():
            self.act(PRINT, last - 1, last + self.rng.choice([0, 2]), None, self.rng.choice(self.orgs()))
            self.held |= {last + 1: PROVINCE, last + 2: None}

    def run(self, wanted: list[int]) -> tuple[int, int]:
        """A run of numbers with one holder, from those that are wanted."""
        first = last = self.rng.choice(wanted)
        while self.rng.random() < 0.8 and self.held.get(last + 1, "") == self.held[first]:
            last += 1
        return first, last

    def move(self) -> None:
        """Sheets go out, down or up or aside, and come in elsewhere."""
        rng = self.rng
        free = [one for one, org in self.held.items() if org is not None]
        if not free:
            return
        first, last = self.run(list(self.held) if self.bad(0.2) else free)
        source = self.held[first] if not self.bad(0.1) else rng.choice(self.orgs())
        parents = {one.code: one.parent for one in self.holders}
        below = [code for code, parent in parents.items() if parent == source] or [parents.get(str(source)) or CITY]
        target = rng.choice(self.orgs() if self.bad(0.2) else below)
        kind = 4 if parents.get(str(source)) == target else OUT
        if self.bad(0.2):
            kind = rng.choice([OUT, 4, TRANSFER])
        sent = self.act(kind, first, last, source, target)
        if not self.bad(0.5):
            self.receive(sent)
        if self.bad(0.1):
            self.receive(sent)

    def receive(self, sent: Stock) -> None:
        first, last, pair = sent.first, sent.last, sent.action
        if self.bad(0.2):
            first, last = first + self.rng.choice([0, 1, -1]), last + self.rng.choice([0, -1, 1])
        if self.bad(0.2):
            pair = self.rng.choice([1, *(one.action for one in self.stock)])
        self.act(IN, first, last, sent.source, sent.target, None if self.bad(0.03) else pair)
        if last < first:
            return
        self.held |= dict.fromkeys(range(sent.first, sent.last + 1), sent.target)

    def step(self, kind: int, key: int, previous: int | None, baby: str, target: str) -> None:
        rng = self.rng
        self.action += 1
        day = self.shift(rng.choice([-20, 400])) if self.bad(0.1) else self.day
        waited = rng.choice([-1, 2, 10, 11, 500]) if self.bad(0.2) else 0
        edition = 7 if self.bad(0.1) else 6
        reported = day + timedelta(days=waited)
        self.issues.append(
            Issue(self.at(ISSUE), self.action, kind, key, previous, baby, edition, target, day, reported)
        )

    def issue(self) -> None:
        """A first issue, by whoever holds the sheet if all is well."""
        rng = self.rng
        held = [one for one, org in self.held.items() if org in INSTITUTIONS]
        key = rng.choice(list(self.held)) if self.bad(0.3) or not held else rng.choice(held)
        self.babies += not self.bad(0.2)
        by = rng.choice(INSTITUTIONS) if self.bad(0.2) else self.held[key] or INSTITUTIONS[0]
        previous = key - 1 if self.bad(0.1) else None
        self.step(FIRST, key, previous, f"{self.babies:064x}", by)
        self.held[key] = None

    def end(self) -> None:
        """A blank is void, lost or destroyed, or a certificate is."""
        rng = self.rng
        if self.issues and rng.random() < 0.6:
            old = rng.choice(self.issues)
            self.step(rng.choice([14, 15, 16]), old.first, None, old.newborn, old.target)
            return
        free = [one for one, org in self.held.items() if org is not None]
        if not free:
            return
        first, last = self.run(free)
        self.act(rng.choice([6, 7] if not self.bad() else [6, 7, 8]), first, last, self.held[first], None)
        self.held |= dict.fromkeys(range(first, last + 1))
        if rng.random() < 0.3:
            self.act(8, first, last, self.stock[-1].source, None)

    def replace(self) -> None:
        """An exchange or a re-issue."""
        rng = self.rng
        held = [one for one, org in self.held.items() if org in INSTITUTIONS]
        if not self.issues or not held:
            return
        old = rng.choice(self.issues)
        kind = REISSUE if old.kind == 15 else EXCHANGE
        if self.bad():
            kind = rng.choice([EXCHANGE, REISSUE])
        baby = f"{rng.randrange(9):064x}" if self.bad(0.2) else old.newborn
        previous = old.first
        if self.bad(0.3):
            previous = rng.choice([None, *self.held])
        key = rng.choice(held)
        if self.bad(0.2):
            key = rng.choice([one.first for one in self.issues])
        self.step(kind, key, previous, baby, str(self.held[key] or INSTITUTIONS[0]))
        self.held[key] = None

    def distort(self) -> None:
        """Births and monthly stock, made of what happened and then perhaps wrong."""
        rng = self.rng
        self.births = [
            Birth(
                self.at(BIRTH),
                one.first + (1 if self.bad(0.1) else 0),
                rng.choice([*INSTITUTIONS, None]) if self.bad(0.3) else one.target,
                one.day + timedelta(days=1 if self.bad(0.1) else 0),
            )
            for one in self.issues
            if one.kind == FIRST and not self.bad(0.2)
        ]
        empty, months = (
            Register(self.holders, self.stock, self.issues),
            (date(2022, 12, 1), date(2023, 1, 1), date(2023, 2, 1)),
        )
        self.balances = []
        for holder in [PROVINCE, INSTITUTIONS[0], *(["nobody"] if self.bad() else [])]:
            stock = 0
            for month in months:
                flows = empty._flows(Balance(Address(BALANCE, 1, 1), holder, 6, month, *[0] * 7))
                flows = tuple(max(flow + (1 if self.bad(0.1) else 0), 0) for flow in flows)
                opening = stock + (1 if self.bad(0.1) else 0)
                stock = opening + flows[0] - sum(flows[1:]) + (1 if self.bad(0.1) else 0)
                self.balances.append(Balance(self.at(BALANCE), holder, 6, month, opening, *flows, stock))

    def register(self) -> Register:
        return Register(self.holders, self.stock, self.issues, self.balances, self.births, TODAY)


def differing(world: Register, rows: int) -> list[tuple[Any, Any, Any]]:
    """Where the check and the book disagree."""
    theirs, ours = world.check(), found_by_engine(world, rows)
    return [
        (key, theirs.get(key), ours.get(key)) for key in sorted({*theirs, *ours}) if theirs.get(key) != ours.get(key)
    ]


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    steps=st.integers(1, 40),
    trouble=st.sampled_from([0.0, 0.1, 0.4, 0.8]),
    rows=st.sampled_from([5, 1000]),
)
def test_the_check_finds_what_the_book_finds(seed: int, steps: int, trouble: float, rows: int) -> None:
    assert differing(World(seed, steps, trouble).register(), rows) == []


def test_every_rule_was_broken_and_found() -> None:
    """A meta-test: the worlds above break each rule at least once."""
    broken = Counter[str]()
    for seed in range(200):
        world = World(seed, 40, 0.6).register()
        broken.update(rule for rule, _ in world.check())
    assert [rule.id for rule in RULES if not broken[rule.id]] == []
