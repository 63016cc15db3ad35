"""The backups that are kept in a folder of the installation, by what their heads tell in the clear."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from quanmin.errors import QuanminError
from quanmin.lake.backup.archive import head_of
from quanmin.settings import Settings


class Kept(NamedTuple):
    """A backup: its file, number and time as its head says (None where the head cannot be read), and its bytes."""

    name: str
    id: str | None
    made: datetime | None
    bytes: int


def folder(settings: Settings) -> Path:
    """Where backups that the server makes are put."""
    return settings.backups or settings.home / "backups"


def kept(settings: Settings) -> list[Kept]:
    """Those that are there, the newest first."""
    files = sorted(folder(settings).glob("*.backup"), reverse=True)
    return [_of(one) for one in files if one.is_file() and not one.is_symlink()]


def _of(file: Path) -> Kept:
    try:
        head = head_of(file)
        return Kept(file.name, str(head["id"]), datetime.fromisoformat(head["made"]), file.stat().st_size)
    except (QuanminError, KeyError, ValueError, OSError):
        return Kept(file.name, None, None, file.stat().st_size if file.exists() else 0)
