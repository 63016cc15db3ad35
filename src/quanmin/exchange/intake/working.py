"""What a node does by itself here: tells errors, repeats recalls, finishes removals, compares days."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial

from quanmin.errors import QuanminError
from quanmin.exchange.intake import case, delivered, feedback, healing, recall, recalled, reconciliation
from quanmin.exchange.node.node import Node
from quanmin.ledger.listing import stand

log = logging.getLogger(__name__)
SOON, IDLE, DAILY = 0.5, 1.0, 600.0
"""Seconds until the next look while a feedback is on its way, otherwise, and between two looks at days and recalls to fetch."""

_told: dict[str, object] = {}
"""What feedback was worked out from last, by home."""
_compared: dict[str, float] = {}


def work(node: Node) -> float:
    """One round of everything; seconds until the next."""
    home = str(node.settings.home)
    seen = _seen(node)
    if _told.get(home) != seen and _tell(node):
        _told[home] = seen
    _each(lambda: recall.repeat(node))
    _each(lambda: recalled.sweep(node))
    if time.monotonic() - _compared.get(home, -DAILY) >= DAILY:
        _compared[home] = time.monotonic()
        _each(lambda: _fetch(node))
        _each(lambda: reconciliation.work(node, healing.heal))
    return SOON if node.ledger.find(case.CASE.kind, states=case.WAITING, limit=1) else IDLE


def _tell(node: Node) -> bool:
    """Tell what is new under each agreement; whether that went well under all of them."""
    mine = [terms for terms in node.agreements.all() if terms.consumer == node.member]
    return all([_each(partial(feedback.tell, node, terms)) for terms in mine])


def _seen(node: Node) -> object:
    """What changes whenever there may be something to tell: the lake, and the documents that feedback is made from."""
    kinds = (delivered.DELIVERY, delivered.INTAKE, case.DISPUTE.kind)
    return node.lake.snapshot().id, tuple(stand(node.ledger, kind) for kind in kinds)


def _fetch(node: Node) -> None:
    """Ask whoever delivers to this member what they recall, where they cannot reach it."""
    if node.directory().member(node.member).address is not None:
        return
    for provider in sorted({one.provider for one in node.agreements.all() if one.consumer == node.member}):
        _each(partial(recalled.fetch, node, provider))


def _each(work: Callable[[], object]) -> bool:
    """One piece, and whether it could be done; what cannot be now is in the next round."""
    try:
        work()
    except QuanminError as error:
        log.warning("%s", error)
        return False
    return True
