"""What a provider says of errors that it holds to be none, by their lines in the feedback; the consumer decides.

An error that is upheld counts as settled and is told as closed; a rejected one stands as before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from quanmin.exchange.canonical import canonical
from quanmin.exchange.intake import case, delivered, register
from quanmin.exchange.intake.errors import NoSuchFeedback, NotTheReceiver, NotTold, ReasonUnknown
from quanmin.exchange.node.handler import Answer, Received, Reply, handler
from quanmin.exchange.node.node import Node
from quanmin.ledger import Document, Ledger

Line = tuple[int, str | None, str | None]
"""Row, element and code of an error."""


def lines(told: pa.Table) -> list[Line]:
    """Of each line of a table of errors, by what a dispute names it."""
    columns = [told.column(name).to_pylist() for name in ("row", "element", "code")]
    return list(zip(*columns, strict=True))


def _named(ledger: Ledger, cases: Sequence[Document], state: str) -> set[Line]:
    refs = {str(one.data.get("delivery")) for one in cases if "delivery" in one.data}
    if not refs:
        return set()
    found = [one for one in ledger.find(case.DISPUTE.kind, state=state) if one.ref in refs]
    return {(row, element, code) for one in found for row, element, code in one.data["lines"]}


def raised(ledger: Ledger, told: pa.Table, cases: Sequence[Document]) -> set[int]:
    """The places in a register of the errors that are disputed and not decided."""
    named = _named(ledger, cases, "raised")
    return {place for place, line in enumerate(lines(told)) if line in named} if named else set()


def without_upheld(ledger: Ledger, errors: pa.Table, cases: Sequence[Document]) -> pa.Table:
    """The errors, without those of which the provider was right."""
    upheld = _named(ledger, cases, "upheld")
    if not upheld:
        return errors
    return errors.filter(pa.array([line not in upheld for line in lines(errors)], pa.bool_()))


def checked(asked: Sequence[Mapping[str, Any]], known: set[Line], feedback: str) -> list[Line]:
    """The lines of a dispute, each of which was told. NotTold."""
    found: list[Line] = []
    for one in asked:
        line: Line = (int(one["row"]), one.get("element") or None, one.get("code") or None)
        if line not in known:
            raise NotTold(delivery=feedback, row=line[0], element=str(line[1]))
        found.append(line)
    return found


def reason(given: str, known: Mapping[str, Any]) -> str:
    """A reason of a list. ReasonUnknown."""
    if given not in known:
        raise ReasonUnknown(known=", ".join(known))
    return given


def ask(node: Node, feedback: str, asked: Sequence[Mapping[str, Any]], given: str, words: str) -> Answer:
    """Tell the sender of a feedback that lines of it (row, element, code) are no errors; its answer. NoSuchFeedback."""
    one = delivered.one(node.ledger, delivered.INTAKE, feedback)
    if one is None or one.content != "feedback":
        raise NoSuchFeedback(delivery=feedback)
    told = {"feedback": feedback, "lines": [dict(line) for line in asked], "reason": given, "words": words}
    return node.sender.send(one.sender, "POST", "/disputes", canonical(told), kind="notice")


@handler("POST", "/disputes", kind="notice", cites=False)
def disputed(node: Node, received: Received) -> Reply:
    """Keep what a provider says of errors it was told. NoSuchFeedback, NotTheReceiver, NotTold, ReasonUnknown."""
    sender = received.envelope.sender
    try:
        told = json.loads(received.body)
        feedback, words = str(told["feedback"]), str(told["words"])
        given = reason(str(told["reason"]), case.REASONS)
        asked = [dict(one) for one in told["lines"]]
        own = _case(node, feedback, sender)
        known = lines(register.read(node.settings.home, str(own.ref), str(own.data["number"])))
        named = checked(asked, set(known), feedback)
    except (ValueError, KeyError, TypeError):
        raise NotTold(delivery="-", row=0, element="-") from None
    data = {"lines": [list(line) for line in named], "reason": given, "words": words, "member": sender}
    made = _kept(node.ledger, feedback, data, sender)
    return Reply(canonical({"feedback": feedback, "dispute": made.id, "state": made.state}))


def _kept(ledger: Ledger, feedback: str, data: dict[str, Any], sender: str) -> Document:
    """The dispute, which is the one that waits where the same was said before."""
    for one in ledger.find(case.DISPUTE.kind, ref=feedback, state="raised"):
        if one.data["lines"] == data["lines"]:
            return one
    return ledger.create(case.DISPUTE.kind, feedback, data, f"member:{sender}")


def _case(node: Node, feedback: str, sender: str) -> Document:
    """The case that a feedback told, to the member that speaks. NoSuchFeedback, NotTheReceiver."""
    found = [one for one in node.ledger.find(case.CASE.kind) if one.data.get("delivery") == feedback]
    if not found:
        raise NoSuchFeedback(delivery=feedback)
    if found[-1].data["member"] != sender:
        raise NotTheReceiver(sender=sender, delivery=feedback)
    return found[-1]


@handler("GET", "/disputes/{feedback}", kind="notice", cites=False)
def decided(node: Node, received: Received) -> Reply:
    """What became of the disputes about a feedback, for the member it was told. NoSuchFeedback, NotTheReceiver."""
    feedback = received.parameters["feedback"]
    _case(node, feedback, received.envelope.sender)
    found = node.ledger.find(case.DISPUTE.kind, ref=feedback)
    told = [
        {"dispute": one.id, "state": one.state, "lines": one.data["lines"], "because": one.data.get("because")}
        for one in found
    ]
    return Reply(canonical({"feedback": feedback, "disputes": told}))


def decide(ledger: Ledger, dispute: int, right: bool, because: str, actor: str) -> Document:
    """Uphold a dispute, so that its errors count as settled, or reject it. UnknownDocument, IllegalAction, MissingField."""
    found = ledger.get(dispute, kinds=(case.DISPUTE.kind,))
    return ledger.act(found.id, "uphold" if right else "reject", {"because": because}, actor)
