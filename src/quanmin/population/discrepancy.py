"""多源校核: what does not fit, told per record with code, element and the day an answer is due.

Three kinds, united: what the row's own flags say (found when it was collected), what its number and name say against the
benchmark, and what it says against the golden date of death. `since` is the latest batch that the finding rests on; the
sender's time runs from that batch's day, so that a rebuild gives the same date.

Few rows have anything to tell. Kernels choose them (table `found`, of all sources together); one expression a kind tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanmin.population import frame, word
from quanmin.population.overlay import CODE, Mask, Met, one, truth
from quanmin.population.plan import Plan
from quanmin.population.wide import judged

if TYPE_CHECKING:
    import ibis.expr.types as ir

TOLD = ("person_key", "dataset", "_source", "_batch", "_row", "element", "code", "since")

FOUND: frame.Schema = {
    "person_key": "int64",
    "dataset": word.TYPE,
    "event": "date",
    "died": "date",
    "match": "int8",
    "since": "int64",
    "contested": "boolean",
    **frame.ADDRESS,
}
"""Rows of any source that something may be told about; `died` is the usable date of death that the row states."""

DEAD: frame.Schema = {"d_key": "int64", "d_on": "date", "d_source": word.TYPE, "d_batch": "int64"}

AT_FAULT: frame.Schema = {
    "at": word.TYPE,
    "number": word.TYPE,
    "name": word.TYPE,
    "death": word.TYPE,
    "life": word.TYPE,
}
"""Per dataset (`at`) the elements to look at: of the number, the name (else the number), the date of death, the day that
shows the person alive; null where it has none."""

FLAGGED: frame.Schema = {"dataset": word.TYPE, "rule": "string", "code": word.TYPE, "element": word.TYPE}


def findable(plan: Plan, index: int, met: Met, dead: Mask) -> pa.Table:
    """The rows of a source that something may be told about: all others need not be looked at again."""
    flags = met.rows.column("_flags")
    chosen = ~met.attached | (met.match == CODE["variant"]) | met.contested
    if flags.null_count < len(flags):
        chosen |= truth(one(flags).is_valid())
    if dead.any():
        chosen |= dead[met.place] & (met.place >= 0)
    places = np.flatnonzero(chosen)
    rows = met.rows.take(pa.array(places))
    dataset = word.words_of(plan, "dataset").index(plan.sources[index].dataset)
    columns = {
        **{name: rows.column(name) for name in ("person_key", "event", *frame.ADDRESS)},
        "dataset": pa.array(np.full(len(places), dataset, np.int16)),
        "died": _usable_death(plan, index, rows),
        "match": pa.array(met.match[places]),
        "since": pa.array(met.since[places]),
        "contested": pa.array(met.contested[places]),
    }
    return pa.table({name: columns[name] for name in FOUND})


def _usable_death(plan: Plan, index: int, rows: pa.Table) -> pa.Array | pa.ChunkedArray:
    """The date of death that each row states, null where a flag makes it unusable."""
    if "death_date" not in plan.sources[index].values:
        return pa.nulls(len(rows), pa.date32())
    died = one(rows.column("v_death_date"))
    if judged(plan, index, "death_date"):
        padded = pc.binary_join_element_wise("", one(rows.column("_flags")), "", " ")
        for rule in plan.sources[index].invalid["death_date"]:
            flagged = pc.fill_null(pc.match_substring(padded, f" {rule} "), False)
            died = pc.if_else(flagged, pa.scalar(None, pa.date32()), died)
    return died


def at_fault(plan: Plan) -> pa.Table:
    """The table `at_fault`."""
    datasets, elements = word.words_of(plan, "dataset"), word.words_of(plan, "element")
    rows = [
        (
            datasets.index(source.dataset),
            elements.index(source.number),
            elements.index(source.name or source.number),
            elements.index(source.values["death_date"]) if "death_date" in source.values else None,
            elements.index(source.event) if source.living and source.event else None,
        )
        for source in plan.sources
    ]
    columns = [pa.array([row[place] for row in rows], pa.int16()) for place in range(len(AT_FAULT))]
    return pa.table(columns, names=list(AT_FAULT))


def flagged(plan: Plan) -> pa.Table:
    """The table `flagged`: the code and element that the sender is told when a rule of a dataset fails."""
    datasets, codes, elements = (word.words_of(plan, name) for name in ("dataset", "code", "element"))
    rows = [
        (datasets.index(source.dataset), rule, codes.index(code), elements.index(element))
        for source in plan.sources
        for rule, (code, element) in source.told.items()
    ]
    kinds = (pa.int16(), pa.string(), pa.int16(), pa.int16())
    columns = [pa.array([row[place] for row in rows], kind) for place, kind in enumerate(kinds)]
    return pa.table(columns, names=list(FLAGGED))


def told(plan: Plan) -> ir.Table:
    """Every discrepancy of a bucket, each once, with its due date (table `due`: batch and day)."""
    import ibis

    rows = ibis.table(FOUND, name="found")
    fault = ibis.table(AT_FAULT, name="at_fault")
    joined = rows.join(fault, rows.dataset == fault.at)
    parts = [by_flag(rows), by_number_and_name(plan, joined), variant(plan, joined)]
    if plan.death is not None:
        parts.append(by_death(plan, joined))
    found = ibis.union(*parts, distinct=False).distinct()
    due = ibis.table({"due_batch": "int64", "due_on": "date"}, name="due")
    dated = found.left_join(due, found.since == due.due_batch)
    return dated.select(*TOLD[:-1], "due_on")


def dead(plan: Plan) -> ir.Table:
    """The people whose golden record states a date of death."""
    import ibis

    person = ibis.table(
        {"person_key": "int64", "death_date": "date", "death_date_source": word.TYPE, "death_date_batch": "int64"},
        name="person",
    )
    died = person.filter(person.death_date.notnull())
    return died.select(d_key="person_key", d_on="death_date", d_source="death_date_source", d_batch="death_date_batch")


def by_flag(rows: ir.Table) -> ir.Table:
    """Failures noted at collection."""
    import ibis

    failed = rows.filter(rows["_flags"].notnull()).mutate(rule=rows["_flags"].split(" ").unnest())
    rules = ibis.table(FLAGGED, name="flagged").rename(of="dataset", told_rule="rule")
    known = failed.join(rules, (failed.dataset == rules.of) & (failed.rule == rules.told_rule))
    return _told(known, known.element, known.code, known["_batch"])


def by_number_and_name(plan: Plan, rows: ir.Table) -> ir.Table:
    """Records set aside, and the holder of a number that others claim too (a bad number was told by its flag)."""
    import ibis

    rows = rows.filter(rows.person_key.notnull() & (~frame.attached(rows) | rows.contested))
    match = ibis.ifelse(frame.attached(rows), frame.match("E06"), rows["match"])
    element = ibis.ifelse(match == frame.match("E03"), rows["name"], rows.number)
    return _told(rows, element, word.matched(plan, "code", match), rows.since)


def variant(plan: Plan, rows: ir.Table) -> ir.Table:
    """Names that are equal only once variant characters are folded."""
    rows = rows.filter(frame.matched(rows, "variant"))
    return _told(rows, rows["name"], word.literal(plan, "code", "E13"), rows.since)


def by_death(plan: Plan, rows: ir.Table) -> ir.Table:
    """Signs of life after the golden date of death, and other dates of death."""
    import ibis

    died = ibis.table(DEAD, name="dead")
    met = rows.filter(frame.attached(rows)).join(died, rows.person_key == died.d_key)
    other = met.death.notnull() & (met.died != met.d_on) & (met.d_source != met.dataset)
    alive = met.life.notnull() & (met.event > met.d_on)
    met = met.filter(other.fill_null(False) | alive.fill_null(False))
    states = met.death.notnull()
    code = ibis.ifelse(states, word.literal(plan, "code", "E09"), word.literal(plan, "code", "E08"))
    since = ibis.greatest(met["_batch"], met.d_batch)
    return _told(met, ibis.ifelse(states, met.death, met.life), code, since)


def _told(rows: ir.Table, element: ir.Value, code: ir.Value, since: ir.Value) -> ir.Table:
    """Findings in their common shape."""
    at = {name: rows[name] for name in ("person_key", "dataset", "_source", "_batch", "_row")}
    columns = {**at, "element": element, "code": code, "since": since}
    return rows.select(**{name: columns[name] for name in TOLD})
