"""The table of expected decisions: every dataset, role and purpose, and what is shown. It ships as `expected.csv`.

Two situations: `full` has every fact that a policy may ask for, `bare` has none. A combination that is not in the table shows
nothing. A test reads every dataset as every role and compares; a change of policies is told by what it changes here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from quanmin import standards
from quanmin.trust.actor import Actor
from quanmin.trust.column import BASE
from quanmin.trust.decision import Decision, consider
from quanmin.trust.policy.role import ROLES, typical
from quanmin.trust.policy.rule import HERE, Rules
from quanmin.trust.policy.situation import Situation
from quanmin.trust.purpose import OUTCOMES, PURPOSES

FILE = HERE / "expected.csv"
PERSON = 37010219491231002
FULL = Situation(case=True, own=True, ward=True, care=True, consent=True, agreement=True, person=PERSON)
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
    case = "C-1" if situation.case else None
    return consider(rules, at, actor, purpose, dataset, columns_of(dataset), case, situation)


def line(decision: Decision, role: str, situation: str) -> Expected | None:
    """The line of a decision; None where nothing is shown."""
    if not decision.allowed:
        return None
    forms = [" ".join(c.name for c in decision.columns if c.outcome == outcome) for outcome in SHOWN]
    by = dict(zip(SHOWN, forms, strict=True))
    rows = " ".join(decision.rows.names()) if decision.rows else "all"
    head = (decision.dataset, role, decision.purpose, situation, rows, " ".join(decision.obligations))
    return Expected(*head, by["clear"], by["masked"], by["generalised"], by["pseudonymised"])


def computed(rules: Rules) -> list[Expected]:
    """The table by some rules; it takes seconds, so that the last few are kept."""
    key = (rules.version, datasets())
    if key not in _computed:
        _computed[key] = _table(rules)
        while len(_computed) > 4:
            _computed.pop(next(iter(_computed)))
    return _computed[key]


def known(rules: Rules) -> bool:
    """Whether the table by some rules was computed before, and costs nothing now."""
    return (rules.version, datasets()) in _computed


_computed: dict[tuple[str, tuple[str, ...]], list[Expected]] = {}


def _table(rules: Rules) -> list[Expected]:
    """The datasets of one question after another: whoever asks for one sort of column is asked about it once."""
    found = dict[tuple[str, str, str, str], Expected]()
    for role in ROLES:
        for purpose in PURPOSES:
            for situation in SITUATIONS:
                for dataset in datasets():
                    answer = made(rules, dataset, typical(role), purpose, situation_of(situation, purpose))
                    if (one := line(answer, role, situation)) is not None:
                        found[one.asked] = one
    return [found[asked] for asked in combinations() if asked in found]


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
