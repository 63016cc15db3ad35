"""Collect: an agency's file becomes proven rows in the lake, and a receipt.

Reads the sent file and the standards; writes `raw.*`, `clean.*`, `quarantine.*` and the batch in the ledger. Promises that
every row of the file is accounted for (accepted + quarantined = read), that a batch is wholly in or wholly out, that the
same bytes sent twice are one batch, and that memory does not grow with the file.
"""

from quanmin.collect.batch import BATCH
from quanmin.collect.check import Report, check
from quanmin.collect.collection import collect
from quanmin.collect.proof import Progress
from quanmin.collect.receipt import Receipt, receipt, receipts
from quanmin.collect.withdrawal import withdraw

__all__ = ["BATCH", "Progress", "Receipt", "Report", "check", "collect", "receipt", "receipts", "withdraw"]
