"""The shapes of the build's intermediate tables, and the live rows projected to them.

Every step is an Ibis expression over tables that are known by name only (`live_0`, `rows_3`, `bench`, ...), so that the
same step runs on any engine that holds tables of these names. Source 0 is the benchmark. `match` says how a row is attached
(same, former, variant: by number and name; number: it states no name) or the code why it is set aside, as a place in
`MATCHES`; `since` is the latest batch that this rests on.

Ibis is imported by the functions that write expressions: it takes long, and most processes build nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quanmin.population.plan import Plan, Source

if TYPE_CHECKING:
    import ibis.expr.types as ir

Schema = dict[str, str]
ADDRESS: Schema = {"_flags": "string", "_source": "string", "_batch": "int64", "_row": "int64"}
NUMBER: Schema = {"citizen_number": "string", "n_sex": "string", "n_birth_date": "date"}
"""What a citizen number states by itself."""
CODES = ("E01", "E02", "E03", "E06", "E07", "E12")
"""The codes that set a record aside."""
MATCHES = (*CODES, "unsure", "linked", "number", "same", "former", "variant")
"""What `match` can be; `unsure` only until the kernels have compared the names. Behind it stand the ways to be attached."""


def live_schema(source: Source) -> Schema:
    """The columns of a clean table that a build reads."""
    return {"person_key": "int64", **{element: source.types[element] for element in source.elements}, **ADDRESS}


def rows_schema(plan: Plan, source: Source) -> Schema:
    """The uniform shape of a source's rows: one `v_<item>` column per item that the source states.

    Where what a row says of an item can end, `o_<item>` has the value instead as soon as it is over.
    """
    items = {fact.item: fact.type for fact in plan.stated}
    stated = {f"v_{item}": items[item] for item in source.values if item != "name"}
    stated |= {f"o_{item}": items[item] for item in source.ended}
    former: Schema = {"former": "string"} if source is plan.benchmark else {}
    head = {"person_key": "int64", "numbered": "boolean", "name": "string", "event": "date"}
    return {**head, **former, **stated, **ADDRESS}


def projected(plan: Plan, index: int) -> ir.Table:
    """The live rows of source `index` in the uniform shape."""
    import ibis

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
        if item == "name":
            continue
        value = live[element].cast(types[f"v_{item}"])
        if item in source.ended:
            end, nothing = live[source.ended[item]], ibis.null(value.type())
            over = end.notnull() & (columns["event"].isnull() | (end <= columns["event"]))
            columns[f"o_{item}"] = ibis.ifelse(over, value, nothing)
            value = ibis.ifelse(over, nothing, value)
        columns[f"v_{item}"] = value
    return live.select(**columns, **{name: live[name] for name in ADDRESS})


def attached(rows: ir.Table) -> ir.BooleanValue:
    """Whether a matched row speaks of a person of the base."""
    attaching: ir.BooleanValue = rows["match"] > MATCHES.index("unsure")
    return attaching


def matched(rows: ir.Table, how: str) -> ir.BooleanValue:
    """Whether `match` is this one."""
    found: ir.BooleanValue = rows["match"] == match(how)
    return found


def match(how: str) -> ir.IntegerScalar:
    """A match as it is written in `match`."""
    import ibis

    return ibis.literal(MATCHES.index(how), "int8")
