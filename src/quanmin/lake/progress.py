"""What a long piece of work has finished, so that it goes on from there when its process or a worker of it is lost.

Whoever finishes a piece notes, in the lake itself, which files it staged and how many rows it looked at. Work of the same name
takes these files over instead of making them again; nobody sees them before that work is committed. Files of work that never
goes on are removed by vacuum, like all files that no snapshot knows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from quanmin.lake.store import Store
from quanmin.lake.writer import Staged, Writer

FOLDER = "_progress"


class Note(NamedTuple):
    """A finished piece: the rows that were looked at, and what was staged for each table, by its address."""

    rows: int
    staged: dict[str, Staged]


class Progress:
    """The notes of one piece of work; `name` must stand for everything that decides what the pieces are."""

    def __init__(self, store: Store, stage: str, name: str) -> None:
        self.store, self.stage, self.name = store, stage, name

    def begin(self) -> None:
        """Forget the notes of all other work of the stage; the caller must hold the leases of its tables."""
        for name in self.store.folders(f"{FOLDER}/{self.stage}"):
            if name != self.name:
                self.store.delete_folder(f"{FOLDER}/{self.stage}/{name}")

    def note(self, piece: int, rows: int, writers: Sequence[Writer]) -> None:
        """Hand what the writers staged over to whoever commits this work."""
        for writer in writers:
            writer.close()
        staged = {writer.table.address: writer.handed_over()._asdict() for writer in writers}
        self.store.put(self._path(piece), json.dumps({"rows": rows, "staged": staged}))

    def done(self, piece: int) -> Note | None:
        """The note of a piece; None where it has none, where it cannot be read, or where a file of it is gone."""
        text = self.store.get(self._path(piece))
        if text is None:
            return None
        try:
            told = json.loads(text)
            staged = {table: Staged(**fields) for table, fields in told["staged"].items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        paths = [f"{self.store.folder(table)}/{add[0]}" for table, found in staged.items() for add in found.adds]
        return Note(told["rows"], staged) if all(map(self.store.exists, paths)) else None

    def end(self) -> None:
        """Forget the notes: their files are committed."""
        self.store.delete_folder(f"{FOLDER}/{self.stage}/{self.name}")

    def _path(self, piece: int) -> str:
        return f"{FOLDER}/{self.stage}/{self.name}/{piece}.json"
