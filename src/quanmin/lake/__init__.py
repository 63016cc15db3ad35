"""The only door to stored tables: zones of Delta tables, snapshots, sessions, the change feed, upkeep, the gate.

Reads and writes the lake's files and the snapshot rows of the ledger. Promises that a reader keeps the snapshot it pinned,
that many tables change together or not at all, and that no stage touches a table that `flow.py` does not give it.
"""

from quanmin.lake.changes import Changes
from quanmin.lake.lake import Lake
from quanmin.lake.session import Session
from quanmin.lake.writer import Writer

__all__ = ["Changes", "Lake", "Session", "Writer"]
