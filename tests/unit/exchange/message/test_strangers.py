"""Libraries that are not ours: http-message-signatures signs for us and verifies us, jwcrypto opens what was sealed here."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import http_message_signatures as stranger
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto import jwe, jwk

from quanmin.exchange.member.member import Directory, Key, Member
from quanmin.exchange.message import seal
from quanmin.exchange.message.envelope import Envelope, Http
from quanmin.exchange.message.errors import SealBroken
from quanmin.exchange.message.signature import sign, verify

URL = "https://node.example:8443/exchange/v1/requests?page=1"
COVERED = (
    "@method",
    "@authority",
    "@path",
    "@query",
    "exchange-id",
    "exchange-sender",
    "exchange-receiver",
)


class Keys(stranger.HTTPSignatureKeyResolver):
    """The keys as that library asks for them."""

    def __init__(self, private: Any = None, public: Any = None) -> None:
        self.private, self.public = private, public

    def resolve_private_key(self, key_id: str) -> Any:
        return self.private

    def resolve_public_key(self, key_id: str) -> Any:
        return self.public


def test_what_a_strangers_library_signs_is_verified_here(now: datetime) -> None:
    secret, body = Ed25519PrivateKey.generate(), b'{"number":1}'
    envelope = {"exchange-id": "a1", "exchange-sender": "insurance", "exchange-receiver": "health"}
    request = requests.Request("POST", URL, headers=envelope, data=body).prepare()
    signer = stranger.HTTPMessageSigner(
        signature_algorithm=stranger.algorithms.ED25519, key_resolver=Keys(private=secret)
    )
    signer.sign(
        request,
        key_id="insurance/signature/1",
        created=now,
        tag="quanmin-exchange",
        label="them",
        covered_component_ids=COVERED,
        body=body,
    )
    public = secret.public_key().public_bytes_raw().hex()
    key = Key("insurance/signature/1", "signature", "ed25519", public, now - timedelta(days=1))
    directory = Directory("health", now, {"insurance": Member("insurance", "医保", "insurance", None, (key,))})
    headers = {name.lower(): value for name, value in request.headers.items()}
    http = Http("POST", "node.example:8443", "/exchange/v1/requests", "page=1", None, headers, body)
    found = verify(directory, http, now, timedelta(seconds=300), "health")
    assert found.envelope == Envelope("a1", "insurance", "health")


def test_a_strangers_library_verifies_our_requests_and_answers(
    sender: Any, receiver: Any, ask: Any, directory: Directory, now: datetime
) -> None:
    now = datetime.now(UTC)  # that library looks at its own clock
    http, envelope = ask()
    asked = sign(sender, http, envelope, now)
    request = requests.Request("POST", URL, headers=dict(asked.http.headers), data=http.body).prepare()
    _verified(request, sender, {"exchange-case", "@query"})
    about = verify(directory, asked.http, now, timedelta(seconds=300), "health")
    back = Envelope("b2", "health", "civil_affairs", envelope.agreement)
    answered = sign(receiver, Http("POST", http.authority, http.path, http.query, 200, {}, b"{}"), back, now, about)
    response = requests.Response()
    response.status_code, response.request = 200, request
    response.headers.update(answered.http.headers)
    _verified(response, receiver, {"@status", "exchange-request-digest"})
    response.headers["exchange-request-id"] = "another"
    with pytest.raises(stranger.InvalidSignature):
        _verified(response, receiver, set())


def _verified(message: Any, identity: Any, covers: set[str]) -> None:
    raw = next(one.public for one in identity.keys() if one.use == "signature")
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw))
    verifier = stranger.HTTPMessageVerifier(
        signature_algorithm=stranger.algorithms.ED25519, key_resolver=Keys(public=public)
    )
    [found] = verifier.verify(message, max_age=timedelta(hours=1), expect_tag="quanmin-exchange")
    assert covers <= {name.strip('"') for name in found.covered_components}


@given(body=st.binary(min_size=1, max_size=5000))  # jwcrypto does not open an empty body, whoever sealed it
@settings(max_examples=30)
def test_jwcrypto_opens_what_was_sealed_here_and_the_other_way_round(body: bytes) -> None:
    secret = X25519PrivateKey.generate()
    key = Key(
        "health/encryption/1", "encryption", "x25519", secret.public_key().public_bytes_raw().hex(), datetime.now(UTC)
    )
    theirs = jwk.JWK.from_pyca(secret)
    opened = jwe.JWE()
    opened.deserialize(seal.seal(body, key).decode(), theirs)
    assert opened.payload == body
    public = jwk.JWK.from_pyca(X25519PublicKey.from_public_bytes(bytes.fromhex(key.public)))
    header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": key.id}
    made = jwe.JWE(body, recipient=public, protected=header).serialize(compact=True)
    assert seal.named(made.encode()) == key.id
    assert seal.unseal(made.encode(), secret.private_bytes_raw()) == body


def test_what_is_sealed_opens_for_its_receiver_only(sender: Any, receiver: Any) -> None:
    key = next(one for one in receiver.keys() if one.use == "encryption")
    sealed = seal.seal(b"something", key)
    assert receiver.unseal(sealed) == b"something"
    for wrong in (sealed[:-3] + b"AAA", sealed[:40], b"", b"a.b.c.d.e", sealed.replace(b".", b"", 1)):
        with pytest.raises(SealBroken):
            receiver.unseal(wrong)
    with pytest.raises(SealBroken):
        sender.unseal(sealed)


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_sealed_body_with_a_bit_flipped_does_not_open(place: int, bit: int) -> None:
    """Wherever it is: header, wrapped key, nonce, content, tag."""
    secret = X25519PrivateKey.from_private_bytes(b"7" * 32)
    public = secret.public_key().public_bytes_raw().hex()
    sealed = seal.seal(b"something", Key("health/encryption/1", "encryption", "x25519", public, datetime.now(UTC)))
    at = place % len(sealed)
    wrong = sealed[:at] + bytes([sealed[at] ^ (1 << bit)]) + sealed[at + 1 :]
    with pytest.raises(SealBroken):
        seal.named(wrong)
        seal.unseal(wrong, secret.private_bytes_raw())


@given(sealed=st.binary(max_size=300))
def test_what_was_never_sealed_is_refused(sealed: bytes) -> None:
    for work in (seal.named, lambda one: seal.unseal(one, b"7" * 32)):
        with pytest.raises(SealBroken):
            work(sealed)


def test_headers_made_to_hurt_are_refused(sender: Any) -> None:
    """Nested without end, longer than any, of no text, of another's key, and a body that unpacks to more."""

    def headed(text: bytes) -> bytes:
        return base64.urlsafe_b64encode(text).rstrip(b"=") + b".AA.AA.AA.AA"

    for text in (b"[" * 100_000, b'{"kid":' * 90, b'{"kid":7}', b"[]", b"{}", b'{"kid":"civil_affairs/encryption/x"}'):
        with pytest.raises(SealBroken):
            sender.unseal(headed(text))
    newest = [one for one in sender.keys() if one.use == "encryption"][-1]
    public = jwk.JWK.from_pyca(X25519PublicKey.from_public_bytes(bytes.fromhex(newest.public)))
    header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": newest.id, "zip": "DEF"}
    bomb = jwe.JWE(b"0" * 100_000, recipient=public, protected=header).serialize(compact=True)
    with pytest.raises(SealBroken):
        sender.unseal(bomb.encode())


def test_an_older_key_still_opens_after_a_rotation(receiver: Any) -> None:
    from quanmin.exchange.member.identity import SEALING

    old = [one for one in receiver.keys() if one.use == "encryption"][-1]
    sealed = seal.seal(b"before", old)
    receiver._store.rotate(SEALING)
    newest = [one for one in receiver.keys() if one.use == "encryption"][-1]
    assert newest.id != old.id and receiver.unseal(sealed) == b"before"
    assert receiver.unseal(seal.seal(b"after", newest)) == b"after"
