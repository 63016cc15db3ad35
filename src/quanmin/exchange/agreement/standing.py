"""What stands: the agreements that a node goes by, from the courses at the platform and from its signed copies elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

from quanmin.exchange.agreement.errors import NotInForce
from quanmin.exchange.terms import Terms
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import agreed

_SECOND = 1.0
_turns = count(1)
_turn = 0
_MOST = 10_000


def forget() -> None:
    """Whatever was looked up in this process before is looked up again: an agreement changed."""
    global _turn
    _turn = next(_turns)


class Standing:
    """The agreements of a home (`node.Agreements`). What was looked up is kept for a second at most.

    What is read under an agreement asks the ledger again (`trust.decide`), so that this memory gives nobody a field.
    """

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self._ledger, self._settings = ledger, settings
        self._kept: dict[str | None, tuple[float, int, list[Any]]] = {}
        self._lock = threading.Lock()

    def standing(self, cited: str, at: datetime) -> Terms:
        """The terms cited as `A-2026-0001;v=2`, if both sides signed them and they count at a time; NotInForce."""
        try:
            name, version = agreed.cited(cited)
        except ValueError:
            raise NotInForce(agreement=cited[:40]) from None
        found = agreed.stands(self._versions(name), agreed.day(at))
        if found is None or found["version"] != version:
            raise NotInForce(agreement=cited[:40])
        return Terms.read(found)

    def all(self) -> list[Terms]:
        """Those that count now in which this member takes part, by id; at most one version of each does."""
        return [one for one in self.every() if self._settings.member in (one.provider, one.consumer)]

    def every(self) -> list[Terms]:
        """Those that count now, as far as this home knows them, whoever takes part."""
        today = agreed.day(self._ledger.now())
        counting = (agreed.stands(self._versions(name), today) for name in self._names())
        return [Terms.read(one) for one in counting if one is not None]

    def _versions(self, name: str) -> list[agreed.Standing]:
        def read() -> list[agreed.Standing]:
            with self._ledger.reading() as connection:
                return agreed.standings(self._ledger, self._settings, name, connection)

        return list(self._remembered(name, read))

    def _names(self) -> list[str]:
        kind = agreed.COURSE if self._settings.exchange_platform is None else agreed.COPY
        states = (agreed.IN_FORCE, agreed.SUSPENDED)

        def read() -> list[str]:
            return sorted({str(one.ref) for one in self._ledger.find(kind, states=states)})

        return list(self._remembered(None, read))

    def _remembered(self, name: str | None, read: Callable[[], list[Any]]) -> list[Any]:
        now = time.monotonic()
        with self._lock:
            kept = self._kept.get(name)
        if kept is not None and kept[1] == _turn and now - kept[0] < _SECOND:
            return kept[2]
        turn, found = _turn, read()
        with self._lock:
            if len(self._kept) > _MOST:
                self._kept.clear()
            self._kept[name] = (now, turn, found)
        return found
