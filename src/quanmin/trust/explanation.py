"""Why somebody could or could not see something, and what somebody may see: the policies and facts that decided.

Explaining is no reading: nothing of a person is looked at, and no decision comes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from sqlalchemy import select

from quanmin.ledger import Ledger
from quanmin.ledger.table import AuditLinkRow, AuditRow
from quanmin.text import Text
from quanmin.trust.actor import Actor
from quanmin.trust.audit import record
from quanmin.trust.decision import Column, Decision, consider
from quanmin.trust.errors import UnknownDecision, UnknownSubject
from quanmin.trust.policy import Rules, Situation, active
from quanmin.trust.policy.change import asker
from quanmin.trust.policy.expected import columns_of, datasets
from quanmin.trust.policy.role import EXCHANGE_MEMBER
from quanmin.trust.purpose import OUTCOMES, PURPOSES

FACTS: dict[str, Text] = {
    "case": Text("有办件号", "a case number"),
    "own": Text("本人的记录", "the record is one's own"),
    "ward": Text("被监护人的记录", "the record of one's ward"),
    "care": Text("有诊疗关系", "a care relation"),
    "rescue": Text("已开启紧急调阅", "emergency access was opened"),
    "consent": Text("本人同意", "the person's consent"),
    "withdrawn": Text("本人已撤回同意", "the consent was withdrawn"),
    "named": Text("针对某一个人", "one person is asked about"),
    "agreement": Text("有共享协议", "an agreement for this dataset and purpose"),
    "exchange": Text("有现行的交换协议", "an exchange agreement in force"),
    "bound": Text("交换协议要求办件号", "the exchange agreement asks for a case number"),
    "mfa": Text("两种身份证明", "two proofs of identity"),
    "region": Text("在管辖区域内", "within the own division"),
}
_AGAINST = ("withdrawn", "named", "bound")
"""Facts that speak against a reader: more is shown without them."""
_OF_MEMBERS = ("exchange", "bound")
"""Facts that concern members of the exchange only."""
_RANK = ("withheld", "pseudonymised", "masked", "generalised", "clear")


@dataclass(frozen=True)
class Reason:
    """One column: what became of it, by which policies, and which facts more would have shown more of it."""

    column: str
    outcome: str
    reason: Text
    policies: tuple[str, ...]
    would: tuple[tuple[str, ...], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**self.__dict__, "policies": list(self.policies), "would": [list(one) for one in self.would]}


@dataclass(frozen=True)
class Explanation:
    """Why: who asked, the facts, the policies' version, and each column."""

    actor: str
    roles: tuple[str, ...]
    purpose: str
    dataset: str
    facts: tuple[str, ...]
    version: str
    in_force: bool
    rows: tuple[str, ...]
    obligations: tuple[str, ...]
    columns: tuple[Reason, ...]
    decision: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**self.__dict__, "columns": [one.to_dict() for one in self.columns]}


def why(
    ledger: Ledger,
    actor: Actor,
    purpose: str,
    dataset: str,
    elements: Sequence[str] = (),
    situation: Situation | None = None,
) -> Explanation:
    """Why an actor may see what of a dataset (all of it unless elements are named). UnknownSubject."""
    known = situation or Situation()
    names = _checked(purpose, dataset, elements)
    rules = active(ledger)
    made = _asked(rules, ledger, actor, purpose, dataset, names, known)
    reasons = tuple(_reason(rules, ledger, made, column, actor, known, names) for column in made.columns)
    return _told(rules.version, made, actor, known, reasons)


def _asked(
    rules: Rules, ledger: Ledger, actor: Actor, purpose: str, dataset: str, names: tuple[str, ...], known: Situation
) -> Decision:
    return consider(rules, ledger.now(), actor, purpose, dataset, names, "-" if known.case else None, known)


def _told(version: str, made: Decision, actor: Actor, known: Situation, reasons: tuple[Reason, ...]) -> Explanation:
    facts = [name for name, value in known.facts.items() if value] + (["mfa"] if actor.mfa else [])
    rows = tuple(made.rows.names()) if made.rows else ()
    roles = tuple(sorted(actor.roles))
    return Explanation(
        actor.id, roles, made.purpose, made.dataset, tuple(facts), version, True, rows, made.obligations, reasons
    )


def _reason(
    rules: Rules,
    ledger: Ledger,
    made: Decision,
    column: Column,
    actor: Actor,
    known: Situation,
    names: tuple[str, ...],
) -> Reason:
    would = () if column.outcome == "clear" else tuple(_would(rules, ledger, made, column, actor, known, names))
    return Reason(column.name, column.outcome, column.reason, column.policies, would)


def _would(
    rules: Rules,
    ledger: Ledger,
    made: Decision,
    column: Column,
    actor: Actor,
    known: Situation,
    names: tuple[str, ...],
) -> Iterator[tuple[str, ...]]:
    """The smallest sets of other facts with which more of the column would be shown: one fact, else two, else three."""
    changes = list(_changes(actor, known))
    for size in (1, 2, 3):
        found = False
        for chosen in combinations(changes, size):
            other, facts = actor, known
            for name in chosen:
                other, facts = _with(other, facts, name)
            again = _asked(rules, ledger, other, made.purpose, made.dataset, names, facts)
            if _RANK.index(again.outcome(column.name)) > _RANK.index(column.outcome):
                found = True
                yield chosen
        if found:
            return


def _changes(actor: Actor, known: Situation) -> Iterator[str]:
    for name, value in known.facts.items():
        if value is (name in _AGAINST) and (name not in _OF_MEMBERS or EXCHANGE_MEMBER in actor.roles):
            yield name
    if not actor.mfa:
        yield "mfa"
    if known.region not in (None, actor.region):
        yield "region"


def _with(actor: Actor, known: Situation, name: str) -> tuple[Actor, Situation]:
    if name == "mfa":
        return replace(actor, mfa=True, assurance=max(2, actor.assurance)), known
    if name == "region":
        return actor, replace(known, region=None)
    if name == "named":
        return actor, replace(known, person=None)
    values: dict[str, Any] = {name: name not in _AGAINST}
    return actor, replace(known, **values)


def of_decision(ledger: Ledger, decision: str) -> Explanation:
    """Why a decision was as it was, from the audit; what would have shown more is asked of the policies in force now.

    UnknownDecision.
    """
    query = select(AuditRow.__table__).join(AuditLinkRow, AuditLinkRow.sequence == AuditRow.sequence)
    with ledger.reading() as connection:
        row = connection.execute(query.where(AuditLinkRow.key == f"d:{decision}")).first()
    fields = record.Event(*row[:-1]).fields() if row is not None else {}
    if not isinstance(fields.get("facts"), dict):
        raise UnknownDecision(decision=decision)
    actor, known = asker(fields)
    rules, names = active(ledger), tuple(fields["columns"])
    now = (
        _asked(rules, ledger, actor, fields["purpose"], fields["dataset"], names, known) if fields["policies"] else None
    )
    reasons = []
    for name, outcome in fields["columns"].items():
        by = tuple(fields["by"].get(name, ()))
        words = [rules.policies[one].title for one in by if one in rules.policies]
        zh, en = "；".join(one.zh for one in words), "; ".join(one.en for one in words)
        text = Text(zh or "没有策略允许", en or "no policy permits it")
        found = next((one for one in now.columns if one.name == name), None) if now is not None else None
        same = now is not None and found is not None and found.outcome == outcome
        would = _reason(rules, ledger, now, found, actor, known, names).would if same and now and found else ()
        reasons.append(Reason(name, outcome, text, by, would))
    facts = [*fields["facts"]["true"], *(["mfa"] if actor.mfa else [])]
    return Explanation(
        actor.id,
        tuple(sorted(actor.roles)),
        fields["purpose"],
        fields["dataset"],
        tuple(facts),
        str(fields["policies"]),
        fields["policies"] == rules.version,
        tuple(fields["rows"]),
        now.obligations if now is not None else (),
        tuple(reasons),
        decision,
    )


def needs_case(ledger: Ledger, actor: Actor, purpose: str, dataset: str, situation: Situation) -> bool:
    """Whether a case number alone would show an actor more of a dataset."""
    if purpose not in PURPOSES:
        return False
    rules, names = active(ledger), columns_of(dataset)
    before = _asked(rules, ledger, actor, purpose, dataset, names, replace(situation, case=False))
    after = _asked(rules, ledger, actor, purpose, dataset, names, replace(situation, case=True))
    return any(_RANK.index(after.outcome(name)) > _RANK.index(before.outcome(name)) for name in names)


def may_see(ledger: Ledger, actor: Actor, situation: Situation | None = None) -> list[dict[str, Any]]:
    """What an actor may see: a line for every purpose and dataset that shows anything, with counts of columns by form."""
    known, rules, found = situation or Situation(), active(ledger), []
    for purpose in PURPOSES:
        for dataset in datasets():
            made = _asked(rules, ledger, actor, purpose, dataset, columns_of(dataset), known)
            if made.allowed and not (made.rows is not None and made.rows.nobody):
                counts: dict[str, int] = {
                    outcome: sum(c.outcome == outcome for c in made.columns) for outcome in OUTCOMES
                }
                rows = made.rows.names() if made.rows else []
                found.append({"purpose": purpose, "dataset": dataset, **counts, "rows": rows, "owes": made.obligations})
    return found


def _checked(purpose: str, dataset: str, elements: Sequence[str]) -> tuple[str, ...]:
    if purpose not in PURPOSES:
        raise UnknownSubject(kind=Text("用途", "purpose"), name=purpose)
    if dataset not in datasets():
        raise UnknownSubject(kind=Text("数据集", "dataset"), name=dataset)
    known = columns_of(dataset)
    for name in elements:
        if name not in known:
            raise UnknownSubject(kind=Text("数据元", "element"), name=name)
    return tuple(elements) or known


__all__ = ["FACTS", "Explanation", "Reason", "may_see", "needs_case", "of_decision", "why"]
