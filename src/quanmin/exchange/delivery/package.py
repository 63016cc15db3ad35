"""A package: a file or a stream, compressed, cut into chunks, each sealed once; and the file made of the chunks again.

However large it is, a chunk or two of it are in memory.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from quanmin.exchange.delivery import place
from quanmin.exchange.delivery.crash import crash
from quanmin.exchange.delivery.errors import ChunkDiffers, ManifestBroken, PackageBroken, PackageGone, SourceBroken
from quanmin.exchange.delivery.manifest import MOST_CHUNKS, Chunk, Format, Manifest

BLOCK = 1 << 20
Seal = Callable[[bytes], bytes]
_PRESSED = (".parquet", ".gz", ".zip", ".zst", ".xz", ".bz2", ".7z", ".xlsx", ".jpg", ".jpeg", ".png", ".pdf")


@dataclass(frozen=True)
class Packed:
    """What became of a source: bytes and SHA-256 (hex) of the plain file, and the chunks as they travel."""

    bytes: int
    sha256: str
    chunks: tuple[Chunk, ...]


def compressible(name: str, form: Format) -> bool:
    """Whether a file gains by compression: not what is compressed already."""
    return form != "parquet" and not name.lower().endswith(_PRESSED)


def blocks(source: Path) -> Iterator[bytes]:
    """A file in pieces of a megabyte."""
    with source.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def pack(folder: Path, source: Path | Iterable[bytes], chunk_bytes: int, compressed: bool, seal: Seal | None) -> Packed:
    """Write the chunks of a source into a folder. SourceBroken, SpaceShort, ManifestBroken (too many chunks)."""
    plain, size, cutter = hashlib.sha256(), 0, _Cutter(folder, chunk_bytes, seal)
    sink = pa.CompressedOutputStream(pa.PythonFile(cutter, "w"), "zstd") if compressed else cutter
    given = iter(blocks(source) if isinstance(source, Path) else source)
    try:
        while (block := _next(given)) is not None:
            plain.update(block)
            size += len(block)
            sink.write(block)
    finally:
        if compressed:
            sink.close()
    return Packed(size, plain.hexdigest(), cutter.end())


def _next(given: Iterator[bytes]) -> bytes | None:
    try:
        return next(given, None)
    except (OSError, pa.ArrowException) as error:
        raise SourceBroken(reason=type(error).__name__) from error


class _Cutter:
    """Takes bytes as a file would, and puts every full chunk into the folder."""

    closed = False

    def __init__(self, folder: Path, chunk_bytes: int, seal: Seal | None) -> None:
        self._folder, self._limit, self._seal = folder, chunk_bytes, seal
        self._waiting = bytearray()
        self._made = list[Chunk]()

    def write(self, block: Any) -> int:
        """Add bytes."""
        view = memoryview(block)
        at = 0
        while at < len(view):
            taken = view[at : at + self._limit - len(self._waiting)]
            self._waiting += taken
            at += len(taken)
            if len(self._waiting) == self._limit:
                self._put()
        return len(view)

    def flush(self) -> None:
        """Nothing waits for a flush."""

    def close(self) -> None:
        """Nothing is open."""

    def end(self) -> tuple[Chunk, ...]:
        """The chunks; at least one, be it empty."""
        if self._waiting or not self._made:
            self._put()
        return tuple(self._made)

    def _put(self) -> None:
        number = len(self._made) + 1
        if number > MOST_CHUNKS:
            raise ManifestBroken(member="chunks", fault=f"not 1 to {MOST_CHUNKS}")
        body = bytes(self._waiting) if self._seal is None else self._seal(bytes(self._waiting))
        self._waiting.clear()
        place.put(self._folder / place.chunk_name(number), body)
        self._made.append(Chunk(number, len(body), hashlib.sha256(body).hexdigest()))
        if number == 1:
            crash("package begun")


def travelling(folder: Path, manifest: Manifest, chunk: Chunk) -> bytes:
    """A chunk as it is sent; PackageGone where it is not there, or is not what it was."""
    try:
        body = (folder / place.chunk_name(chunk.number)).read_bytes()
    except OSError as error:
        raise PackageGone(delivery=manifest.id) from error
    if hashlib.sha256(body).hexdigest() != chunk.sha256:
        raise PackageGone(delivery=manifest.id)
    return body


def opened(manifest: Manifest, chunk: Chunk, body: bytes, digest: str, unseal: Seal) -> bytes:
    """What a chunk that came holds. ChunkDiffers, and what `unseal` raises.

    `digest` is of the body as it travelled: a server that opened the body already hands in what was in it.
    """
    if hashlib.sha256(body).hexdigest() == chunk.sha256 and len(body) == chunk.bytes:
        return unseal(body) if manifest.sealed else body
    if not manifest.sealed or digest != chunk.sha256:
        raise ChunkDiffers(delivery=manifest.id, chunk=chunk.number)
    return body


def assemble(manifest: Manifest, folder: Path, target: Path) -> None:
    """Make the plain file of the chunks that lie opened in a folder. PackageBroken, SpaceShort.

    Not a byte more than the manifest tells is written, whatever the chunks would expand to.
    """
    digest, size, lines = hashlib.sha256(), 0, 0
    with place.room(manifest.bytes), target.open("wb") as file:
        for block in _plain(manifest, folder):
            size += len(block)
            if size > manifest.bytes:
                raise PackageBroken(delivery=manifest.id, fault="more bytes than told")
            digest.update(block)
            lines += block.count(b"\n") if manifest.format == "ndjson" else 0
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    if (size, digest.hexdigest()) != (manifest.bytes, manifest.sha256):
        raise PackageBroken(delivery=manifest.id, fault="bytes or SHA-256")
    _counted(manifest, target, lines)


def _plain(manifest: Manifest, folder: Path) -> Iterator[bytes]:
    reader = _Reader(manifest, folder)
    if not manifest.compressed:
        while block := reader.read(BLOCK):
            yield block
        return
    with pa.CompressedInputStream(pa.PythonFile(reader, "r"), "zstd") as stream:
        while block := _expanded(manifest, stream):
            yield block


def _expanded(manifest: Manifest, stream: Any) -> bytes:
    try:
        return bytes(stream.read(BLOCK))
    except (OSError, pa.ArrowException):
        raise PackageBroken(delivery=manifest.id, fault="zstd") from None


class _Reader:
    """The chunks of a folder, one after another, as one file."""

    closed = False

    def __init__(self, manifest: Manifest, folder: Path) -> None:
        self._paths = iter([folder / place.chunk_name(one.number) for one in manifest.chunks])
        self._waiting = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes; none at the end."""
        while not self._waiting:
            path = next(self._paths, None)
            if path is None:
                return b""
            self._waiting = memoryview(path.read_bytes())
        end = len(self._waiting) if size < 0 else size
        taken, self._waiting = self._waiting[:end], self._waiting[end:]
        return bytes(taken)

    def close(self) -> None:
        """Nothing is open."""


def _counted(manifest: Manifest, target: Path, lines: int) -> None:
    """The rows, where they are told without reading values."""
    if manifest.rows is None or manifest.format not in ("parquet", "ndjson"):
        return
    found = lines
    if manifest.format == "parquet":
        try:
            with pq.ParquetFile(target) as file:
                found = file.metadata.num_rows
        except (OSError, pa.ArrowException):
            raise PackageBroken(delivery=manifest.id, fault="Parquet") from None
    if found != manifest.rows:
        raise PackageBroken(delivery=manifest.id, fault=f"{found} rows, {manifest.rows} told")
