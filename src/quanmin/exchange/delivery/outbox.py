"""The outbox: a delivery is a package on the disk and, in one transaction, its document and its event number.

The package is there first. A package without a document is swept; a document without its package is parked with an error.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, func, insert, select

from quanmin.exchange.delivery import manifest as manifests
from quanmin.exchange.delivery import place
from quanmin.exchange.delivery.crash import crash
from quanmin.exchange.delivery.errors import DeliveryUnknown, NoKeyToSeal, NotPushed, PackageGone
from quanmin.exchange.delivery.manifest import Format, Manifest, What
from quanmin.exchange.delivery.package import Packed, Seal, compressible, pack
from quanmin.exchange.delivery.schema import TableSchema
from quanmin.exchange.delivery.workflow import DELIVERY
from quanmin.exchange.message.seal import seal
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.ledger import SYSTEM, Document, Ledger, database
from quanmin.ledger.exchange import ExchangeEventRow
from quanmin.settings import Settings
from quanmin.trust.keys.file import settle

KEPT = timedelta(days=30)
"""How long the package of a delivery that came to its end is kept to be sent again."""
_ENDED = ("acknowledged", "refused", "recalled")
_BACK: tuple[What, ...] = ("feedback", "recall")
"""What the consumer sends to the provider."""


class Home(Protocol):
    """A home with its ledger open: a node, or a lake, where nothing is sent."""

    @property
    def settings(self) -> Settings:
        """Its settings."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Its ledger."""
        ...


def send(
    node: Node,
    terms: Terms,
    source: Path | Iterable[bytes],
    content: What,
    *,
    file: str,
    form: Format = "as_sent",
    dataset: str | None = None,
    rows: int | None = None,
    snapshot: int | None = None,
    since: int | None = None,
    answers: str | None = None,
    schema: TableSchema | None = None,
    actor: str = SYSTEM,
) -> Document:
    """Make a delivery of a file or a stream of bytes, to the other side of the agreement; its document, in state `prepared`.

    `file` is the name under which the receiver knows it; the rest as in `Manifest`. NotPushed, NotInForce, FileNameRefused,
    NoKeyToSeal, SourceBroken, SpaceShort; then nothing of it is left.
    """
    receiver = _receiver(node, terms, content)
    manifests.checked_name(file)
    node.agreements.standing(terms.cited, node.ledger.now())
    number, compressed = f"{node.member}.{secrets.token_hex(12)}", compressible(file, form)
    draft = place.out(node.settings.home, f".{number}")
    with place.room(1):
        draft.mkdir(parents=True)
    with place.held(draft):
        try:
            made = pack(draft, source, node.settings.exchange_chunk_bytes, compressed, _sealer(node, terms, receiver))
            crash("package cut")
            told = _manifest(number, terms, node.member, receiver, made, compressed)
            more: dict[str, Any] = {
                "content": content,
                "dataset": dataset or terms.dataset,
                "format": form,
                "file": file,
            }
            more |= {"rows": rows, "snapshot": snapshot, "since": since, "answers": answers}
            more |= {"schema": schema}
            return _keep(node, draft, told | more, actor)
        except BaseException:
            place.clear(draft)
            raise


def _receiver(node: Node, terms: Terms, content: What) -> str:
    """The other side; NotPushed where this member is not the side that sends such content."""
    sender, receiver = (terms.consumer, terms.provider) if content in _BACK else (terms.provider, terms.consumer)
    if node.member != sender or not (terms.pushes or content in _BACK):
        raise NotPushed(agreement=terms.id, sender=node.member, content=content)
    return receiver


def _sealer(node: Node, terms: Terms, receiver: str) -> Seal | None:
    """Seals a chunk to the receiver's newest key; None where bodies travel open. NoKeyToSeal."""
    if not terms.sealed:
        return None
    key = node.directory().member(receiver).key("encryption", node.ledger.now())
    if key is None:
        raise NoKeyToSeal(receiver=receiver)
    own = key
    return lambda plain: seal(plain, own)


def _manifest(number: str, terms: Terms, sender: str, receiver: str, made: Packed, compressed: bool) -> dict[str, Any]:
    told = {"id": number, "agreement": terms.cited, "sender": sender, "receiver": receiver, "sealed": terms.sealed}
    return told | {"bytes": made.bytes, "sha256": made.sha256, "chunks": made.chunks, "compressed": compressed}


def _keep(node: Node, draft: Path, told: dict[str, Any], actor: str) -> Document:
    """Number it, put it in place, and write it down, in this order and in one transaction. What is left otherwise is swept."""
    number, terms = str(told["id"]), str(told["agreement"]).partition(";")[0]
    folder = place.out(node.settings.home, number)
    with node.ledger.writing() as connection:
        event = _event(connection, terms, node.member)
        own = Manifest(**told, event=event, made=node.ledger.now())
        place.put(draft / place.MANIFEST, own.text())
        os.replace(draft, folder)
        settle(folder.parent)
        crash("package placed")
        row = {"agreement": terms, "sender": node.member, "number": event, "delivery": number}
        connection.execute(insert(ExchangeEventRow).values(row))
        data = {"manifest": own.summary(), "digest": own.digest(), "receiver": own.receiver}
        made = node.ledger.create(DELIVERY.kind, number, data, actor, connection)
    crash("delivery kept")
    return made


def _event(connection: Connection, terms: str, sender: str) -> int:
    """The next event number of a member under an agreement; the caller's transaction holds it."""
    database.lock(connection, f"exchange event {terms} {sender}")
    mine = (ExchangeEventRow.agreement == terms, ExchangeEventRow.sender == sender)
    return (connection.execute(select(func.max(ExchangeEventRow.number)).where(*mine)).scalar() or 0) + 1


def sweep(node: Node) -> int:
    """Take away packages of deliveries that never became one, or ended long ago; how many. What somebody works on is left."""
    root, gone = place.out(node.settings.home, "-").parent, 0
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if folder.name.startswith(place.GONE):
            shutil.rmtree(folder, ignore_errors=True)
            continue
        with place.held(folder) as free:
            if free and _over(node, folder.name):
                place.clear(folder)
                gone += 1
    return gone


def _over(node: Node, delivery: str) -> bool:
    found = node.ledger.find(DELIVERY.kind, ref=delivery, limit=1)
    return not found or (found[-1].state in _ENDED and node.ledger.now() - found[-1].since > KEPT)


def of(home: Home, delivery: str) -> Document:
    """The document of a delivery that this member sends; DeliveryUnknown."""
    found = home.ledger.find(DELIVERY.kind, ref=delivery, limit=1)
    if not found:
        raise DeliveryUnknown(delivery=delivery[:96])
    return found[-1]


def manifest_of(home: Home, document: Document) -> Manifest:
    """The manifest of a delivery, from its package; PackageGone where it is not there or was changed."""
    number = str(document.ref)
    try:
        made = manifests.read((place.out(home.settings.home, number) / place.MANIFEST).read_bytes())
    except OSError as error:
        raise PackageGone(delivery=number) from error
    if made.digest() != document.data["digest"]:
        raise PackageGone(delivery=number)
    return made
