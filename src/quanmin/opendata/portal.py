"""What the open data portal of one installation stands on: its catalogue and its files, in one folder of the home."""

from __future__ import annotations

import threading

from quanmin.ledger import Ledger
from quanmin.opendata.catalogue import Catalogue
from quanmin.opendata.rows import Tables
from quanmin.opendata.storage import Storage
from quanmin.settings import Settings


class Portal:
    """Opened once a process and shared by its threads; the catalogue's index is opened when it is first asked for."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self.settings, self.ledger = settings, ledger
        self.folder = settings.home / "open"
        self.storage = Storage(self.folder / "files")
        self.tables = Tables(self.storage, self.folder / "rows")
        self._opening = threading.Lock()
        self._catalogue: Catalogue | None = None

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue with its search."""
        if self._catalogue is None:
            with self._opening:
                if self._catalogue is None:
                    self._catalogue = Catalogue.open(self.ledger, self.folder / "index")
        return self._catalogue
