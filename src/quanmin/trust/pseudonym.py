"""Pseudonyms: a keyed digest that stands for a person. Different purposes have different keys and cannot be joined."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from quanmin.settings import Settings
from quanmin.trust.errors import KeyUnreadable

_BYTES = 32
_SHOWN = 24  # hexadecimal digits: 96 bits, no collision among two milliard people


class Pseudonyms:
    """The pseudonyms of one installation for one purpose."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._key = hmac.digest(key, f"pseudonym {purpose}".encode(), "sha256")

    @classmethod
    def open(cls, settings: Settings, purpose: str) -> Pseudonyms:
        """With the installation's key, which is made the first time."""
        return cls(_key(settings.home / "keys" / "pseudonym.key"), purpose)

    def of(self, value: object) -> str:
        """The pseudonym of one value, such as a person key."""
        return hmac.new(self._key, str(value).encode(), hashlib.sha256).hexdigest()[:_SHOWN]

    def column(self, values: Iterable[object]) -> list[str | None]:
        """The pseudonyms of many; missing stays missing."""
        return [None if value is None else self.of(value) for value in values]


def _key(path: Path) -> bytes:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(path)
        key = path.read_bytes()
    except OSError as error:
        raise KeyUnreadable(reason=error.strerror or type(error).__name__) from error
    if len(key) != _BYTES:
        raise KeyUnreadable(reason=f"{len(key)} bytes")
    return key


def _make(path: Path) -> None:
    """Make the key unless there is one; two processes that start together end with the same key."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(_BYTES))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
