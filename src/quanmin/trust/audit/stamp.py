"""Time stamps of RFC 3161 over signed heads: asked for over HTTP, and checked, at once and years later without any network.

What is kept is the authority's whole answer (TimeStampResp, DER). It proves that the head, and so every entry under it, existed
at its time: the authority signed the head's digest, and its certificate leads to the roots that the installation trusts. That the
certificate was not revoked is for whoever keeps the roots: nothing is asked of anybody here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from cryptography.x509 import Certificate, ObjectIdentifier, load_pem_x509_certificates

from quanmin.settings import Settings
from quanmin.trust.audit.errors import NoAuthority, StampRefused
from quanmin.trust.audit.signature import SignedHead

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest, TimeStampResponse

_HASHES = {
    "2.16.840.1.101.3.4.2.1": hashlib.sha256,
    "2.16.840.1.101.3.4.2.2": hashlib.sha384,
    "2.16.840.1.101.3.4.2.3": hashlib.sha512,
}


class Stamp(NamedTuple):
    """What a time stamp says: when, under which policy of the authority, and its number there."""

    at: datetime
    policy: str
    serial: int


class Stamped(NamedTuple):
    """A kept head with a time stamp: its size, its own time, the time proven or what does not hold.

    `flaw`: `format`, `status`, `nonce`, `policy`, `imprint` (it is of something else), `untrusted` (signature, certificates or
    their purpose do not hold under the roots), or `unchecked`, without roots.
    """

    size: int
    head: datetime
    at: datetime | None
    flaw: str | None


class Roots:
    """Whom time is believed from: certificates, and the one policy that is accepted, if one is named."""

    def __init__(self, certificates: list[Certificate], policy: str | None = None) -> None:
        self._certificates = certificates
        self._policy = ObjectIdentifier(policy) if policy else None

    @classmethod
    def read(cls, path: Path, policy: str | None = None) -> Roots:
        """From a PEM file of one certificate or more; NoAuthority."""
        try:
            return cls(load_pem_x509_certificates(path.read_bytes()), policy)
        except (OSError, ValueError) as error:
            raise NoAuthority(reason=f"{path.name}: {type(error).__name__}") from error

    @classmethod
    def of(cls, settings: Settings) -> Roots | None:
        """Those of the settings; None when none are set."""
        path = settings.timestamp_roots
        return cls.read(path, settings.timestamp_policy) if path is not None else None

    def check(self, answer: bytes, message: bytes, asked: TimeStampRequest | None = None) -> Stamp:
        """What the answer proves of a message; StampRefused. With what was asked the nonce must be that one."""
        from rfc3161_client import PKIStatus, decode_timestamp_response  # most commands do without

        try:
            found = decode_timestamp_response(_ordered(answer))
            if found.status != PKIStatus.GRANTED:
                raise StampRefused(reason="status")
            return self._held(found, message, asked)
        except (ValueError, TypeError, LookupError, OverflowError) as error:
            raise StampRefused(reason="format") from error

    def _held(self, found: TimeStampResponse, message: bytes, asked: TimeStampRequest | None) -> Stamp:
        from rfc3161_client import VerificationError, VerifierBuilder

        told = found.tst_info
        if asked is not None and told.nonce != asked.nonce:
            raise StampRefused(reason="nonce")
        if self._policy is not None and told.policy != self._policy:
            raise StampRefused(reason="policy")
        new = _HASHES.get(told.message_imprint.hash_algorithm.dotted_string)
        if new is None or told.message_imprint.message != new(message).digest():
            raise StampRefused(reason="imprint")
        try:
            VerifierBuilder(policy_id=self._policy, roots=list(self._certificates)).build().verify_message(
                found, message
            )
        except VerificationError as error:
            raise StampRefused(reason="untrusted") from error
        return Stamp(told.gen_time, told.policy.dotted_string, told.serial_number)


def ask(head: SignedHead, settings: Settings) -> tuple[bytes, Stamp]:
    """Have the authority of the settings stamp a head: its answer, and what that says.

    NoAuthority, StampUnavailable, StampRefused.
    """
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    from quanmin.trust.audit import post

    roots, address = required(settings)
    message = head.message()
    wanted = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = post.posted(address, wanted.as_bytes())
    return answer, roots.check(answer, message, wanted)


def required(settings: Settings) -> tuple[Roots, str]:
    """Roots and address of the authority; NoAuthority while one of them is missing or cannot be used."""
    roots, address = Roots.of(settings), settings.timestamp_authority
    if address is None or roots is None:
        raise NoAuthority(reason="QUANMIN_TIMESTAMP_AUTHORITY, QUANMIN_TIMESTAMP_ROOTS")
    if urlsplit(address).scheme not in ("http", "https"):
        raise NoAuthority(reason="QUANMIN_TIMESTAMP_AUTHORITY: http, https")
    return roots, address


def judged(kept: Iterable[tuple[SignedHead, bytes | None]], roots: Roots | None) -> tuple[Stamped, ...]:
    """What the time stamps of kept heads prove, in their order."""
    return tuple(_judged(head, token, roots) for head, token in kept if token is not None)


def _judged(head: SignedHead, token: bytes, roots: Roots | None) -> Stamped:
    if roots is None:
        return Stamped(head.size, head.at, None, "unchecked")
    try:
        return Stamped(head.size, head.at, roots.check(token, head.message()).at, None)
    except StampRefused as error:
        return Stamped(head.size, head.at, None, str(error.fields["reason"]))


_CERTIFICATES = 0xA0


def _ordered(answer: bytes) -> bytes:
    """The answer with its certificates in the order that DER asks of a set: OpenSSL writes them in that of the chain.

    No signature is over them, and their order says nothing (RFC 5652, 5.1). ValueError, IndexError where it is no answer.
    """
    [(_, start, end)] = _members(answer, 0, len(answer))
    parts = _members(answer, start, end)
    if len(parts) == 1:  # a refusal has no token
        return answer
    [_, content] = _members(answer, *parts[1][1:])
    [signed] = _members(answer, *content[1:])
    for first, start, end in _members(answer, *signed[1:]):
        if answer[first] == _CERTIFICATES:
            held = sorted(answer[one:over] for one, _, over in _members(answer, start, end))
            return answer[:start] + b"".join(held) + answer[end:]
    return answer


def _members(data: bytes, start: int, end: int) -> list[tuple[int, int, int]]:
    """Where each member of a DER value begins, where its content does, and where it ends."""
    found, at = [], start
    while at < end:
        body, size = at + 2, data[at + 1]
        if size == 0x80:
            raise ValueError("no length")
        if size > 0x80:
            body += size - 0x80
            size = int.from_bytes(data[at + 2 : body], "big")
        found.append((at, body, body + size))
        at = body + size
    if at != end:
        raise ValueError("longer than what holds it")
    return found
