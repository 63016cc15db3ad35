"""Bodies on their way: sealed to the receiver where the terms say so, and opened again."""

from __future__ import annotations

from datetime import datetime

from quanmin.exchange.member.member import Directory, Identity
from quanmin.exchange.message import seal
from quanmin.exchange.message.envelope import SEALED, Http
from quanmin.exchange.message.errors import SealBroken
from quanmin.exchange.terms import Terms


def closed(
    directory: Directory, receiver: str, terms: Terms | None, body: bytes, media: str, at: datetime
) -> tuple[bytes, dict[str, str]]:
    """The body as it travels, and its headers. SealBroken where the receiver has no key to seal to."""
    if not body or terms is None or not terms.sealed or media == seal.MEDIA:
        return body, {"content-type": media}
    key = directory.member(receiver).key("encryption", at)
    if key is None:
        raise SealBroken(reason=f"{receiver}: no key")
    return seal.seal(body, key), {"content-type": seal.MEDIA, SEALED: media}


def opened(identity: Identity, http: Http) -> bytes:
    """The plain body of a message that was verified; SealBroken."""
    return identity.unseal(http.body) if SEALED in http.headers else http.body


def required(terms: Terms | None, http: Http) -> None:
    """SealBroken for a body in the open under terms by which it must be sealed."""
    sealed = SEALED in http.headers or http.headers.get("content-type") == seal.MEDIA
    if terms is not None and terms.sealed and http.body and not sealed:
        raise SealBroken(reason="not sealed")
