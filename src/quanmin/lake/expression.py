"""Ibis over a DuckDB connection.

Ibis 12 asks DuckDB for Arrow results by names that DuckDB 2 took away (`fetch_arrow_table` and `fetch_record_batch` of a
connection; ibis pull request 12001). The three places that the lake needs are put right here; delete this when Ibis is.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
from ibis.backends.duckdb import Backend as IbisBackend
from ibis.expr.schema import Schema


class Backend(IbisBackend):  # type: ignore[misc]
    """Ibis' DuckDB backend, speaking to DuckDB 2."""

    def get_schema(self, table_name: str, *, catalog: str | None = None, database: str | None = None) -> Schema:
        """The columns of a table or view."""
        parts = [part for part in (catalog, database, table_name) if part is not None]
        return self._get_schema_using_query(".".join('"' + part.replace('"', '""') + '"' for part in parts))

    def _get_schema_using_query(self, query: str) -> Schema:
        rows = self.con.execute(f"DESCRIBE {query}").fetchall()
        kind = self.compiler.type_mapper.from_string
        return Schema({name: kind(text, nullable=null == "YES") for name, text, null, *_ in rows})

    def to_pyarrow_batches(
        self, expr: Any, /, *, params: Any = None, limit: Any = None, chunk_size: int = 1_000_000, **_kwargs: Any
    ) -> pa.RecordBatchReader:
        """The rows of an expression, a batch at a time."""
        self._run_pre_execute_hooks(expr)
        table = expr.as_table()
        relation = self.con.sql(self.compile(table, limit=limit, params=params))
        return pa.RecordBatchReader.from_batches(table.schema().to_pyarrow(), _batches(relation, chunk_size))


def _batches(relation: duckdb.DuckDBPyRelation, rows: int) -> Any:
    yield from relation.to_arrow_reader(rows)


def over(connection: duckdb.DuckDBPyConnection) -> Backend:
    """A backend that works on `connection`."""
    backend: Backend = Backend.from_connection(connection)
    return backend
