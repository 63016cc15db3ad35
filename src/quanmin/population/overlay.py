"""基准叠加: every record meets the benchmark by number and name.

The benchmark's rows are settled first (`bench`: one holder per number). Each other source is joined to it on the number;
raw texts of the names decide nearly all rows at once, the few that differ are marked `unsure` and settled by kernels in
`bucket`. The outcome is the column `match`: how a record is attached, or the code why it is set aside.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from quanmin.population import frame
from quanmin.population.plan import Plan

UNSURE = "unsure"


def shared_numbers(plan: Plan) -> ir.Table:
    """Numbers that more than one benchmark row claims."""
    rows = ibis.table(frame.bench_rows_schema(plan), name="rows_0")
    rows = rows.filter(rows.person_key.notnull())
    counted = rows.group_by("person_key").agg(claims=rows.count())
    return counted.filter(counted.claims > 1).select("person_key")


def shared_rows(plan: Plan) -> ir.Table:
    """The benchmark's rows under those numbers, for `twin.settle`."""
    rows = ibis.table(frame.bench_rows_schema(plan), name="rows_0")
    shared = ibis.table({"person_key": "int64"}, name="shared")
    return rows.semi_join(shared, "person_key")


def bench_matched(plan: Plan) -> ir.Table:
    """Every benchmark row with its outcome: settled twins (table `twins`), the sole claimants, rows without a number."""
    schema = frame.bench_matched_schema(plan)
    rows = ibis.table(frame.bench_rows_schema(plan), name="rows_0")
    shared = ibis.table({"person_key": "int64"}, name="shared")
    sole = rows.anti_join(shared, "person_key")
    match = ibis.cases(*_unnumbered(sole), else_="same")
    sole = sole.mutate(match=match, since=sole["_batch"], contested=ibis.literal(False))
    return sole.select(*schema).union(ibis.table(schema, name="twins"))


def holders(plan: Plan) -> ir.Table:
    """One row per person of the benchmark, with what the number states (table `numbers`, made by kernels)."""
    matched = ibis.table(frame.bench_matched_schema(plan), name="full_0")
    numbers = ibis.table({"number_key": "int64", **frame.NUMBER}, name="numbers")
    held = matched.filter(matched["match"] == "same")
    return held.join(numbers, held.person_key == numbers.number_key).drop("number_key")


def met(plan: Plan, index: int) -> ir.Table:
    """The rows of another source with their outcome, or `unsure` where the raw names differ."""
    schema = frame.rows_schema(plan, plan.sources[index])
    rows = ibis.table(schema, name=f"rows_{index}")
    joined = _with_bench(rows, plan)
    match = ibis.cases(
        *_unnumbered(joined),
        (joined.b_key.isnull(), "E02"),
        (joined.name.isnull(), "number"),
        (joined.name == joined.b_name, "same"),
        else_=UNSURE,
    )
    since = ibis.greatest(joined["_batch"], ibis.coalesce(joined.b_since, joined["_batch"]))
    return joined.select(*schema, match=match, since=since)


def unsure(plan: Plan, index: int) -> ir.Table:
    """The rows whose names must be compared by kernels, with the holder's names (`b_name`, `b_former`)."""
    schema = frame.matched_schema(plan, plan.sources[index])
    rows = ibis.table(schema, name=f"met_{index}")
    return _with_bench(rows.filter(rows["match"] == UNSURE), plan).select(*schema, "b_name", "b_former")


def full(plan: Plan, index: int) -> ir.Table:
    """All rows of a source with their final outcome (table `sure_<index>`: those that the kernels settled)."""
    schema = frame.matched_schema(plan, plan.sources[index])
    rows = ibis.table(schema, name=f"met_{index}")
    return rows.filter(rows["match"] != UNSURE).union(ibis.table(schema, name=f"sure_{index}"))


def _with_bench(rows: ir.Table, plan: Plan) -> ir.Table:
    """Rows joined to the person of their number; the benchmark's columns start with `b_`."""
    bench = ibis.table(frame.bench_schema(plan), name="bench")
    bench = bench.select(b_key=bench.person_key, b_name=bench["name"], b_former=bench.former, b_since=bench.since)
    return rows.left_join(bench, rows.person_key == bench.b_key)


def _unnumbered(rows: ir.Table) -> list[tuple[ir.BooleanValue, str]]:
    """A row without a usable number: the number is there but wrong, or missing."""
    return [(rows.person_key.isnull() & rows.numbered, "E01"), (rows.person_key.isnull(), "E12")]
