"""Making a proof: a document that shows by itself that messages were signed, answered, logged and stamped.

It holds for every message the log's line and the link before it, the path to its batch, the audit's entry of that batch with the
path to a signed head, the head with its time stamp, and the directory that the platform signed; of a delivery the manifest and
the receipt, too. `verify.py` needs nothing else but public keys. A proof is one canonical JSON document (`canonical.py`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from quanmin.exchange.canonical import canonical, digest
from quanmin.exchange.delivery import place
from quanmin.exchange.delivery.workflow import DELIVERY, INTAKE
from quanmin.exchange.log import base as bases
from quanmin.exchange.log import batch
from quanmin.exchange.log.errors import NotLogged
from quanmin.exchange.log.line import START
from quanmin.exchange.log.line import entry as read
from quanmin.exchange.member import directory as directories
from quanmin.exchange.member.member import Directory
from quanmin.ledger import Ledger
from quanmin.ledger.exchange import ExchangeLogRow
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.audit import heads

NAME, VERSION = "quanmin exchange", 1
MOST = 64
"""Messages of one delivery that a proof holds at most, the newest; a proof of each other one can be had by its own id."""


class Paper(NamedTuple):
    """Of a delivery: the manifest that was offered (canonical JSON; None once it is gone) and the receipt (compact JWS)."""

    manifest: bytes | None
    receipt: str


def paper(ledger: Ledger, settings: Settings, delivery: str) -> Paper | None:
    """What is kept of a delivery that was receipted, on either side; None where there is no receipt."""
    for kind, folder in ((DELIVERY.kind, place.out), (INTAKE.kind, place.intake)):
        for document in reversed(ledger.find(kind, ref=delivery)):
            if isinstance(receipt := document.data.get("receipt"), str):
                offered = folder(settings.home, delivery) / place.MANIFEST
                return Paper(offered.read_bytes() if offered.is_file() else None, receipt)
    return None


def prove(ledger: Ledger, settings: Settings, directory: Directory, name: str) -> bytes:
    """The proof of a message with its request or response, or of a delivery with its receipt; NotLogged.

    What stands under no root yet is put under one, and a head is signed if none is over it.
    """
    with ledger.reading() as connection:
        kind, rows = _subject(connection, name)
    if not rows:
        raise NotLogged(name=name[:96])
    batch.close(ledger)
    with ledger.reading() as connection:
        found = [_placed(connection, row) for row in rows]
    used = sorted({own for _, own in found})
    told: dict[str, Any] = {
        "proof": NAME,
        "version": VERSION,
        "subject": {"kind": kind, "id": name},
        "messages": [one | {"batch": used.index(own)} for one, own in found],
        "batches": [_vouched(ledger, settings, own) for own in used],
        "delivery": _papers(paper(ledger, settings, name)) if kind == "delivery" else None,
        "directory": directories.document(directory),
    }
    return canonical(told | {"digest": digest(told)})


def _papers(paper: Paper | None) -> Mapping[str, str | None] | None:
    if paper is None:
        return None
    manifest = paper.manifest.decode() if paper.manifest is not None else None
    return {"manifest": manifest, "receipt": paper.receipt}


def _subject(connection: Connection, name: str) -> tuple[str, Sequence[Any]]:
    """What an id names, and the log's rows of it, in order."""
    said = connection.execute(_ROWS.where(_T.message == name).order_by(_T.sequence).limit(MOST)).all()
    if said:
        return "message", sorted(_pair(connection, said), key=lambda one: int(one.sequence))
    own = _T.delivery == name
    kept = connection.execute(_ROWS.where(own, _T.kind != "chunk").order_by(_T.sequence.desc()).limit(MOST)).all()
    return "delivery", kept[::-1]


def _pair(connection: Connection, said: Sequence[Any]) -> Sequence[Any]:
    """A message, which may have been said more than once, with the one that it answers, or that answers it."""
    first = said[0]
    opposite = (_T.sender == first.receiver, _T.receiver == first.sender)
    wanted = _T.message == first.request if first.request is not None else _T.request == first.message
    others = connection.execute(_ROWS.where(wanted, *opposite).order_by(_T.sequence).limit(MOST)).all()
    pairs = [(one, other) for one in said for other in others]
    fitting = (pair for pair in pairs if _answers(*pair) or _answers(*pair[::-1]))
    return next(fitting, pairs[0] if pairs else (first,))


def _answers(response: Any, request: Any) -> bool:
    """Whether a response names the very text of a request."""
    try:
        asked, told = read(request.entry)[1].base, bases.read(read(response.entry)[1].base)
    except ValueError:
        return False
    return told.answers == (request.message, hashlib.sha256(asked).hexdigest())


def _placed(connection: Connection, row: Any) -> tuple[dict[str, Any], batch.Batch]:
    """A message with its way to the root of its batch."""
    own = batch.of(connection, row.sequence)
    if own is None:
        raise NotLogged(name=row.message[:96])
    links = batch.between(connection, own.first, own.last)
    before = connection.execute(select(_T.link).where(_T.sequence == row.sequence - 1)).scalar() or START
    told = {
        "line": row.entry,
        "before": before.hex(),
        "path": [step.hex() for step in batch.path(links, row.sequence - own.first)],
        "body": None if row.body is None else base64.b64encode(row.body).decode(),
    }
    return told, own


def _vouched(ledger: Ledger, settings: Settings, own: batch.Batch) -> dict[str, Any]:
    """A batch with its way to a signed head, one with a stamp if there is one."""
    head, token = _head(ledger, settings, own.audit)
    told = {"audit": audit.prove(ledger, own.audit, head.size).document(), "head": head.document()}
    return told | {"token": None if token is None else base64.b64encode(token).decode()}


def _head(ledger: Ledger, settings: Settings, entry: int) -> tuple[audit.SignedHead, bytes | None]:
    with ledger.reading() as connection:
        over = [one for one in heads.stamped(connection) if one[0].size >= entry]
    if not over:
        return audit.sign(ledger, settings), None
    return next((one for one in over if one[1] is not None), over[0])


_T = ExchangeLogRow
_ROWS = select(_T.sequence, _T.message, _T.sender, _T.receiver, _T.request, _T.entry, _T.body)
