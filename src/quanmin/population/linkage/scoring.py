"""Splink at work: the weight of every pair under a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

PEOPLE, RECORDS = "people", "records"
"""What Splink calls the sides; it takes the first in the alphabet for the left one."""


def linker(connection: duckdb.DuckDBPyConnection, settings: Mapping[str, Any], people: str, records: str) -> Any:
    """A Splink linker over two tables of the connection; it writes its own tables there and logs nothing by itself."""
    from splink import DuckDBAPI, Linker

    database = DuckDBAPI(connection=connection)
    sides = [
        database.register(people, dataset_display_name=PEOPLE),
        database.register(records, dataset_display_name=RECORDS),
    ]
    return Linker(sides, dict(settings), log_level=None)


def weigh(
    connection: duckdb.DuckDBPyConnection,
    settings: Mapping[str, Any],
    people: str = "people",
    records: str = "records",
    pairs: str = "pairs",
    frequencies: str = "frequencies",
) -> str:
    """Score the pairs (a table) of two sides; the name of the table of results.

    `frequencies` is a table of names and their shares in the whole base: the candidates alone are no fair sample.
    """
    made = linker(connection, settings, people, records)
    tables, database = made.table_management, made._db_api
    tables.register_term_frequency_lookup(database.register(frequencies), "name")
    connection.execute(
        f"CREATE OR REPLACE TABLE blocked AS SELECT rule::VARCHAR AS match_key, '{PEOPLE}-__-' || person AS join_key_l, "
        f"'{RECORDS}-__-' || record AS join_key_r FROM {pairs}"
    )
    tables.register_blocked_pairs_for_predict(database.register("blocked"))
    return str(made.inference.predict(warning_mode="never").physical_name)
