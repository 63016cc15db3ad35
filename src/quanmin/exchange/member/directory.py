"""The directory as it travels: signed by the platform, kept by nodes, never replaced by an older one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from quanmin.exchange.member.errors import DirectoryRefused
from quanmin.exchange.member.member import ALGORITHMS, USES, Directory, Identity, Key, Member
from quanmin.exchange.message.signature import verified_with

FILE = "directory.json"
_ID = re.compile(r"[a-z][a-z0-9_]{1,63}/(signature|encryption)/[1-9][0-9]{0,5}")
_BYTES = {"ed25519": 32, "x25519": 32, "sm2-sm3": 64}


def signed(directory: Directory, identity: Identity) -> Directory:
    """The same with the platform's signature over its text."""
    plain = replace(directory, key="", signature="")
    signer = identity.signer
    return replace(plain, key=signer.key, signature=signer.sign(plain.text()).hex())


def proven(directory: Directory, known: Directory | None, trusted: tuple[Key, ...] = ()) -> Directory:
    """The same, if a key of the platform's signed it: one of `trusted`, or of the directory `known` before. DirectoryRefused.

    It must be of the same platform and not older than the one that is known.
    """
    keys = {one.id: one for one in trusted}
    if known is not None:
        keys |= {one.id: one for one in known.member(known.authority).keys}
        if known.authority != directory.authority:
            raise DirectoryRefused(reason="authority")
        if directory.at < known.at:
            raise DirectoryRefused(reason="older")
    key = keys.get(directory.key)
    if key is None or not key.holds(directory.at):
        raise DirectoryRefused(reason="key")
    try:
        held = verified_with(key, directory.text(), bytes.fromhex(directory.signature))
    except ValueError:
        held = False
    if not held:
        raise DirectoryRefused(reason="signature")
    return directory


def document(directory: Directory) -> dict[str, Any]:
    """As JSON."""
    told: dict[str, Any] = json.loads(directory.text())
    return told | {"key": directory.key, "signature": directory.signature}


def read(told: Any) -> Directory:
    """From JSON; DirectoryRefused."""
    try:
        members = {str(name): _member(one) for name, one in told["members"].items()}
        if any(name != one.id for name, one in members.items()):
            raise ValueError("names")
        at = datetime.fromisoformat(told["at"])
        return Directory(str(told["authority"]), at, members, str(told["key"]), str(told["signature"]))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise DirectoryRefused(reason="format") from error


def keep(directory: Directory, folder: Path) -> None:
    """Write it to a folder, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{FILE}.{os.getpid()}.tmp"
    with draft.open("w", encoding="utf-8") as file:
        file.write(json.dumps(document(directory), ensure_ascii=False, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / FILE)


def kept(folder: Path) -> Directory | None:
    """The one that was kept; None where there is none, DirectoryRefused where it cannot be read."""
    try:
        text = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return None
    try:
        return read(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise DirectoryRefused(reason="format") from error


def _member(told: Mapping[str, Any]) -> Member:
    keys = tuple(key(one) for one in told["keys"])
    if not isinstance(told["active"], bool):
        raise ValueError("active")
    return Member(**{**told, "keys": keys, "certificates": tuple(told["certificates"])})


def key(told: Mapping[str, Any]) -> Key:
    """A key from JSON; KeyError, TypeError, ValueError, OverflowError for what is none."""
    revoked = told["revoked"]
    times = {"since": _time(told["since"]), "revoked": _time(revoked) if revoked else None}
    made = Key(**{**told, **times})
    size = len(bytes.fromhex(made.public))
    if made.algorithm not in ALGORITHMS or made.use not in USES or not _ID.fullmatch(made.id):
        raise ValueError("a key")
    gone = revoked is not None and size == 0  # the open half of a destroyed one is not known any more
    if (made.use == "encryption") != (made.algorithm == "x25519") or not (gone or size == _BYTES[made.algorithm]):
        raise ValueError("a key")
    return made


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    return found.astimezone(UTC)
