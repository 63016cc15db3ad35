"""Both sides of a pair in one shape: what records and people are compared by."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanmin.population.linkage import lunar, place, spelling
from quanmin.standards import kernels

COLUMNS = (
    "id",
    "name",
    "former",
    "folded",
    "folded_former",
    "arranged",
    "sound",
    "masked",
    "birth",
    "swapped",
    "lunar",
    "year",
    "sex",
    "number",
    "county",
    "prefecture",
    "province",
    "household",
)
"""What a model compares (`id` is the person key of a person, the place of a record). A model belongs to these columns."""

_LISTS = """nullif(list_distinct({0}), []) AS county,
nullif(list_distinct(list_transform({0}, lambda x: x[:4])), []) AS prefecture,
nullif(list_distinct(list_transform({0}, lambda x: x[:2])), []) AS province"""


def records(connection: duckdb.DuckDBPyConnection, name: str, stated: pa.Table, homes: str, first: bool = True) -> None:
    """Make the table `name` of rows that sources stated, or add to it; `homes` is a table of the households they name.

    The region in a number is compared with the number.
    """
    _make(connection, name, stated, "regions", first, "h.household", f" LEFT JOIN {homes} AS h USING (id)")


def people(connection: duckdb.DuckDBPyConnection, name: str, found: pa.Table, first: bool = True) -> None:
    """Make the table `name` of people of the base, or add to it."""
    regions = "list_filter([region, place, origin], lambda x: x IS NOT NULL)"
    _make(connection, name, found, regions, first, "CASE WHEN household IS NULL THEN NULL ELSE [household] END")


def _today(regions: pa.ChunkedArray) -> pa.Array:
    """Regions, or lists of them, by today's codes."""
    regions = kernels.plain(regions)
    if not pa.types.is_list(regions.type):
        return spelling.mapped(regions, place.today)
    flat = spelling.mapped(regions.flatten(), place.today)
    offsets = np.concatenate([[0], np.cumsum(pc.fill_null(pc.list_value_length(regions), 0))])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), flat)


def _make(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: pa.Table,
    regions: str,
    first: bool,
    household: str,
    joined: str = "",
) -> None:
    plain, folded, sound = spelling.of_names(rows.column("name"))
    columns = {"name": plain, "folded": folded, "sound": sound, "masked": spelling.masked(folded)}
    columns["arranged"] = spelling.mapped(folded, spelling.arranged)
    if "former" in rows.column_names:
        columns["former"], columns["folded_former"], _ = spelling.of_names(rows.column("former"))
    else:
        columns["former"] = columns["folded_former"] = pa.nulls(rows.num_rows, pa.string())
    birth = kernels.plain(rows.column("birth"))
    columns["swapped"], columns["lunar"] = spelling.mapped(birth, spelling.swapped), spelling.mapped(birth, lunar.solar)
    columns |= {n: _today(rows.column(n)) for n in ("regions", "region", "place", "origin") if n in rows.column_names}
    rest = [n for n in rows.column_names if n not in columns]
    connection.register("made", pa.table({**{n: rows.column(n) for n in rest}, **columns}))
    chosen = {"year": "birth[:4]", "household": household}
    kept = ", ".join(
        f"{chosen[c]} AS {c}" if c in chosen else c for c in COLUMNS if c not in ("county", "prefecture", "province")
    )
    begin = f"CREATE OR REPLACE TABLE {name} AS" if first else f"INSERT INTO {name}"
    connection.execute(f"{begin} SELECT {kept}, {_LISTS.format(regions)} FROM made{joined} ORDER BY id")
    connection.unregister("made")
