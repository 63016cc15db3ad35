"""DuckDB, one private in-memory database a session, and SQL for reading lists of Parquet files."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from quanmin.lake.table import BUCKET
from quanmin.ledger.lease import started
from quanmin.settings import Settings

_TYPES = {
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.string(): "VARCHAR",
    pa.large_string(): "VARCHAR",
    pa.binary(): "BLOB",
    pa.date32(): "DATE",
    pa.timestamp("us"): "TIMESTAMP",
}


class Engine:
    """A DuckDB connection with its own memory limit and its own temporary folder, removed with it."""

    def __init__(self, settings: Settings) -> None:
        self._folder = temporary(settings) / f"{os.getpid()}-{started(os.getpid())}-{uuid.uuid4().hex[:8]}"
        self._folder.parent.mkdir(parents=True, exist_ok=True)  # the engine makes the last part itself, and only that
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": settings.memory,
                "threads": str(settings.threads),
                "temp_directory": str(self._folder),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        self.connection.execute("SET enable_progress_bar = false")  # it goes to stdout, where answers go

    def close(self) -> None:
        """Close the connection and remove its temporary files."""
        self.connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def temporary(settings: Settings) -> Path:
    """The folder of all temporary files of an installation."""
    return settings.home / "tmp" / "engine"


def sweep(settings: Settings) -> None:
    """Remove the temporary files of processes that are no more."""
    for folder in temporary(settings).glob("*-*-*"):
        pid, start, _ = folder.name.split("-", 2)
        if started(int(pid)) != start:
            shutil.rmtree(folder, ignore_errors=True)


def scan(uris: Sequence[str], schema: pa.Schema, evolved: bool = False) -> str:
    """SQL of the rows of these files, usable after FROM, with exactly the columns of `schema`.

    No files give no rows, with the right types. `evolved` says that older files may lack newer columns.
    """
    if not uris:
        columns = ", ".join(f"NULL::{sql_type(field.type)} AS {quote(field.name)}" for field in schema)
        return f"(SELECT {columns} WHERE false)"
    options = ["hive_partitioning = false"]
    if BUCKET in schema.names and all(f"/{BUCKET}=" in uri for uri in uris):
        options = ["hive_partitioning = true", f"hive_types = {{'{BUCKET}': INTEGER}}"]
    if evolved:
        options.append("union_by_name = true")
    files = ", ".join(literal(uri) for uri in uris)
    columns = ", ".join(quote(name) for name in schema.names)
    return f"(SELECT {columns} FROM read_parquet([{files}], {', '.join(options)}))"


def sql_type(kind: pa.DataType) -> str:
    """DuckDB's name of an Arrow type that the lake stores."""
    return _TYPES[kind]


def quote(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string in SQL."""
    return "'" + text.replace("'", "''") + "'"
