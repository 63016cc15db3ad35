"""One row per person with every source's latest word beside the benchmark's: what the golden record is decided over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from quanmin.population import frame
from quanmin.population.overlay import CODE, Holders, Int64s, Met, at, one
from quanmin.population.plan import BY_NUMBER, Plan
from quanmin.standards import kernels

VALUES = ("v_", "o_")
"""How the columns of values begin: present ones, and those that are over."""


def wide_schema(plan: Plan) -> frame.Schema:
    """The shape of `wide`: per source `s<i>_batch` (null: it says nothing of this person), its values and flags.

    `s<i>_same` says whether it states the holder's very name.
    """
    kinds = {fact.item: fact.type for fact in plan.stated}
    schema: frame.Schema = {"person_key": "int64", "contested": "boolean", "name": "string", **frame.NUMBER}
    for index, source in enumerate(plan.sources):
        schema |= {f"s{index}_batch": "int64", f"s{index}_same": "boolean"}
        if any(judged(plan, index, item) for item in source.values):
            schema[f"s{index}_flags"] = "string"
        schema |= {f"s{index}_v_{item}": kinds[item] for item in source.values if item != "name"}
        schema |= {f"s{index}_o_{item}": kinds[item] for item in source.ended}
    return schema


def judged(plan: Plan, index: int, item: str) -> bool:
    """Whether a flag of the source can make its value of the item unusable."""
    return bool(plan.sources[index].invalid.get(item)) and item not in BY_NUMBER


def wide(plan: Plan, holders: Holders, met: Sequence[Met], latest: Sequence[Int64s]) -> pa.Table:
    """The rows of all sources side by side; `latest` has for each source the row of each person, -1 where there is none."""
    keys = one(holders.rows.column("person_key"))
    columns = {
        "person_key": keys,
        "contested": pa.array(holders.contested),
        "name": holders.rows.column("name"),
        "citizen_number": kernels.decode(keys),
        "n_sex": kernels.sexes(keys),
        "n_birth_date": kernels.birth_dates(keys),
    }
    said = [_held(holders), *map(_beside, met[1:], latest[1:])]
    for index, stated in enumerate(said):
        columns |= {f"s{index}_{name}": column for name, column in stated.items()}
    return pa.table({name: columns[name] for name in wide_schema(plan)})


def _held(holders: Holders) -> dict[str, pa.Array | pa.ChunkedArray]:
    """What the benchmark itself says: its rows are the people already."""
    rows = holders.rows
    same = pa.array(np.ones(len(rows), bool))
    values = {name: rows.column(name) for name in rows.column_names if name.startswith(VALUES)}
    return {"batch": rows.column("_batch"), "same": same, "flags": rows.column("_flags"), **values}


def _beside(met: Met, places: Int64s) -> dict[str, pa.Array]:
    """What another source says of each person."""
    rows, chosen = met.rows, at(places)
    same = pa.array(met.match == CODE["same"]).take(chosen)
    names = [name for name in rows.column_names if name.startswith(VALUES)]
    values = {name: _taken(rows.column(name), chosen, places) for name in names}
    return {
        "batch": one(rows.column("_batch")).take(chosen),
        "same": same,
        "flags": _taken(rows.column("_flags"), chosen, places),
        **values,
    }


def _taken(column: pa.ChunkedArray, chosen: pa.Array, places: Int64s) -> pa.Array:
    """The column at the chosen rows; cheap where it holds nothing."""
    if column.null_count == len(column):
        return pa.nulls(len(places), column.type)
    return one(column).take(chosen)
