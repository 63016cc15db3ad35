"""The golden record: per person and item one value, where it comes from, and how many sources agree.

Each source is reduced to one row per person (its latest event), joined to the benchmark, and an item is decided by a plain
expression over the columns side by side: the number's own word where it has one, else the first usable value in order of
trust, else the first value of any kind.
"""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from quanmin.population import frame
from quanmin.population.plan import BY_NUMBER, Fact, Plan


def latest(plan: Plan, index: int) -> ir.Table:
    """One row per person: the latest event of another source, its columns prefixed with `s<index>_`."""
    rows = ibis.table(frame.matched_schema(plan, plan.sources[index]), name=f"full_{index}")
    kept = rows.filter(frame.attached(rows))
    last = [ibis.desc(kept.event, nulls_first=False), ibis.desc(kept["_batch"]), ibis.desc(kept["_row"])]
    place = ibis.row_number().over(group_by=kept.person_key, order_by=last)
    kept = kept.mutate(place=place)
    kept = kept.filter(kept.place == 0)
    return kept.select(**side_by_side(plan, index, kept))


def side_by_side(plan: Plan, index: int, rows: ir.Table) -> dict[str, ir.Value]:
    """The columns of one source's row that the golden record needs: values `v_`, and `g_` the same if usable."""
    source = plan.sources[index]
    columns: dict[str, ir.Value] = {"key": rows.person_key, "batch": rows["_batch"], "same": rows["match"] == "same"}
    for item in source.values:
        if item == "name":
            continue
        columns[f"v_{item}"] = value = rows[f"v_{item}"]
        if judged(plan, index, item):
            bad = frame.flagged(rows, source.invalid[item])
            columns[f"g_{item}"] = ibis.ifelse(bad, ibis.null(value.type()), value)
    return {f"s{index}_{name}": column for name, column in columns.items()}


def judged(plan: Plan, index: int, item: str) -> bool:
    """Whether a flag of the source can make its value of the item unusable."""
    return bool(plan.sources[index].invalid.get(item)) and item not in BY_NUMBER


def latest_schema(plan: Plan, index: int) -> frame.Schema:
    """The shape of `latest`."""
    items = {fact.item: fact.type for fact in plan.stated}
    schema: frame.Schema = {"key": "int64", "batch": "int64", "same": "boolean"}
    for item in plan.sources[index].values:
        if item != "name":
            schema[f"v_{item}"] = items[item]
            if judged(plan, index, item):
                schema[f"g_{item}"] = items[item]
    return {f"s{index}_{name}": kind for name, kind in schema.items()}


def people(plan: Plan) -> ir.Table:
    """The golden records: the benchmark, every other source beside it, one expression per item."""
    bench = ibis.table(frame.bench_schema(plan), name="bench")
    wide = bench.mutate(**side_by_side(plan, 0, bench))
    for index in range(1, len(plan.sources)):
        other = ibis.table(latest_schema(plan, index), name=f"latest_{index}")
        wide = wide.left_join(other, wide["person_key"] == other[f"s{index}_key"])
    columns: dict[str, ir.Value] = {"person_key": wide.person_key, "contested": wide.contested}
    for fact in plan.facts:
        parts = decided(plan, fact, wide)
        columns.update({fact.item + ending: part for ending, part in parts.items()})
    return wide.select(**columns)


def decided(plan: Plan, fact: Fact, wide: ir.Table) -> dict[str, ir.Value]:
    """The four columns of one item."""
    held = {"_source": ibis.literal(plan.benchmark.dataset), "_batch": wide.s0_batch}
    others = range(1, len(plan.sources))
    if fact.item == "citizen_number":
        return {"": wide.citizen_number, **held, "_agreement": 1 + count(wide[f"s{i}_key"].notnull() for i in others)}
    if fact.item == "name":
        return {"": wide["name"], **held, "_agreement": 1 + count(wide[f"s{i}_same"] for i in others)}
    claims = [
        i for i, source in enumerate(plan.sources) if source.dataset in fact.claims and fact.item in source.values
    ]
    claims.sort(key=lambda i: fact.claims.index(plan.sources[i].dataset))
    usable = [(i, wide[f"s{i}_g_{fact.item}" if judged(plan, i, fact.item) else f"s{i}_v_{fact.item}"]) for i in claims]
    stated = [(i, wide[f"s{i}_v_{fact.item}"]) for i in claims]
    ranked = usable + [(i, value) for i, value in stated if judged(plan, i, fact.item)]
    parts = first(plan, wide, fact, ranked)
    if fact.item in BY_NUMBER:
        number = wide[f"n_{fact.item}"]
        told = number.notnull()
        parts = {
            "": ibis.coalesce(number, parts[""]),
            "_source": ibis.ifelse(told, held["_source"], parts["_source"]),
            "_batch": ibis.ifelse(told, held["_batch"], parts["_batch"]),
        }
    return {**parts, "_agreement": count(value == parts[""] for _, value in stated)}


def first(plan: Plan, wide: ir.Table, fact: Fact, ranked: list[tuple[int, ir.Value]]) -> dict[str, ir.Value]:
    """The first value that is there, with its source and batch."""
    if not ranked:
        return {"": ibis.null(fact.type), "_source": ibis.null("string"), "_batch": ibis.null("int64")}
    return {
        "": ibis.coalesce(*(value for _, value in ranked)),
        "_source": ibis.cases(*((value.notnull(), plan.sources[i].dataset) for i, value in ranked)),
        "_batch": ibis.cases(*((value.notnull(), wide[f"s{i}_batch"]) for i, value in ranked)),
    }


def count(tests: Iterable[ir.BooleanValue]) -> ir.IntegerValue:
    """How many tests hold; an unknown one does not."""
    total: ir.IntegerValue = ibis.literal(0, "int32")
    for test in tests:
        total = total + test.fill_null(False).cast("int32")
    return total.cast("int32")
