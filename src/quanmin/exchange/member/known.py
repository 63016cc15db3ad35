"""The directory as a node has it at hand: the platform's own register, or the signed copy that the others keep and renew."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

from quanmin.exchange.member import directory as directories
from quanmin.exchange.member import enrolment, register
from quanmin.exchange.member.errors import DirectoryRefused
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory
from quanmin.exchange.node.errors import NotJoined
from quanmin.exchange.node.handler import Received, Reply, handler
from quanmin.exchange.node.worker import worker
from quanmin.ledger import Ledger
from quanmin.settings import Settings

if TYPE_CHECKING:
    from quanmin.exchange.node.node import Node

HOLDS_SECONDS = 1.0
"""How old what is at hand may be."""
RENEW_SECONDS = 10.0


class Known:
    """Calling it gives the directory; NotJoined where this home has none."""

    def __init__(self, ledger: Ledger, settings: Settings, identity: HomeIdentity) -> None:
        self._ledger, self._settings, self._identity = ledger, settings, identity
        self._lock = threading.Lock()
        self._held: tuple[float, Directory] | None = None

    def __call__(self) -> Directory:
        """The directory, at most a second old."""
        held = self._held
        if held is not None and time.monotonic() - held[0] < HOLDS_SECONDS:
            return held[1]
        with self._lock:
            found = self._read()
            self._held = (time.monotonic(), found)
        return found

    def forget(self) -> None:
        """Read it anew: it changed."""
        self._held = None

    def _read(self) -> Directory:
        if self._settings.exchange_platform is None:
            own = enrolment.own(self._settings)
            return register.directory(self._ledger, self._identity, self._settings.exchange_origin, own)
        found = directories.kept(enrolment.folder(self._settings))
        if found is None:
            raise NotJoined()
        return found


@handler("GET", "/directory", "notice", cites=False)
def tell(node: Node, _received: Received) -> Reply:
    """The platform's directory, for whoever takes part."""
    return Reply(json.dumps(directories.document(node.directory()), ensure_ascii=False).encode())


def renew(node: Node) -> float:
    """Fetch the directory from the platform and keep it, where it is newer and signed by the one that is known."""
    if node.settings.exchange_platform is None:
        return 3600.0
    known = node.directory()
    answer = node.sender.send(known.authority, "GET", "/directory", kind="notice")
    if answer.fault is None:
        try:
            told = json.loads(answer.body)
        except ValueError as error:
            raise DirectoryRefused(reason="format") from error
        fresh = directories.proven(directories.read(told), known)
        if fresh.members != known.members:
            directories.keep(fresh, enrolment.folder(node.settings))
    return RENEW_SECONDS


worker("directory", renew)
