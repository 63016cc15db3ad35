"""The operational database: documents with their actions, leases, snapshots of the lake, the audit's rows.

Reads and writes one SQLite file in the home, or the PostgreSQL database of `QUANMIN_LEDGER`. Promises that every write is
wholly in or wholly out, that actions are only ever added, and that it knows no type of document: packages register theirs.
"""

from quanmin.ledger import blank, credential, database, exchange, forum, snapshot
from quanmin.ledger.lease import Leases
from quanmin.ledger.ledger import SYSTEM, Document, Ledger, Overdue, Permit
from quanmin.ledger.snapshot import Lineage, Snapshot
from quanmin.ledger.workflow import WORKFLOWS, Action, Both, Days, Either, Workflow, WorkingDays, register, workflow

__all__ = [
    "SYSTEM",
    "WORKFLOWS",
    "Action",
    "Both",
    "Days",
    "Document",
    "Either",
    "Leases",
    "Ledger",
    "Lineage",
    "Overdue",
    "Permit",
    "Snapshot",
    "Workflow",
    "WorkingDays",
    "blank",
    "credential",
    "database",
    "exchange",
    "forum",
    "register",
    "snapshot",
    "workflow",
]
