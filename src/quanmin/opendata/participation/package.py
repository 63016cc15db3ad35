"""A package of an app: what kind of file it is, whether it could harm whoever opens it, and that it is what it says.

Nothing of it is ever unpacked to the disk or run here. A zip must begin and end as one and declare no more than it may hold; a
tar.gz is read through once, in bounded memory, and may not grow beyond the bound.
"""

from __future__ import annotations

import gzip
import re
import struct
import tarfile
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple, Self

from quanmin.opendata.participation.errors import NotAPackage, PackageTooLarge
from quanmin.text import Text

Form = Literal["zip", "tar.gz"]
ENTRIES, EXPANDED, EXPANSION = 20_000, 4 << 30, 200
"""A package may hold so many files, so many bytes unpacked, and be so much smaller packed (from a megabyte on)."""
_SLACK = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_END = struct.Struct("<4s4H2LH")
_TAIL = {"zip": (".zip", ".apk", ".jar", ".whl", ".xpi"), "tar.gz": (".tar.gz", ".tgz")}

EMPTY = Text("空文件", "it is empty")
KIND = Text("不是 zip 或 tar.gz", "it is no zip and no tar.gz")
DAMAGED = Text("文件损坏", "it is damaged")
AROUND = Text("首尾有多余内容", "something stands before or after it")
SECRET = Text("含加密文件，无法扫描", "it holds encrypted files, which cannot be scanned")
BOMB = Text("解压后过大", "it grows too large when it is unpacked")
NAMES = Text("含越出目录的文件名", "it holds names that lead out of its folder")


class Shape(NamedTuple):
    """What a package was found to be: its form, how many files it holds, and their bytes."""

    form: Form
    entries: int
    expanded: int


def named(name: str, form: Form) -> str:
    """The name that it is handed out by: what is safe of the name that it came with, with an ending of its form."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    ends = [one for every in _TAIL.values() for one in every if last.lower().endswith(one)]
    stem = re.sub(r"[^A-Za-z0-9._+-]+", "-", last[: -len(ends[0])] if ends else last).strip("-.")[:80]
    tail = ends[0] if ends and ends[0] in _TAIL[form] else f".{form}"
    made = f"{stem or 'package'}{tail}"
    return made if _NAME.fullmatch(made) else f"package{tail}"


def look(path: Path, most: int) -> Shape:
    """What a file is. PackageTooLarge, NotAPackage."""
    size = path.stat().st_size
    if size > most:
        raise PackageTooLarge(bytes=most)
    if size == 0:
        raise NotAPackage(reason=EMPTY)
    with path.open("rb") as file:
        head = file.read(4)
    if head == b"PK\x03\x04":
        return _zip(path, size)
    if head[:3] == b"\x1f\x8b\x08":
        return _tar(path, size)
    raise NotAPackage(reason=KIND)


def _zip(path: Path, size: int) -> Shape:
    try:
        with zipfile.ZipFile(path) as archive:
            _alone(path, size, archive)
            entries = archive.infolist()
            if any(one.flag_bits & 1 for one in entries):
                raise NotAPackage(reason=SECRET)
            if any(_leads_out(one.filename) for one in entries):
                raise NotAPackage(reason=NAMES)
            expanded = sum(one.file_size for one in entries)
            if len(entries) > ENTRIES or expanded > EXPANDED or expanded > max(size * EXPANSION, _SLACK):
                raise NotAPackage(reason=BOMB)
            return Shape("zip", len(entries), expanded)
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, UnicodeError, NotImplementedError):
        raise NotAPackage(reason=DAMAGED) from None


def _alone(path: Path, size: int, archive: zipfile.ZipFile) -> None:
    """The directory's end is the file's end, the first file stands at its beginning, and none lies over another (bombs do)."""
    with path.open("rb") as file:
        file.seek(max(0, size - _END.size - len(archive.comment)))
        last = file.read()
    if last[:4] != b"PK\x05\x06" or len(archive.comment) > 200:
        raise NotAPackage(reason=AROUND)
    entries = sorted(archive.infolist(), key=lambda one: one.header_offset)
    if entries and entries[0].header_offset != 0:
        raise NotAPackage(reason=AROUND)
    for before, after in pairwise(entries):
        if before.header_offset + 30 + before.compress_size > after.header_offset:
            raise NotAPackage(reason=BOMB)


def _tar(path: Path, size: int) -> Shape:
    entries, expanded, bound = 0, 0, min(EXPANDED, max(size * EXPANSION, _SLACK))
    try:
        with _Bounded(path, bound) as bounded, tarfile.open(fileobj=bounded, mode="r|", tarinfo=_Entry) as archive:
            for one in archive:
                entries, expanded = entries + 1, expanded + one.size
                if entries > ENTRIES or expanded > bound:
                    raise NotAPackage(reason=BOMB)
                if _leads_out(one.name) or ((one.issym() or one.islnk()) and _leads_out(one.linkname)):
                    raise NotAPackage(reason=NAMES)
            while bounded.read(_SLACK):
                pass  # to the end, so that its checksum is seen and nothing stands after it
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, OSError, ValueError, OverflowError):
        raise NotAPackage(reason=DAMAGED) from None
    if entries == 0:
        raise NotAPackage(reason=KIND)
    return Shape("tar.gz", entries, expanded)


class _Entry(tarfile.TarInfo):
    """A header; one that says how others are to be read is held in memory, so that it must be small."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """The header of a block."""
        found = super().frombuf(buf, encoding, errors)
        if found.type not in tarfile.REGULAR_TYPES and found.size > _SLACK:
            raise NotAPackage(reason=BOMB)
        return found


class _Bounded(gzip.GzipFile):
    """What a gzip holds; NotAPackage once more was read of it than there may be."""

    def __init__(self, path: Path, bound: int) -> None:
        super().__init__(path, "rb")
        self._left = bound + _SLACK

    def read(self, size: int | None = -1) -> bytes:
        """Some of it."""
        found = super().read(min(size, _SLACK) if size is not None and size >= 0 else _SLACK)
        self._left -= len(found)
        if self._left < 0:
            raise NotAPackage(reason=BOMB)
        return found


def _leads_out(name: str) -> bool:
    """Whether a name in an archive leads anywhere but into its folder."""
    plain = name.replace("\\", "/")
    return plain.startswith("/") or ".." in plain.split("/") or bool(re.match(r"[A-Za-z]:", plain)) or "\0" in name
