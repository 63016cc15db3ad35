"""The decision about a read. Only `decide` makes one; whoever holds one may read what it says and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from typing import NamedTuple

from quanmin import standards
from quanmin.ledger import Ledger
from quanmin.redaction import plain_word, redacted
from quanmin.standards.region import NATION
from quanmin.text import Text
from quanmin.trust import audit
from quanmin.trust.actor import Actor
from quanmin.trust.column import Form, Known, combined, is_personal, kind_of, known, place
from quanmin.trust.policy import Rows, Rules, Situation, active
from quanmin.trust.policy.rows import NOWHERE, Scope
from quanmin.trust.policy.weighing import Sort, Weighed, region_of, standing, weigh
from quanmin.trust.purpose import PURPOSES, Outcome, Purpose

_TOKEN = object()


class Column(NamedTuple):
    """What happens to one column, and why; `policies` decided it, `coarse` is how far it is generalised, `values` its codes."""

    name: str
    outcome: Outcome
    form: Form
    reason: Text
    policies: tuple[str, ...] = ()
    coarse: str = ""
    values: str | None = None


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
    rows: Rows | None = field(default=None, metadata={"about": "a row filter; None means all rows"})
    situation: Situation = field(default_factory=Situation)
    binding: bool = False

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
    ledger: Ledger,
    actor: Actor,
    purpose: str,
    dataset: str,
    elements: Sequence[str],
    case: str | None = None,
    context: Situation | None = None,
) -> Decision:
    """Decide on a read of some elements of a dataset (`health.birth`) or of the base (`linked.person`), by the policies in force.

    `context` holds what is known of the question (`quanmin.trust.circumstance` looks it up). Never raises: whatever goes wrong
    is a decision that withholds everything. Every decision is in the audit log; one that cannot be logged withholds everything.
    """
    try:
        rules = active(ledger)
        decision = consider(rules, ledger.now(), actor, purpose, dataset, tuple(elements), case, context, _TOKEN)
        audit.append(ledger, "decide", actor.id, _entry(decision, rules.version))
    except Exception:  # default deny: a policy that fails says no
        return _deny(ledger, actor, purpose, dataset, elements, case)
    return decision


def consider(
    rules: Rules,
    at: datetime,
    actor: Actor,
    purpose: str,
    dataset: str,
    elements: tuple[str, ...],
    case: str | None = None,
    context: Situation | None = None,
    token: object = None,
) -> Decision:
    """What `decide` would say by some rules. It is in no audit and therefore not binding: the gate takes it for no read."""
    situation = (context or Situation()).with_case(case)
    columns, owed, scopes = _columns(rules, actor, purpose, situation, dataset, elements)
    rows = _rows(scopes, actor, situation, dataset)
    if rows is not None and rows.nobody:
        columns, owed = tuple(one._replace(outcome="withheld", reason=NO_ROW) for one in columns), ()
    why = Text("按现行策略", "by the policies in force")
    return _make(at, actor, purpose, dataset, columns, why, case, owed, rows, situation, token is _TOKEN)


Weighing = tuple[tuple[Column, ...], tuple[str, ...], frozenset[Scope]]


def _columns(
    rules: Rules, actor: Actor, purpose: str, situation: Situation, dataset: str, elements: tuple[str, ...]
) -> Weighing:
    """What becomes of each column, what is owed, and how wide the rows are: the same for the same facts, so it is kept."""
    agreed = situation.agreed.elements
    facts = (*standing(actor, purpose, situation), dataset, elements, agreed, id(standards.catalogue()))
    kept: Weighing | None = rules.memory.get(facts)
    if kept is not None:
        return kept
    about = {name: known(dataset, name) for name in elements}
    alike = sorts_of(dataset, about.values())
    sorts = {name: alike[one]._replace(agreed=name in agreed) for name, one in about.items() if one is not None}
    found = weigh(rules, actor, purpose, situation, sorts.values())
    columns = tuple(
        Column(name, "withheld", "other", Text("目录中没有这一列", "not in the catalogue"))
        if one is None
        else _column(rules, name, one, found[sorts[name]], sorts[name], PURPOSES[purpose])
        for name, one in about.items()
    )
    shown = [one for one in columns if one.outcome != "withheld"]
    owed = sorted({word for one in shown for name in one.policies for word in rules.policies[name].owes})
    scopes = frozenset(min((rules.policies[p].rows for p in one.policies), key=WIDTH.index) for one in shown)
    made: Weighing = rules.remember(facts, (columns, tuple(owed), scopes))
    return made


def sorts_of(dataset: str, about: Iterable[Known | None]) -> dict[Known, Sort]:
    """The sort of each column that is asked for, together with the others; unknown ones have none."""
    grades = combined(one for one in about if one is not None)
    return {one: Sort(one.grade, grades[one], one.role, one.third, *kind_of(dataset)) for one in grades}


def _column(rules: Rules, name: str, about: Known, found: Weighed, sort: Sort, aim: Purpose) -> Column:
    named = found.policies or found.forbidden
    words = [rules.policies[one].title for one in named] or [Text("没有策略允许", "no policy permits it")]
    grade = Text(f"第 {sort.grade} 级数据，用途为{aim.title.zh}", f"grade {sort.grade} data for {aim.title.en}")
    if sort.combined != sort.grade:
        grade = Text(
            f"第 {sort.grade} 级数据（与同查各列合计第 {sort.combined} 级），用途为{aim.title.zh}",
            f"grade {sort.grade} data (grade {sort.combined} together with the others asked for) for {aim.title.en}",
        )
    reason = Text(
        f"{grade.zh}：{'；'.join(one.zh for one in words)}", f"{grade.en}: {'; '.join(one.en for one in words)}"
    )
    coarse = next((rules.policies[one].coarse for one in found.policies if rules.policies[one].coarse), "")
    return Column(name, found.outcome, about.form, reason, named, coarse, about.values)


def _rows(scopes: frozenset[Scope], actor: Actor, situation: Situation, dataset: str) -> Rows | None:
    """The rows for which every shown column is permitted: of each column the widest permit, of the columns the narrowest."""
    person = region = None
    nobody = False
    if "person" in scopes:
        person, nobody = situation.person, situation.person is None or not is_personal(dataset)
    if "jurisdiction" in scopes:
        code = situation.region or region_of(actor)
        region = None if code == NATION else code
        nobody = nobody or code == NOWHERE or (region is not None and place(dataset) is None)
    where = situation.agreed.where if "agreement" in scopes else ()
    if "agreement" in scopes and situation.agreed.region not in (None, NATION):
        region = situation.agreed.region
        nobody = nobody or place(dataset) is None
    without = situation.without if is_personal(dataset) else frozenset()
    if situation.person is not None and is_personal(dataset):
        person = situation.person
    rows = Rows(person, region, without, nobody, where)
    return None if rows == Rows() else rows


NO_ROW = Text(
    "没有可看的行：未指明本人或患者，或无从判断辖区", "no row may be seen: no person is named, or no division is known"
)
WIDTH: tuple[Scope, ...] = ("all", "jurisdiction", "agreement", "person")


def _deny(
    ledger: Ledger, actor: Actor, purpose: str, dataset: str, elements: Sequence[str], case: str | None
) -> Decision:
    why = Text("用途不明，或无法作出决定", "an unknown purpose, or no decision could be made")
    columns = tuple(Column(str(name), "withheld", "other", why) for name in elements)
    nobody = Rows(nobody=True)
    decision = _make(ledger.now(), actor, str(purpose), str(dataset), columns, why, case, (), nobody, Situation())
    try:
        audit.append(ledger, "decide", decision.actor.id, _entry(decision, None))
    except Exception:  # nothing is allowed, so nothing is lost but the note
        return decision
    return decision


def _make(
    at: datetime,
    actor: Actor,
    purpose: str,
    dataset: str,
    columns: tuple[Column, ...],
    reason: Text,
    case: str | None,
    obligations: tuple[str, ...],
    rows: Rows | None,
    situation: Situation,
    binding: bool = True,
) -> Decision:
    number, said = uuid.uuid4().hex, None if case is None else redacted(str(case))
    told = (actor, purpose, dataset, columns, reason, at, said, obligations, rows, situation, binding)
    return Decision(_TOKEN, number, *told)


def _entry(decision: Decision, version: str | None) -> Mapping[str, object]:
    """What the audit keeps: enough to say later why, and to ask the same question of other policies; no person."""
    actor, situation = decision.actor, decision.situation
    return {
        "decision": decision.id,
        "purpose": plain_word(decision.purpose),
        "dataset": plain_word(decision.dataset),
        "case": decision.case,
        "columns": {plain_word(column.name): column.outcome for column in decision.columns},
        "allowed": decision.allowed,
        "policies": version,
        "by": {column.name: list(column.policies) for column in decision.columns if column.policies},
        "rows": decision.rows.names() if decision.rows else [],
        "facts": {
            "roles": sorted(actor.roles),
            "kind": actor.kind,
            "mfa": actor.mfa,
            "assurance": actor.assurance,
            "region": actor.region,
            "organisation": actor.organisation,
            "true": [name for name, value in situation.facts.items() if value],
            "asked_region": situation.region,
            "one_person": situation.person is not None,
            "agreed": sorted({column.name for column in decision.columns} & situation.agreed.elements),
        },
    }
