"""Taking a member's file in: it is collected like any file, and what became of its rows is what the receipt says.

The same bytes are one batch, so taking twice (a kill between the collection and the receipt) counts once and gives the same
result. A file that is refused as a whole is refused with the error document; what is the platform's own trouble (a full disk)
is raised, and the taking is tried again.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from quanmin.collect import Receipt, collect, withdraw
from quanmin.errors import Denied, Invalid, NotFound, QuanminError
from quanmin.exchange.delivery import TAKERS, Result
from quanmin.exchange.delivery.errors import PackageBroken
from quanmin.exchange.intake import delivered
from quanmin.exchange.intake.delivered import Delivered
from quanmin.exchange.intake.errors import AnswersNothing, NotOfAgreement, RecalledForGood
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document, Leases
from quanmin.trust import Actor

THEIRS = (Invalid, Denied, NotFound, RecalledForGood)
"""Errors that the sender has to put right: the file is refused. A table or a disk that is busy here is none of them."""
WAIT = 20.0
"""Seconds that a recall waits for a taking-in that goes on, and the other way round."""


def member_actor(member: str) -> Actor:
    """A member as it acts by its signature."""
    return Actor(f"member:{member}", frozenset(), organisation=member, kind="service", assurance=2, mfa=True)


def take(node: Node, intake: Document, file: Path) -> Result:
    """Collect the file of a delivery of content `file` or `correction`; whoever calls holds it (`alone`)."""
    one = delivered.of(intake)
    terms = node.agreements.standing(one.agreement, node.ledger.now())
    try:
        _checked(node, terms, one)
        with _named(file, one.file) as path:
            receipt = collect(node.lake, one.dataset, path, one.sender, member_actor(one.sender))
        _whole(node, one, receipt)
    except THEIRS as error:
        return Result(error=_told(error))
    return Result(receipt.accepted, receipt.quarantined, more={"batch": receipt.batch})


def _whole(node: Node, one: Delivered, receipt: Receipt) -> None:
    """As many rows as were told, or nothing of them is kept. PackageBroken."""
    if one.rows is None or receipt.read == one.rows:
        return
    if not delivered.shared(node.ledger, one):
        withdraw(node.lake, receipt.batch, member_actor(one.sender), f"{one.id}: rows")
    raise PackageBroken(delivery=one.id, fault=f"{receipt.read} rows, {one.rows} told")


@contextmanager
def alone(node: Node, delivery: str) -> Iterator[None]:
    """While a delivery is taken in it is not recalled, nor the other way round. LeaseBusy after some seconds."""
    with Leases(node.ledger) as lease:
        lease.take(f"exchange intake {delivery}", wait=WAIT)
        yield


def _checked(node: Node, terms: Terms, one: Delivered) -> None:
    """The dataset, the direction, and what is answered. NotOfAgreement, AnswersNothing, RecalledForGood."""
    if (one.dataset, one.sender, one.receiver) != (terms.dataset, terms.provider, node.member):
        raise NotOfAgreement(agreement=terms.id, sender=one.sender, dataset=one.dataset)
    kept = delivered.one(node.ledger, delivered.INTAKE, one.id)
    if kept is not None and kept.state == "recalled":
        raise RecalledForGood(delivery=one.id)
    if one.content == "correction" and not _answers(node, one):
        raise AnswersNothing(answers=str(one.answers))


def _answers(node: Node, one: Delivered) -> bool:
    """Whether a correction answers a feedback that was told its sender, or a delivery of its own."""
    if one.answers is None:
        return False
    own = delivered.one(node.ledger, delivered.DELIVERY, one.answers)
    theirs = delivered.one(node.ledger, delivered.INTAKE, one.answers)
    told = own is not None and (own.content, own.receiver, own.terms) == ("feedback", one.sender, one.terms)
    return told or (theirs is not None and (theirs.sender, theirs.terms) == (one.sender, one.terms))


@contextmanager
def _named(file: Path, name: str) -> Iterator[Path]:
    """The file under the name it has with its sender, by which errors are told."""
    if file.name == name or name in ("", ".", "..") or "/" in name or "\0" in name:
        yield file
        return
    with tempfile.TemporaryDirectory(dir=file.parent) as place:
        path = Path(place) / name
        try:
            os.link(file, path)
        except OSError:
            path.symlink_to(file.absolute())
        yield path


def _told(error: QuanminError) -> dict[str, Any]:
    """The error document, without the number of the batch that keeps it here: the same each time the file is taken."""
    document = error.to_dict()
    document["address"].pop("batch", None)
    return document


TAKERS["file"] = TAKERS["correction"] = take
