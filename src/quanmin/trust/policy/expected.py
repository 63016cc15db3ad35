"""The table of expected decisions: every dataset, role and purpose, and what is shown. It ships as `expected.csv`.

Two situations: `full` has every fact that a policy may ask for, `bare` has none. A combination that is not in the table shows
nothing. A test reads every dataset as every role and compares; a change of policies is told by what it changes here.
"""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from quanmin import standards
from quanmin.trust.actor import Actor
from quanmin.trust.column import BASE, known
from quanmin.trust.decision import Decision, consider, sorts_of
from quanmin.trust.policy.role import ROLES, typical
from quanmin.trust.policy.rule import HERE, Rules
from quanmin.trust.policy.situation import Agreed, Situation
from quanmin.trust.policy.weighing import foresee, roles_of
from quanmin.trust.purpose import OUTCOMES, PURPOSES

FILE = HERE / "expected.csv"
PERSON = 37010219491231002
FULL = Situation(
    case=True, own=True, ward=True, care=True, consent=True, agreement=True, exchange=True, bound=True, person=PERSON
)
BARE = Situation()
SITUATIONS: tuple[str, ...] = ("full", "bare")
GENERAL = ("research", "statistics", "open_data", "operation")
"""Purposes that ask for nobody in particular: their full situation names no person."""
SHOWN = tuple(outcome for outcome in OUTCOMES if outcome != "withheld")


class Expected(NamedTuple):
    """One line: who asks for what, and which elements come in which form; the others are withheld."""

    dataset: str
    role: str
    purpose: str
    situation: str
    rows: str
    owes: str
    clear: str
    masked: str
    generalised: str
    pseudonymised: str

    @property
    def asked(self) -> tuple[str, str, str, str]:
        """What tells a line from another."""
        return self.dataset, self.role, self.purpose, self.situation

    def outcomes(self) -> dict[str, str]:
        """The form of each element that is shown."""
        return {name: outcome for outcome in SHOWN for name in getattr(self, outcome).split()}


def columns_of(dataset: str) -> tuple[str, ...]:
    """Every column of a dataset, or of the base, that can be asked for."""
    catalogue = standards.catalogue()
    if dataset == BASE:
        return ("person_key", *(item.id for item in catalogue.items))
    found = catalogue.dataset(dataset)
    key = ("person_key",) if found.person else ()
    return (*key, *(element.name for element in found.elements))


def datasets() -> tuple[str, ...]:
    """Every dataset, and the base."""
    return (*sorted(standards.catalogue().datasets), BASE)


def combinations() -> Iterator[tuple[str, str, str, str]]:
    """Every dataset, role, purpose and situation."""
    return (
        (dataset, role, purpose, situation)
        for dataset in datasets()
        for role in ROLES
        for purpose in PURPOSES
        for situation in SITUATIONS
    )


def situation_of(situation: str, purpose: str) -> Situation:
    """The facts of a situation."""
    if situation == "bare":
        return BARE
    return replace(FULL, person=None) if purpose in GENERAL else FULL


def made(rules: Rules, dataset: str, actor: Actor, purpose: str, situation: Situation) -> Decision:
    """The decision by some rules, for nobody to read with."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    case, columns = "C-1" if situation.case else None, columns_of(dataset)
    return consider(rules, at, actor, purpose, dataset, columns, case, agreeing(situation, dataset))


def agreeing(situation: Situation, dataset: str) -> Situation:
    """The situation where an agreement of the exchange, if there is one, names every column of a dataset."""
    return replace(situation, agreed=Agreed(frozenset(columns_of(dataset)))) if situation.exchange else situation


def line(decision: Decision, role: str, situation: str) -> Expected | None:
    """The line of a decision; None where nothing is shown."""
    if not decision.allowed:
        return None
    forms = [" ".join(c.name for c in decision.columns if c.outcome == outcome) for outcome in SHOWN]
    by = dict(zip(SHOWN, forms, strict=True))
    rows = " ".join(decision.rows.names()) if decision.rows else "all"
    head = (decision.dataset, role, decision.purpose, situation, rows, " ".join(decision.obligations))
    return Expected(*head, by["clear"], by["masked"], by["generalised"], by["pseudonymised"])


Told = Callable[[int, int], None]
"""Is told how many roles are done, and how many there are."""


def _silent(_done: int, _all: int) -> None:
    return None


def computed(rules: Rules, roles: Iterable[str] = ROLES, told: Told = _silent) -> list[Expected]:
    """The lines of some roles by some rules; it takes seconds, so that the last ones are kept."""
    asked, found = tuple(roles), dict[tuple[str, str, str, str], Expected]()
    for done, role in enumerate(asked):
        told(done, len(asked))
        found |= {one.asked: one for one in _kept(rules, role)}
    told(len(asked), len(asked))
    return [found[each] for each in combinations() if each in found]


_computed: dict[tuple[str, tuple[str, ...], str], list[Expected]] = {}
_KEPT = 4 * len(ROLES)
_keeping = threading.Lock()


def _kept(rules: Rules, role: str) -> list[Expected]:
    """The lines of a role; a page and a job may ask at once."""
    key = (rules.version, datasets(), role)
    found = _computed.get(key)
    if found is None:
        found = _lines(rules.apart(), role)
        with _keeping:
            _computed[key] = found
            while len(_computed) > _KEPT:
                _computed.pop(next(iter(_computed)))
    return found


def _lines(rules: Rules, role: str) -> list[Expected]:
    """The lines of a role. Cedar is asked once for each purpose and situation, about the columns of all datasets."""
    actor, found = typical(role), list[Expected]()
    every = {
        sort for one in datasets() for sort in sorts_of(one, (known(one, name) for name in columns_of(one))).values()
    }
    for purpose in PURPOSES:
        for situation in SITUATIONS:
            facts = situation_of(situation, purpose)
            foresee(rules, actor, purpose, facts, {one._replace(agreed=facts.exchange) for one in every})
            answers = [made(rules, dataset, actor, purpose, facts) for dataset in datasets()]
            found += [one for answer in answers if (one := line(answer, role, situation)) is not None]
    return found


def touched(old: Rules, new: Rules) -> list[str]:
    """The roles whose lines can differ: those that a policy which only one of both has, or has so, speaks to."""
    names = {*old.policies, *new.policies}
    pairs = [(old.policies.get(name), new.policies.get(name)) for name in names]
    heads = {one.to for pair in pairs if pair[0] != pair[1] for one in pair if one is not None}
    return [role for role in ROLES if None in heads or heads & set(roles_of(typical(role)))]


def shipped_table() -> list[Expected]:
    """The table that comes with the project."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [Expected(**row) for row in csv.DictReader(file)]


def write(lines: Iterable[Expected]) -> None:
    """Write the table, for `scripts/expected_decisions.py`: a reader of the change looks at its differences."""
    with FILE.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(Expected._fields)
        out.writerows(lines)
