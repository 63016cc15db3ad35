"""Restoring a backup: into a draft folder beside the new home, which takes its name only when the last chunk has held."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple

from quanmin.lake.backup import archive
from quanmin.lake.backup.errors import DiskTrouble, NotABackup, PlaceTaken
from quanmin.settings import Settings
from quanmin.trust.keys import file, open_store

_HERE = {"ledger": None, "lake": None}


class Restored(NamedTuple):
    """A home that came out of a backup, and what the backup says of itself."""

    home: Path
    manifest: dict[str, Any]

    @property
    def snapshot(self) -> int:
        """The newest snapshot in it."""
        return int(self.manifest["snapshot"])


def restore(settings: Settings, path: Path, home: Path, into: Settings | None = None) -> Restored:
    """Restore a backup as a new home, with a new master key: the passphrase of the settings, or a file.

    The key of the backup is found with the settings: the key ring of their home, or the master that made it. `into` are
    the settings for the new home, by default the same.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise PlaceTaken(place=home.name)
    draft = home.with_name(f"{home.name}.{secrets.token_hex(4)}.part")
    try:
        draft.mkdir(mode=0o700, parents=True)
        with archive.reading(path, open_store(settings)) as (members, key, _):
            small = _unpack(members, draft)
        manifest = _manifest(small)
        open_store(settings_of(into or settings, draft)).adopt(small[archive.KEYRING], key)
        if home.exists():
            home.rmdir()
        os.replace(draft, home)
        file.settle(home.parent)
    except OSError as error:
        raise DiskTrouble(reason=error.strerror or type(error).__name__) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Restored(home, manifest)


def settings_of(settings: Settings, home: Path) -> Settings:
    """The settings of a restored home: its ledger and its lake lie in it."""
    return settings.model_copy(update={"home": home, **_HERE})


def _unpack(members: Any, draft: Path) -> dict[str, bytes]:
    """Write the files; the key ring and the manifest are given back."""
    small: dict[str, bytes] = {}
    for name, source in members:
        if name in (archive.KEYRING, archive.MANIFEST):
            small[name] = source.read()
        elif name == "ledger.sqlite" or name.startswith(("lake/", "home/")):
            _write(draft / PurePosixPath(name.removeprefix("home/")), source)
        else:
            raise NotABackup(reason="member")
    return small


def _write(path: Path, source: BinaryIO) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


def _manifest(small: dict[str, bytes]) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(small[archive.MANIFEST])
        if manifest["format"] != 1 or archive.KEYRING not in small:
            raise NotABackup(reason="manifest")
    except (KeyError, ValueError) as error:
        raise NotABackup(reason="manifest") from error
    return manifest
