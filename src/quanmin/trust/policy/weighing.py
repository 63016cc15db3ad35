"""Asking Cedar: for every kind of column in a question, the most open form that the policies permit.

A column is shown clear, or else generalised, or else masked, or else as a pseudonym; what no policy permits is withheld. Cedar
leaves a policy out that fails while it is asked, be it a `forbid`: therefore any error anywhere is a no to everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import cedarpy

from quanmin.standards.region import NATION
from quanmin.trust.actor import ADMINISTRATOR, Actor
from quanmin.trust.policy.rows import NOWHERE, chain
from quanmin.trust.policy.rule import Rules
from quanmin.trust.policy.situation import FACTS, Situation
from quanmin.trust.purpose import Outcome

ORDER: tuple[tuple[str, Outcome], ...] = (
    ("clear", "clear"),
    ("generalise", "generalised"),
    ("mask", "masked"),
    ("pseudonymise", "pseudonymised"),
)
LOCAL_ROLES = ("statistician", "researcher", "verifier", "operator", "release_officer", "release_checker")
"""Roles that the one administrator of an installation without accounts has beside his own."""


class Sort(NamedTuple):
    """All that policies know of a column: columns that are alike in it are decided alike."""

    grade: int
    combined: int
    role: str
    third: bool
    open: str
    steward: str
    agreed: bool = False

    @property
    def id(self) -> str:
        """The name of the entity."""
        named = f"{self.role}-{'third' if self.third else 'own'}-{self.open}-{self.steward}"
        return f"{self.grade}-{self.combined}-{named}{'-agreed' if self.agreed else ''}"


class Verdict(NamedTuple):
    """One answer of Cedar: allowed or not, the policies that decided (permits or forbids), and whether anything failed."""

    allowed: bool
    policies: tuple[str, ...] = ()
    failed: bool = False


class Weighed(NamedTuple):
    """What becomes of a sort of column, the policies that said so, and those that forbade what is more open."""

    outcome: Outcome
    policies: tuple[str, ...]
    forbidden: tuple[str, ...]


def weigh(rules: Rules, actor: Actor, purpose: str, situation: Situation, sorts: Iterable[Sort]) -> dict[Sort, Weighed]:
    """What becomes of each sort of column."""
    asked = set(sorts)
    region = situation.region or region_of(actor)
    key = standing(actor, purpose, situation)
    known: dict[Sort, Weighed] = rules.memory.get(key, {})
    missing = tuple(sorted(asked - known.keys()))
    if missing:
        made = _weigh(rules, actor, purpose, situation, region, missing) or [Weighed("withheld", (), ())] * len(missing)
        known = rules.remember(key, {**known, **dict(zip(missing, made, strict=True))})
    return {sort: known[sort] for sort in asked}


def foresee(rules: Rules, actor: Actor, purpose: str, situation: Situation, sorts: Iterable[Sort]) -> None:
    """Ask about the sorts of many questions at once, and remember the answers: a batch costs less than its parts.

    Where anything fails nothing is remembered, so that it fails the questions that it belongs to and no other.
    """
    asked = tuple(sorted(set(sorts)))
    made = _weigh(rules, actor, purpose, situation, situation.region or region_of(actor), asked)
    if made is not None:
        rules.remember(standing(actor, purpose, situation), dict(zip(asked, made, strict=True)))


def _weigh(
    rules: Rules, actor: Actor, purpose: str, situation: Situation, region: str, asked: Sequence[Sort]
) -> tuple[Weighed, ...] | None:
    """One answer for each sort; None where anything failed."""
    told = entities(actor, region, asked)
    context = facts(purpose, situation, region)
    wanted = [request(action, sort, context) for sort in asked for action, _ in ORDER]
    verdicts = judge(rules, wanted, told)
    if any(one.failed for one in verdicts):
        return None
    width = len(ORDER)
    return tuple(_outcome(rules, verdicts[at * width : (at + 1) * width]) for at in range(len(asked)))


def _outcome(rules: Rules, verdicts: Sequence[Verdict]) -> Weighed:
    forbidden: list[str] = []
    for (_, outcome), verdict in zip(ORDER, verdicts, strict=True):
        if verdict.allowed:
            return Weighed(outcome, verdict.policies, tuple(dict.fromkeys(forbidden)))
        forbidden += verdict.policies
    return Weighed("withheld", (), tuple(dict.fromkeys(forbidden)))


def judge(rules: Rules, requests: Sequence[Mapping[str, Any]], told: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    """Ask Cedar. Entities and requests are held against the schema; whatever is wrong with either is a no."""
    try:
        parsed = cedarpy.Entities.from_json_str(json.dumps(list(told)), schema=rules.schema)
        answers = cedarpy.is_authorized_batch([dict(one) for one in requests], rules.parsed, parsed, rules.schema)
        verdicts = [_verdict(one) for one in answers]
    except Exception:  # default deny
        return [Verdict(False, (), True)] * len(requests)
    return verdicts if len(verdicts) == len(requests) else [Verdict(False, (), True)] * len(requests)


def _verdict(answer: cedarpy.AuthzResult) -> Verdict:
    if answer.diagnostics.errors or answer.decision is cedarpy.Decision.NoDecision:
        return Verdict(False, (), True)
    return Verdict(answer.decision is cedarpy.Decision.Allow, tuple(sorted(answer.diagnostics.reasons)))


def request(action: str, sort: Sort, context: Mapping[str, Any]) -> dict[str, Any]:
    """May the actor have a column of this sort in this form?"""
    return {
        "principal": _uid("Actor", "it"),
        "action": _uid("Action", action),
        "resource": _uid("Element", sort.id),
        "context": context,
    }


def facts(purpose: str, situation: Situation, region: str) -> dict[str, Any]:
    """The context of a request: all of it, always."""
    known: dict[str, Any] = dict(situation.facts)
    return {"purpose": {"__entity": _uid("Purpose", purpose)}, **known, "region": {"__entity": _uid("Region", region)}}


def entities(actor: Actor, region: str, sorts: Iterable[Sort]) -> list[dict[str, Any]]:
    """The actor with the roles, the divisions concerned, and the sorts of columns."""
    own = region_of(actor)
    attributes = {
        "local": is_local(actor),
        "kind": actor.kind,
        "mfa": actor.mfa,
        "assurance": actor.assurance,
        "region": {"__entity": _uid("Region", own)},
    }
    made = [_entity("Actor", "it", attributes, [("Role", role) for role in roles_of(actor)])]
    divisions = dict.fromkeys([*chain(own), *chain(region)])
    for code in divisions:
        above = chain(code)[1:2]
        made.append(_entity("Region", code, {}, [("Region", one) for one in above]))
    for sort in sorts:
        known = {"grade": sort.grade, "combined": sort.combined, "role": sort.role, "third": sort.third}
        known |= {"agreed": sort.agreed}
        made.append(_entity("Element", sort.id, known, [("Dataset", sort.open), ("Dataset", f"of {sort.steward}")]))
    return made


def is_local(actor: Actor) -> bool:
    """Whether it is the administrator of an installation without accounts."""
    return actor.kind == "local" and ADMINISTRATOR in actor.roles


def roles_of(actor: Actor) -> list[str]:
    """The roles of an actor, in order."""
    return sorted({*actor.roles, *(LOCAL_ROLES if is_local(actor) else ())})


def region_of(actor: Actor) -> str:
    """The division an actor answers for."""
    return NATION if is_local(actor) else actor.region or NOWHERE


def standing(actor: Actor, purpose: str, situation: Situation) -> tuple[Any, ...]:
    """All that policies know of a question beside the columns: the same standing has the same answer."""
    who = (actor.roles, actor.kind, actor.mfa, actor.assurance, actor.region)
    return (*who, purpose, situation.region or region_of(actor), *situation.facts.values())


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


def _entity(kind: str, name: str, attributes: Mapping[str, Any], parents: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {"uid": _uid(kind, name), "attrs": dict(attributes), "parents": [_uid(*one) for one in parents]}


__all__ = [
    "FACTS",
    "ORDER",
    "Sort",
    "Verdict",
    "Weighed",
    "entities",
    "facts",
    "foresee",
    "judge",
    "request",
    "standing",
    "weigh",
]
