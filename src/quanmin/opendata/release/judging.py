"""From rows to what may be published, or to the findings that say why nothing may: the one place where a release's rows are.

`judge` is what `Lake.confide` hands the rows to. It gives back a published table, findings, what was measured, and for the
register who stands in which published cell, by place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanmin.errors import QuanminError
from quanmin.opendata import microdata
from quanmin.opendata.disclosure import PROFILES, Finding, Population, Profile, Register, released, review
from quanmin.opendata.disclosure.axis import CELLS
from quanmin.opendata.microdata import Anonymised, Plan
from quanmin.opendata.microdata.errors import NothingHolds, TooFewPersons, TooManyCombinations
from quanmin.opendata.release import column
from quanmin.opendata.release.errors import NothingToRelease
from quanmin.opendata.release.place import Places
from quanmin.opendata.release.recipe import Filter, Recipe
from quanmin.text import Text, document

PERSON = "person_key"
OF_PEOPLE = ("O16.missing", "O16.negative", "overlap", "O9.tracker", "O9.difference", "O9.rounding")
"""Findings whose count is one of people or rows: the published evidence leaves it out, or it would undo the rounding."""
WEAK = "O14.weak"


@dataclass(frozen=True)
class Outcome:
    """What became of a recipe's rows: `table` and `population` are None when it was refused.

    `measured` is a JSON document for those who check; `public` is the part of it that may go out.
    """

    accepted: bool
    findings: tuple[dict[str, Any], ...]
    table: pa.Table | None
    population: Population | None
    note: Text
    measured: dict[str, Any]
    public: dict[str, Any]


def judge(recipe: Recipe, rows: pa.Table, places: Places, register: Register) -> Outcome:
    """Judge the rows of a recipe's source. HierarchyUncovered, NothingToRelease."""
    known = filtered(recipe, rows)
    without = known.num_rows - known.filter(pc.is_valid(known[PERSON])).num_rows
    known = known.filter(pc.is_valid(known[PERSON]))
    if recipe.kind == "microdata" and recipe.privacy.sample < 1:
        known = known.filter(_drawn(known[PERSON], recipe.privacy.sample))
    if not known.num_rows:
        raise NothingToRelease(source=recipe.source)
    person = pa.array(places.of(known[PERSON].combine_chunks()))
    made = _table(recipe, known, person, register) if recipe.kind == "table" else _rows(recipe, known, person, register)
    return Outcome(**{**vars(made), "measured": {**made.measured, "without_person": without}})


def filtered(recipe: Recipe, rows: pa.Table) -> pa.Table:
    """The rows that meet every filter, without those that a dimension leaves out."""
    for one in recipe.filters:
        rows = rows.filter(_meets(one, rows[one.element]))
    for each in recipe.dimensions:
        if each.uncovered == "leave_out":
            rows = rows.filter(column.covered(each, recipe.source, rows[each.element]))
    return rows


def _meets(one: Filter, values: pa.ChunkedArray) -> pa.ChunkedArray:
    tests = []
    if one.values:
        tests.append(pc.is_in(values.cast(pa.string()), value_set=pa.array(one.values, pa.string())))
    if one.present is not None:
        tests.append(pc.is_valid(values) if one.present else pc.is_null(values))
    if one.first is not None:
        tests.append(pc.fill_null(pc.greater_equal(values, pa.scalar(one.first)), False))
    if one.last is not None:
        tests.append(pc.fill_null(pc.less_equal(values, pa.scalar(one.last)), False))
    met = tests[0]
    for test in tests[1:]:
        met = pc.and_(met, test)
    return met


def _drawn(people: pa.ChunkedArray, share: float) -> pa.Array:
    """A sample of people, the same at each run: pseudonyms are random to whoever lacks their key."""
    limit = int(share * 0x100000000)
    return pa.array([int(one[:8], 16) < limit for one in people.to_pylist()])


def _table(recipe: Recipe, known: pa.Table, person: pa.Array, register: Register) -> Outcome:
    columns: dict[str, pa.Array | pa.ChunkedArray] = {"person": person}
    for one in recipe.dimensions:
        columns |= column.columns(one, recipe.source, known[one.element])
    if recipe.total is not None:
        columns["value"] = known[recipe.total].cast(pa.float64())
    rows, value = pa.table(columns), "value" if recipe.total is not None else None
    dimensions = [one.columns for one in recipe.dimensions]
    verdict = review(
        rows, dimensions, value, rules=recipe.rules, register=register, reasons=recipe.reasons, scope=recipe.scope
    )
    findings = tuple(one.to_dict() for one in verdict.findings)
    hidden = ("rows", "overlapping", "audit")  # the least margin tells how large a starred count is
    public = {name: said for name, said in verdict.evidence.items() if name not in hidden}
    public["audit"] = {name: verdict.evidence["audit"][name] for name in ("stars", "derivable")}
    table = None if verdict.table is None else labelled(recipe, verdict.table)
    return Outcome(verdict.accepted, findings, table, verdict.people, verdict.note, verdict.evidence, public)


def labelled(recipe: Recipe, table: pa.Table) -> pa.Table:
    """A published table with the names of divisions and codes beside them."""
    made: dict[str, pa.Array | pa.ChunkedArray] = {}
    for name in table.column_names:
        made[name] = table[name]
        words = column.called(recipe, name)
        if words is not None:
            told = [words(code) for code in table[name].to_pylist()]
            made[f"{name}_name"] = pa.array(told, pa.string())
    return pa.table(made)


def _rows(recipe: Recipe, known: pa.Table, person: pa.Array, register: Register) -> Outcome:
    privacy, quasi = recipe.privacy, {}
    columns: dict[str, pa.Array | pa.ChunkedArray] = {"person": person}
    for one in recipe.dimensions:
        columns[one.name], quasi[one.name] = column.quasi(one, recipe.source, known[one.element])
    columns |= {name: known[name].cast(pa.string()) for name in recipe.sensitive}
    rows = pa.table(columns)
    plan = Plan(
        quasi=quasi,
        sensitive=recipe.sensitive,
        person="person",
        k=privacy.k,
        diversity=privacy.diversity,
        closeness=privacy.closeness,
        suppress=privacy.suppress,
        sampled=privacy.sample if privacy.sample < 1 else None,
    )
    try:
        found = microdata.anonymise(rows, plan)
    except (NothingHolds, TooFewPersons, TooManyCombinations) as error:
        return _impossible(error)
    cells = _generalised(rows, plan, found)
    people = _people(cells, plan).of(recipe.scope)
    findings = _against(people, privacy.k, register, recipe.reasons or {}, found)
    accepted = all(one["weight"] not in ("refused", "reason") for one in findings)
    report = found.report.to_dict()
    told = ("method", "levels", "released", "persons", "classes", "k", "sensitive", "warnings", "needs_exception")
    public = {name: report[name] for name in told} | {"highest_risk": report["risk"]["prosecutor"]}
    public |= {"rule": {**vars(privacy)}, "releases_compared": sorted(register.releases)}
    measured = {**report, "releases_compared": sorted(register.releases)}
    note = Text(
        f"每一组准标识符至少 {privacy.k} 人；不足者已泛化或略去。",
        f"At least {privacy.k} people share every combination of quasi-identifiers; others were generalised or left out.",
    )
    table = pa.table({name: found.table[name].cast(pa.string()) for name in found.table.column_names})
    if not accepted:
        return Outcome(False, findings, None, None, note, measured, public)
    return Outcome(True, findings, table, people, note, measured, public)


def _impossible(error: QuanminError) -> Outcome:
    told = error.to_dict()
    finding = {"code": error.code, "weight": "refused", "count": 1, "cells": []}
    finding |= {"title": told["message"], "about": told["next_step"]}
    return Outcome(False, (finding,), None, None, Text("", ""), {}, {})


def _generalised(rows: pa.Table, plan: Plan, found: Anonymised) -> pa.Table:
    """The rows that were released, with places and the released labels: what the register must know."""
    columns: dict[str, pa.Array] = {}
    for name, hierarchy in plan.quasi.items():
        level = found.levels[name]
        coded = rows[name].combine_chunks().dictionary_encode()
        coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
        words = [_label(hierarchy, value, level) for value in coded.dictionary.to_pylist()]
        absent = "*" if level == hierarchy.height - 1 else None
        places = pc.fill_null(coded.indices.cast(pa.int64()), len(words))
        columns[name] = pa.array([*words, absent], pa.string()).take(places)
    made = pa.table(columns)
    keys = pc.binary_join_element_wise(*(pc.fill_null(one, "\x00") for one in made.columns), "\x01")
    plain = [found.table[name].cast(pa.string()) for name in plan.quasi]
    classes = pc.binary_join_element_wise(*(pc.fill_null(one, "\x00") for one in plain), "\x01").unique()
    kept = pc.is_in(keys, value_set=classes)
    starred = {name: pc.replace_substring(one, "*", "all") for name, one in zip(columns, made.columns, strict=True)}
    return pa.table({"person": rows["person"], **starred}).filter(kept)


def _label(hierarchy: microdata.Hierarchy, value: Any, level: int) -> str:
    if level == hierarchy.height - 1:
        return "*"
    return str(value) if level == 0 else hierarchy.paths[value][level - 1]


def _people(cells: pa.Table, plan: Plan) -> Population:
    """The classes of a microdata release and their margins as cells; where they are too many, the classes as one dimension."""
    names = list(plan.quasi)
    profile = Profile("microdata", Text("微数据", "microdata"), (), max(plan.k, 3), zeros="shown")
    sizes = np.prod([len(cells[name].unique()) + 1 for name in names], dtype=np.float64)
    if sizes > CELLS / 4:
        joined = pc.binary_join_element_wise(*(pc.fill_null(cells[name], "-") for name in names), " | ")
        cells, names = pa.table({"person": cells["person"], "class": joined}), ["class"]
    return released(cells, names, rules=profile)


def _against(
    people: Population, k: int, register: Register, reasons: Mapping[str, str], found: Anonymised
) -> tuple[dict[str, Any], ...]:
    """What is found when the classes are held against the earlier releases, and by the rule of row-level data."""
    findings = [
        Finding(one.rule, "refused", 1, (one.cell,), Text(f"已有发布 {one.earlier}", f"earlier release {one.earlier}"))
        for one in register.difference(people, k)
    ]
    follows = register.tracked(people, k)
    if follows.asked and follows.groups:
        findings.append(Finding("O9.tracker", "refused", follows.groups))
    told = [one.to_dict() for one in findings]
    if found.report.needs_exception:
        weight = "noted" if reasons.get(WEAK) else "reason"
        title = document(found.report.warnings[0])
        told.append({"code": WEAK, "weight": weight, "count": 1, "cells": [], "title": title, "about": title})
    return tuple(told)


def open_findings(findings: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """Findings as the published evidence tells them: no counts of people."""
    return [
        {name: said for name, said in one.items() if name != "count" or one["code"] not in OF_PEOPLE}
        for one in findings
    ]


__all__ = ["PERSON", "PROFILES", "Outcome", "filtered", "judge", "labelled", "open_findings"]
