"""Feedback as it came to whoever delivered what it is about: kept in a folder per agreement and delivery, listed and shown."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from quanmin.errors import QuanminError
from quanmin.exchange.delivery import TAKERS, Result
from quanmin.exchange.delivery.outbox import Home
from quanmin.exchange.intake import delivered, told
from quanmin.exchange.intake.delivered import Delivered
from quanmin.exchange.intake.errors import FeedbackBroken, NoSuchFeedback, NotOfAgreement
from quanmin.exchange.node.node import Node
from quanmin.ledger import Document


@dataclass(frozen=True)
class Kept:
    """A feedback that came: which delivery of ours it answers, how many errors it tells and closes, how many more there are that
    it does not tell yet, and by when."""

    delivery: str
    agreement: str
    sender: str
    answers: str
    dataset: str
    told: int
    closed: int
    more: int
    rows: int
    due_on: str | None
    at: str
    folder: Path
    lines: tuple[dict[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON form; with lines only where they were read."""
        own = asdict(self) | {"folder": str(self.folder)}
        return own if self.lines else {name: value for name, value in own.items() if name != "lines"}


def folder(home: Path, one: Delivered) -> Path:
    """Where the feedback of a delivery is kept; ids are another's, so they become no part of a path unless they are plain."""
    safe = [name if _plain(name) else hashlib.sha256(name.encode()).hexdigest()[:32] for name in (one.terms, one.id)]
    return home / "exchange" / "feedback" / safe[0] / safe[1]


def _plain(name: str) -> bool:
    return len(name) <= 100 and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*", name) is not None


def keep(node: Node, intake: Document, file: Path) -> Result:
    """Take a feedback in: unpacked and checked against its summary, or refused as a whole."""
    one = delivered.of(intake)
    terms = node.agreements.standing(one.agreement, node.ledger.now())
    try:
        if (one.sender, one.receiver, one.dataset) != (terms.consumer, node.member, terms.dataset):
            raise NotOfAgreement(agreement=terms.id, sender=one.sender, dataset=one.dataset)
        own = delivered.one(node.ledger, delivered.DELIVERY, str(one.answers))
        if own is None or own.terms != one.terms:
            raise FeedbackBroken(file=one.file, fault="answers")
        summary = told.unpack(file, folder(node.settings.home, one))
        if summary["delivery"] != one.answers:
            raise FeedbackBroken(file=one.file, fault="delivery")
    except QuanminError as error:
        return Result(error=error.to_dict())
    return Result(accepted=int(summary["lines"]))


TAKERS["feedback"] = keep


def listing(home: Home) -> list[Kept]:
    """The feedback that came, the oldest first."""
    found = [delivered.of(one) for one in home.ledger.find(delivered.INTAKE, state="accepted")]
    return [_kept(home, one) for one in found if one.content == "feedback"]


def show(home: Home, delivery: str) -> Kept:
    """One of them with its lines. NoSuchFeedback."""
    return _kept(home, _one(home, delivery), lines=True)


def some(home: Home, delivery: str, skip: int, most: int) -> tuple[Kept, list[dict[str, str]]]:
    """One of them, and some of its lines in their order. NoSuchFeedback."""
    one = _one(home, delivery)
    return _kept(home, one), list(islice(told.lines_in(folder(home.settings.home, one)), skip, skip + most))


def _one(home: Home, delivery: str) -> Delivered:
    one = delivered.one(home.ledger, delivered.INTAKE, delivery)
    if one is None or one.content != "feedback" or one.state != "accepted":
        raise NoSuchFeedback(delivery=delivery)
    return one


def _kept(home: Home, one: Delivered, lines: bool = False) -> Kept:
    place = folder(home.settings.home, one)
    summary = told.summary_in(place)
    return Kept(
        delivery=one.id,
        agreement=one.agreement,
        sender=one.sender,
        answers=str(one.answers),
        dataset=one.dataset,
        told=int(summary["told"]["errors"]),
        closed=int(summary["closed"]),
        more=int(summary.get("more", 0)),
        rows=int(summary["told"]["rows"]),
        due_on=summary["told"]["due_on"],
        at=str(summary["at"]),
        folder=place,
        lines=tuple(told.lines_in(place)) if lines else (),
    )
