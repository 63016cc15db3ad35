"""Both sides of a pair in one shape: what records and people are compared by."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from quanmin.population.linkage import spelling

COLUMNS = (
    "id",
    "name",
    "former",
    "folded",
    "folded_former",
    "sound",
    "masked",
    "birth",
    "swapped",
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


def records(connection: duckdb.DuckDBPyConnection, name: str, stated: pa.Table, households: pa.Table) -> None:
    """Make the table `name` of rows that sources stated; the region in a number is compared with the number."""
    _make(connection, name, stated, "regions", households)


def people(connection: duckdb.DuckDBPyConnection, name: str, found: pa.Table, keys: bool = False) -> None:
    """Make the table `name` of people of the base; with `keys` only what they are met by, which is cheaper for very many."""
    _make(connection, name, found, "list_filter([region, place, origin], lambda x: x IS NOT NULL)", None, keys)


def _make(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: pa.Table,
    regions: str,
    households: pa.Table | None,
    keys: bool = False,
) -> None:
    plain, folded, sound = spelling.of_names(rows.column("name"))
    columns = {"name": plain, "folded": folded, "sound": sound}
    columns["masked"] = pa.nulls(rows.num_rows, pa.list_(pa.string())) if keys else spelling.masked(folded)
    if "former" in rows.column_names:
        columns["former"], columns["folded_former"], _ = spelling.of_names(rows.column("former"))
    else:
        columns["former"] = columns["folded_former"] = pa.nulls(rows.num_rows, pa.string())
    birth = rows.column("birth").combine_chunks()
    columns["swapped"] = pa.nulls(rows.num_rows, pa.string()) if keys else spelling.mapped(birth, spelling.swapped)
    rest = [n for n in rows.column_names if n not in columns]
    connection.register("made", pa.table({**{n: rows.column(n) for n in rest}, **columns}))
    if households is None:
        household, joined = "CASE WHEN household IS NULL THEN NULL ELSE [household] END", ""
    else:
        connection.register("homes", households)
        household, joined = "h.household", " LEFT JOIN homes AS h USING (id)"
    chosen = {"year": "birth[:4]", "household": household}
    kept = ", ".join(
        f"{chosen[c]} AS {c}" if c in chosen else c for c in COLUMNS if c not in ("county", "prefecture", "province")
    )
    order = "" if keys else " ORDER BY id"
    connection.execute(
        f"CREATE OR REPLACE TABLE {name} AS SELECT {kept}, {_LISTS.format(regions)} FROM made{joined}{order}"
    )
    connection.unregister("made")
