"""A member's verbs on agreements wherever it sits: over HTTP from afar, at the platform straight at its own office."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from quanmin.errors import KINDS, QuanminError
from quanmin.exchange.agreement import copy
from quanmin.exchange.agreement.errors import AgreementUnknown, CopyRefused
from quanmin.exchange.agreement.statement import Statement
from quanmin.exchange.agreement.verb import STEPS, office
from quanmin.exchange.agreement.workflow import due
from quanmin.exchange.node.errors import AnswerRefused
from quanmin.exchange.node.node import Node
from quanmin.ledger import Document


def draft(node: Node, terms: Mapping[str, Any], request: bool = False) -> Statement:
    """Draft an agreement, by `request` handed in at once. A refusal of the platform is raised as the error that it was there."""
    if node.settings.exchange_platform is not None:
        return _sent(node, copy.PATH, {"terms": dict(terms), "request": request})
    made = office(node).draft(node.member, terms)
    return _stated(node, office(node).request(node.member, str(made.ref)) if request else made)


def step(node: Node, agreement: str, name: str, told: Mapping[str, Any] | None = None) -> Statement:
    """Take a step (`verb.STEPS`) as this node's member."""
    if node.settings.exchange_platform is not None:
        return _sent(node, f"{copy.PATH}/{agreement}/{name}", dict(told or {}))
    return _stated(node, STEPS[name](office(node), node.member, agreement, told or {}))


def sign(node: Node, agreement: str) -> Statement:
    """Sign the newest terms of an agreement that wait for it, as this node reads them now."""
    if node.settings.exchange_platform is not None:
        copy.refresh(node)
    waiting = [one.terms for one, _ in courses(node) if one.terms.id == agreement and one.state == "answered"]
    if not waiting:
        raise AgreementUnknown(agreement=agreement)
    terms = max(waiting, key=lambda one: one.version)
    signer = node.identity.signer
    return step(node, agreement, "sign", {"key": signer.key, "signature": signer.sign(terms.text()).hex()})


def courses(node: Node) -> list[tuple[Statement, datetime | None]]:
    """Every version in which the member takes part, and at the platform by when its next step is owed."""
    if node.settings.exchange_platform is None:
        return [(_stated(node, one), due(one)) for one in office(node).find(node.member)]
    return [(one, None) for one in copy.statements(node.ledger)]


def course(node: Node, agreement: str, version: int | None = None) -> tuple[Statement, datetime | None]:
    """One of them, the newest version unless one is named. AgreementUnknown."""
    found = [one for one in courses(node) if one[0].terms.id == agreement and version in (None, one[0].terms.version)]
    if not found:
        raise AgreementUnknown(agreement=agreement)
    return max(found, key=lambda one: one[0].terms.version)


def _stated(node: Node, document: Document) -> Statement:
    return Statement.of(document, node.ledger.now(), node.identity)


def _sent(node: Node, path: str, told: Mapping[str, Any]) -> Statement:
    directory = node.directory()
    body = json.dumps(told, ensure_ascii=False).encode()
    answer = node.sender.send(directory.authority, "POST", path, body, kind="notice")
    if answer.fault is not None:
        raise refused(node.sender.refusal(answer), directory.authority)
    found = copy.read(answer.body)
    copy.take(node, found)
    if len(found) != 1 or not isinstance(found[0], Statement):
        raise CopyRefused(agreement="-", reason="form")
    return found[0]


def refused(told: Mapping[str, Any], platform: str) -> QuanminError:
    """The platform's refusal as the error it was there, so that whoever reads it gets the same words and next step."""
    kind, address = KINDS.get(str(told.get("code"))), told.get("address", {})
    try:
        return (
            kind(**address) if kind is not None else AnswerRefused(member=platform, reason=str(told.get("code"))[:40])
        )
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):  # an error of another program version
        return AnswerRefused(member=platform, reason=str(told.get("code"))[:40])
