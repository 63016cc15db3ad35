"""The exchange by files, for an agency that can do no more: what it puts into a folder is delivered, what is for it lies there.

    PATH/to_platform/<agreement>/<name>      what is to be delivered, finished by an empty `<name>.done`
    PATH/to_platform/<agreement>/taken/      what was made a delivery
    PATH/from_platform/<agreement>/          `<event>-<name>.receipt.json`, files and feedback; `<name>.error.json`

An agency that writes under `<name>.part` and renames says so (`renamed`); then no `.done` is waited for. The same bytes are one
delivery, however often they are put there, unless the earlier one was refused, recalled or cancelled.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quanmin.errors import QuanminError
from quanmin.exchange.delivery import outbox, place
from quanmin.exchange.delivery.errors import FileNameRefused, FolderUnusable
from quanmin.exchange.delivery.manifest import Format, checked_name
from quanmin.exchange.delivery.package import blocks
from quanmin.exchange.delivery.workflow import DELIVERY
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document, Leases

TO, FROM, TAKEN = "to_platform", "from_platform", "taken"
PART, DONE = ".part", ".done"
_OVER = ("refused", "recalled", "cancelled")
_BROUGHT = ("in", "feedback")
"""Folders of the home from which files are handed on, by agreement."""


@dataclass
class Round:
    """What one look at the folder did."""

    sent: int = 0
    known: int = 0
    refused: int = 0
    brought: int = 0

    def to_dict(self) -> dict[str, int]:
        """As JSON."""
        return dict(vars(self))


def tend(node: Node, path: Path, renamed: bool = False) -> Round:
    """One look: take what is finished, bring what is new; by one process at a time. FolderUnusable, LeaseBusy."""
    done = Round()
    with Leases(node.ledger) as lease:
        lease.take(f"exchange folder {path.resolve()}", wait=5)
        try:
            for terms in sorted(node.agreements.all(), key=lambda one: one.id):
                _prepare(path, terms)
                if terms.provider == node.member and terms.pushes:
                    _take(node, path, terms, renamed, done)
                _receipts(node, path, terms, done)
                _bring(node, path, terms, done)
        except OSError as error:
            raise FolderUnusable(reason=type(error).__name__) from error
    return done


def _prepare(path: Path, terms: Terms) -> None:
    for folder in (path / TO / terms.id / TAKEN, path / FROM / terms.id):
        folder.mkdir(parents=True, exist_ok=True)


def _take(node: Node, path: Path, terms: Terms, renamed: bool, done: Round) -> None:
    """Make deliveries of what is finished, the oldest name first."""
    for file in _finished(path / TO / terms.id, renamed):
        try:
            checked_name(file.name)
            new = _sent(node, terms, file)
            done.sent, done.known = done.sent + new, done.known + (not new)
        except FileNameRefused as error:
            _say(path / FROM / terms.id / f"{_plain(file.name)}.error.json", error.to_dict())
            done.refused += 1
            continue
        except QuanminError as error:
            _say(path / FROM / terms.id / f"{file.name}.error.json", error.to_dict())
            done.refused += 1
            continue
        (path / FROM / terms.id / f"{file.name}.error.json").unlink(missing_ok=True)
        os.replace(file, file.parent / TAKEN / file.name)
        (file.parent / (file.name + DONE)).unlink(missing_ok=True)


def _finished(folder: Path, renamed: bool) -> Iterator[Path]:
    """Plain files, no links, that are said to be whole."""
    names = set(os.listdir(folder))
    for name in sorted(names):
        if name.endswith((PART, DONE)) or name.startswith("."):
            continue
        if not renamed and name + DONE not in names:
            continue
        if stat.S_ISREG((folder / name).lstat().st_mode):
            yield folder / name


def _sent(node: Node, terms: Terms, file: Path) -> bool:
    """Send a file, unless its bytes are a delivery already; whether it was sent now."""
    digest = hashlib.sha256()
    for block in blocks(file):
        digest.update(block)
    if any(one.data["manifest"]["sha256"] == digest.hexdigest() for one in _deliveries(node, terms)):
        return False
    form: Format = "csv" if file.suffix.lower() == ".csv" else "as_sent"
    outbox.send(node, terms, file, "file", file=file.name, form=form)
    return True


def _deliveries(node: Node, terms: Terms) -> list[Document]:
    found = node.ledger.find(DELIVERY.kind)
    return [one for one in found if one.state not in _OVER and _of(one) == terms.id]


def _of(document: Document) -> str:
    return str(document.data["manifest"]["agreement"]).partition(";")[0]


def _receipts(node: Node, path: Path, terms: Terms, done: Round) -> None:
    """Every receipt of the agreement's deliveries, once."""
    for document in node.ledger.find(DELIVERY.kind):
        if _of(document) != terms.id or "receipt" not in document.data:
            continue
        manifest = document.data["manifest"]
        name = f"{manifest['event']:06d}-{manifest['file']}.receipt.json"
        told = {name: document.data.get(name) for name in ("accepted", "quarantined", "receipt", "refusal")}
        told |= {
            "delivery": document.ref,
            "file": manifest["file"],
            "sha256": manifest["sha256"],
            "state": document.state,
        }
        done.brought += _once(node, path, terms, name, json.dumps(told, ensure_ascii=False, indent=1).encode())


def _bring(node: Node, path: Path, terms: Terms, done: Round) -> None:
    """Every file that came in under the agreement, once."""
    for kind in _BROUGHT:
        folder = node.settings.home / "exchange" / kind / terms.id
        for name in sorted(os.listdir(folder)) if folder.is_dir() else ():
            if not name.startswith(".") and (folder / name).is_file():
                done.brought += _once(node, path, terms, name, folder / name)


def _once(node: Node, path: Path, terms: Terms, name: str, content: bytes | Path) -> bool:
    """Put a file there that was not there before; what the agency takes away does not come again."""
    known = node.settings.home / "exchange" / "folder" / hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    mark = known / terms.id / name
    if mark.exists():
        return False
    target = path / FROM / terms.id / name
    if isinstance(content, bytes):
        place.put(target, content)
    else:
        draft = target.with_name(f".{name}{PART}")
        with place.room(content.stat().st_size), draft.open("wb") as file:
            for block in blocks(content):
                file.write(block)
        os.replace(draft, target)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    return True


def _say(path: Path, error: dict[str, Any]) -> None:
    place.put(path, json.dumps(error, ensure_ascii=False, indent=1).encode())


def _plain(name: str) -> str:
    """A name that says which file is meant without repeating what is wrong with its own."""
    return "name-" + hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:12]
