"""Where the rows of a pass come from: the live rows of a clean table, or a table of the base, as one session sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from quanmin.lake.afar import gather
from quanmin.lake.cluster import EngineName
from quanmin.lake.engine import literal
from quanmin.lake.session import Session
from quanmin.measures.cell import Pass, sql
from quanmin.measures.period import Period
from quanmin.standards import Catalogue

CLEAN = "clean."
PIECES = 8
"""So many pieces, of whole buckets, a cluster is given of each table."""


def rows_of(session: Session, catalogue: Catalogue, table: str, buckets: Iterable[int] | None = None) -> str:
    """SQL of the rows that count, usable after FROM: per key those of the latest batch."""
    if not table.startswith(CLEAN):
        return session.relation(table, buckets)
    dataset = table.removeprefix(CLEAN)
    return session.live(dataset, buckets, catalogue.dataset(dataset))


def query_of(made: Pass, rows: str, months: Iterable[int] | None, periods: Iterable[Period]) -> str:
    """SQL of the cells of a pass over some rows: of these months (None: all); of a stock, of these periods."""
    tables = [f'"rows" AS (SELECT * FROM {rows})']
    if made.stock:
        days = [f"({literal(one.label)}, DATE {literal(one.middle.isoformat())})" for one in periods]
        told = f"VALUES {', '.join(days)}" if days else f"SELECT '', DATE {literal(date.min.isoformat())} WHERE false"
        tables.append(f'"days"(period, day) AS ({told})')
    limit = f" WHERE month IN ({', '.join(map(str, sorted(months))) or 'NULL'})" if months is not None else ""
    return f"WITH {', '.join(tables)} SELECT * FROM ({sql(made)}){'' if made.stock else limit}"


def cells_of(
    session: Session,
    catalogue: Catalogue,
    made: Pass,
    months: Iterable[int] | None,
    periods: Sequence[Period],
    engine: EngineName,
) -> str:
    """SQL of the cells of a pass in the session's database; a cluster is asked piece by piece, and what it counted added up."""
    if engine == "duckdb":
        return query_of(made, rows_of(session, catalogue, made.table), months, periods)
    buckets = sorted({file.bucket for file in session.entries(made.table) if file.bucket is not None})
    groups: list[list[int] | None] = [group for n in range(PIECES) if (group := buckets[n::PIECES])] or [None]
    pieces = [rows_of(session, catalogue, made.table, group) for group in groups]
    connection = session.connection
    name = f'"gathered {made.table}"'
    first = query_of(made, f"(SELECT * FROM {pieces[0]} LIMIT 0)", months, periods)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {first}")
    for batch in gather(session, [(query_of(made, rows, months, periods), ()) for rows in pieces]):
        connection.register("batch", batch)
        connection.execute(f"INSERT INTO {name} BY NAME FROM batch")
        connection.unregister("batch")
    if made.distinct:
        return f"SELECT DISTINCT * FROM {name}"
    keys = [made.time, "region", *(f"d{place}" for place in range(len(made.dimensions)))]
    return f"SELECT {', '.join(keys)}, sum(COLUMNS('[nm][0-9]+')) FROM {name} GROUP BY {', '.join(keys)}"


def columns_of(made: Pass) -> str:
    """SQL of the columns that a pass reads."""
    return ", ".join(f'r."{name}"' for name in sorted(made.columns))
