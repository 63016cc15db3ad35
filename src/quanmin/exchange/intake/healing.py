"""What a sender does about its deliveries when a day differs: it goes on with what rests, and sends again what never came.

A receipt that is missing comes with the next attempt, since a receiver answers whatever comes of a delivery with its receipt.
What the other side lacks in its log cannot be healed: somebody must look.
"""

from __future__ import annotations

from quanmin.errors import QuanminError
from quanmin.exchange.delivery import command, outbox, transfer
from quanmin.exchange.intake.difference import Finding
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.ledger import SYSTEM, Document

RESTS = ("parked", "stopped")
HEALED = ("receipt_missing", "pending", "never_came")


def heal(node: Node, _terms: Terms, finding: Finding) -> None:
    """Go on with a delivery of this member that differs; what cannot be is left as it is."""
    if finding.what not in HEALED or finding.sender != node.member:
        return
    try:
        document = _woken(node, finding)
        if document.state in transfer.ACTIVE:
            transfer.deliver(node, document)
    except QuanminError:
        return


def _woken(node: Node, finding: Finding) -> Document:
    document = outbox.of(node, finding.id)
    if document.state in RESTS:
        return command.retry(node, finding.id, SYSTEM)
    if finding.what == "never_came" and document.state in ("sent", "acknowledged"):
        return command.resend(node, finding.id, "reconciliation", SYSTEM)
    return document
