"""Signatures under terms: by a key of the side that signs, which counts when it signs, over the canonical text and no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanmin.exchange.agreement.errors import SignatureRefused
from quanmin.exchange.member.member import Directory, Key
from quanmin.exchange.message.signature import verified_with
from quanmin.exchange.terms import Terms


@dataclass(frozen=True)
class Signature:
    """Who signed when by which key; `value` in hex. `at` is when the platform took it."""

    member: str
    key: str
    at: datetime
    value: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**self.__dict__, "at": self.at.isoformat()}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Signature:
        """From JSON; KeyError, TypeError, ValueError where it is none."""
        member, key, value = (str(document[name]) for name in ("member", "key", "value"))
        at = datetime.fromisoformat(document["at"])
        if at.tzinfo is None:
            raise ValueError("a time without its zone")
        return cls(member, key, at, value)


def holds(key: Key, message: bytes, signature: str) -> bool:
    """Whether a signature (hex) over a message is by this key."""
    try:
        return verified_with(key, message, bytes.fromhex(signature))
    except ValueError:  # no hex
        return False


def signing_key(directory: Directory, member: str, key: str, at: datetime) -> Key | None:
    """The key, if it is this member's for signing and counts at a time, and the member takes part."""
    found = directory.named(key)
    if found is None or found[0].id != member or not found[0].active:
        return None
    return found[1] if found[1].use == "signature" and found[1].holds(at) else None


def verify(directory: Directory, terms: Terms, side: str, signature: Signature) -> None:
    """Hold a signature under terms against the directory; `side` is the member that has to sign. SignatureRefused says why."""
    if signature.member != side:
        raise SignatureRefused(agreement=terms.cited, reason="side")
    key = signing_key(directory, side, signature.key, signature.at)
    if key is None:
        raise SignatureRefused(agreement=terms.cited, reason="key")
    if not holds(key, terms.text(), signature.value):
        raise SignatureRefused(agreement=terms.cited, reason="signature")
