"""Where packages lie: `exchange/out/<delivery>` of a sender, `exchange/intake/<delivery>` and `exchange/in` of a receiver.

What stands under its final name is whole: it was written beside and put in place at once.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quanmin.exchange.delivery.errors import SpaceShort
from quanmin.trust.keys.file import settle

MANIFEST = "manifest.json"
GONE = ".gone."
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SPARE = 64 << 20
"""Bytes that are left free for the ledger and the log."""


def out(home: Path, delivery: str) -> Path:
    """The folder of a package that is sent."""
    return home / "exchange" / "out" / delivery


def intake(home: Path, delivery: str) -> Path:
    """The folder of a package that comes in."""
    return home / "exchange" / "intake" / delivery


def kept(home: Path, terms: str) -> Path:
    """The folder of files that came in under an agreement."""
    return home / "exchange" / "in" / terms


def chunk_name(number: int) -> str:
    """The name of a chunk's file."""
    return f"{number:06d}"


def numbers(folder: Path) -> set[int]:
    """The chunks that lie in a folder, whole."""
    return {int(name) for name in os.listdir(folder) if name.isdigit() and len(name) == 6} if folder.is_dir() else set()


@contextmanager
def room(needed: int) -> Iterator[None]:
    """A disk that is full is told as SpaceShort, with the bytes that were to be written."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise SpaceShort(size=_told(needed)) from error


def reserve(folder: Path, needed: int) -> None:
    """See that a folder has room for so many bytes; SpaceShort."""
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < needed + _SPARE:
        raise SpaceShort(size=_told(needed))


def _told(needed: int) -> str:
    return f"{max(1, needed >> 20)} MiB"


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, on the disk when it returns; SpaceShort."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with room(len(content)):
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        settle(path.parent)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """While a process works in a folder, no other does; says whether it was free. A killed process holds nothing."""
    try:
        opened = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(opened)


def clear(folder: Path) -> None:
    """Take a folder away, so that it is there wholly or gone to whoever looks for its name."""
    gone = folder.with_name(f"{GONE}{folder.name}.{secrets.token_hex(4)}")
    try:
        os.replace(folder, gone)
    except FileNotFoundError:
        return
    shutil.rmtree(gone, ignore_errors=True)
