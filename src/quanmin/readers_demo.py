"""Five people with different posts read the same person: what each gets, and why.

`readers` writes down the facts that such a reading needs (the person is under treatment and has agreed to an insurer, two
institutions have agreements), lets each read, and tells the outcome. For a demonstration: it writes into the ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from quanmin import trust
from quanmin.lake import Lake
from quanmin.population.tables import PERSON
from quanmin.standards.region import NATION
from quanmin.text import Text
from quanmin.trust import Actor, Pseudonyms
from quanmin.trust.circumstance import Circumstances
from quanmin.trust.identity import account

SHOWN = (
    "citizen_number",
    "name",
    "sex",
    "birth_date",
    "birth_place",
    "marital_status",
    "registered_address",
    "death_date",
)

Sitting = Callable[[str], Actor]
"""Who signed in under the name of an account; without accounts the people are made up."""


@dataclass(frozen=True)
class Reader:
    """Somebody who reads: a title, who it is, and for what purpose."""

    title: Text
    actor: Actor
    purpose: str


@dataclass(frozen=True)
class Read:
    """What a reader got of the person: a value for each column that is shown, and why; `rows` that the reading covers."""

    title: Text
    purpose: str
    rows: int
    values: dict[str, Any]
    outcomes: dict[str, str]
    reasons: dict[str, Text]
    obligations: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return {**self.__dict__, "obligations": list(self.obligations)}


def somebody(lake: Lake) -> str:
    """The number of a living, married or divorced person with an address, so that there is something to see; else of anybody."""
    columns = ("citizen_number", "marital_status", "death_date", "registered_address")
    made = trust.decide(lake.ledger, trust.local_administrator(), "supervision", PERSON, columns, case="demo")
    rows = lake.read(made).fetch().to_pylist()
    living = [row for row in rows if row["death_date"] is None and row["registered_address"]]
    alive = [row for row in living if str(row["marital_status"] or "") > "20"] or living or rows
    return min(str(row["citizen_number"]) for row in alive)


def readers(lake: Lake, number: str, sitting: Sitting | None = None) -> list[Read]:
    """What the treating doctor, the statistician, the researcher, the insurer and the citizen get of one person."""
    facts = Circumstances.open(lake.ledger, lake.settings)
    people = _people(facts, number)
    if sitting is not None:
        people = [replace(one, actor=sitting(one.actor.id)) for one in people]
    _agree(facts, number, people, sitting)
    return [_read(lake, facts, one, number) for one in people]


def _people(facts: Circumstances, number: str) -> list[Reader]:
    def actor(name: str, role: str, organisation: str | None, **more: Any) -> Actor:
        known: dict[str, Any] = {"kind": "staff", "assurance": 2, "mfa": True, "region": NATION, **more}
        return Actor(name, frozenset({role}), organisation, **known)

    subject = account.subject_of(facts.registry, number)
    citizen = actor("demo-citizen", "patient", None, kind="patient", region=None, subject=subject)
    return [
        Reader(Text("经治医师", "treating doctor"), actor("demo-doctor", "clinician", "demo-hospital"), "treatment"),
        Reader(
            Text("统计人员", "statistician"), actor("demo-statistician", "statistician", "demo-bureau"), "statistics"
        ),
        Reader(Text("科研人员", "researcher"), actor("demo-researcher", "researcher", "demo-university"), "research"),
        Reader(Text("保险机构", "insurer"), actor("demo-insurer", "insurer", "demo-insurer-co"), "insurance"),
        Reader(Text("本人", "the citizen"), citizen, "own_record"),
    ]


def _agree(facts: Circumstances, number: str, people: list[Reader], sitting: Sitting | None) -> None:
    """The facts: under treatment, agreed to the insurer, agreements that one person proposed and another confirmed."""
    until = facts.ledger.now().date() + timedelta(days=30)
    clerk = first = trust.local_administrator()
    second = trust.acting_as(first, "demo-security")
    if sitting is not None:
        clerk, first, second = sitting("demo-clerk"), sitting("demo-system"), sitting("demo-security")
    by = {one.purpose: one.actor for one in people}
    facts.open_care(clerk, number, until, by["treatment"].id)
    facts.consent(by["own_record"], number, "insurance")
    for purpose in ("research", "insurance"):
        made = facts.propose_agreement(first, str(by[purpose].organisation), purpose, [PERSON], until)
        facts.confirm_agreement(second, made.id)


def _read(lake: Lake, facts: Circumstances, reader: Reader, number: str) -> Read:
    general = reader.purpose in ("statistics", "research")
    about = facts.situation(reader.actor, reader.purpose, PERSON, None if general else number)
    made = trust.decide(lake.ledger, reader.actor, reader.purpose, PERSON, SHOWN, context=about)
    table = lake.read(made).fetch()
    rows = table.to_pylist()
    if reader.purpose == "statistics":
        found: dict[str, Any] = {}  # sums only: nobody's row is told
    elif reader.purpose == "research":
        mine = Pseudonyms.open(lake.settings, reader.purpose).of(number)
        found = next((row for row in rows if row["citizen_number"] == mine), {})
    else:
        found = rows[0] if rows else {}
    reasons = {column.name: column.reason for column in made.columns}
    outcomes = {column.name: str(column.outcome) for column in made.columns}
    return Read(reader.title, reader.purpose, table.num_rows, found, outcomes, reasons, made.obligations)
