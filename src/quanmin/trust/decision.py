"""The decision about a read. Only `decide` makes one; whoever holds one may read what it says and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from typing import NamedTuple

from quanmin.ledger import Ledger
from quanmin.text import Text
from quanmin.trust import audit
from quanmin.trust.actor import Actor
from quanmin.trust.column import Form, known
from quanmin.trust.purpose import PURPOSES, Outcome

_TOKEN = object()


class Column(NamedTuple):
    """What happens to one column, and why."""

    name: str
    outcome: Outcome
    form: Form
    reason: Text


@dataclass(frozen=True)
class Decision:
    """Per column clear, masked, generalised, pseudonymised or withheld; which rows; why; what is owed.

    It cannot be made or altered outside this module: the constructor asks for a token that never leaves it.
    """

    token: InitVar[object]
    id: str
    actor: Actor
    purpose: str
    dataset: str
    columns: tuple[Column, ...]
    reason: Text
    at: datetime
    case: str | None = None
    obligations: tuple[str, ...] = ()
    rows: str | None = field(default=None, metadata={"about": "a row filter; None means all rows"})

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise TypeError("a Decision is made by trust.decide only")

    @property
    def allowed(self) -> bool:
        """Whether anything at all may be read."""
        return any(column.outcome != "withheld" for column in self.columns)

    def outcome(self, name: str) -> Outcome:
        """What happens to a column; one that was not asked for is withheld."""
        return next((column.outcome for column in self.columns if column.name == name), "withheld")

    def holds(self, role: str) -> bool:
        """Whether the actor may act in a role (what the ledger asks)."""
        return self.allowed and self.actor.holds(role)


def decide(
    ledger: Ledger, actor: Actor, purpose: str, dataset: str, elements: Sequence[str], case: str | None = None
) -> Decision:
    """Decide on a read of some elements of a dataset (`health.birth`) or of the base (`linked.person`).

    Never raises: whatever goes wrong is a decision that withholds everything. Every decision is in the audit log; one that
    cannot be logged withholds everything too.
    """
    try:
        decision = _weigh(ledger, actor, purpose, dataset, tuple(elements), case)
        audit.append(ledger, "decide", actor.id, _entry(decision))
    except Exception:  # default deny: a policy that fails says no
        return _deny(ledger, actor, purpose, dataset, elements, case)
    return decision


def _weigh(
    ledger: Ledger, actor: Actor, purpose: str, dataset: str, elements: tuple[str, ...], case: str | None
) -> Decision:
    aim = PURPOSES[purpose]
    row = aim.with_case if case and case.strip() else aim.open
    columns = []
    for name in elements:
        about = known(dataset, name)
        if about is None:
            columns.append(Column(name, "withheld", "other", Text("目录中没有这一列", "not in the catalogue")))
            continue
        grade = Text("第 {grade} 级数据，用途为{purpose}", "grade {grade} data for {purpose}")
        reason = Text(
            grade.zh.format(grade=about.grade, purpose=aim.title.zh),
            grade.en.format(grade=about.grade, purpose=aim.title.en),
        )
        columns.append(Column(name, row[about.grade - 1], about.form, reason))
    why = Text("按用途与数据级别的对照表", "by the table of purposes and grades")
    return _make(ledger, actor, purpose, dataset, tuple(columns), why, case, aim.obligations)


def _deny(
    ledger: Ledger, actor: Actor, purpose: str, dataset: str, elements: Sequence[str], case: str | None
) -> Decision:
    why = Text("用途不明，或无法作出决定", "an unknown purpose, or no decision could be made")
    columns = tuple(Column(str(name), "withheld", "other", why) for name in elements)
    decision = _make(ledger, actor, str(purpose), str(dataset), columns, why, case, ())
    try:
        audit.append(ledger, "decide", decision.actor.id, _entry(decision))
    except Exception:  # nothing is allowed, so nothing is lost but the note
        return decision
    return decision


def _make(
    ledger: Ledger,
    actor: Actor,
    purpose: str,
    dataset: str,
    columns: tuple[Column, ...],
    reason: Text,
    case: str | None,
    obligations: tuple[str, ...],
) -> Decision:
    number = uuid.uuid4().hex
    return Decision(_TOKEN, number, actor, purpose, dataset, columns, reason, ledger.now(), case, obligations)


def _entry(decision: Decision) -> Mapping[str, object]:
    return {
        "decision": decision.id,
        "purpose": decision.purpose,
        "dataset": decision.dataset,
        "case": decision.case,
        "columns": {column.name: column.outcome for column in decision.columns},
        "allowed": decision.allowed,
    }
