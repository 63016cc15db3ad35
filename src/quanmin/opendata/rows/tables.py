"""The indexes of the portal's tables, beside its files: made when a file is published, or when one is first asked for."""

from __future__ import annotations

import shutil
import threading
from collections import OrderedDict
from pathlib import Path

from quanmin.opendata.rows.build import build, opened
from quanmin.opendata.rows.errors import TableNotReady
from quanmin.opendata.rows.table import Table
from quanmin.opendata.storage import Storage

AT_ONCE = 2_000_000
"""Cells of a table that is indexed while somebody waits for it (about a second); a larger one is a job's."""
OPEN = 64
"""Tables that are kept open."""
WAIT = 30
"""Seconds after which to ask again for a table that is being indexed."""


class Tables:
    """Safe to use from several threads; several processes may share the folder."""

    def __init__(self, storage: Storage, folder: Path) -> None:
        self._storage, self._folder = storage, folder
        self._open: OrderedDict[str, Table] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def open(self, sha256: str) -> Table:
        """The table of a kept parquet file; UnknownFile, TableUnsupported, TableNotReady (a large one without index)."""
        with self._lock:
            known = self._open.get(sha256)
            if known is not None:
                self._open.move_to_end(sha256)
                return known
        if not self.ready(sha256):
            with opened(self._storage.path(sha256)) as file:
                cells = file.metadata.num_rows * file.metadata.num_columns
            if cells > AT_ONCE:
                raise TableNotReady(seconds=WAIT)
            self.prepare(sha256)
        return self._load(sha256)

    def ready(self, sha256: str) -> bool:
        """Whether its index is there (and can be read)."""
        if sha256 in self._open:
            return True
        path = self._storage.path(sha256)
        try:
            self._table(sha256, path)
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return True

    def prepare(self, sha256: str) -> Table:
        """Make the index unless it is there; as long as that takes. UnknownFile, TableUnsupported, IndexFailed."""
        with self._making:
            if not self.ready(sha256):
                build(self._storage.path(sha256), self._of(sha256), lambda: self.ready(sha256))
        return self._load(sha256)

    def forget(self, sha256: str) -> None:
        """Remove an index; it can be made anew."""
        with self._lock:
            self._open.pop(sha256, None)
        shutil.rmtree(self._of(sha256), ignore_errors=True)

    def _load(self, sha256: str) -> Table:
        table = self._table(sha256, self._storage.path(sha256))
        with self._lock:
            table = self._open.setdefault(sha256, table)
            while len(self._open) > OPEN:
                self._open.popitem(last=False)
        return table

    def _table(self, sha256: str, path: Path) -> Table:
        with opened(path) as file:
            return Table(sha256, self._of(sha256), file.schema_arrow)

    def _of(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256
