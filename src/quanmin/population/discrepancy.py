"""多源校核: what does not fit, told per record with code, element and the day an answer is due.

Three kinds, united: what the row's own flags say (found when it was collected), what its number and name say against the
benchmark, and what it says against the golden date of death. `since` is the latest batch that the finding rests on; the
sender's time runs from that batch's day, so that a rebuild gives the same date.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from quanmin.population import frame
from quanmin.population.golden import judged
from quanmin.population.plan import Plan

FOUND = ("person_key", "dataset", "_source", "_batch", "_row", "element", "code", "since")


def told(plan: Plan) -> ir.Table:
    """Every discrepancy of a bucket, each once, with its due date (table `due`: batch and day)."""
    parts: list[ir.Table] = []
    for index in range(len(plan.sources)):
        parts += [*by_flag(plan, index), by_number_and_name(plan, index), *variant(plan, index), *by_death(plan, index)]
    found = ibis.union(*parts, distinct=True)
    due = ibis.table({"due_batch": "int64", "due_on": "date"}, name="due")
    joined = found.left_join(due, found.since == due.due_batch)
    return joined.select(*FOUND[:-1], "due_on")


def dead(plan: Plan) -> ir.Table:
    """The people whose golden record states a date of death."""
    person = ibis.table(
        {"person_key": "int64", "death_date": "date", "death_date_source": "string", "death_date_batch": "int64"},
        name="person",
    )
    died = person.filter(person.death_date.notnull())
    return died.select(d_key="person_key", died="death_date", d_source="death_date_source", d_batch="death_date_batch")


def by_flag(plan: Plan, index: int) -> list[ir.Table]:
    """Failures noted at collection, by the table `told`: dataset, rule, code, element."""
    source = plan.sources[index]
    if not source.told:
        return []
    rows = _rows(plan, index)
    failed = rows.filter(rows["_flags"].notnull()).mutate(rule=rows["_flags"].split(" ").unnest())
    rules = ibis.table({"dataset": "string", "rule": "string", "code": "string", "element": "string"}, name="told")
    rules = rules.filter(rules.dataset == source.dataset).drop("dataset").rename(told_rule="rule")
    known = failed.join(rules, failed.rule == rules.told_rule)
    return [_found(plan, index, known, known.element, known.code, known["_batch"])]


def by_number_and_name(plan: Plan, index: int) -> ir.Table:
    """Records set aside, and the holder of a number that others claim too (a bad number was told by its flag)."""
    source, rows = plan.sources[index], _rows(plan, index)
    rows = rows.filter(rows.person_key.notnull())
    if index == 0:
        rows = rows.filter(~frame.attached(rows) | rows.contested)
        code = ibis.ifelse(frame.attached(rows), ibis.literal("E06"), rows["match"])
    else:
        rows = rows.filter(~frame.attached(rows))
        code = rows["match"]
    element = ibis.ifelse(code == "E03", ibis.literal(source.name or source.number), ibis.literal(source.number))
    return _found(plan, index, rows, element, code, rows.since)


def variant(plan: Plan, index: int) -> list[ir.Table]:
    """Names that are equal only once variant characters are folded."""
    source, rows = plan.sources[index], _rows(plan, index)
    if source.name is None or index == 0:
        return []
    rows = rows.filter(rows["match"] == "variant")
    return [_found(plan, index, rows, ibis.literal(source.name), ibis.literal("E13"), rows.since)]


def by_death(plan: Plan, index: int) -> list[ir.Table]:
    """Signs of life after the golden date of death, and other dates of death."""
    source = plan.sources[index]
    states = "death_date" in source.values
    if plan.death is None or not (source.living or states):
        return []
    rows, died = _rows(plan, index), ibis.table(DEAD, name="dead")
    rows = rows.filter(frame.attached(rows))
    if states:
        rows = rows.filter(rows.v_death_date.notnull())
        if judged(plan, index, "death_date"):
            rows = rows.filter(~frame.flagged(rows, source.invalid["death_date"]))
    met = rows.join(died, rows.person_key == died.d_key)
    since = ibis.greatest(met["_batch"], met.d_batch)
    if states:
        met = met.filter((met.v_death_date != met.died) & (met.d_source != source.dataset))
        return [_found(plan, index, met, ibis.literal(source.values["death_date"]), ibis.literal("E09"), since)]
    met = met.filter(met.event > met.died)
    return [_found(plan, index, met, ibis.literal(source.event), ibis.literal("E08"), since)]


DEAD: frame.Schema = {"d_key": "int64", "died": "date", "d_source": "string", "d_batch": "int64"}


def _rows(plan: Plan, index: int) -> ir.Table:
    return ibis.table(frame.matched_schema(plan, plan.sources[index]), name=f"full_{index}")


def _found(plan: Plan, index: int, rows: ir.Table, element: ir.Value, code: ir.Value, since: ir.Value) -> ir.Table:
    """Findings in their common shape."""
    dataset = ibis.literal(plan.sources[index].dataset)
    at = {name: rows[name] for name in ("person_key", "_source", "_batch", "_row")}
    columns = {**at, "dataset": dataset, "element": element, "code": code, "since": since}
    return rows.select(**{name: columns[name] for name in FOUND})
