"""The consumer's side: a question goes out through the node; what comes back is plain, with the id to prove it by."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quanmin.exchange.message.envelope import Origin
from quanmin.exchange.request.question import Question
from quanmin.exchange.terms import Terms

if TYPE_CHECKING:
    from quanmin.exchange.node.node import Node


@dataclass(frozen=True)
class Asked:
    """What came back: the answer, or the error of a refusal with whose fault it is. `message` is what a proof is asked for by."""

    message: str
    status: int
    told: dict[str, Any]
    fault: Origin | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return {"message": self.message, "status": self.status, "fault": self.fault, "answer": self.told}


def ask(node: Node, terms: Terms, question: Question, case: str | None = None) -> Asked:
    """Ask the provider of an agreement, or the platform where the provider has no node. Unreachable, AnswerRefused, NoAddress."""
    message, directory = uuid.uuid4().hex, node.directory()
    own = directory.member(terms.provider).address is not None
    answer = node.sender.send(
        terms.provider if own else directory.authority,
        "POST",
        "/requests",
        question.body(),
        kind="request",
        terms=terms,
        case=case,
        message=message,
    )
    return Asked(message, answer.status, json.loads(answer.body), answer.fault)


def asked(node: Node, agreement: str) -> Terms:
    """The terms of an agreement in which this member is the consumer, by its id or as it is cited; NotInForce."""
    now = node.ledger.now()
    if ";v=" in agreement:
        return node.agreements.standing(agreement, now)
    found = next((one for one in node.agreements.all() if one.id == agreement), None)
    return found if found is not None else node.agreements.standing(f"{agreement};v=0", now)
