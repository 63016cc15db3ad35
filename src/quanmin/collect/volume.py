"""Does a sender send about as much as usual? A file ten times as large, or a tenth, is taken, and its receipt says so.

A whole register sent twice in one file, a file of another period, a query that lost its condition: every row may pass every
rule. The usual number of rows is the median of the sender's last accepted batches of the dataset.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from quanmin.collect import batch as batches
from quanmin.ledger import Ledger

LAST, LEAST, TIMES = 12, 3, 10
"""So many batches are looked at; with fewer than three nothing is usual yet; ten times more or less is unusual."""
_SEARCHED = 500


def unusual(ledger: Ledger, dataset: str, source: str, rows: int) -> int | None:
    """The usual number of rows, if this one is ten times as large or a tenth of it; None if it is not."""
    found = ledger.find(batches.BATCH.kind, state="accepted", limit=_SEARCHED)
    sizes = [_read(document.data) for document in found if _is_from(document.data, dataset, source)][-LAST:]
    if len(sizes) < LEAST:
        return None
    usual = int(median(sizes))
    return None if usual < rows * TIMES and rows < usual * TIMES else usual


def _is_from(data: Mapping[str, Any], dataset: str, source: str) -> bool:
    return bool(data.get("dataset") == dataset and data.get("source") == source)


def _read(data: Mapping[str, Any]) -> int:
    return int(data.get("read", 0))
