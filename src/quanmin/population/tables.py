"""The tables of the base, declared once: schema, and what each column means.

`linked.person` has one row per person of the benchmark; `linked.statement` one row per record of any source, with what
became of it; `linked.discrepancy` one row per error that a source should look at; these are partitioned by `bucket`.
`linked.reliability` says how far each source is believed about each item, `linked.ruling` which numbers reviews found to be
one person's or two people's, as the base was built. `linked.activity` has the columns of `linked.discrepancy`: activity after
death in datasets that the base is not made from, as the programme of deaths found it.
"""

from __future__ import annotations

import pyarrow as pa

from quanmin.population.plan import Plan

PERSON = "linked.person"
STATEMENT = "linked.statement"
DISCREPANCY = "linked.discrepancy"
RELIABILITY = "linked.reliability"
ADOPTED = "linked.adopted"
RULING = "linked.ruling"
ACTIVITY = "linked.activity"
BIRTH_FINDING = "linked.birth_finding"

ATTACHED, LINKED = "attached", "linked"
"""The outcome of a record that speaks of a person of the base, by its number or as linkage found; any other outcome is the
code why it was set aside."""

_ARROW = {
    "date": pa.date32(),
    "timestamp(6)": pa.timestamp("us"),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "boolean": pa.bool_(),
}

STATEMENT_SCHEMA = pa.schema(
    [
        ("bucket", pa.int32()),
        ("person_key", pa.int64()),
        ("dataset", pa.string()),
        ("_batch", pa.int64()),
        ("_row", pa.int64()),
        ("outcome", pa.string()),
    ]
)

DISCREPANCY_SCHEMA = pa.schema(
    [
        ("bucket", pa.int32()),
        ("person_key", pa.int64()),
        ("dataset", pa.string()),
        ("_source", pa.string()),
        ("_batch", pa.int64()),
        ("_row", pa.int64()),
        ("element", pa.string()),
        ("code", pa.string()),
        ("due_on", pa.date32()),
    ]
)


RELIABILITY_SCHEMA = pa.schema(
    [
        ("item", pa.string()),
        ("first", pa.string()),
        ("dataset", pa.string()),
        ("rank", pa.int32()),
        ("values", pa.int64()),
        ("other", pa.string()),
        ("right", pa.float64()),
        ("copied", pa.float64()),
        ("claims", pa.int64()),
    ]
)


RULING_SCHEMA = pa.schema(
    [
        ("bucket", pa.int32()),
        ("person_key", pa.int64()),
        ("surviving", pa.int64()),
        ("held", pa.bool_()),
        ("document", pa.int64()),
    ]
)
"""A number that leads to the person `surviving`, and whether the register still holds it; with `surviving` null a number that
is used by two people."""


def arrow_type(ibis_type: str) -> pa.DataType:
    """The Arrow type that stores an Ibis type of the plan."""
    return _ARROW.get(ibis_type, pa.string())


def person_schema(plan: Plan) -> pa.Schema:
    """`linked.person`: per item its value, the dataset and batch that it comes from, how many datasets agree, how probable it
    is.

    A probability is null where there is no value.
    """
    fields = [("bucket", pa.int32()), ("person_key", pa.int64()), ("contested", pa.bool_())]
    for fact in plan.facts:
        fields += [
            (fact.item, arrow_type(fact.type)),
            (f"{fact.item}_source", pa.string()),
            (f"{fact.item}_batch", pa.int64()),
            (f"{fact.item}_agreement", pa.int32()),
            (f"{fact.item}_probability", pa.float64()),
        ]
    return pa.schema(fields)
