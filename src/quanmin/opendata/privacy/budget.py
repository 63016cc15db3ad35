"""How much may be told of a dataset at all: a total of epsilon and delta for a period, proposed by one person, given by another.

A dataset has one budget at a time. Nothing raises it or gives it back; when it is used up or over, a new one with its own reason
is proposed for a later period (or after the old one was ended), and what all periods spent together is always told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from quanmin.ledger import Action, Document, Either, Ledger, Workflow, database, register
from quanmin.ledger.errors import UnknownDocument
from quanmin.ledger.table import PrivacySpendingRow
from quanmin.opendata.privacy.errors import (
    BudgetInvalid,
    BudgetMissing,
    BudgetOverlaps,
    OwnProposal,
    UnknownBudget,
)
from quanmin.opendata.privacy.query import DELTA, EPSILON, decimal
from quanmin.redaction import plain_word, redacted
from quanmin.trust import Actor, audit
from quanmin.trust.identity import duty
from quanmin.trust.keys.errors import RoleMissing
from quanmin.trust.policy.weighing import is_local

OFFICER = "release_officer"
MOST_EPSILON, MOST_DELTA = Decimal(100), Decimal("1e-4")
"""No budget is greater: beyond it the word private means little."""
_LONGEST = 1_000

BUDGET = register(
    Workflow(
        "privacy_budget",
        start="proposed",
        actions=[
            Action("confirm", "proposed", "given", by=Either(OFFICER, duty.SECURITY)),
            Action("refuse", "proposed", "refused", by=Either(OFFICER, duty.SECURITY), needs=("because",)),
            Action("end", "given", "ended", by=Either(OFFICER, duty.SECURITY), needs=("because",)),
        ],
        words=("reason", "because"),
    )
)


@dataclass(frozen=True)
class Budget:
    """A budget as it stands; epsilon in millionths, delta in 10^-15. `spent` is this one's, `ever` of all periods."""

    document: int
    dataset: str
    state: str
    total: tuple[int, int]
    spent: tuple[int, int]
    ever: tuple[int, int]
    first: date
    last: date
    by: str

    @property
    def left(self) -> tuple[int, int]:
        """What may still be spent."""
        return self.total[0] - self.spent[0], self.total[1] - self.spent[1]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document; losses as decimal text."""
        told = {name: loss(getattr(self, name)) for name in ("total", "spent", "left", "ever")}
        period = {"from": self.first.isoformat(), "until": self.last.isoformat()}
        return {
            "document": self.document,
            "dataset": self.dataset,
            "state": self.state,
            **told,
            **period,
            "by": self.by,
        }


def loss(units: tuple[int, int]) -> dict[str, str]:
    """Epsilon and delta as text."""
    epsilon, delta = units[0] * EPSILON, units[1] * DELTA
    return {"epsilon": _text(epsilon), "delta": _text(delta)}


def _text(value: Decimal) -> str:
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def propose(
    ledger: Ledger, actor: Actor, dataset: str, epsilon: object, delta: object, first: date, last: date, reason: str
) -> Document:
    """Propose a total for a dataset from a day to a day, and why. RoleMissing, BudgetInvalid."""
    role(ledger, actor, OFFICER)
    dataset = dataset.removeprefix("clean.")
    total = (_units(epsilon, EPSILON, MOST_EPSILON), _units(delta, DELTA, MOST_DELTA))
    wrong = [] if 0 < len(dataset) <= 200 and plain_word(dataset) == dataset else ["dataset"]
    wrong += [] if total[0] else ["epsilon"]
    wrong += [] if total[1] is not None else ["delta"]
    wrong += [] if first <= last and last >= ledger.now().date() else ["until"]
    wrong += [] if 0 < len(reason.strip()) <= _LONGEST else ["reason"]
    if wrong:
        raise BudgetInvalid(fields=", ".join(wrong))
    data = {"dataset": dataset, "epsilon": total[0], "delta": total[1], "reason": redacted(reason.strip())}
    data |= {"from": first.isoformat(), "until": last.isoformat()}
    with ledger.writing() as connection:
        made = ledger.create(BUDGET.kind, dataset, data, actor.id, connection)
        _note(ledger, connection, "propose", actor, made)
    return made


def confirm(ledger: Ledger, actor: Actor, number: int) -> Document:
    """Give what another person proposed. RoleMissing, OwnProposal, BudgetOverlaps, BudgetInvalid, UnknownBudget."""
    acting = role(ledger, actor, OFFICER, duty.SECURITY)
    with ledger.writing() as connection:
        standing = _document(ledger, connection, number)
        dataset = standing.data["dataset"]
        lock(connection, dataset)
        if standing.actions[0].actor == actor.id:
            raise OwnProposal(document=number)
        if standing.state == "proposed":
            _fits(ledger, connection, standing)
        return _act(ledger, connection, actor, standing, "confirm", {}, acting)


def _fits(ledger: Ledger, connection: Connection, standing: Document) -> None:
    data = standing.data
    if date.fromisoformat(data["until"]) < ledger.now().date():
        raise BudgetInvalid(fields="until")
    for other in ledger.find(BUDGET.kind, ref=data["dataset"], state="given", connection=connection):
        if other.data["from"] <= data["until"] and data["from"] <= other.data["until"]:
            raise BudgetOverlaps(dataset=data["dataset"], document=other.id)


def refuse(ledger: Ledger, actor: Actor, number: int, because: str) -> Document:
    """Refuse a proposal (or take one's own away) and say why."""
    return _decide(ledger, actor, number, "refuse", because)


def end(ledger: Ledger, actor: Actor, number: int, because: str) -> Document:
    """End a budget at once and say why; what was spent stays."""
    return _decide(ledger, actor, number, "end", because)


def _decide(ledger: Ledger, actor: Actor, number: int, action: str, because: str) -> Document:
    acting = role(ledger, actor, OFFICER, duty.SECURITY)
    with ledger.writing() as connection:
        standing = _document(ledger, connection, number)
        lock(connection, standing.data["dataset"])
        given = {"because": redacted(because.strip()[:_LONGEST])}
        return _act(ledger, connection, actor, standing, action, given, acting)


def listing(ledger: Ledger, dataset: str | None = None) -> list[Budget]:
    """Every budget (of a dataset), the oldest first, with what was spent of it."""
    with ledger.reading() as connection:
        return [told(connection, one) for one in ledger.find(BUDGET.kind, ref=dataset, connection=connection)]


def in_force(ledger: Ledger, dataset: str, connection: Connection | None = None) -> Budget:
    """The budget of a dataset today; BudgetMissing."""
    if connection is None:
        with ledger.reading() as own:
            return in_force(ledger, dataset, own)
    today = ledger.now().date().isoformat()
    for one in ledger.find(BUDGET.kind, ref=dataset, state="given", connection=connection):
        if one.data["from"] <= today <= one.data["until"]:
            return told(connection, one)
    raise BudgetMissing(dataset=dataset)


def told(connection: Connection, document: Document) -> Budget:
    """A budget with what its spendings add up to: the losses of one person in all answers add up (Dwork and Roth 2014, 3.16)."""
    data, row = document.data, PrivacySpendingRow
    spent = _sum(connection, row.budget == document.id)
    ever = _sum(connection, row.dataset == data["dataset"])
    first, last = (date.fromisoformat(data[name]) for name in ("from", "until"))
    total = (int(data["epsilon"]), int(data["delta"]))
    by = document.actions[0].actor
    return Budget(document.id, data["dataset"], document.state, total, spent, ever, first, last, by)


def _sum(connection: Connection, which: Any) -> tuple[int, int]:
    row = PrivacySpendingRow
    found = connection.execute(select(func.sum(row.epsilon), func.sum(row.delta)).where(which)).one()
    return int(found[0] or 0), int(found[1] or 0)


def lock(connection: Connection, dataset: str) -> None:
    """Inside a writing transaction: whoever spends or changes a budget of this dataset waits for the others."""
    database.lock(connection, f"privacy {dataset}")


def role(ledger: Ledger, actor: Actor, *roles: str) -> str:
    """The role in which an actor acts, who showed two proofs; RoleMissing, and the audit is told."""
    found = next((one for one in roles if one in actor.roles), None)
    if is_local(actor):
        return found or roles[0]
    if found is None or not actor.mfa:
        audit.append(ledger, "refused", actor.id, {"role": roles[0]})
        raise RoleMissing(role=roles[0])
    return found


def _units(value: object, unit: Decimal, most: Decimal) -> int | None:
    """A loss in whole units; None where it is none."""
    found = decimal(value)
    if found is None or not found.is_finite() or not 0 <= found <= most:
        return None
    units = found / unit
    return int(units) if units == units.to_integral_value() and units * unit == found else None


def _document(ledger: Ledger, connection: Connection, number: int) -> Document:
    try:
        return ledger.get(number, connection, kinds=(BUDGET.kind,))
    except UnknownDocument:
        raise UnknownBudget(number=number) from None


def _act(
    ledger: Ledger,
    connection: Connection,
    actor: Actor,
    standing: Document,
    action: str,
    given: dict[str, str],
    acting: str,
) -> Document:
    after = ledger.act(standing.id, action, given, actor.id, role=acting, permit=actor, connection=connection)
    _note(ledger, connection, action, actor, after)
    return after


def _note(ledger: Ledger, connection: Connection, action: str, actor: Actor, document: Document) -> None:
    data = document.data
    about = {"action": action, "document": document.id, "dataset": plain_word(data["dataset"])}
    audit.append(
        ledger,
        "privacy",
        actor.id,
        {**about, **loss((int(data["epsilon"]), int(data["delta"])))},
        connection,
    )
