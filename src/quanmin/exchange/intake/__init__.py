"""Intake: what members deliver is collected, its errors go back, corrections close them, recalls remove, and days are compared.

Reads deliveries that came in, the lake's quarantine and discrepancies, and the log; writes batches through `quanmin.collect`,
documents of the ledger (`exchange_case`, `exchange_dispute`, `exchange_recall`, `exchange_reconciliation`), and feedback files
in the home. Promises that every row of a delivery is accepted or quarantined and receipted so, that an error is told once and
told once more when it is gone, that no value of a row leaves with it, that what is recalled is gone when that is confirmed and
never comes again, and that whatever one side of an agreement has and the other has not is found the day after.
"""

from quanmin.exchange.intake import (
    case,
    collecting,
    correction,
    dispute,
    feedback,
    kept,
    recall,
    recalled,
    reconciliation,
    working,
)
from quanmin.exchange.node.worker import worker

worker("intake", working.work)

__all__ = [
    "case",
    "collecting",
    "correction",
    "dispute",
    "feedback",
    "kept",
    "recall",
    "recalled",
    "reconciliation",
    "working",
]
