"""What two sides have differently of a day, and what that means.

A message that one side has and the other has not is proof against the other where it carries the other's signature, or where a
response of the other to it is there: then the other's log lacks an entry. A message that was sent and never answered may be
lost on its way, which is no fault of a log. The two sides come to the same findings, mirrored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from quanmin.exchange.intake.sheet import Message, Parcel
from quanmin.text import Text

What = Literal[
    "lost",
    "missing_here",
    "missing_there",
    "pending",
    "receipt_missing",
    "receipt_unknown",
    "receipt_differs",
    "never_came",
    "never_sent",
    "manifest_differs",
    "counts_differ",
]
WORDS: dict[What, Text] = {
    "lost": Text("途中丢失，发送方未收到答复", "lost on its way: the sender had no answer"),
    "missing_here": Text("本方日志缺少该消息", "this side's log lacks it"),
    "missing_there": Text("对方日志缺少该消息", "the other side's log lacks it"),
    "pending": Text("交付尚未完成", "the delivery is on its way"),
    "receipt_missing": Text("发送方缺少回执", "the sender lacks the receipt"),
    "receipt_unknown": Text("发送方持有接收方没有的回执", "the sender has a receipt that the receiver does not know"),
    "receipt_differs": Text("双方回执不一致", "the two sides have different receipts"),
    "never_came": Text("接收方没有该交付", "the receiver does not have the delivery"),
    "never_sent": Text("发送方没有该交付", "the sender knows of no such delivery"),
    "manifest_differs": Text("双方清单不一致", "the two sides have different manifests"),
    "counts_differ": Text("行数不平衡", "the rows do not add up"),
}
EXPLAINED: tuple[What, ...] = ("lost",)
"""What needs nobody: a message that was lost was repeated under another id, or given up in its sender's sight."""
_MIRRORED: dict[What, What] = {"missing_here": "missing_there", "missing_there": "missing_here"}


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that differs: a message or a delivery."""

    what: What
    id: str
    sender: str

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)

    def mirrored(self) -> Finding:
        """As the other side has to say it."""
        return Finding(_MIRRORED.get(self.what, self.what), self.id, self.sender)


def of_messages(mine: Sequence[Message], theirs: Sequence[Message], me: str, peer: str) -> list[Finding]:
    """What one side's log has and the other's has not."""
    marks_mine, marks_theirs = {one.mark for one in mine}, {one.mark for one in theirs}
    found = [_lacking(one, me, "missing_there") for one in mine if one.mark not in marks_theirs]
    return sorted(found + [_lacking(one, peer, "missing_here") for one in theirs if one.mark not in marks_mine])


def _lacking(one: Message, owner: str, what: What) -> Finding:
    """A message of a side's log that the other lacks: the other signed it, or answered it, or it is lost."""
    proven = one.sender != owner or one.answered
    return Finding(what if proven else "lost", one.message, one.sender)


def of_parcels(sent: Iterable[Parcel], received: Iterable[Parcel]) -> list[Finding]:
    """What a sender and a receiver have differently of the sender's deliveries."""
    out, into = {one.delivery: one for one in sent}, {one.delivery: one for one in received}
    found = [Finding("never_sent", one.delivery, one.sender) for name, one in into.items() if name not in out]
    for name, one in out.items():
        what = _never(one) if name not in into else _differing(one, into[name])
        found += [Finding(what, name, one.sender)] if what else []
    return sorted(found)


def _never(one: Parcel) -> What | None:
    """Of a delivery that the receiver does not know."""
    if one.state in ("cancelled", "recalled"):
        return None
    return "pending" if one.receipt is None and one.state != "sent" else "never_came"


def _differing(sent: Parcel, received: Parcel) -> What | None:
    if sent.manifest != received.manifest:
        return "manifest_differs"
    if sent.receipt is None:
        return "receipt_missing" if received.receipt else "pending"
    if received.receipt is None:
        return "receipt_unknown"
    if sent.receipt != received.receipt:
        return "receipt_differs"
    same = (sent.rows, sent.accepted, sent.quarantined) == (received.rows, received.accepted, received.quarantined)
    return None if same and sent.rows == sent.accepted + sent.quarantined else "counts_differ"
