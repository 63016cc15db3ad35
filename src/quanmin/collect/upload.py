"""Files on their way in from a browser: kept as `<home>/uploads/<random id>/<name>` until they are whole and collected.

How many bytes are there stands beside the folder (`<random id>.json`), with the size that was declared, so that a cut file is
known from a whole one and goes on where it stopped, in another connection or another process. Whoever writes last has the turn: a
connection that hangs cannot hold up the one that takes over. Only the account that began an upload sees it; for every other it is
not there.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from quanmin.collect.errors import (
    BadFileName,
    BadSize,
    DiskFull,
    EmptyFile,
    FileTooLarge,
    MoreThanDeclared,
    NoSuchUpload,
    UploadCut,
    UploadsFull,
    UploadTaken,
    WrongOffset,
)
from quanmin.redaction import redacted
from quanmin.settings import Settings

MOST = 50
"""Uploads that an account may have at once."""
LONGEST = 120
_DURABLE = 64 << 20
"""After so many bytes at the latest they are on the disk for good."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ID = re.compile(r"[a-z]{26}")
"""Letters only: a random name with digits could look like a number of somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that is coming in: `offset` of its `size` bytes are there; `path` is where."""

    id: str
    owner: str
    name: str
    size: int
    offset: int
    at: datetime
    path: Path

    @property
    def whole(self) -> bool:
        """Whether every byte is there."""
        return self.offset == self.size

    def to_dict(self) -> dict[str, Any]:
        """What its owner is told."""
        told = {name: getattr(self, name) for name in ("id", "name", "size", "offset", "whole")}
        return {**told, "at": self.at.isoformat(timespec="seconds")}


class Uploads:
    """The uploads of an installation, within the settings' limits of size, sum and age."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._settings, self._now = settings, now
        self._root = settings.home / "uploads"

    def begin(self, owner: str, name: str, size: int) -> Upload:
        """Make room for a file. BadFileName, EmptyFile, BadSize, FileTooLarge, UploadsFull, DiskFull."""
        named = _checked(name)
        if size <= 0:
            raise EmptyFile(file=named) if size == 0 else BadSize()
        if size > self._settings.upload_bytes:
            raise FileTooLarge(file=named, limit=self._settings.upload_bytes)
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(self._root / "lock"):
            self.sweep()
            mine = self.of(owner)
            if len(mine) >= MOST or sum(one.size for one in mine) + size > self._settings.upload_quota:
                raise UploadsFull(limit=self._settings.upload_quota, most=MOST)
            if shutil.disk_usage(self._root).free < size:
                raise DiskFull(file=named)
            return self._make(owner, named, size)

    def get(self, owner: str, upload: str) -> Upload:
        """One upload of an account. NoSuchUpload, also where it is somebody else's."""
        found = self._read(upload)
        if found is None or found.owner != owner or self._old(found):
            raise NoSuchUpload()
        return found

    def of(self, owner: str) -> list[Upload]:
        """The uploads of an account, the newest first."""
        found = [one for one in self._all() if one.owner == owner and not self._old(one)]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def whole(self, owner: str, upload: str) -> Upload:
        """An upload of which every byte is there. UploadCut."""
        found = self.get(owner, upload)
        if not found.whole:
            raise UploadCut(offset=found.offset, size=found.size)
        return found

    def go_on(self, owner: str, upload: str, offset: int) -> Writing:
        """Take the turn to add bytes from `offset` on, which must be where the file stopped. WrongOffset."""
        with self._turning(owner, upload) as found:
            if offset != found.offset:
                raise WrongOffset(offset=found.offset)
            turn = secrets.token_hex(8)
            self._save(found, turn)
        return Writing(self, found, turn)

    def remove(self, owner: str, upload: str) -> None:
        """Take an upload away, with its bytes."""
        self._drop(self.get(owner, upload).id)

    def sweep(self) -> int:
        """Take away what nobody touched for longer than the settings allow, and states whose file is gone; how many."""
        known = {path.stem for ending in ("json", "lock") for path in self._root.glob(f"*.{ending}")}
        old = [one for one in known if (found := self._read(one)) is None or self._old(found)]
        for one in old:
            self._drop(one)
        return len(old)

    def _drop(self, upload: str) -> None:
        shutil.rmtree(self._root / upload, ignore_errors=True)
        for ending in (".json", ".tmp", ".lock"):
            (self._root / (upload + ending)).unlink(missing_ok=True)

    def _make(self, owner: str, name: str, size: int) -> Upload:
        made = "".join(secrets.choice(_LETTERS) for _ in range(26))
        (self._root / made).mkdir(mode=0o700)
        path = self._root / made / name
        path.touch(mode=0o600)
        upload = Upload(id=made, owner=owner, name=name, size=size, offset=0, at=self._now(), path=path)
        self._save(upload, "")
        return upload

    @contextmanager
    def _turning(self, owner: str, upload: str) -> Iterator[Upload]:
        """The upload as it is, while nobody else changes it."""
        self.get(owner, upload)
        try:
            with _locked(self._root / f"{upload}.lock"):
                yield self.get(owner, upload)
        except FileNotFoundError:  # removed meanwhile
            raise NoSuchUpload() from None

    def _add(self, upload: Upload, turn: str, block: bytes) -> Upload:
        """Add a block, by whoever has the turn."""
        with self._turning(upload.owner, upload.id) as found:
            if self._turn(upload.id) != turn:
                raise UploadTaken()
            if found.offset + len(block) > found.size:
                raise MoreThanDeclared(size=found.size)
            try:
                _write(found.path, found.offset, block)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise DiskFull(file=found.name) from error
                raise
            after = self._moved(found, found.offset + len(block))
            self._save(after, turn)
            return after

    def _moved(self, upload: Upload, offset: int) -> Upload:
        told = {name: getattr(upload, name) for name in ("id", "owner", "name", "size", "path")}
        return Upload(**told, offset=offset, at=self._now())

    def _save(self, upload: Upload, turn: str) -> None:
        """The state, whole or as it was."""
        data = {"owner": upload.owner, "name": upload.name, "size": upload.size, "offset": upload.offset, "turn": turn}
        draft = self._root / f"{upload.id}.tmp"
        draft.write_text(json.dumps({**data, "at": upload.at.isoformat()}), encoding="utf-8")
        draft.replace(draft.with_suffix(".json"))

    def _state(self, upload: str) -> dict[str, Any] | None:
        if not _ID.fullmatch(upload):
            return None
        try:
            found: dict[str, Any] = json.loads((self._root / f"{upload}.json").read_text("utf-8"))
        except FileNotFoundError:
            return None
        return found

    def _turn(self, upload: str) -> str:
        return str((self._state(upload) or {}).get("turn"))

    def _read(self, upload: str) -> Upload | None:
        state = self._state(upload)
        if state is None:
            return None
        path = self._root / upload / state["name"]
        try:
            offset = min(int(state["offset"]), path.stat().st_size)  # after a power cut fewer may be on the disk
        except FileNotFoundError:
            return None
        told = {name: state[name] for name in ("owner", "name", "size")}
        return Upload(id=upload, **told, offset=offset, at=datetime.fromisoformat(state["at"]), path=path)

    def _all(self) -> list[Upload]:
        if not self._root.is_dir():
            return []
        return [one for place in self._root.glob("*.json") if (one := self._read(place.stem)) is not None]

    def _old(self, upload: Upload) -> bool:
        return upload.at < self._now() - timedelta(hours=self._settings.upload_hours)


class Writing:
    """The turn to add bytes to an upload; `write` a block at a time, `end` when no more come, however they ended."""

    def __init__(self, uploads: Uploads, upload: Upload, turn: str) -> None:
        self._uploads, self.upload, self._turn = uploads, upload, turn
        self._waiting = 0

    def write(self, block: bytes) -> None:
        """Add a block. UploadTaken, MoreThanDeclared, DiskFull; then nothing of it is kept."""
        self.upload = self._uploads._add(self.upload, self._turn, block)
        self._waiting += len(block)
        if self._waiting >= _DURABLE:
            self.end()

    def end(self) -> Upload:
        """See that what was written outlasts a power cut; the upload as it is now. NoSuchUpload."""
        if self._waiting:
            try:
                with self.upload.path.open("rb+") as file:
                    os.fsync(file.fileno())
            except FileNotFoundError:  # given up meanwhile
                raise NoSuchUpload() from None
            self._waiting = 0
        return self.upload


def _checked(name: str) -> str:
    """A name that is nothing but a name; a citizen number in it is starred. BadFileName."""
    odd = any(not sign.isprintable() for sign in name)
    if odd or not name.strip() or name != name.strip() or name[0] == "." or {*name} & {*'/\\:*?"<>|'}:
        raise BadFileName()
    if len(name) > LONGEST or len(name.encode("utf-8", "surrogatepass")) > 250:
        raise BadFileName()
    return redacted(name)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """While one process or thread does it, others wait."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(path: Path, offset: int, block: bytes) -> None:
    with path.open("rb+") as file:
        file.seek(offset)
        file.write(block)
        file.truncate()
