"""The file as it was sent: its name, size, digest, packing and format, and a bounded stream of what is inside."""

from __future__ import annotations

import gzip
import hashlib
import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from quanmin.collect.errors import BadArchive, EmptyFile, ExpandsTooFar, NoSuchFile, Truncated, UnknownFormat
from quanmin.redaction import redacted
from quanmin.settings import Settings

Format = Literal["delimited", "workbook", "parquet", "json", "ndjson"]
Packing = Literal["none", "gzip", "zip"]

BROKEN_ZIP = (zipfile.BadZipFile, NotImplementedError)
"""What reading a damaged archive raises: one bit decides whether it is no archive, or one of a version or method to come."""

_HEAD = 64 << 10
_COPY = 4 << 20
_SMALL = 16 << 20
_CONTROL = bytes(sign for sign in range(32) if sign not in b"\t\n\r\f\x1a\x1b")


class Stream:
    """Bytes of the unpacked file, refused beyond the limits; `position` counts bytes of the file as sent."""

    def __init__(self, file: IO[bytes], outer: IO[bytes], name: str, limit: int | None) -> None:
        self._file, self._outer, self._name, self._limit = file, outer, name, limit
        self._read = 0

    @property
    def position(self) -> int:
        """Bytes of the file as sent that were read so far."""
        return self._outer.tell()

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer only at the end."""
        parts: list[bytes] = []
        missing = size
        while missing and (part := self._some(missing)):
            parts.append(part)
            missing -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _some(self, size: int) -> bytes:
        try:
            part = self._file.read(min(size, _COPY) if self._limit else size)
        except (EOFError, gzip.BadGzipFile, zlib.error, *BROKEN_ZIP) as error:
            raise Truncated(file=self._name) from error
        self._read += len(part)
        if self._limit is not None and self._read > self._limit:
            raise ExpandsTooFar(file=self._name, limit=self._limit)
        return part


@dataclass(frozen=True, slots=True)
class SentFile:
    """A received file. `sha256` is of the bytes as sent; `limit` is what a packed one may unpack to."""

    path: Path
    size: int
    sha256: str
    packing: Packing
    format: Format
    limit: int
    settings: Settings

    @property
    def name(self) -> str:
        """The file's own name, without its folder; numbers of people in it are starred."""
        return redacted(self.path.name)

    @contextmanager
    def open(self) -> Iterator[Stream]:
        """A stream from the beginning of the unpacked file."""
        with _unpacked(self.path, self.packing, self.limit) as stream:
            yield stream

    @contextmanager
    def seekable(self) -> Iterator[IO[bytes]]:
        """The unpacked file as one that can be read in any order (unpacked to a temporary file if need be)."""
        if self.packing == "none":
            with self.path.open("rb") as plain:
                yield plain
            return
        with tempfile.TemporaryFile() as spool, self.open() as stream:
            while part := stream.read(_COPY):
                spool.write(part)
            spool.seek(0)
            yield spool


def receive(path: Path, settings: Settings) -> SentFile:
    """Look at a file: digest of every byte, packing and format by its first bytes (never by its name)."""
    if not path.is_file():
        raise NoSuchFile(file=path.name)
    size = path.stat().st_size
    if not size:
        raise EmptyFile(file=path.name)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        head = file.read(_HEAD)
    limit = min(settings.max_expanded_bytes, max(_SMALL, size * settings.max_expansion))
    packing = _packing(path, head)
    if packing != "none":
        with _unpacked(path, packing, limit) as stream:
            head = stream.read(_HEAD)
    return SentFile(path, size, sha256, packing, _format(path, head, packing), limit, settings)


def _packing(path: Path, head: bytes) -> Packing:
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"PK\x03\x04") and not _is_workbook(path):
        return "zip"
    return "none"


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except BROKEN_ZIP as error:
        raise Truncated(file=path.name) from error


def _format(path: Path, head: bytes, packing: Packing) -> Format:
    """The format that the first bytes show."""
    if not head:
        raise EmptyFile(file=path.name)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return "workbook"
    if packing != "none" and head.startswith(b"\x1f\x8b"):
        raise BadArchive(file=path.name)
    if len(head) - len(head.translate(None, _CONTROL)) > max(8, len(head) // 50):
        raise UnknownFormat(file=path.name)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"["):
        return "json"
    return "ndjson" if start.startswith(b"{") else "delimited"


@contextmanager
def _unpacked(path: Path, packing: Packing, limit: int) -> Iterator[Stream]:
    with path.open("rb") as outer:
        if packing == "none":
            yield Stream(outer, outer, path.name, None)
        elif packing == "gzip":
            with gzip.GzipFile(fileobj=outer) as file:
                yield Stream(file, outer, path.name, limit)  # type: ignore[arg-type]
        else:
            with _only_member(outer, path.name) as member:
                yield Stream(member, outer, path.name, limit)


@contextmanager
def _only_member(outer: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    try:
        archive = zipfile.ZipFile(outer)
    except BROKEN_ZIP as error:
        raise Truncated(file=name) from error
    with archive:
        members = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(members) != 1 or members[0].flag_bits & 1:
            raise BadArchive(file=name)
        with archive.open(members[0]) as member:
            yield member


def in_memory(data: bytes) -> Stream:
    """A stream over bytes at hand."""
    file = io.BytesIO(data)
    return Stream(file, file, "memory", None)
