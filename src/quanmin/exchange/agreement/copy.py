"""Copies: what a node that is not the platform keeps of the agreements in which it takes part.

A copy is a document of the node's ledger. It changes only when what is stated changes; when the platform was heard of last is
told beside it. Policies read it (`quanmin.trust.agreed`), and after 24 hours without a word of the platform it counts no more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from quanmin.errors import QuanminError
from quanmin.exchange.agreement import standing
from quanmin.exchange.agreement.errors import CopyRefused
from quanmin.exchange.agreement.statement import Statement
from quanmin.exchange.agreement.workflow import OPEN
from quanmin.exchange.member.known import Known, renew
from quanmin.exchange.member.member import Directory
from quanmin.ledger import Action, Document, Ledger, Workflow, database, progress, register
from quanmin.trust.agreed import COPY, IN_FORCE, SUSPENDED

if TYPE_CHECKING:
    from quanmin.exchange.node.node import Node

_STATES = ("open", IN_FORCE, SUSPENDED, "over")
KEPT = register(
    Workflow(
        COPY,
        start="open",
        actions=[Action(f"to_{state}", _STATES, state, needs=("terms",)) for state in _STATES],
        words=("reason",),
    )
)
"""`open`: not yet signed by both; `over`: ended, in whatever way (`state` in its data says how)."""
REFRESH = 10.0
"""Seconds after which a node asks the platform again: so long a suspension made there takes to count here."""
PATH = "/agreements"


def _kind_of(state: str) -> str:
    if state in (IN_FORCE, SUSPENDED):
        return state
    return "open" if state in OPEN else "over"


def keep(
    ledger: Ledger, directory: Directory, statements: Iterable[Statement | CopyRefused], skew: timedelta, member: str
) -> int:
    """Keep what the platform states, each verified; how many copies changed.

    CopyRefused tells of the first that does not hold, when the others are kept: one broken statement holds no suspension back.
    What is older than what is kept changes nothing: a message that comes late or twice brings no state back.
    """
    now, held, refused = ledger.now(), list[Statement](), list[CopyRefused]()
    for one in statements:
        try:
            if isinstance(one, CopyRefused):
                raise one
            one.verify(directory, now, skew)
            if member not in (one.terms.provider, one.terms.consumer):
                raise CopyRefused(agreement=one.terms.cited, reason="member")
            held.append(one)
        except CopyRefused as error:
            refused.append(error)
    with ledger.writing() as connection:
        database.lock(connection, "exchange copies")
        changed = sum([_keep(ledger, connection, one) for one in held])
    if changed:
        standing.forget()
    if refused:
        raise refused[0]
    return changed


def _keep(ledger: Ledger, connection: Connection, stated: Statement) -> bool:
    told = stated.to_dict()
    found = _found(ledger, connection, stated.terms.id, stated.terms.version)
    if found is not None:
        heard = progress.told(connection, [found.id])[found.id]
        if stated.at < datetime.fromisoformat(heard.data["at"]):
            return False
    else:
        found = ledger.create(COPY, stated.terms.id, {}, connection=connection)
    own = {name: told[name] for name in ("terms", "state", "signatures", "reason")}
    changed = any(found.data.get(name) != value for name, value in own.items())
    if changed:
        ledger.act(found.id, f"to_{_kind_of(stated.state)}", own, connection=connection)
    progress.tell(connection, found.id, told, min(stated.at, ledger.now()))
    return changed


def _found(ledger: Ledger, connection: Connection, agreement: str, version: int) -> Document | None:
    every = ledger.find(COPY, ref=agreement, connection=connection)
    return next((one for one in every if one.ref == agreement and one.data["terms"]["version"] == version), None)


def statements(ledger: Ledger) -> list[Statement]:
    """The newest statement of each version that this node keeps, as the platform signed it."""
    with ledger.reading() as connection:
        found = ledger.find(COPY, connection=connection)
        told = progress.told(connection, [one.id for one in found])
    return [Statement.read(told[one.id].data) for one in found if one.id in told]


def refresh(node: Node) -> int:
    """Ask the platform for the agreements of this member and keep them; how many changed. Unreachable, CopyRefused."""
    directory = node.directory()
    answer = node.sender.send(directory.authority, "GET", PATH, kind="notice")
    if answer.fault is not None:
        raise CopyRefused(agreement="-", reason=str(node.sender.refusal(answer).get("code", "-"))[:40])
    return take(node, read(answer.body))


def take(node: Node, stated: Sequence[Statement | CopyRefused]) -> int:
    """Keep what the platform stated; what does not hold by the directory at hand is held against a fresh one. CopyRefused."""
    skew = timedelta(seconds=node.settings.exchange_skew)
    try:
        return keep(node.ledger, node.directory(), stated, skew, node.member)
    except CopyRefused as refused:
        try:
            renew(node)  # a side may have joined, or have a new key, since this home asked last
        except QuanminError:
            raise refused from None
        if isinstance(node.directory, Known):
            node.directory.forget()
        return keep(node.ledger, node.directory(), stated, skew, node.member)


def read(body: bytes) -> list[Statement | CopyRefused]:
    """The statements of an answer, and for one that cannot be read why; CopyRefused where it is no such answer."""
    try:
        told: Any = json.loads(body)["agreements"]
    except (ValueError, KeyError, TypeError):
        raise CopyRefused(agreement="-", reason="form") from None
    if not isinstance(told, list):
        raise CopyRefused(agreement="-", reason="form")
    return [_read(one) for one in told]


def _read(told: Any) -> Statement | CopyRefused:
    try:
        return Statement.read(told)
    except CopyRefused as error:
        return error
