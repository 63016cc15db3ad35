"""The golden record: per person and item one value, where it comes from, and how many sources agree.

Each source is reduced to one row per person (its latest event), joined to the benchmark, and an item is decided by a plain
expression over the columns side by side: the number's own word where it has one, else the first usable value in order of
trust, or of the highest level where an item can only rise. A value that its own row's flags speak against, that a more
trusted source says is over, or that the benchmark had to confirm and does not, decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from quanmin.population import frame, word
from quanmin.population.plan import BY_NUMBER, Fact, Plan
from quanmin.population.wide import judged, wide_schema


def people(plan: Plan) -> ir.Table:
    """The golden records, from the table `wide`: one expression per item."""
    table = ibis.table(wide_schema(plan), name="wide")
    table = table.mutate(**believed(plan, table))
    usable = {
        f"s{index}_g_{item}": ibis.ifelse(
            frame.flagged(table[f"s{index}_flags"], source.invalid[item]), ibis.null(value.type()), value
        )
        for index, source in enumerate(plan.sources)
        for item in source.values
        if item != "name" and judged(plan, index, item)
        for value in [table[f"s{index}_v_{item}"]]
    }
    wide = table.mutate(**usable)
    wide = wide.mutate(**levels(plan, wide))
    wide = wide.mutate(**highest(plan, wide))
    columns: dict[str, ir.Value] = {"person_key": wide.person_key, "contested": wide.contested}
    for fact in plan.facts:
        parts = decided(plan, fact, wide)
        columns.update({fact.item + ending: part for ending, part in parts.items()})
    return wide.select(**columns)


def claimants(plan: Plan, fact: Fact) -> list[int]:
    """The sources that state an item, the most trusted first."""
    index = {source.dataset: i for i, source in enumerate(plan.sources) if fact.item in source.values}
    return [index[dataset] for dataset in fact.claims if dataset in index]


def believed(plan: Plan, table: ir.Table) -> dict[str, ir.Value]:
    """The values that are held against another: those that must be confirmed, and those that may be known to be over."""
    columns: dict[str, ir.Value] = {}
    for fact in (fact for fact in plan.stated if fact.item != "name"):
        gone: list[ir.Value] = []
        for index in claimants(plan, fact):
            source, name = plan.sources[index], f"s{index}_v_{fact.item}"
            stated = value = table[name]
            for old in gone:
                value = ibis.ifelse(stated == old, ibis.null(stated.type()), value)
            if source.dataset in fact.confirmed:
                witness = f"s0_v_{fact.confirmed[source.dataset]}"
                same = stated == table[witness] if witness in table.columns else ibis.literal(False)
                value = ibis.ifelse(same, value, ibis.null(stated.type()))
            if value is not stated:
                columns[name] = value
            if fact.item in source.ended:
                gone.append(table[f"s{index}_o_{fact.item}"])
    return columns


def decided(plan: Plan, fact: Fact, wide: ir.Table) -> dict[str, ir.Value]:
    """The four columns of one item."""
    held = {"_source": source(plan, 0), "_batch": wide.s0_batch}
    others = range(1, len(plan.sources))
    if fact.item == "citizen_number":
        return {"": wide.citizen_number, **held, "_agreement": 1 + count(wide[f"s{i}_batch"].notnull() for i in others)}
    if fact.item == "name":
        return {"": wide["name"], **held, "_agreement": 1 + count(wide[f"s{i}_same"] for i in others)}
    stated = [wide[f"s{i}_v_{fact.item}"] for i in claimants(plan, fact)]
    parts = first(plan, wide, fact, ranked(plan, fact, wide))
    if fact.item in BY_NUMBER:
        number = wide[f"n_{fact.item}"]
        told = number.notnull()
        parts = {
            "": ibis.coalesce(number, parts[""]),
            "_source": ibis.ifelse(told, held["_source"], parts["_source"]),
            "_batch": ibis.ifelse(told, held["_batch"], parts["_batch"]),
        }
    return {**parts, "_agreement": count(value == parts[""] for value in stated)}


def ranked(plan: Plan, fact: Fact, wide: ir.Table) -> list[tuple[int, ir.Value]]:
    """The sources' values that may decide the item, the most trusted first."""
    found = []
    for index in claimants(plan, fact):
        names = (f"s{index}_{kind}_{fact.item}" for kind in "hgv")
        found.append((index, wide[next(name for name in names if name in wide.columns)]))
    return found


def levels(plan: Plan, wide: ir.Table) -> dict[str, ir.Value]:
    """For items that can only rise the level of each value (`l`)."""
    rising = [fact for fact in plan.stated if fact.levels]
    return {f"s{i}_l_{fact.item}": level(fact, value) for fact in rising for i, value in ranked(plan, fact, wide)}


def highest(plan: Plan, wide: ir.Table) -> dict[str, ir.Value]:
    """For items that can only rise the values (`h`) of the highest level that occurs."""
    columns: dict[str, ir.Value] = {}
    for fact in (fact for fact in plan.stated if fact.levels):
        values = ranked(plan, fact, wide)
        places = [wide[f"s{i}_l_{fact.item}"] for i, _ in values]
        best = ibis.least(*places) if len(places) > 1 else places[0]
        for (i, value), place in zip(values, places, strict=True):
            columns[f"s{i}_h_{fact.item}"] = ibis.ifelse(place == best, value, ibis.null(value.type()))
    return columns


def level(fact: Fact, value: ir.Value) -> ir.IntegerValue:
    """The place of a value's level, the highest first."""
    cases = [
        (ibis.or_(*(value.startswith(beginning) for beginning in beginnings)), place)
        for place, beginnings in enumerate(fact.levels)
    ]
    place: ir.IntegerValue = ibis.cases(*cases, else_=len(fact.levels)).cast("int8")
    return place


def first(plan: Plan, wide: ir.Table, fact: Fact, ranked: list[tuple[int, ir.Value]]) -> dict[str, ir.Value]:
    """The first value that is there, with its source and batch."""
    if not ranked:
        return {"": ibis.null(fact.type), "_source": ibis.null(word.TYPE), "_batch": ibis.null("int64")}
    return {
        "": ibis.coalesce(*(value for _, value in ranked)),
        "_source": ibis.cases(*((value.notnull(), source(plan, i)) for i, value in ranked)),
        "_batch": ibis.cases(*((value.notnull(), wide[f"s{i}_batch"]) for i, value in ranked)),
    }


def source(plan: Plan, index: int) -> ir.IntegerScalar:
    """The dataset of a source as the number of its word."""
    return word.literal(plan, "dataset", plan.sources[index].dataset)


def count(tests: Iterable[ir.BooleanValue]) -> ir.IntegerValue:
    """How many tests hold; an unknown one does not."""
    total: ir.IntegerValue = ibis.literal(0, "int32")
    for test in tests:
        total = total + test.fill_null(False).cast("int32")
    return total.cast("int32")
