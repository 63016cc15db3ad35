"""Entries of several threads in as few transactions as possible."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from quanmin.ledger import Ledger
from quanmin.trust import audit


class Joint:
    """Entries of several threads in as few transactions as possible: each caller waits until its own entry is kept.

    While one transaction is written, the entries of others gather for the next one.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._gathering, self._writing = threading.Lock(), threading.Lock()
        self._waiting: list[_Slot] = []

    def append(self, event: str, actor: str, fields: Mapping[str, Any]) -> None:
        """Add an entry; when this returns it is kept."""
        own = _Slot((event, actor, fields))
        with self._gathering:
            self._waiting.append(own)
        with self._writing:
            if not own.done:
                self._write()
        if own.error is not None:
            raise own.error

    def _write(self) -> None:
        with self._gathering:
            taken, self._waiting = self._waiting, []
        error: BaseException | None = None
        try:
            audit.append_all(self._ledger, [slot.entry for slot in taken])
        except BaseException as failed:  # whoever waits must hear of it
            error = failed
        for slot in taken:
            slot.error, slot.done = error, True


class _Slot:
    """An entry that waits to be kept."""

    def __init__(self, entry: tuple[str, str, Mapping[str, Any]]) -> None:
        self.entry = entry
        self.done = False
        self.error: BaseException | None = None
