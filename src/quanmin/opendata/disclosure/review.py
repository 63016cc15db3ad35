"""The one way through: count, suppress, audit, compare with all earlier releases, judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from quanmin.opendata.disclosure import rule
from quanmin.opendata.disclosure.audit import Interval, audit
from quanmin.opendata.disclosure.axis import Address, Axis, Dimension, addresses
from quanmin.opendata.disclosure.cells import Cells, evaluate
from quanmin.opendata.disclosure.differencing import Difference
from quanmin.opendata.disclosure.finding import Finding, found
from quanmin.opendata.disclosure.population import Population, population
from quanmin.opendata.disclosure.profile import Profile, profile
from quanmin.opendata.disclosure.protect import Protected, protect, required
from quanmin.opendata.disclosure.register import Register
from quanmin.opendata.disclosure.rule import Fate
from quanmin.opendata.disclosure.together import together
from quanmin.opendata.disclosure.tracker import Tracked
from quanmin.opendata.disclosure.verdict import VERSION, Verdict, digest
from quanmin.text import Text

TRIES = 4
"""How often partners are sought anew when the audit still derives a cell, each time for twice the interval."""

FATES = {
    Fate.ZERO: ("O4.zero", "treated"),
    Fate.SMALL: ("O1.small", "treated"),
    Fate.DOMINATED: ("O5.dominated", "treated"),
    Fate.PARTNER: ("O10.partner", "treated"),
}


class Proof(NamedTuple):
    """A protected table with the intervals of its stars and the widths these must exceed."""

    protected: Protected
    intervals: list[Interval]
    needed: dict[tuple[Address, str], float]

    @property
    def derivable(self) -> list[Interval]:
        """The stars that can be told too closely."""
        return [one for one in self.intervals if not one.width > self.needed[one.address, one.column]]


def review(
    rows: pa.Table,
    dimensions: Sequence[str | Sequence[str] | Dimension],
    value: str | None = None,
    person: str = "person",
    rules: Profile | str = "health",
    register: Register | None = None,
    reasons: Mapping[str, str] | None = None,
    beside: Sequence[Protected] = (),
    scope: str = "",
) -> Verdict:
    """Judge a table of the rows. With a `register` people must be places, and the table is held against all releases in it.

    `reasons` gives a reason for a finding that needs one, by its code. `beside` are the other tables of the same rows that go
    out or went out. `scope` says of whom the table speaks, where the register holds tables of several kinds of people: equal
    labels mean the same only within one scope. Nothing is registered: whoever releases calls `Register.keep`.
    """
    chosen = profile(rules) if isinstance(rules, str) else rules
    proof = prove(evaluate(rows, dimensions, value, person), chosen)
    differing, follows, people = [], None, None
    if register is not None:
        people = population(rows, dimensions, proof.protected, person).of(scope)
        differing, follows = register.difference(people, chosen.smallest), register.tracked(people, chosen.smallest)
    fallen = together([proof.protected, *beside])
    joint = found("O10.together", "refused", (one.address for one in fallen), coarser(proof.protected.cells.axes))
    findings = (*_findings(proof), *_differing(differing), *_tracking(follows), *joint)
    given = reasons or {}
    refused = [
        one for one in findings if one.weight == "refused" or (one.weight == "reason" and not given.get(one.code))
    ]
    evidence = {**_evidence(proof, differing, register, given), "trackers": follows._asdict() if follows else None}
    table = None if refused else proof.protected.table
    return Verdict(not refused, findings, table, proof.protected.note, evidence, None if refused else people)


def released(
    rows: pa.Table,
    dimensions: Sequence[str | Sequence[str] | Dimension],
    value: str | None = None,
    person: str = "person",
    rules: Profile | str = "health",
    scope: str = "",
) -> Population:
    """What `Register.keep` wants of a table that was accepted."""
    chosen = profile(rules) if isinstance(rules, str) else rules
    protected = prove(evaluate(rows, dimensions, value, person), chosen).protected
    return population(rows, dimensions, protected, person).of(scope)


def prove(cells: Cells, chosen: Profile) -> Proof:
    """Protect a table and audit it; when the audit derives a cell, protect it harder and audit again."""
    factor = np.ones(len(cells.persons))
    listed = {address: place for place, address in enumerate(addresses(cells.axes))}
    for attempt in range(TRIES):
        protected = protect(cells, chosen, factor if attempt else None)
        proof = _audited(protected)
        if not proof.derivable or protected.stuck:
            return proof
        for one in proof.derivable:
            factor[listed[one.address]] *= 2
    return proof


def _audited(protected: Protected) -> Proof:
    cells, chosen = protected.cells, protected.profile
    listed = addresses(cells.axes)
    wide = {"persons": required(cells.entries.astype(np.float64), chosen, True)}
    if cells.sums is not None:
        wide["sum"] = required(cells.sums.total, chosen, False)
    needed = {(a, name): float(each[i]) for name, each in wide.items() for i, a in enumerate(listed)}
    if protected.fate[0] != Fate.PUBLISHED:
        return Proof(protected, [], needed)
    negative = cells.sums is not None and bool(cells.sums.negative.any())
    levels = [axis.levels for axis in cells.axes]
    return Proof(protected, audit(protected.table, levels, chosen, needed, negative), needed)


def _findings(proof: Proof) -> list[Finding]:
    protected = proof.protected
    cells, fate = protected.cells, protected.fate
    listed = addresses(cells.axes)
    told = rule.counted(cells)
    for kind, (code, _) in FATES.items():
        told += found(code, "treated", (listed[i] for i in np.flatnonzero(fate == kind)))
    if protected.profile.zeros == "shown":
        told += found("O4.zero", "noted", (listed[i] for i in np.flatnonzero(cells.persons == 0)))
    if fate[0] != Fate.PUBLISHED:
        return told + found("O1.total", "refused", [listed[0]])
    told += found("O4.whole", "reason", (listed[i] for i in rule.whole(cells, protected.shown, fate)))
    told += found("O10.stuck", "refused", (listed[i] for i in protected.stuck), coarser(cells.axes))
    derivable = {one.address for one in proof.derivable}
    return told + found("O10.derivable", "refused", sorted(derivable), coarser(cells.axes))


def coarser(axes: Sequence[Axis]) -> Text:
    """What would help: the dimension with the most categories, without its finest level or with fewer of them."""
    widest = max(axes, key=lambda axis: len(axis.leaves))
    if len(widest.levels) > 1:
        name = widest.levels[-1]
        return Text(f"建议去掉“{name}”这一层", f"leave the level {name} out")
    return Text(f"建议合并“{widest.levels[0]}”的类别", f"merge categories of {widest.levels[0]}")


def _differing(differing: Sequence[Difference]) -> list[Finding]:
    told: list[Finding] = []
    for code in ("O9.difference", "O9.rounding"):
        chosen = [one for one in differing if one.rule == code]
        for release in sorted({one.earlier for one in chosen}):
            about = Text(f"已有发布 {release}", f"earlier release {release}")
            told += found(
                code, "refused", ((*one.cell, "|", *one.other) for one in chosen if one.earlier == release), about
            )
    return told


def _tracking(follows: Tracked | None) -> list[Finding]:
    if follows is None or (follows.asked and not follows.groups):
        return []
    if not follows.asked:
        return [Finding("O9.unasked", "noted", 0)]
    return [Finding("O9.tracker", "refused", follows.groups, (), Text("人群数", "groups of people"))]


def _evidence(
    proof: Proof, differing: Sequence[Difference], register: Register | None, reasons: Mapping[str, str]
) -> dict[str, Any]:
    protected, cells = proof.protected, proof.protected.cells
    fates = Counter(Fate(int(one)).name.lower() for one in protected.fate)
    margins = [one.width / max(proof.needed[one.address, one.column], 1e-9) for one in proof.intervals]
    return {
        "version": VERSION,
        "profile": protected.profile.to_dict(),
        "dimensions": [list(axis.levels) for axis in cells.axes],
        "rows": cells.rows,
        "overlapping": cells.overlapping,
        "cells": {fate.name.lower(): fates.get(fate.name.lower(), 0) for fate in Fate},
        "audit": {
            "stars": len(proof.intervals),
            "derivable": len(proof.derivable),
            "least_margin": round(min(margins), 6) if margins else None,
        },
        "releases_compared": sorted(register.releases) if register is not None else None,
        "differences": [one.to_dict() for one in differing[:100]],
        "reasons": dict(reasons),
        "table_sha256": digest(protected.table),
    }
