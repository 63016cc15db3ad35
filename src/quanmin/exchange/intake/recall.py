"""A provider takes back what it sent: asked of the receiver until it confirms, with a clock.

The right is the agreement's (`Terms.recall`; GB/T 39477-2020, 6.1, asks for 更新和召回). The delivery stops at once on the own
side. A recall is repeated with growing pauses, an hour at most, until it is answered; it has no end. What was recalled is
never sent again: what is right comes as a new delivery that answers the recalled one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from quanmin.errors import QuanminError
from quanmin.exchange.canonical import canonical
from quanmin.exchange.delivery.errors import ReceiptRefused
from quanmin.exchange.delivery.receipt import Receipt, verify
from quanmin.exchange.intake import delivered
from quanmin.exchange.intake.dispute import reason as checked_reason
from quanmin.exchange.intake.errors import ConfirmationBroken, NoRecallRight, NothingToRecall, NotTheReceiver
from quanmin.exchange.node.handler import Answer, Received, Reply, handler
from quanmin.exchange.node.node import Node
from quanmin.exchange.role import OPERATOR
from quanmin.ledger import SYSTEM, Action, Document, Workflow, WorkingDays, register
from quanmin.ledger.progress import tell, told
from quanmin.text import Text

CONFIRM = WorkingDays(2)
"""A recall is to be confirmed within two working days: what local rules give an authority for its first step; the national
regulation (State Council order 809, 2025) is not known to name a time."""
RECALL = register(
    Workflow(
        "exchange_recall",
        start="asked",
        actions=[
            Action("confirm", "asked", "confirmed", by=OPERATOR, needs=("confirmation",), due=CONFIRM),
            Action("refuse", "asked", "refused", needs=("error",)),
        ],
        words=("words",),
    )
)
"""The provider's side; `ref` is the delivery."""
STATES: dict[str, Text] = {
    "asked": Text("待确认", "asked for"),
    "confirmed": Text("已确认", "confirmed"),
    "refused": Text("被拒绝", "refused"),
}
REASONS: dict[str, Text] = {
    "wrong_data": Text("数据有误", "the data is wrong"),
    "wrong_receiver": Text("不应提供给该使用方", "it should not have gone to this receiver"),
    "beyond_agreement": Text("超出协议范围", "it goes beyond the agreement"),
    "person_asked": Text("应本人请求", "a person asked for it"),
    "authority_ordered": Text("主管部门要求", "an authority ordered it"),
    "superseded": Text("以新的交付替换", "another delivery replaces it"),
}
_LONGEST = timedelta(hours=1)
MISSED = "not received"
"""What stands for the receipt of a recall of a delivery that never came whole."""


def recall(node: Node, delivery: str, reason: str, words: str = "", actor: str = SYSTEM) -> Document:
    """Take back a delivery of this member; asked at once, and again until it is answered. Recalled twice, it is one recall.

    NothingToRecall, NoRecallRight, ReasonUnknown.
    """
    checked_reason(reason, REASONS)
    one = delivered.one(node.ledger, delivered.DELIVERY, delivery)
    if one is None or one.sender != node.member or one.state in ("prepared", "cancelled", "refused"):
        raise NothingToRecall(delivery=delivery)
    terms = node.agreements.standing(one.agreement, one.made)
    if not terms.recall:
        raise NoRecallRight(agreement=terms.id)
    data = {"agreement": terms.id, "receiver": one.receiver, "digest": one.digest, "reason": reason, "words": words}
    with node.ledger.writing() as connection:
        made, new = node.ledger.ensure(RECALL.kind, delivery, data, RECALL.states, actor, connection)
        if new:
            node.ledger.act(one.document, "recall", {"reason": reason}, actor, connection=connection)
    return ask(node, made) if made.state == "asked" else made


def ask(node: Node, asked: Document) -> Document:
    """Ask the receiver once; the recall as it stands then. A receiver without an address fetches what is asked of it."""
    if node.directory().member(asked.data["receiver"]).address is None:
        return asked
    try:
        answer = node.sender.send(asked.data["receiver"], "POST", "/recalls", body(asked), kind="notice")
        return answered(node, asked, answer)
    except QuanminError:  # nobody there, or an answer that is none: it is asked again
        _later(node, asked)
        return asked


def body(asked: Document) -> bytes:
    """What is asked, as it travels."""
    names = ("digest", "reason", "words")
    return canonical({"delivery": str(asked.ref), **{name: str(asked.data.get(name, "")) for name in names}})


def answered(node: Node, asked: Document, answer: Answer) -> Document:
    """Keep what was answered: a confirmation, or a refusal for good. ConfirmationBroken where it has to be asked again."""
    if answer.status < 400:
        return confirm(node, asked, answer.body, answer.envelope.sender, answer.envelope.id)
    error = node.sender.refusal(answer)
    if error.get("code") not in (NothingToRecall.code, NoRecallRight.code):
        raise ConfirmationBroken(fault=str(error.get("code")))
    with node.ledger.writing() as connection:
        done = node.ledger.act(asked.id, "refuse", {"error": error}, connection=connection)
        if error.get("code") == NothingToRecall.code:
            _recalled(node, asked, {"receipt": MISSED}, connection)
    return done


def confirm(node: Node, asked: Document, text: bytes, sender: str, message: str) -> Document:
    """Keep a confirmation, which must be of this delivery and by its receiver. ConfirmationBroken, NotTheReceiver."""
    if sender != asked.data["receiver"]:
        raise NotTheReceiver(sender=sender, delivery=str(asked.ref))
    told_ = _read(text, asked)
    receipt = _verified(node, asked, told_)
    if asked.state == "confirmed":
        return asked
    with node.ledger.writing() as connection:
        data = {"confirmation": told_, "message": message}
        done = node.ledger.act(asked.id, "confirm", data, f"member:{sender}", connection=connection)
        counts = {"accepted": receipt.accepted, "quarantined": receipt.quarantined}
        _recalled(node, asked, {"receipt": told_["receipt"], **counts}, connection)
    return done


def _recalled(node: Node, asked: Document, data: dict[str, Any], connection: Any) -> None:
    delivery = node.ledger.find(delivered.DELIVERY, ref=asked.ref, connection=connection)[-1]
    node.ledger.act(delivery.id, "recalled", data, connection=connection)


def _verified(node: Node, asked: Document, told_: dict[str, Any]) -> Receipt:
    """The signed receipt of a confirmation, which says the same. ConfirmationBroken."""
    document = node.ledger.find(delivered.DELIVERY, ref=asked.ref)[-1]
    skew = timedelta(seconds=node.settings.exchange_skew)
    try:
        found = verify(node.directory(), told_["receipt"], delivered.remembered(document), node.ledger.now(), skew)
    except ReceiptRefused as error:
        raise ConfirmationBroken(fault=str(error.fields["fault"])) from error
    if found.outcome != "recalled" or found.accepted != told_["rows"]:
        raise ConfirmationBroken(fault="receipt")
    return found


def _read(text: bytes, asked: Document) -> dict[str, Any]:
    try:
        told_ = json.loads(text)
        if (
            not isinstance(told_["receipt"], str)
            or told_["delivery"] != asked.ref
            or told_["digest"] != asked.data["digest"]
        ):
            raise ConfirmationBroken(fault="delivery")
        if any(not isinstance(told_[name], int) or told_[name] < 0 for name in ("files", "rows")):
            raise ConfirmationBroken(fault="counts")
    except (ValueError, KeyError, TypeError):
        raise ConfirmationBroken(fault="form") from None
    return dict(told_)


@dataclass(frozen=True)
class Attempts:
    """How often a recall was asked, and when next."""

    count: int
    again: datetime


def attempts(node: Node, asked: Document) -> Attempts:
    """What is known of one recall."""
    with node.ledger.reading() as connection:
        known = told(connection, [asked.id]).get(asked.id)
    if known is None:
        return Attempts(0, asked.at)
    return Attempts(int(known.data["count"]), datetime.fromisoformat(known.data["again"]))


def _later(node: Node, asked: Document) -> None:
    count = attempts(node, asked).count + 1
    pause = min(_LONGEST, timedelta(seconds=node.settings.exchange_backoff * 2 ** min(count - 1, 20)))
    now = node.ledger.now()
    with node.ledger.writing() as connection:
        tell(connection, asked.id, {"count": count, "again": (now + pause).isoformat()}, now)


def repeat(node: Node) -> int:
    """Ask again whatever is not answered and whose pause is over; how many were."""
    now = node.ledger.now()
    waiting = [one for one in node.ledger.find(RECALL.kind, state="asked") if attempts(node, one).again <= now]
    for one in waiting:
        ask(node, one)
    return len(waiting)


def listing(node: Node) -> list[Document]:
    """The recalls of this member, the oldest first."""
    return node.ledger.find(RECALL.kind)


@handler("GET", "/recalls", kind="notice", cites=False)
def waiting(node: Node, received: Received) -> Reply:
    """What is asked of the member that asks, for members that nobody can reach."""
    own = [
        one for one in node.ledger.find(RECALL.kind, state="asked") if one.data["receiver"] == received.envelope.sender
    ]
    return Reply(canonical({"recalls": [json.loads(body(one)) for one in own]}))


@handler("POST", "/recalls/{delivery}/confirmation", kind="notice", cites=False)
def confirmed(node: Node, received: Received) -> Reply:
    """The confirmation of a receiver that fetched what was asked. NothingToRecall, NotTheReceiver, ConfirmationBroken."""
    delivery = received.parameters["delivery"]
    found = node.ledger.find(RECALL.kind, ref=delivery)
    if not found:
        raise NothingToRecall(delivery=delivery)
    done = confirm(node, found[-1], received.body, received.envelope.sender, received.envelope.id)
    return Reply(canonical({"delivery": delivery, "state": done.state}))
