"""What everybody may see, by id, as a list that follows the catalogue: for those who take all of it, page by page.

Holds the number of one action a record and no document. An action never changes, so whoever goes through a list reads the
catalogue as it stood when the list was taken, however long that lasts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quanmin.opendata.catalogue.record import Document
from quanmin.opendata.catalogue.store import PUBLISH, Store

_SOME = 200


@dataclass(frozen=True)
class Taken:
    """The list as it stood after an action: the number of it, and that of each shown version, by record."""

    sequence: int
    versions: Sequence[int]


class Listing:
    """Follows one catalogue; several threads may ask."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._shown: dict[str, int] = {}
        self._taken = Taken(0, ())

    def take(self) -> Taken:
        """The list as it stands."""
        with self._lock:
            newest = self._store.sequence()
            if newest != self._taken.sequence:
                self._follow(newest)
            return self._taken

    def _follow(self, newest: int) -> None:
        for record, number, action in self._store.shown_after(self._taken.sequence):
            newest = max(newest, number)
            if action == PUBLISH:
                self._shown[record] = number
            else:
                self._shown.pop(record, None)
        self._taken = Taken(newest, [self._shown[record] for record in sorted(self._shown)])

    def documents(self, versions: Sequence[int]) -> Iterator[Document]:
        """The documents of some versions of a list, some at a time."""
        for start in range(0, len(versions), _SOME):
            yield from self._store.documents(versions[start : start + _SOME])
