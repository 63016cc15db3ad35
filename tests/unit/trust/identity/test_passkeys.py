"""Attack A11 on passkeys, with an authenticator in software: replay, wrong origin, another site, a counter that steps back."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from quanmin.trust import identity, local_administrator
from quanmin.trust.identity import Proofs, passkey
from quanmin.trust.identity.errors import PasskeyRefused, SignInRefused

House = Any  # the fixture of conftest.py
ORIGIN, SITE = "http://localhost:8000", "localhost"


class Authenticator:
    """A security key: one key pair, a counter, and the habits that a test asks for."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(str(id(self)).encode()).digest()
        self.counter = 0
        self.origin, self.site, self.verified = ORIGIN, SITE, True

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, extra: bytes = b"", attested: bool = False) -> bytes:
        flags = 0x01 | (0x04 if self.verified else 0) | (0x40 if attested else 0)
        return hashlib.sha256(self.site.encode()).digest() + struct.pack(">BI", flags, self.counter) + extra

    def register(self, options: dict[str, Any]) -> str:
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        data = self._data(bytes(16) + struct.pack(">H", len(self.id)) + self.id + public, attested=True)
        said = {
            "clientDataJSON": bytes_to_base64url(self._client("webauthn.create", options["challenge"])),
            "attestationObject": bytes_to_base64url(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._wrapped(said)

    def answer(self, options: dict[str, Any], key: Any = None) -> str:
        self.counter += 1
        client, data = self._client("webauthn.get", options["challenge"]), self._data()
        signature = (key or self.key).sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._wrapped({name: bytes_to_base64url(part) for name, part in parts.items()})

    def _wrapped(self, response: dict[str, str]) -> str:
        name = bytes_to_base64url(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


@pytest.fixture
def key(house: House) -> Authenticator:
    """The doctor's security key."""
    house.doctor()
    made = Authenticator()
    actor = house.actor("dr-wang")
    passkey.register(house.registry, actor, made.register(passkey.registration_options(house.registry, actor)))
    return made


def enter(house: House, response: str, name: str = "dr-wang") -> str:
    return identity.sign_in(house.registry, name, Proofs(house.word(name), passkey=response), f"desk {house.now}")


def refused(house: House, response: str, reason: str, name: str = "dr-wang") -> None:
    with pytest.raises(SignInRefused):
        enter(house, response, name)
    assert house.reasons("sign_in.failed")[-1] == f"passkey_{reason}"


def test_a_passkey_and_a_password_sign_in(house: House, key: Authenticator) -> None:
    actor = identity.authenticate(house.registry, enter(house, key.answer(passkey.options(house.registry, "dr-wang"))))
    assert (actor.assurance, actor.mfa) == (3, True)


def test_an_answer_is_good_once(house: House, key: Authenticator) -> None:
    response = key.answer(passkey.options(house.registry, "dr-wang"))
    enter(house, response)
    refused(house, response, "replayed")


def test_an_answer_comes_in_time_and_to_a_challenge_of_ours(house: House, key: Authenticator) -> None:
    late = key.answer(passkey.options(house.registry, "dr-wang"))
    house.pass_time(minutes=6)
    refused(house, late, "replayed")
    refused(house, key.answer({"challenge": bytes_to_base64url(b"made up by an attacker")}), "replayed")
    refused(house, key.answer(passkey.options(house.registry, "dr-lin")), "replayed")


def test_origin_site_signature_and_verification_of_the_user(house: House, key: Authenticator) -> None:
    def options() -> dict[str, Any]:
        return passkey.options(house.registry, "dr-wang")

    key.origin = "https://attacker.example"
    refused(house, key.answer(options()), "origin")
    key.origin, key.site = ORIGIN, "attacker.example"
    refused(house, key.answer(options()), "site")
    key.site = SITE
    refused(house, key.answer(options(), ec.generate_private_key(ec.SECP256R1())), "signature")
    house.pass_time(hours=1)
    key.verified = False
    refused(house, key.answer(options()), "user")
    key.verified = True
    assert enter(house, key.answer(options()))


def test_a_counter_that_steps_back_is_a_copied_key(house: House, key: Authenticator) -> None:
    key.counter = 40
    enter(house, key.answer(passkey.options(house.registry, "dr-wang")))
    key.counter = 12
    refused(house, key.answer(passkey.options(house.registry, "dr-wang")), "counter_back")
    assert "passkey_counter_back" in house.alarms
    key.counter = 40  # answers with 41, which was used
    refused(house, key.answer(passkey.options(house.registry, "dr-wang")), "counter_back")


def test_a_key_of_another_account_and_nonsense(house: House, key: Authenticator) -> None:
    house.person("dr-lin")
    refused(house, key.answer(passkey.options(house.registry, "dr-lin")), "unknown_key", "dr-lin")
    for nonsense in ("", "{}", "[1]", '{"id": 1, "response": {"clientDataJSON": "e30"}}'):
        refused(house, nonsense, "malformed", "dr-lin")
        house.pass_time(hours=1)


def test_registering_needs_a_session_and_a_challenge_of_ones_own(house: House, key: Authenticator) -> None:
    actor = house.actor("dr-wang")
    other = Authenticator()
    response = other.register(passkey.registration_options(house.registry, actor))
    with pytest.raises(PasskeyRefused):
        passkey.register(house.registry, house.system, response)
    passkey.register(house.registry, actor, response)
    with pytest.raises(PasskeyRefused):
        passkey.register(house.registry, actor, response)
    with pytest.raises(PasskeyRefused):
        passkey.registration_options(house.registry, local_administrator())
    assert house.reasons("passkey.refused") == ["replayed", "replayed", "not_signed_in"]


def test_options_look_alike_for_accounts_that_are_not_there(house: House, key: Authenticator) -> None:
    known, unknown = (passkey.options(house.registry, name) for name in ("dr-wang", "nobody"))
    assert known.keys() == unknown.keys() and len(unknown["allowCredentials"]) == 1
    again = passkey.options(house.registry, "nobody")
    assert unknown["allowCredentials"] == again["allowCredentials"]
    assert len(base64url_to_bytes(unknown["allowCredentials"][0]["id"])) == 32


def test_one_lists_and_removes_ones_own_only(house: House, key: Authenticator) -> None:
    house.doctor("dr-lin")
    doctor, other = house.actor("dr-wang"), house.actor("dr-lin")
    [kept] = passkey.listing(house.registry, doctor)
    assert set(kept) == {"number", "at"} and passkey.listing(house.registry, other) == []
    number = kept["number"]
    for actor, named in ((other, number), (doctor, number + 1), (local_administrator(), number)):
        with pytest.raises(PasskeyRefused):
            passkey.remove(house.registry, actor, named)
    assert enter(house, key.answer(passkey.options(house.registry, "dr-wang")))
    passkey.remove(house.registry, doctor, number)
    assert passkey.listing(house.registry, doctor) == [] and len(house.events("passkey.remove")) == 1
    refused(house, key.answer(passkey.options(house.registry, "dr-wang")), "unknown_key")
