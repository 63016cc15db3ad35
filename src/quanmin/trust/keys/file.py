"""Small precious files: written whole or not at all, for their owner only unless said otherwise, one writer at a time."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put a file in place: after a crash at any moment there is the old content or the new one, never a mixture."""
    with _drafted(path, content, mode) as draft:
        os.replace(draft, path)
    settle(path.parent)


def once(path: Path, content: bytes) -> None:
    """Make a file unless there is one: two processes that start together end with the content of one of them."""
    if path.exists():
        return
    with _drafted(path, content, 0o600) as draft, suppress(FileExistsError):
        os.link(draft, path)
    settle(path.parent)


@contextmanager
def _drafted(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """The content in a file beside the wanted one, which goes away unless it was put in place."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def settle(folder: Path) -> None:
    """Make sure that the names in a folder outlast a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else changes the folder meanwhile; the lock of a killed process is gone with it."""
    opened = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
