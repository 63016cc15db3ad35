"""Rows of the portal's tables: filtered, sorted and paged within milliseconds, however long the table is.

Reads parquet files of the storage and, beside them, an index of each that is made once (`Tables.prepare`) and can be made anew.
Promises that a page is exactly what the filter says, that pages put together are the whole, that nothing of a query becomes a
statement in any language, and that no query takes longer than it may.

    tables = Tables(portal.storage, portal.folder / "rows")
    table = tables.open(sha256)                    # TableNotReady: large, and not indexed yet
    page = table.page(Query(filter=read('{"county": "420100"}'), order=order("age desc"), limit=100))
    page.records(); page.next; Query(..., after=page.next)
"""

from quanmin.opendata.rows.filter import (
    EVERYTHING,
    OPERATORS,
    And,
    Compare,
    Node,
    Not,
    Or,
    Words,
    parse,
    read,
    words,
)
from quanmin.opendata.rows.page import Page, records
from quanmin.opendata.rows.query import FURTHEST, MOST, PAGE, Query, names, order
from quanmin.opendata.rows.table import SECONDS, Table
from quanmin.opendata.rows.tables import AT_ONCE, Tables

__all__ = [
    "AT_ONCE",
    "EVERYTHING",
    "FURTHEST",
    "MOST",
    "OPERATORS",
    "PAGE",
    "SECONDS",
    "And",
    "Compare",
    "Node",
    "Not",
    "Or",
    "Page",
    "Query",
    "Table",
    "Tables",
    "Words",
    "names",
    "order",
    "parse",
    "read",
    "records",
    "words",
]
