"""Deliveries: packages in chunks, sent until they are receipted, taken in once.

Reads files or streams of the sender; writes packages under `exchange/` of the home and a document on either side. Promises that
a delivery whose document is there arrives at least once and counts once, that its receipt is of exactly what was sent, and that
a chunk or two of it are in memory, however large it is.
"""

from quanmin.exchange.delivery import fetching, receiver, taking, transfer
from quanmin.exchange.delivery.manifest import Manifest
from quanmin.exchange.delivery.outbox import send
from quanmin.exchange.delivery.receipt import Receipt
from quanmin.exchange.delivery.taking import TAKERS, Result, Taker
from quanmin.exchange.node.worker import worker

worker("delivery-send", transfer.work)
worker("delivery-take", taking.work)
worker("delivery-fetch", fetching.work)

__all__ = ["TAKERS", "Manifest", "Receipt", "Result", "Taker", "fetching", "receiver", "send", "taking", "transfer"]
