"""Changing the policies: the security administrator proposes, another person approves what it does, and it is activated.

A proposal is parsed and checked first. What it does is found by asking both versions the same: the table of expected decisions
and the newest questions that the audit recorded. The approver approves exactly these differences; if they are others when it is
activated, it is not. From that moment every decision is made by the new version; signed by the home's key where there is one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from quanmin.ledger import Action, Document, Either, Ledger, Workflow, register
from quanmin.ledger.errors import IllegalAction
from quanmin.ledger.table import AuditRow
from quanmin.trust import audit
from quanmin.trust.actor import Actor
from quanmin.trust.audit import record
from quanmin.trust.decision import consider
from quanmin.trust.errors import PolicyDiffers, PolicyDuty, PolicyInvalid
from quanmin.trust.keys import KeyStore
from quanmin.trust.policy.expected import PERSON, Expected, Told, computed, touched
from quanmin.trust.policy.rule import IN_FORCE, KIND, Rules, active, load
from quanmin.trust.policy.situation import FACTS, Agreed, Situation
from quanmin.trust.policy.weighing import is_local

SECURITY, APPROVER = "security_administrator", "policy_approver"
KEY = "sign/policy"
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
REPLAYED = 1_000
"""So many of the newest recorded questions are asked again."""

CHANGE = register(
    Workflow(
        KIND,
        start="proposed",
        actions=[
            Action("approve", "proposed", "approved", by=Either(SECURITY, APPROVER), needs=["differences"]),
            Action("refuse", ("proposed", "approved"), "refused", by=Either(SECURITY, APPROVER), needs=["because"]),
            Action("activate", "approved", IN_FORCE, by=SECURITY),
            Action("replace", IN_FORCE, "replaced"),
        ],
        words=("reason", "because"),
    )
)


def _silent(_done: int, _all: int) -> None:
    return None


class Difference(NamedTuple):
    """One question to which the two versions answer differently; `wider` when the new one shows more of any column."""

    asked: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    wider: bool


def propose(ledger: Ledger, actor: Actor, files: Mapping[str, str], reason: str) -> Document:
    """Propose a whole set of files. PolicyInvalid, PolicyDuty."""
    _may(actor, "propose", SECURITY)
    if not reason.strip():
        raise PolicyInvalid(policy="-", reason="no reason is given")
    rules, before = load(files), active(ledger)
    data = {"files": dict(files), "version": rules.version, "before": before.version, "reason": reason.strip()}
    with ledger.writing() as connection:
        document = ledger.create(KIND, rules.version[:12], data, actor.id, connection)
        _note(ledger, connection, "propose", actor, document)
    return document


def reason(ledger: Ledger, actor: Actor, document: int) -> str | None:
    """Why it was proposed, for those who propose, approve and activate; None for others."""
    return ledger.get(document).data.get("reason") if actor.holds(SECURITY) or actor.holds(APPROVER) else None


def differences(ledger: Ledger, document: int, told: Told = _silent) -> list[Difference]:
    """What a proposal would change: of the expected decisions, and of the newest questions that were recorded.

    Expected decisions of roles that no changed policy speaks to are the same, and are not asked for. `told` hears how many of
    the others are done, of both versions.
    """
    old, new = active(ledger).apart(), load(ledger.get(document).data["files"])
    roles, found = touched(old, new), []
    whole = 2 * len(roles)
    before = {one.asked: one for one in computed(old, roles, lambda done, _: told(done, whole))}
    after = {one.asked: one for one in computed(new, roles, lambda done, _: told(len(roles) + done, whole))}
    for asked in sorted({*before, *after}):
        sides = [_side(before.get(asked)), _side(after.get(asked))]
        if sides[0] != sides[1]:
            found.append(_difference(" ".join(asked), *sides))
    for name, fields in recorded(ledger):
        was, now = (_again(rules, fields) for rules in (old, new))
        if was != now:
            found.append(_difference(f"decision {name}", was, now))
    return found


def _side(line: Expected | None) -> dict[str, str]:
    return {**line.outcomes(), "": f"{line.rows}; {line.owes}"} if line is not None else {}


_RANK = ("withheld", "pseudonymised", "masked", "generalised", "clear")


def _difference(asked: str, was: Mapping[str, str], now: Mapping[str, str]) -> Difference:
    names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    rank = {name: (_rank(was, name), _rank(now, name)) for name in names}
    wider = any(new > old for old, new in rank.values()) or ("" in names and bool(now))
    return Difference(asked, {n: was[n] for n in names if n in was}, {n: now[n] for n in names if n in now}, wider)


def _rank(side: Mapping[str, str], name: str) -> int:
    return _RANK.index(side[name]) if name and name in side else 0


def recorded(ledger: Ledger, limit: int = REPLAYED) -> list[tuple[str, Mapping[str, Any]]]:
    """The newest decisions of the audit that hold their facts: number and fields, the newest first."""
    query = select(AuditRow.__table__).where(AuditRow.event == "decide").order_by(AuditRow.sequence.desc())
    with ledger.reading() as connection:
        rows = [record.Event(*columns).fields() for *columns, _ in connection.execute(query.limit(limit))]
    return [(str(row["decision"]), row) for row in rows if isinstance(row.get("facts"), dict)]


def asker(fields: Mapping[str, Any]) -> tuple[Actor, Situation]:
    """Who asked and what was known, as an entry of the audit holds it; of the person asked about it holds nothing."""
    facts = fields["facts"]
    actor = Actor(
        str(fields["actor"]),
        frozenset(facts["roles"]),
        organisation=facts["organisation"],
        region=facts["region"],
        kind=facts["kind"],
        assurance=facts["assurance"],
        mfa=facts["mfa"],
    )
    known: dict[str, Any] = {name: name in facts["true"] for name in FACTS}
    person = PERSON if facts["one_person"] else None
    agreed = Agreed(frozenset(facts.get("agreed", ())))
    return actor, Situation(**known, region=facts["asked_region"], person=person, agreed=agreed)


def _again(rules: Rules, fields: Mapping[str, Any]) -> dict[str, str]:
    actor, situation = asker(fields)
    asked = (rules, _LONG_AGO, actor, fields["purpose"], fields["dataset"], tuple(fields["columns"]))
    try:
        made = consider(*asked, fields["case"], situation)
    except Exception:  # what cannot be decided shows nothing
        return {}
    return {column.name: column.outcome for column in made.columns}


def digest(found: list[Difference]) -> str:
    """What an approver approves: a digest of the differences to the expected decisions.

    Recorded questions come in all the time; they are shown, and looked at again, but a new one alone unmakes no approval.
    """
    told = [one._asdict() for one in found if not one.asked.startswith("decision ")]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def approve(ledger: Ledger, actor: Actor, document: int, differences_: str) -> Document:
    """Approve what was seen (the digest of its differences). PolicyDuty for whoever proposed it, PolicyDiffers."""
    role = _may(actor, "approve", SECURITY, APPROVER)
    if ledger.get(document).actions[0].actor == actor.id:
        raise PolicyDuty(work="approve")
    found = differences(ledger, document)
    if digest(found) != differences_:
        raise PolicyDiffers(differences=len(found))
    with ledger.writing() as connection:
        given = {"differences": differences_, "base": active(ledger).version}
        done = ledger.act(document, "approve", given, actor.id, role=role, permit=actor, connection=connection)
        _note(ledger, connection, "approve", actor, done)
    return done


def refuse(ledger: Ledger, actor: Actor, document: int, because: str) -> Document:
    """Refuse a proposal, also an approved one."""
    role = _may(actor, "refuse", SECURITY, APPROVER)
    with ledger.writing() as connection:
        given = {"because": because}
        done = ledger.act(document, "refuse", given, actor.id, role=role, permit=actor, connection=connection)
        _note(ledger, connection, "refuse", actor, done)
    return done


def activate(ledger: Ledger, actor: Actor, document: int, store: KeyStore | None = None) -> Document:
    """Put an approved proposal in force, at once. PolicyDiffers when it does not do what was approved; PolicyDuty."""
    _may(actor, "activate", SECURITY)
    standing = ledger.get(document)
    if standing.state != "approved":
        raise IllegalAction(document=document, state=standing.state, action="activate", allowed="-")
    if standing.actions[-1].actor == standing.actions[0].actor:
        raise PolicyDuty(work="approve")
    rules, found = load(standing.data["files"]), differences(ledger, document)
    stale = standing.data["base"] != active(ledger).version or rules.version != standing.data["version"]
    if stale or digest(found) != standing.data["differences"]:
        raise PolicyDiffers(differences=len(found))
    given = _signed(store, rules.version, document)
    with ledger.writing() as connection:
        for other in ledger.find(KIND, state=IN_FORCE, connection=connection):
            ledger.act(other.id, "replace", {"by": document}, actor.id, connection=connection)
        done = ledger.act(document, "activate", given, actor.id, permit=actor, connection=connection)
        _note(ledger, connection, "activate", actor, done)
    return done


def _signed(store: KeyStore | None, version: str, document: int) -> dict[str, str]:
    if store is None:
        return {}
    store.ensure(KEY, "signature")
    return {"signature": store.sign(KEY, _message(version, document)).hex()}


def _message(version: str, document: int) -> bytes:
    return f"quanmin policy v1\n{document}\n{version}".encode()


def sound(ledger: Ledger, store: KeyStore) -> bool | None:
    """Whether the policies in force bear the home's signature; None while they are the shipped ones or were not signed."""
    found = ledger.find(KIND, state=IN_FORCE)
    if not found or "signature" not in found[-1].data:
        return None
    data = found[-1].data
    return store.verify(KEY, _message(active(ledger).version, found[-1].id), bytes.fromhex(data["signature"]))


def _may(actor: Actor, work: str, *roles: str) -> str:
    """The role in which the actor may do it; PolicyDuty. Accounts need two proofs of identity."""
    held = next((role for role in roles if actor.holds(role)), None)
    if held is None or not (is_local(actor) or actor.mfa):
        raise PolicyDuty(work=work)
    return held


def _note(ledger: Ledger, connection: Connection, step: str, actor: Actor, document: Document) -> None:
    fields = {"document": document.id, "version": document.data["version"], "before": document.data["before"]}
    audit.append(ledger, f"policy.{step}", actor.id, fields, connection)
