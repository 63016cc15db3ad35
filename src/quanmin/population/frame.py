"""The shapes of the build's intermediate tables, and the live rows projected to them.

Every step is an Ibis expression over tables that are known by name only (`live_0`, `rows_3`, `bench`, ...), so that the
same step runs on any engine that holds tables of these names. Source 0 is the benchmark. `match` says how a row is attached
(same, former, variant: by number and name; number: it states no name) or the code why it is set aside; `since` is the
latest batch that this rests on.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from quanmin.population.plan import Plan, Source

Schema = dict[str, str]
ADDRESS: Schema = {"_flags": "string", "_source": "string", "_batch": "int64", "_row": "int64"}
NUMBER: Schema = {"citizen_number": "string", "n_sex": "string", "n_birth_date": "date"}
"""What a citizen number states by itself."""
CODES = ("E01", "E02", "E03", "E06", "E07", "E12")
"""The codes that set a record aside."""


def live_schema(source: Source) -> Schema:
    """The columns of a clean table that a build reads."""
    return {"person_key": "int64", **{element: source.types[element] for element in source.elements}, **ADDRESS}


def rows_schema(plan: Plan, source: Source) -> Schema:
    """The uniform shape of a source's rows: one `v_<item>` column per item that the source states."""
    items = {fact.item: fact.type for fact in plan.stated}
    stated = {f"v_{item}": items[item] for item in source.values}
    former: Schema = {"former": "string"} if source is plan.benchmark else {}
    head = {"person_key": "int64", "numbered": "boolean", "name": "string", "event": "date"}
    return {**head, **former, **stated, **ADDRESS}


def bench_rows_schema(plan: Plan) -> Schema:
    """The benchmark's rows."""
    return rows_schema(plan, plan.benchmark)


def matched_schema(plan: Plan, source: Source) -> Schema:
    """A source's rows with what became of them."""
    contested: Schema = {"contested": "boolean"} if source is plan.benchmark else {}
    return {**rows_schema(plan, source), "match": "string", "since": "int64", **contested}


def bench_matched_schema(plan: Plan) -> Schema:
    """The benchmark's rows with what became of them, and whether others claim the number."""
    return matched_schema(plan, plan.benchmark)


def bench_schema(plan: Plan) -> Schema:
    """One row per person of the benchmark, with what the number itself states."""
    return {**bench_matched_schema(plan), **NUMBER}


def projected(plan: Plan, index: int) -> ir.Table:
    """The live rows of source `index` in the uniform shape."""
    source = plan.sources[index]
    live = ibis.table(live_schema(source), name=f"live_{index}")
    types = rows_schema(plan, source)
    columns: dict[str, ir.Value] = {
        "person_key": live.person_key,
        "numbered": live[source.number].notnull(),
        "name": live[source.name] if source.name else ibis.null("string"),
        "event": live[source.event].cast("date") if source.event else ibis.null("date"),
    }
    if source is plan.benchmark:
        columns["former"] = live[source.former] if source.former else ibis.null("string")
    for item, element in source.values.items():
        columns[f"v_{item}"] = live[element].cast(types[f"v_{item}"])
    return live.select(**columns, **{name: live[name] for name in ADDRESS})


def affected_only(plan: Plan, index: int) -> ir.Table:
    """The rows of the people in the table `affected`, and every row without a usable number."""
    rows, affected = projected(plan, index), ibis.table({"person_key": "int64"}, name="affected")
    return rows.filter(rows.person_key.isnull() | rows.person_key.isin(affected.person_key))


def attached(rows: ir.Table) -> ir.BooleanValue:
    """Whether a matched row speaks of a person of the base."""
    return rows["match"].notin(list(CODES))


def flagged(rows: ir.Table, rules: tuple[str, ...]) -> ir.BooleanValue:
    """Whether a row failed one of the rules."""
    padded = ibis.literal(" ") + rows["_flags"] + " "
    found = [padded.contains(f" {rule} ") for rule in rules]
    result: ir.BooleanValue = rows["_flags"].notnull() & ibis.or_(*found) if found else ibis.literal(False)
    return result
