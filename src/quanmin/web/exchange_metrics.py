"""The exchange's figures for Prometheus, read from the ledger when they are asked for: a restart loses none of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from quanmin.exchange import statistic
from quanmin.exchange.statistic.traffic import counted
from quanmin.ledger import Ledger

EVER = datetime(2000, 1, 1, tzinfo=UTC)
OWN = "exchange_"
"""How the kinds of documents of the exchange begin."""


def text(ledger: Ledger) -> bytes:
    """Messages, bytes and time by pair, kind and outcome, deliveries by state, and clocks that ran out."""
    registry = CollectorRegistry()
    registry.register(_Read(ledger))
    return generate_latest(registry)


class _Read(Collector):
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def collect(self) -> Iterator[Metric]:
        """The families of figures."""
        names = ("sender", "receiver", "kind", "outcome")
        messages = CounterMetricFamily("quanmin_exchange_messages", "Messages of the exchange", labels=names)
        size = CounterMetricFamily("quanmin_exchange_bytes", "Bytes of their bodies", labels=names)
        seconds = CounterMetricFamily("quanmin_exchange_seconds", "Time until requests were answered", labels=names)
        slow = CounterMetricFamily("quanmin_exchange_slow", "Requests that took more than a second", labels=names)
        for one in counted(self._ledger, EVER):
            place = [one.sender, one.receiver, one.kind, one.outcome]
            messages.add_metric(place, one.messages)
            size.add_metric(place, one.bytes)
            seconds.add_metric(place, one.seconds)
            slow.add_metric(place, one.slow)
        yield from (messages, size, seconds, slow)
        deliveries = GaugeMetricFamily("quanmin_exchange_deliveries", "Deliveries by state", labels=("side", "state"))
        for side, states in statistic.standing(self._ledger)._asdict().items():
            for state, count in states.items():
                deliveries.add_metric([side, state], count)
        yield deliveries
        overdue = GaugeMetricFamily("quanmin_exchange_overdue", "Steps that are overdue", labels=("kind",))
        late = Counter(one.kind for one in self._ledger.overdue() if one.kind.startswith(OWN))
        for kind, count in sorted(late.items()):
            overdue.add_metric([kind], count)
        yield overdue
