"""The file of a backup: a head in the clear that tells how to find the key, then one encrypted tar archive.

The head holds no secret: algorithms, when it was made, which master wraps its key, and the wrapped key. All of it is part of
what every chunk proves.
"""

from __future__ import annotations

import json
import os
import secrets
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from quanmin.lake.backup.errors import DiskTrouble, NotABackup, PlaceTaken
from quanmin.trust.keys import FileStore, Opener, Sealer, suite
from quanmin.trust.keys.errors import Altered
from quanmin.trust.keys.stream import CHUNK
from quanmin.trust.keys.suite import context

MAGIC = b"QUANMIN-BACKUP\x01"
MANIFEST = "manifest.json"
KEYRING = "keyring.json"
_HEAD_MOST = 1 << 16


@contextmanager
def writing(path: Path, store: FileStore, made: str) -> Iterator[tuple[tarfile.TarFile, bytes, str]]:
    """An archive to add to, its key and number; the file is there once it is whole."""
    if path.exists():
        raise PlaceTaken(place=path.name)
    key, number = secrets.token_bytes(32), secrets.token_hex(16)
    head = {"id": number, "made": made, "suite": store.suite, "chunk": CHUNK}
    text = json.dumps({**head, **store.escrow(key, context("backup", number))}, sort_keys=True).encode()
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(MAGIC + len(text).to_bytes(4, "big") + text)
            sealer = Sealer(target, suite(store.suite), key, text)
            with tarfile.open(
                mode="w|", fileobj=cast(BinaryIO, sealer), bufsize=CHUNK, format=tarfile.PAX_FORMAT
            ) as tar:
                yield tar, key, number
            sealer.finish()
            target.flush()
            os.fsync(target.fileno())
        os.link(draft, path)
    except FileExistsError as error:
        raise PlaceTaken(place=path.name) from error
    except OSError as error:
        raise DiskTrouble(reason=error.strerror or type(error).__name__) from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def reading(path: Path, store: FileStore) -> Iterator[tuple[Iterator[tuple[str, BinaryIO]], bytes, dict[str, Any]]]:
    """The archive's files in order, its key and head; NotABackup unless everything holds to the end."""
    try:
        with path.open("rb") as source:
            head, text = _head(source)
            key = store.release(head, context("backup", head["id"]))
            opener = Opener(source, suite(head["suite"]), key, text, head["chunk"])
            with tarfile.open(mode="r|", fileobj=cast(BinaryIO, opener), bufsize=CHUNK) as tar:
                yield _members(tar), key, head
            opener.finish()
    except Altered as error:
        raise NotABackup(reason=f"chunk {error.fields['place']}") from error
    except tarfile.TarError as error:
        raise NotABackup(reason=type(error).__name__) from error
    except OSError as error:
        raise DiskTrouble(reason=error.strerror or type(error).__name__) from error


def head_of(path: Path) -> dict[str, Any]:
    """What a backup says of itself in the clear; NotABackup where that is not whole."""
    with path.open("rb") as source:
        return _head(source)[0]


def _head(source: BinaryIO) -> tuple[dict[str, Any], bytes]:
    start = source.read(len(MAGIC) + 4)
    if not start.startswith(MAGIC) or len(start) != len(MAGIC) + 4:
        raise NotABackup(reason="head")
    length = int.from_bytes(start[len(MAGIC) :], "big")
    text = source.read(min(length, _HEAD_MOST))
    try:
        head = json.loads(text)
        sound = head["suite"] in ("international", "national") and 0 < head["chunk"] <= 1 << 26
        sound = sound and {"kind", "id", "suite"} <= set(head["master"]) and len(text) == length
        sound = sound and all(isinstance(head[name], str) for name in ("id", "by_master", "by_key"))
    except (ValueError, KeyError, TypeError) as error:
        raise NotABackup(reason="head") from error
    if not sound:
        raise NotABackup(reason="head")
    return head, text


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, BinaryIO]]:
    for member in tar:
        name, file = PurePosixPath(member.name), tar.extractfile(member)
        if file is None or not member.isreg() or name.is_absolute() or ".." in name.parts:
            raise NotABackup(reason="member")
        yield member.name, cast(BinaryIO, file)


def add(tar: tarfile.TarFile, name: str, source: Any, size: int) -> None:
    """Add a file of `size` bytes."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    tar.addfile(member, source)
