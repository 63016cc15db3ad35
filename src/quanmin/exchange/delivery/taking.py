"""Taking in: what is whole is made a file again, handed to whoever takes such content, and receipted; once in effect.

A process killed at any moment has either kept the receipt or kept nothing: then it is taken again, and who takes must come to
the same result with the same delivery.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quanmin.errors import Incomplete, QuanminError, Unavailable
from quanmin.exchange.delivery import manifest as manifests
from quanmin.exchange.delivery import place
from quanmin.exchange.delivery.crash import crash
from quanmin.exchange.delivery.errors import DeliveryStopped, PackageBroken, TakingBroken
from quanmin.exchange.delivery.manifest import Manifest
from quanmin.exchange.delivery.package import assemble
from quanmin.exchange.delivery.receipt import Receipt, sign
from quanmin.exchange.delivery.workflow import INTAKE
from quanmin.exchange.node.node import Node
from quanmin.ledger import Document, Leases
from quanmin.ledger.errors import IllegalAction, LeaseBusy

log = logging.getLogger(__name__)
SOON, IDLE, LATER = 0.2, 1.0, 30.0
"""Seconds until the next look: while something comes in, otherwise, and after a fault of this side."""


@dataclass(frozen=True)
class Result:
    """What became of a delivery's rows; `error` is the document of the error for which it is refused as a whole.

    `more` is kept with the document (such as the number of the batch).
    """

    accepted: int = 0
    quarantined: int = 0
    error: Mapping[str, Any] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


Taker = Callable[[Node, Document, Path], Result]
"""Takes the plain file of a delivery; called again with the same delivery it gives the same result. The file goes afterwards."""

TAKERS: dict[str, Taker] = {}
"""By content; what nobody takes is kept as a file."""

_later: dict[tuple[str, str], float] = {}
"""When deliveries that could not be taken are tried again: by home and id, in the clock of this process."""


_swept: dict[str, float] = {}
SWEEP = 3600.0
"""Seconds after which what is left over is looked for again."""
_ORPHAN = 86_400.0
"""Seconds after which a package without a document is nobody's: an offer that is being written down has none yet."""


def sweep(node: Node) -> int:
    """Take away packages that a killed process did not clear, and those of no delivery; how many."""
    root, gone = place.intake(node.settings.home, "-").parent, 0
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if folder.name.startswith(place.GONE):
            shutil.rmtree(folder, ignore_errors=True)
            continue
        found = node.ledger.find(INTAKE.kind, ref=folder.name, limit=1)
        orphan = not found and time.time() - folder.stat().st_mtime > _ORPHAN
        if orphan or (found and found[-1].state in ("accepted", "refused", "recalled")):
            place.clear(folder)
            gone += 1
    return gone


def keep(node: Node, intake: Document, file: Path, name: str | None = None) -> Result:
    """Keep the file as `exchange/in/<agreement>/<event>-<name>` in the home, by its own name unless another is given."""
    told = intake.data["manifest"]
    folder = place.kept(node.settings.home, str(told["agreement"]).partition(";")[0])
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{told['event']:06d}-{name or told['file']}"
    with place.room(int(told["bytes"])):
        draft = target.with_name(f".{told['event']:06d}.{os.getpid()}")  # a name may be as long as a folder allows
        draft.unlink(missing_ok=True)
        os.link(file, draft)
        os.replace(draft, target)
        draft.unlink(missing_ok=True)
    return Result(accepted=int(told["rows"] or 0), more={"kept": target.name})


def work(node: Node) -> float:
    """Take in whatever is whole and has not been tried in vain just now; seconds until the next look."""
    home = str(node.settings.home)
    if time.monotonic() - _swept.get(home, -SWEEP) >= SWEEP:
        sweep(node)
        _swept[home] = time.monotonic()
    stop(node)
    for document in node.ledger.find(INTAKE.kind, state="received"):
        mark = (str(node.settings.home), str(document.ref))
        if time.monotonic() < _later.get(mark, 0.0):
            continue
        try:
            take(node, document)
        except (Unavailable, Incomplete) as error:
            log.warning("%s", error)
            _later[mark] = time.monotonic() + LATER
        else:
            _later.pop(mark, None)
    return SOON if node.ledger.find(INTAKE.kind, states=("offered", "received"), limit=1) else IDLE


def stop(node: Node) -> None:
    """What comes in under an agreement that stands no more is stopped, and what was stopped under one that does goes on."""
    for document in node.ledger.find(INTAKE.kind, states=("offered", "received", "stopped")):
        stands = _stands(node, document)
        try:
            if stands is False and document.state != "stopped":
                node.ledger.act(document.id, "stop", {"error": DeliveryStopped(delivery=document.ref).to_dict()})
            elif stands and document.state == "stopped":
                node.ledger.act(document.id, "resume")
        except IllegalAction:  # another process was first
            continue


def _stands(node: Node, document: Document) -> bool | None:
    """Whether its agreement stands; None where that cannot be known now."""
    try:
        node.agreements.standing(str(document.data["manifest"]["agreement"]), node.ledger.now())
    except (Unavailable, Incomplete):
        return None
    except QuanminError:
        return False
    return True


def take(node: Node, document: Document) -> Document:
    """Take one delivery in and receipt it; the document afterwards. Unavailable where this side is at fault."""
    with Leases(node.ledger) as lease:
        try:
            lease.take(f"exchange intake {document.ref}")
        except LeaseBusy:
            return document
        document = node.ledger.get(document.id)
        if document.state != "received":
            return document
        return _take(node, document)


def _take(node: Node, document: Document) -> Document:
    folder = place.intake(node.settings.home, str(document.ref))
    try:
        told = manifests.read((folder / place.MANIFEST).read_bytes())
    except OSError as error:
        raise TakingBroken(delivery=document.ref, reason=type(error).__name__) from error
    crash("taking")
    result = _result(node, document, told, folder)
    crash("taken")
    receipt = receipted(node, told, result)
    action = "accept" if receipt.outcome == "accepted" else "refuse"
    data = {"receipt": sign(node.identity, receipt), "accepted": receipt.accepted, "quarantined": receipt.quarantined}
    data |= {"taken": dict(result.more)} | ({"error": dict(result.error)} if result.error else {})
    try:
        document = node.ledger.act(document.id, action, data)
    except IllegalAction:  # recalled or stopped meanwhile
        return node.ledger.get(document.id)
    crash("receipt kept")
    place.clear(folder)
    crash("cleared")
    return document


def _result(node: Node, document: Document, told: Manifest, folder: Path) -> Result:
    """What the taker says; what only the sender can put right is a refusal, our own trouble is raised."""
    try:
        file = _assembled(told, folder)
        return TAKERS.get(told.content, keep)(node, document, file)
    except (Unavailable, Incomplete):
        raise
    except QuanminError as error:
        return Result(error=error.to_dict())
    except Exception as error:
        log.exception("delivery %s", told.id)
        raise TakingBroken(delivery=told.id, reason=type(error).__name__) from error


def _assembled(told: Manifest, folder: Path) -> Path:
    """The plain file under its own name; made anew each time, since a killed process may have left half of one."""
    place.reserve(folder, told.bytes)
    own = folder / "plain"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    assemble(told, folder, own / told.file)
    crash("assembled")
    return own / told.file


def receipted(node: Node, told: Manifest, result: Result) -> Receipt:
    """The receipt of a result. PackageBroken where the taker's counts are not the rows of the manifest."""
    refused = result.error is not None
    rows = told.rows if told.rows is not None else result.accepted + result.quarantined
    if not refused and result.accepted + result.quarantined != rows:
        counted = f"{result.accepted} + {result.quarantined} rows, {rows} told"
        result, refused = Result(error=PackageBroken(delivery=told.id, fault=counted).to_dict()), True
    return Receipt(
        delivery=told.id,
        manifest=told.digest(),
        agreement=told.agreement,
        sender=told.sender,
        receiver=told.receiver,
        outcome="refused" if refused else "accepted",
        rows=rows,
        accepted=0 if refused else result.accepted,
        quarantined=rows if refused else result.quarantined,
        at=node.ledger.now(),
        code=str(result.error["code"]) if result.error else None,
    )
