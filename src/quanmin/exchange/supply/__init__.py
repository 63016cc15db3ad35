"""Supply: what is pushed, when: full or the change since the last acknowledged snapshot, by schedule or event.

Reads the lake through the gate, the agreements and the documents of deliveries; writes deliveries (through the outbox), the files
that a consumer keeps, the rows that fail apart from them (`exchange/quarantine`), and what peers told (`exchange/peers`).
Promises that full rows and the changes after them, applied, are the rows the provider has; that a schedule missed is caught up
once; that what did not come is seen and sent again; that a row that fails is told its provider, once, until it is put right.
"""

from quanmin.exchange.node.worker import worker
from quanmin.exchange.supply import chain, consumer, event, heartbeat, inbox, parcel, rows, schedule, standing, wrong

worker("supply", schedule.work)
worker("heartbeat", heartbeat.work)

__all__ = ["chain", "consumer", "event", "heartbeat", "inbox", "parcel", "rows", "schedule", "standing", "wrong"]
