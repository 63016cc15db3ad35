"""The keys of everything that a query matches, of which only as much is sorted as somebody reads."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_ALL = 8  # where a page ends beyond this part of them, sorting all is no dearer


class Keys:
    """Each key once; `ascending` if they are sorted already. Not for several threads at once."""

    def __init__(self, keys: npt.NDArray[np.uint64], ascending: bool = False) -> None:
        self._keys = keys
        self._sorted = len(keys) if ascending else 0

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def nbytes(self) -> int:
        """Bytes that they take."""
        return self._keys.nbytes

    def page(self, start: int, rows: int) -> npt.NDArray[np.uint64]:
        """The keys from a place on, sorted."""
        stop = min(start + rows, len(self._keys))
        if start < stop and stop > self._sorted:
            self._sort(stop)
        return self._keys[start:stop]

    def upto(self, key: int) -> int:
        """How many are less than a key."""
        return int(np.count_nonzero(self._keys < np.uint64(key)))

    def _sort(self, stop: int) -> None:
        if stop * _ALL >= len(self._keys):
            self._keys.sort()
            self._sorted = len(self._keys)
            return
        self._keys.partition(stop - 1)
        self._keys[:stop].sort()
        self._sorted = stop
