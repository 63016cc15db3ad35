"""Backups: the home, the ledger and the lake's files in one encrypted file, restored whole or not at all, and drilled.

Reads the home, the ledger and the files that the retained snapshots need; writes one file, or a new home. Promises that a
backup is of one moment, that nothing in it can be changed, cut off, moved or brought in unseen, that it is useless without
its key, and that a drill reads every table of it.
"""

from quanmin.lake.backup.create import Made, create
from quanmin.lake.backup.drill import Drill, Problem, drill
from quanmin.lake.backup.kept import Kept, folder, kept
from quanmin.lake.backup.restore import Restored, restore, settings_of

__all__ = [
    "Drill",
    "Kept",
    "Made",
    "Problem",
    "Restored",
    "create",
    "drill",
    "folder",
    "kept",
    "restore",
    "settings_of",
]
