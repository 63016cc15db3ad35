"""A folder of files by checksum: `ab/abcdef...`, written beside and moved into place."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from quanmin.opendata.storage.errors import FileDamaged, UnknownFile

BLOCK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Kept:
    """A file that is kept: the SHA-256 of what it holds, and its size in bytes."""

    sha256: str
    size: int


class Storage:
    """Safe to use from several threads and processes: a name is only ever given the same bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, source: Path | bytes) -> Kept:
        """Keep a copy of a file, or bytes."""
        if isinstance(source, bytes):
            return self.write(lambda out: out.write(source))
        with source.open("rb") as stream:
            return self.write(lambda out: _copy(stream, out))

    def write(self, made: Callable[[BinaryIO], object]) -> Kept:
        """Keep what `made` writes into the stream it is handed; nothing when it raises."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=self.folder)
        beside = Path(name)
        try:
            with os.fdopen(handle, "w+b") as out:
                made(out)
                out.flush()
                os.fsync(out.fileno())
                out.seek(0)
                kept = Kept(_hash(out), out.tell())
            self._place(beside, kept)
        finally:
            beside.unlink(missing_ok=True)
        return kept

    def path(self, sha256: str) -> Path:
        """Where a file stands; UnknownFile."""
        if _SHA256.fullmatch(sha256):
            found = self._of(sha256)
            if found.is_file():
                return found
        raise UnknownFile(sha256=sha256 if _SHA256.fullmatch(sha256) else "?")

    def verify(self, sha256: str) -> Kept:
        """Read a file wholly and compare it with its name; UnknownFile, FileDamaged."""
        with self.path(sha256).open("rb") as stream:
            found = _hash(stream)
            if found != sha256:
                raise FileDamaged(sha256=sha256)
            return Kept(sha256, stream.tell())

    def _of(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def _place(self, beside: Path, kept: Kept) -> None:
        target = self._of(kept.sha256)
        target.parent.mkdir(exist_ok=True)
        beside.chmod(0o640)
        beside.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _copy(source: BinaryIO, out: BinaryIO) -> None:
    while block := source.read(BLOCK):
        out.write(block)


def _hash(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := stream.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()
