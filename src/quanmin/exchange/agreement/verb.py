"""What members do with agreements over HTTP at the platform: whoever signed the message is who acts.

`GET /agreements` lists the caller's, `POST /agreements` drafts and requests one, `POST /agreements/{id}/<step>` takes a step.
Each answer is the platform's signed statement of what is then so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from quanmin.exchange.agreement.copy import PATH
from quanmin.exchange.agreement.errors import AgreementUnknown, TermsUnreadable
from quanmin.exchange.agreement.office import Office
from quanmin.exchange.agreement.statement import Statement
from quanmin.exchange.canonical import canonical
from quanmin.exchange.node.handler import Received, Reply, handler
from quanmin.exchange.node.node import Node
from quanmin.ledger import Document

Step = Callable[[Office, str, str, Mapping[str, Any]], Document]


def office(node: Node) -> Office:
    """The platform's office; AgreementUnknown at any other node, which keeps copies only."""
    if node.settings.exchange_platform is not None:
        raise AgreementUnknown(agreement="-")
    return Office(node.ledger, node.settings, node.directory)


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str) or len(value) > 10_000:
        raise TermsUnreadable(reason=name)
    return value


def _changes(told: Mapping[str, Any]) -> Mapping[str, Any]:
    value = told.get("changes", {})
    if not isinstance(value, Mapping):
        raise TermsUnreadable(reason="changes")
    return value


STEPS: dict[str, Step] = {
    "change": lambda at, who, name, told: at.change(who, name, _changes(told)),
    "request": lambda at, who, name, told: at.request(who, name),
    "review": lambda at, who, name, told: at.review(who, name),
    "answer": lambda at, who, name, told: at.answer(who, name, _changes(told)),
    "refuse": lambda at, who, name, told: at.refuse(who, name, _text(told, "reason")),
    "sign": lambda at, who, name, told: at.sign(who, name, _text(told, "key"), _text(told, "signature")),
    "withdraw": lambda at, who, name, told: at.withdraw(who, name, _text(told, "reason") or None),
    "suspend": lambda at, who, name, told: at.suspend(who, name, _text(told, "reason")),
    "resume": lambda at, who, name, told: at.resume(who, name),
    "revoke": lambda at, who, name, told: at.revoke(who, name, _text(told, "reason")),
    "revise": lambda at, who, name, told: at.revise(who, name, _changes(told)),
}
"""The steps of a course, by their names in the interface; `told` is the JSON document that was sent."""


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        raise TermsUnreadable(reason="JSON") from None
    if not isinstance(found, Mapping):
        raise TermsUnreadable(reason="no object")
    return found


def _reply(node: Node, documents: list[Document], status: int = 200) -> Reply:
    at = node.ledger.now()
    told = [Statement.of(one, at, node.identity).to_dict() for one in documents]
    return Reply(canonical({"platform": node.member, "at": at.isoformat(), "agreements": told}), status)


@handler("GET", PATH, "notice", cites=False)
def listed(node: Node, received: Received) -> Reply:
    """Every version of every agreement in which the caller is provider or consumer."""
    sender = received.envelope.sender
    found = office(node).find(sender)
    return _reply(node, [one for one in found if sender in _sides(one)])


def _sides(document: Document) -> tuple[str, str]:
    terms = document.data["terms"]
    return terms["provider"], terms["consumer"]


@handler("POST", PATH, "notice", cites=False)
def drafted(node: Node, received: Received) -> Reply:
    """Draft an agreement of these terms (`{"terms": {…}}`), by `"request": true` handed in at once."""
    told, at, who = _read(received.body), office(node), received.envelope.sender
    made = at.draft(who, told.get("terms", {}))
    if told.get("request") is True:
        made = at.request(who, str(made.ref))
    return _reply(node, [made], 201)


@handler("POST", PATH + "/{id}/{step}", "notice", cites=False)
def stepped(node: Node, received: Received) -> Reply:
    """Take a step; AgreementUnknown for one that there is not."""
    step = STEPS.get(received.parameters["step"])
    if step is None:
        raise AgreementUnknown(agreement=f"{received.parameters['id']}/{received.parameters['step']}"[:40])
    done = step(office(node), received.envelope.sender, received.parameters["id"], _read(received.body))
    return _reply(node, [done])
