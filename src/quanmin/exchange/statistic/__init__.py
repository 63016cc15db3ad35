"""Figures of the exchange: who exchanged how much with whom, whose faults there were, how well requests are answered.

Reads the hourly counts of the ledger (`exchange_traffic`) and the documents of agreements and deliveries; writes nothing.
Promises that a figure is what the log of this side counted, and that what is published tells no count below ten.
"""

from quanmin.exchange.statistic.deliveries import standing
from quanmin.exchange.statistic.monthly import monthly
from quanmin.exchange.statistic.traffic import faults, hours, levels, pairs

__all__ = ["faults", "hours", "levels", "monthly", "pairs", "standing"]
