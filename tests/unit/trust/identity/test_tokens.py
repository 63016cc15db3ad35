"""Attack A11 on service tokens: each forgery is refused, with its reason in the audit, and nothing is accepted twice."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from quanmin.trust.identity import account, mandate, token
from quanmin.trust.identity.errors import NotYourWork, TokenRefused

House = Any  # the fixture of conftest.py


def _pems() -> tuple[str, str]:
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


class Service:
    """A service with a registered key."""

    def __init__(self, house: House, name: str = "lab-feed") -> None:
        self.house, self.name = house, name
        self.private, self.public = _pems()
        account.add(house.registry, house.system, name, "service", "city-hospital")
        account.confirm(house.registry, house.security, name)
        made = token.register(house.registry, house.system, name, self.public, house.until(90))
        self.document = mandate.confirm(house.registry, house.security, made.id).id
        house.give("grant", name, role="sender", organisation="city-hospital", purpose="results", owner="aud-one")

    def header(self, **changes: Any) -> dict[str, Any]:
        kid = OKPKey.import_key(self.private).thumbprint()
        return {"alg": "EdDSA", "typ": "JWT", "kid": kid, **changes}

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(self.house.now.timestamp())
        known = {"iss": self.name, "sub": self.name, "aud": "quanmin", "iat": now, "exp": now + 300}
        return {**known, "jti": secrets.token_urlsafe(16), **changes}

    def made(self, header: dict[str, Any] | None = None, claims: Any = None, private: str | None = None) -> str:
        """A token signed for good, whatever it says."""
        key = serialization.load_pem_private_key((private or self.private).encode(), None)
        front = (
            _text(self.header() if header is None else header)
            + "."
            + _text(self.claims() if claims is None else claims)
        )
        return f"{front}.{_raw(key.sign(front.encode()))}"


def _raw(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _text(value: Any) -> str:
    return _raw(json.dumps(value).encode())


@pytest.fixture
def service(house: House) -> Service:
    return Service(house)


def test_a_good_token_is_an_actor_once(service: Service) -> None:
    house = service.house
    text = token.sign(service.private, service.name, "quanmin", house.now)
    actor = token.accept(house.registry, text)
    assert (actor.id, actor.kind, actor.roles, actor.organisation) == (
        "lab-feed",
        "service",
        {"sender"},
        "city-hospital",
    )
    assert actor.mfa is False and house.events("token")
    with pytest.raises(TokenRefused) as caught:
        token.accept(house.registry, text)
    assert caught.value.fields["reason"] == "replayed"
    house.pass_time(minutes=9, seconds=59)
    with pytest.raises(TokenRefused):
        token.accept(house.registry, text)


def test_the_newer_name_of_the_algorithm_is_taken(service: Service) -> None:
    assert token.accept(service.house.registry, service.made(service.header(alg="Ed25519"))).id == "lab-feed"


def _none(service: Service) -> str:
    return f"{_text(service.header(alg='none'))}.{_text(service.claims())}."


def _hs(service: Service) -> str:
    """HMAC with the public key as secret."""
    front = f"{_text(service.header(alg='HS256'))}.{_text(service.claims())}"
    return f"{front}.{_raw(hmac.digest(service.public.encode(), front.encode(), 'sha256'))}"


def _rs(service: Service) -> str:
    key = RSAKey.import_key(rsa.generate_private_key(65537, 2048))
    return jws.serialize_compact(service.header(alg="RS256"), json.dumps(service.claims()), key, algorithms=["RS256"])


def _es(service: Service) -> str:
    key = ECKey.import_key(ec.generate_private_key(ec.SECP256R1()))
    return jws.serialize_compact(service.header(alg="ES256"), json.dumps(service.claims()), key, algorithms=["ES256"])


def _cut(service: Service) -> str:
    return service.made().rpartition(".")[0] + "."


def _flipped(service: Service) -> str:
    head, _, sign = service.made().split(".")
    return f"{head}.{_text(service.claims(sub='sys-one', iss='sys-one'))}.{sign}"


def _at(service: Service, seconds: int, lasts: int = 300) -> str:
    start = int(service.house.now.timestamp()) + seconds
    return service.made(claims=service.claims(iat=start, exp=start + lasts))


def _embedded(service: Service) -> str:
    """A token that brings its own key along."""
    private, public = _pems()
    return service.made(service.header(jwk=OKPKey.import_key(public).as_dict()), private=private)


FORGED: dict[str, tuple[str, Callable[[Service], str]]] = {
    "alg none": ("algorithm", _none),
    "alg None": ("algorithm", lambda s: s.made(s.header(alg="NONE"))),
    "alg a list": ("algorithm", lambda s: s.made(s.header(alg=["EdDSA"]))),
    "HS with the public key": ("algorithm", _hs),
    "RS": ("algorithm", _rs),
    "ES": ("algorithm", _es),
    "no alg": ("malformed", lambda s: s.made({"typ": "JWT", "kid": "x"})),
    "kid a path": ("key", lambda s: s.made(s.header(kid="../../../../dev/null"))),
    "kid an injection": ("key", lambda s: s.made(s.header(kid="x' OR '1'='1"))),
    "kid empty": ("key", lambda s: s.made(s.header(kid=""))),
    "kid a number": ("header", lambda s: s.made(s.header(kid=1))),
    "no kid": ("header", lambda s: s.made({"alg": "EdDSA", "typ": "JWT"})),
    "jku": ("header", lambda s: s.made(s.header(jku="https://attacker.example/keys"))),
    "x5u": ("header", lambda s: s.made(s.header(x5u="https://attacker.example/c"))),
    "jwk along": ("header", _embedded),
    "crit": ("header", lambda s: s.made(s.header(crit=["b64"], b64=False))),
    "another type": ("header", lambda s: s.made(s.header(typ="at+jwt"))),
    "signed by another key": ("signature", lambda s: s.made(private=_pems()[0])),
    "claims changed": ("signature", _flipped),
    "signature cut": ("signature", _cut),
    "wrong audience": ("audience", lambda s: s.made(claims=s.claims(aud="elsewhere"))),
    "audiences": ("audience", lambda s: s.made(claims=s.claims(aud=["quanmin", "elsewhere"]))),
    "another issuer": ("issuer", lambda s: s.made(claims=s.claims(iss="sys-one"))),
    "another subject": ("issuer", lambda s: s.made(claims=s.claims(sub="sys-one"))),
    "expired": ("expired", lambda s: _at(s, -600)),
    "of the future": ("not_yet_valid", lambda s: _at(s, 600)),
    "a minute ahead": ("not_yet_valid", lambda s: _at(s, 60)),
    "eleven minutes": ("too_long", lambda s: _at(s, 0, 660)),
    "ends before it starts": ("too_long", lambda s: _at(s, 0, -5)),
    "times as text": ("too_long", lambda s: s.made(claims=s.claims(exp="tomorrow"))),
    "time infinite": ("too_long", lambda s: s.made(claims=s.claims(exp=float("inf")))),
    "no jti": ("claims", lambda s: s.made(claims={k: v for k, v in s.claims().items() if k != "jti"})),
    "no exp": ("claims", lambda s: s.made(claims={k: v for k, v in s.claims().items() if k != "exp"})),
    "a short jti": ("claims", lambda s: s.made(claims=s.claims(jti="1"))),
    "a patient along": ("claims", lambda s: s.made(claims=s.claims(patient="1"))),
    "claims no object": ("signature", lambda s: s.made(claims=["x"])),
    "two parts": ("malformed", lambda s: "a.b"),
    "nothing": ("malformed", lambda s: ""),
    "not ascii": ("malformed", lambda s: s.made() + "é"),
    "endless": ("malformed", lambda s: s.made(claims=s.claims(jti="x" * 5000))),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused_with_its_reason(service: Service, name: str) -> None:
    reason, forge = FORGED[name]
    text = forge(service)
    with pytest.raises(TokenRefused) as caught:
        token.accept(service.house.registry, text)
    assert caught.value.fields["reason"] == reason
    assert service.house.reasons("token.refused") == [reason]
    assert token.accept(service.house.registry, service.made()).id == "lab-feed"  # a good one still is


@pytest.mark.parametrize("seconds", [-29, 0, 29])
def test_a_small_skew_of_clocks_is_borne(service: Service, seconds: int) -> None:
    assert token.accept(service.house.registry, _at(service, seconds)).id == "lab-feed"


def test_an_ended_key_and_a_disabled_service_are_refused(service: Service) -> None:
    house = service.house
    mandate.end(house.registry, house.security, service.document, "compromised")
    with pytest.raises(TokenRefused):
        token.accept(house.registry, service.made())
    other = Service(house, "lab-two")
    account.disable(house.registry, house.security, "lab-two", "over")
    with pytest.raises(TokenRefused) as caught:
        token.accept(house.registry, other.made())
    assert caught.value.fields["reason"] == "account"
    third = Service(house, "lab-three")
    house.pass_time(days=91)
    with pytest.raises(TokenRefused) as caught:
        token.accept(house.registry, third.made())
    assert caught.value.fields["reason"] == "key_ended"


def test_only_a_public_key_of_the_right_kind_is_registered(house: House) -> None:
    account.add(house.registry, house.system, "lab-feed", "service", "city-hospital")
    wrong = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = wrong.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    for given in (pem, _pems()[0], "nonsense"):
        with pytest.raises(TokenRefused):
            token.register(house.registry, house.system, "lab-feed", given, house.until(90))
    with pytest.raises(TokenRefused):
        token.register(house.registry, house.system, "sys-one", _pems()[1], house.until(90))
    with pytest.raises(NotYourWork):
        token.register(house.registry, house.security, "lab-feed", _pems()[1], house.until(90))
    assert token.LASTS == timedelta(minutes=10)
