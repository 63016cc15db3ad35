"""The master key: what wraps every data key, and can be a file, a passphrase or a machine that never gives it out."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from quanmin.trust.errors import KeyUnreadable
from quanmin.trust.keys import file
from quanmin.trust.keys.errors import MasterMissing, MasterWrong, TooOpen
from quanmin.trust.keys.suite import NONCE, context, suite

SCRYPT = {"n": 1 << 15, "r": 8, "p": 1}
_MOST = {"n": 1 << 20, "r": 32, "p": 16}
"""A key ring that asks for more work than this is not obeyed: it could only be meant to keep the machine busy."""


class Master(Protocol):
    """All that is asked of a master key. A hardware module answers it with its own wrap and unwrap."""

    def describe(self) -> dict[str, Any]:
        """What the key ring notes to find this master again; nothing secret."""
        ...

    def wrap(self, key: bytes, place: bytes) -> bytes:
        """`key` encrypted, bound to the place it is for."""
        ...

    def unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        """The key again; MasterWrong for another master, another place or changed bytes."""
        ...


class LocalMaster:
    """A master key in this process's memory, from a file or a passphrase."""

    def __init__(self, key: bytes, description: Mapping[str, Any]) -> None:
        self._description = dict(description)
        own = suite(self._description["suite"])
        self._aead = own.aead(own.derive(key, context("quanmin master")))

    def describe(self) -> dict[str, Any]:
        """Kind, number and suite, and how the passphrase is stretched."""
        return dict(self._description)

    def wrap(self, key: bytes, place: bytes) -> bytes:
        """The nonce, then AES-256-GCM or SM4-GCM."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._aead.encrypt(nonce, key, place)

    def unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        """The key again."""
        try:
            return self._aead.decrypt(wrapped[:NONCE], wrapped[NONCE:], place)
        except (InvalidTag, ValueError) as error:
            raise MasterWrong from error


def path_of(folder: Path, description: Mapping[str, Any]) -> Path:
    """The file of a master; its number is in its name, so that the old and the new one can stand side by side."""
    number = str(description["id"])
    if not number.isalnum():
        raise MasterWrong
    return folder / f"master-{number}.key"


def make(folder: Path, suite_name: str, passphrase: str | None) -> LocalMaster:
    """A new master: from the passphrase if there is one, otherwise in a new file that only its owner can read."""
    description: dict[str, Any] = {"suite": suite_name, "id": secrets.token_hex(8)}
    if passphrase:
        description |= {"kind": "passphrase", "salt": secrets.token_hex(16), **SCRYPT}
        return LocalMaster(_stretched(passphrase, description), description)
    description["kind"] = "file"
    key = secrets.token_bytes(32)
    file.write(path_of(folder, description), key)
    return LocalMaster(key, description)


def find(folder: Path, description: Mapping[str, Any], passphrase: str | None) -> LocalMaster:
    """The master that a key ring or a backup names."""
    if description["kind"] == "passphrase":
        if not passphrase:
            raise MasterMissing(kind="passphrase", id=description["id"])
        return LocalMaster(_stretched(passphrase, description), description)
    return LocalMaster(_read(folder, description), description)


def _read(folder: Path, description: Mapping[str, Any]) -> bytes:
    path = path_of(folder, description)
    try:
        with path.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            key = opened.read(64)
    except FileNotFoundError:
        raise MasterMissing(kind="file", id=description["id"]) from None
    except OSError as error:
        raise KeyUnreadable(reason=error.strerror or type(error).__name__) from error
    if mode & 0o077:
        raise TooOpen(mode=f"{mode:04o}")
    if len(key) != 32:
        raise KeyUnreadable(reason=f"{len(key)} bytes")
    return key


def _stretched(passphrase: str, description: Mapping[str, Any]) -> bytes:
    cost = {name: int(description[name]) for name in SCRYPT}
    if any(cost[name] > most for name, most in _MOST.items()):
        raise MasterWrong
    salt = bytes.fromhex(description["salt"])
    return Scrypt(salt, 32, cost["n"], cost["r"], cost["p"]).derive(passphrase.encode())
