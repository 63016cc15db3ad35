"""The ledger of spendings: what a question costs is written before it is answered, and never taken back.

The same question about the same snapshot is paid once: its answer is kept and given again. Whoever asks while it is being
answered waits; when the process that answers it is gone, its spending stays and the question costs again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from quanmin.ledger import Ledger, lease
from quanmin.ledger.table import PrivacyAnswerRow, PrivacySpendingRow
from quanmin.opendata.privacy import budget
from quanmin.opendata.privacy.budget import Budget
from quanmin.opendata.privacy.errors import BudgetExhausted, UnknownBudget
from quanmin.trust import audit


class Spending(NamedTuple):
    """What was just spent: its number, and the budget after it."""

    number: int
    budget: Budget


class Cost(NamedTuple):
    """What is to be spent by whom, for which question, and how many seconds the answer may take."""

    dataset: str
    question: str
    spends: tuple[int, int]
    actor: str
    about: Mapping[str, Any]
    seconds: float


Kept = dict[str, Any]


def spend(ledger: Ledger, cost: Cost) -> Spending | Kept | None:
    """Take the cost from the budget in force, or give the answer that was kept; None while another process answers the question.

    BudgetMissing, BudgetExhausted: then nothing was spent. When it returns a spending, that is in the database for good.
    """
    with ledger.writing() as connection:
        budget.lock(connection, cost.dataset)
        found = _standing(connection, cost.question, ledger.now())
        if found.answer is not None or found.working:
            return found.answer
        standing = require(ledger, cost.dataset, cost.spends, connection)
        number = _written(ledger, connection, cost, standing)
        audit.append(ledger, "privacy", cost.actor, _entry(cost, number, standing), connection)
        return Spending(number, budget.told(connection, ledger.get(standing.document, connection)))


def require(ledger: Ledger, dataset: str, spends: tuple[int, int], connection: Connection | None = None) -> Budget:
    """The budget in force, which must cover it; BudgetMissing, BudgetExhausted."""
    standing = budget.in_force(ledger, dataset, connection)
    if spends[0] > standing.left[0] or spends[1] > standing.left[1]:
        left, asked = budget.loss(standing.left), budget.loss(spends)
        named = {"left": left["epsilon"], "left_delta": left["delta"]}
        raise BudgetExhausted(dataset=dataset, asked=asked["epsilon"], asked_delta=asked["delta"], **named)
    return standing


def keep(ledger: Ledger, number: int, answer: Kept | None) -> None:
    """What became of a spending; None where there is no answer."""
    with ledger.writing() as connection:
        values = {"spending": number, "at": ledger.now(), "answer": answer}
        connection.execute(insert(PrivacyAnswerRow).values(**values))


def kept(ledger: Ledger, question: str) -> tuple[Kept | None, bool]:
    """The answer of a question that was answered before, and whether somebody answers it now."""
    with ledger.reading() as connection:
        return _standing(connection, question, ledger.now())


def answer(ledger: Ledger, number: int) -> Kept:
    """The answer that a spending bought; UnknownBudget."""
    with ledger.reading() as connection:
        query = select(PrivacyAnswerRow.answer).where(PrivacyAnswerRow.spending == number)
        found = connection.execute(query).scalar()
    if found is None:
        raise UnknownBudget(number=number)
    return dict(found)


def listing(ledger: Ledger, dataset: str) -> list[dict[str, Any]]:
    """Every spending of a dataset, the oldest first: what was asked for how much, and whether it was answered."""
    row, query = PrivacySpendingRow, _joined().order_by(PrivacySpendingRow.id)
    with ledger.reading() as connection:
        found = connection.execute(query.where(row.dataset == dataset)).all()
    return [
        {
            "number": one.id,
            "budget": one.budget,
            "at": one.at,
            "actor": one.actor,
            "statistic": one.about["query"]["statistic"],
            "column": one.about["query"].get("column"),
            **budget.loss((one.epsilon, one.delta)),
            "answered": one.answer is not None,
        }
        for one in found
    ]


class _Standing(NamedTuple):
    answer: Kept | None
    working: bool


def _joined() -> Any:
    spent, told = PrivacySpendingRow, PrivacyAnswerRow
    columns = (spent.id, spent.budget, spent.at, spent.actor, spent.epsilon, spent.delta, spent.about, spent.until)
    closed = told.spending.label("closed")
    return select(*columns, spent.owner, closed, told.answer).outerjoin(told, told.spending == spent.id)


def _standing(connection: Connection, question: str, now: datetime) -> _Standing:
    rows = connection.execute(
        _joined().where(PrivacySpendingRow.question == question).order_by(PrivacySpendingRow.id)
    ).all()
    found = next((one.answer for one in rows if one.answer is not None), None)
    return _Standing(found, any(one.closed is None and _works(one.owner, one.until, now) for one in rows))


def _works(owner: Mapping[str, Any], until: datetime, now: datetime) -> bool:
    """Whether the process that answers is still at it, as far as this machine can tell."""
    if owner["host"] == lease.host() and lease.started(owner["pid"]) != owner["started"]:
        return False
    return now < until


def _written(ledger: Ledger, connection: Connection, cost: Cost, standing: Budget) -> int:
    at, pid = ledger.now(), os.getpid()
    values = {"budget": standing.document, "dataset": cost.dataset, "question": cost.question, "actor": cost.actor}
    values |= {"epsilon": cost.spends[0], "delta": cost.spends[1], "about": dict(cost.about), "at": at}
    values |= {"until": at + timedelta(seconds=cost.seconds)}
    values |= {"owner": {"host": lease.host(), "pid": pid, "started": lease.started(pid)}}
    made = connection.execute(insert(PrivacySpendingRow).values(**values).returning(PrivacySpendingRow.id))
    return int(made.scalar_one())


def _entry(cost: Cost, number: int, standing: Budget) -> dict[str, Any]:
    about = {"action": "spend", "document": standing.document, "dataset": cost.dataset, "spending": number}
    return {**about, "question": cost.question, **budget.loss(cost.spends)}
