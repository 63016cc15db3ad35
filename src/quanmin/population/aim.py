"""For which purposes somebody could ask the base: of a person, of everybody in sums, or whether number and name fit.

What the policies in force would say if every fact that can be shown spoke for the asker (a case, a care relation, consent): it is
what a form offers, never a decision. Nothing of a person is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quanmin import standards
from quanmin.lake.gate import DISCLOSURE
from quanmin.ledger import Ledger
from quanmin.population.find import AGGREGATE_ONLY
from quanmin.population.inquiry import COMPARED, PERSON_COLUMNS
from quanmin.population.tables import PERSON
from quanmin.trust import Actor, Decision, purpose
from quanmin.trust.decision import consider
from quanmin.trust.policy import Rules, Situation, active

ANSWER_ONLY = "answer_only"
_ANYBODY = 0


@dataclass(frozen=True)
class Aims:
    """The purposes for which somebody may ask of one person, may look for people, may count, and whether he may verify."""

    persons: tuple[str, ...]
    searches: tuple[str, ...]
    counts: tuple[str, ...]
    verifies: bool


def aims(ledger: Ledger, actor: Actor) -> Aims:
    """What the policies in force leave an actor; kept as long as they are in force."""
    rules = active(ledger)
    who = (actor.roles, actor.kind, actor.mfa, actor.assurance, actor.region, actor.subject is None)
    facts = ("aims", *who, actor.acting_for is None, id(standards.catalogue()))
    kept: Aims | None = rules.memory.get(facts)
    if kept is None:
        kept = rules.remember(facts, _aims(rules, ledger.now(), actor))
    return kept


def _aims(rules: Rules, now: datetime, actor: Actor) -> Aims:
    one = Situation(
        case=True,
        own=actor.subject is not None,
        ward=actor.acting_for is not None,
        care=True,
        consent=True,
        agreement=True,
        person=_ANYBODY,
    )
    many = Situation(case=True, agreement=True)

    def made(aim: str, situation: Situation, columns: tuple[str, ...]) -> Decision:
        return consider(rules, now, actor, aim, PERSON, columns, "-" if situation.case else None, situation)

    persons = [aim for aim in purpose.PURPOSES if _of_one(made(aim, one, PERSON_COLUMNS))]
    searches = [aim for aim in purpose.PURPOSES if _of_one(made(aim, many, PERSON_COLUMNS))]
    counts = [aim for aim in purpose.PURPOSES if _of_all(made(aim, many, PERSON_COLUMNS))]
    asked = made("verification", many, COMPARED)
    verifies = ANSWER_ONLY in asked.obligations and asked.outcome("name") == "clear"
    return Aims(tuple(persons), tuple(searches), tuple(counts), verifies)


def _of_one(decision: Decision) -> bool:
    shown = {decision.outcome("person_key"), decision.outcome("citizen_number")} & {"clear", "masked"}
    nobody = decision.rows is not None and decision.rows.nobody
    return bool(shown) and not nobody and not {ANSWER_ONLY, AGGREGATE_ONLY, DISCLOSURE} & set(decision.obligations)


def _of_all(decision: Decision) -> bool:
    """Whether the base may be counted: all of it, since a count of some rows is not made."""
    whole = decision.rows is None
    return decision.allowed and whole and not {ANSWER_ONLY, DISCLOSURE} & set(decision.obligations)
