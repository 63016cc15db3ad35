"""HTTP Message Signatures (RFC 9421) over the messages of the exchange: made, and verified without trusting anything unsigned.

A request's signature covers `@method`, `@authority`, `@path`, `@query`, `content-digest` and every `exchange-*` header; that of
a response covers `@status`, `content-digest`, its `exchange-*` headers, and method, path and id of the request it answers
(`;req`). A signature may cover more, may stand among others, and may write its parameters in any order.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from quanmin.exchange.member.member import Directory, Identity, Key
from quanmin.exchange.message import digest as digests
from quanmin.exchange.message.envelope import (
    CASE,
    ID,
    ORIGINS,
    RECEIVER,
    REQUEST,
    REQUEST_DIGEST,
    SENDER,
    Envelope,
    Http,
    Verified,
    case_read,
)
from quanmin.exchange.message.errors import (
    AnswerOfAnother,
    ClockApart,
    DigestWrong,
    HeaderBroken,
    KeyRefused,
    NotAddressed,
    SignatureBroken,
    SignatureIncomplete,
    SignatureMissing,
)
from quanmin.exchange.message.structured import Component, Input, Unreadable, byte_sequences, inputs, quoted
from quanmin.trust.keys import signature as national

TAG = "quanmin-exchange"
LABEL = "exchange"
PREFIX = "exchange-"
_REQUEST = ("@method", "@authority", "@path", "@query", digests.NAME)
_RESPONSE = ("@status", digests.NAME)
_ANSWERED = ("@method", "@path", ID)
_ONE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,126}[A-Za-z0-9])?")
_FORMS = {ID: _ONE, REQUEST: _ONE, REQUEST_DIGEST: re.compile(r"[0-9a-f]{64}")}
"""Ids become names of files and parts of paths, so they have no other signs."""
_WIDEST = 64
"""Components that a signature may cover at most."""


@dataclass(frozen=True)
class Signed:
    """A message as it goes out: with its headers, and what was signed."""

    http: Http
    envelope: Envelope
    base: bytes
    signature: bytes
    key: str

    @property
    def digest(self) -> str:
        """By which an answer names the request: SHA-256 (hex) of what was signed."""
        return hashlib.sha256(self.base).hexdigest()


def sign(
    identity: Identity, http: Http, envelope: Envelope, at: datetime, request: Signed | Verified | None = None
) -> Signed:
    """The message with envelope, digest and signature. A response (`status`) names the `request` it answers.

    SignatureIncomplete where something of it cannot be signed: letters outside ASCII, line breaks.
    """
    if http.status is not None and request is not None:
        envelope = replace(
            envelope, request=request.envelope.id, request_digest=hashlib.sha256(request.base).hexdigest()
        )
    headers = {**http.headers, **envelope.headers(), digests.NAME: digests.content_digest(http.body)}
    told = replace(http, headers=headers)
    covered = [Component(name, {}, f'"{name}"') for name in (_REQUEST if http.status is None else _RESPONSE)]
    covered += [Component(name, {}, f'"{name}"') for name in sorted(headers) if name.startswith(PREFIX)]
    if http.status is not None and request is not None:
        covered += [Component(name, {"req": True}, f'"{name}";req') for name in _ANSWERED]
    signer = identity.signer
    named = f"keyid={quoted(signer.key)};alg={quoted(signer.algorithm)};tag={quoted(TAG)}"
    parameters = f";created={int(at.timestamp())};{named}"
    text = f"({' '.join(one.text for one in covered)}){parameters}"
    try:
        base = _base(told, Input(tuple(covered), {}, text), request.envelope.id if request is not None else None)
    except Unreadable as error:
        raise SignatureIncomplete(components=str(error)) from None
    made = signer.sign(base)
    headers |= {"signature-input": f"{LABEL}={text}", "signature": f"{LABEL}=:{base64.b64encode(made).decode()}:"}
    return Signed(replace(told, headers=headers), envelope, base, made, signer.key)


def verify(
    directory: Directory,
    http: Http,
    at: datetime,
    skew: timedelta,
    receiver: str,
    request: Signed | Verified | None = None,
) -> Verified:
    """What a message says, if its signature holds: of a key that counts, over all that must be covered.

    Raises a kind of `quanmin.exchange.message.errors`, never anything else, whatever the bytes. A response needs its `request`.
    """
    if (http.status is None) != (request is None):
        raise AnswerOfAnother()
    chosen, made = _chosen(http.headers)
    _covers(http, chosen, request is not None)
    envelope = _envelope(http.headers)
    created, key = _key(directory, chosen, envelope, at, skew)
    try:
        base = _base(http, chosen, request.envelope.id if request is not None else None)
    except Unreadable as error:
        raise SignatureIncomplete(components=str(error)) from None
    if not _holds(key, base, made):
        raise SignatureBroken(key=key.id)
    if not digests.holds(http.headers.get(digests.NAME, ""), http.body):
        raise DigestWrong()
    if envelope.receiver != receiver:
        raise NotAddressed(receiver=envelope.receiver)
    if request is not None:
        _answers(envelope, request)
    return Verified(envelope, key.id, key.algorithm, created, base, made)


def verified_with(key: Key, base: bytes, signature: bytes) -> bool:
    """Whether a signature base was signed by a key: what a proof asks, years later."""
    return _holds(key, base, signature)


def _chosen(headers: Mapping[str, str]) -> tuple[Input, bytes]:
    """The one signature of this application."""
    try:
        told, made = inputs(headers.get("signature-input", "")), byte_sequences(headers.get("signature", ""))
    except Unreadable as error:
        raise SignatureMissing(reason=f"Signature-Input, Signature: {error}") from None
    ours = [label for label, one in told.items() if one.parameters.get("tag") == TAG]
    if len(ours) != 1:
        raise SignatureMissing(reason=f"{len(ours)} × {TAG}")
    if ours[0] not in made:
        raise SignatureMissing(reason="Signature")
    return told[ours[0]], made[ours[0]]


def _covers(http: Http, chosen: Input, answer: bool) -> None:
    """SignatureIncomplete unless everything that must be covered is, each once and as it stands."""
    if len(chosen.components) > _WIDEST:
        raise SignatureIncomplete(components=f"> {_WIDEST}")
    plain = {one.name for one in chosen.components if not one.parameters}
    told = {one.name for one in chosen.components if _of_request(one)}
    every = [(one.name, tuple(sorted(one.parameters.items()))) for one in chosen.components]
    must = {
        *(_REQUEST if http.status is None else _RESPONSE),
        *(name for name in http.headers if name.startswith(PREFIX)),
    }
    missing = sorted(must - plain) + (sorted(f"{name};req" for name in set(_ANSWERED) - told) if answer else [])
    if missing or len(set(every)) != len(every):
        raise SignatureIncomplete(components=", ".join(missing) or "twice the same")


def _envelope(headers: Mapping[str, str]) -> Envelope:
    for name in (ID, SENDER, RECEIVER):
        if not headers.get(name):
            raise HeaderBroken(header=name)
    for name, value in headers.items():
        if name.startswith(PREFIX) and (
            not value.isascii() or not value.isprintable() or len(value) > 400 or "," in value
        ):
            raise HeaderBroken(header=name if name.isascii() else PREFIX)
    for name, form in _FORMS.items():
        if name in headers and not form.fullmatch(headers[name]):
            raise HeaderBroken(header=name)
    try:
        case = case_read(headers.get(CASE))
    except ValueError:
        raise HeaderBroken(header=CASE) from None
    fault = headers.get("exchange-fault")
    if fault is not None and fault not in ORIGINS:
        raise HeaderBroken(header="exchange-fault")
    return Envelope(
        headers[ID],
        headers[SENDER],
        headers[RECEIVER],
        headers.get("exchange-agreement"),
        case,
        headers.get(REQUEST),
        headers.get(REQUEST_DIGEST),
        fault,
    )


def _key(
    directory: Directory, chosen: Input, envelope: Envelope, at: datetime, skew: timedelta
) -> tuple[datetime, Key]:
    """The key that is named, if it counts, and when the message was made."""
    name, created, expires = (chosen.parameters.get(one) for one in ("keyid", "created", "expires"))
    if not isinstance(name, str) or isinstance(created, bool) or not isinstance(created, int):
        raise SignatureIncomplete(components="keyid, created")
    if expires is not None and (isinstance(expires, bool) or not isinstance(expires, int)):
        raise SignatureIncomplete(components="expires")
    found = directory.named(name)
    if found is None or found[1].use != "signature":
        raise KeyRefused(key=name[:100], reason="unknown")
    member, key = found
    if member.id != envelope.sender:
        raise KeyRefused(key=key.id, reason="not of the sender")
    if not member.active:
        raise KeyRefused(key=key.id, reason="member suspended")
    if chosen.parameters.get("alg", key.algorithm) != key.algorithm:
        raise KeyRefused(key=key.id, reason="algorithm")
    try:
        made = datetime.fromtimestamp(created, UTC)
    except (ValueError, OverflowError, OSError):
        raise SignatureIncomplete(components="created") from None
    if not key.holds(max(made, at)) or not key.holds(min(made + timedelta(seconds=1), at)):
        raise KeyRefused(key=key.id, reason="revoked, or not yet")
    late = isinstance(expires, int) and at.timestamp() > expires + skew.total_seconds()
    if abs(at - made) > skew or late:
        raise ClockApart(seconds=int(abs((at - made).total_seconds())), limit=int(skew.total_seconds()))
    return made, key


def _answers(envelope: Envelope, request: Signed | Verified) -> None:
    asked = request.envelope
    right = envelope.request == asked.id and envelope.request_digest == hashlib.sha256(request.base).hexdigest()
    if not right or envelope.sender != asked.receiver or envelope.receiver != asked.sender:
        raise AnswerOfAnother()


def _base(http: Http, chosen: Input, asked: str | None) -> bytes:
    """The signature base (RFC 9421, 2.5). Unreadable where a component is not there."""
    lines = [f"{one.text}: {_value(http, one, asked)}" for one in chosen.components]
    lines.append(f'"@signature-params": {chosen.text}')
    text = "\n".join(lines)
    if not text.isascii():
        raise Unreadable("not ASCII")
    return text.encode()


def _value(http: Http, component: Component, asked: str | None) -> str:
    name, of_request = component.name, _of_request(component)
    if component.parameters and not of_request:
        raise Unreadable(component.text)
    if of_request and name == ID and http.status is not None:
        value = asked
    elif name.startswith("@"):
        value = _derived(http, name, of_request)
    else:
        value = None if of_request else http.headers.get(name)
    if value is None or not value.replace("\t", " ").isprintable():
        raise Unreadable(component.text)
    return value.strip(" \t")


def _of_request(component: Component) -> bool:
    """Whether its one parameter is `req` (1 is another value than true)."""
    return component.parameters == {"req": True} and component.parameters["req"] is True


def _derived(http: Http, name: str, of_request: bool) -> str | None:
    if name == "@status":
        return str(http.status) if http.status is not None and not of_request else None
    if (http.status is None) == of_request:
        return None
    match name:
        case "@method":
            return http.method
        case "@authority":
            return http.authority.lower()
        case "@path":
            return http.path or "/"
        case "@query":
            return f"?{http.query}"
        case "@request-target":
            return (http.path or "/") + (f"?{http.query}" if http.query else "")
        case "@scheme":
            return "https"
        case _:
            return None


def _holds(key: Key, base: bytes, signature: bytes) -> bool:
    try:
        if key.algorithm == "sm2-sm3":
            return national.verify("national", bytes.fromhex(key.public), base, signature)
        _public(key.public).verify(signature, base)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(1024)
def _public(raw: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw))
