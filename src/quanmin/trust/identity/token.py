"""Service tokens: signed by the service with a key of its own (Ed25519), for one audience, for ten minutes at most, used once.

The header may say nothing but algorithm, type and key, and the key is looked up by an exact name among the registered ones: no
`none`, no HMAC with a public key, no key from an address or a path.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import OKPKey

from quanmin.ledger import Document
from quanmin.trust.actor import Actor
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import credential, mandate, roster, session
from quanmin.trust.identity.errors import TokenRefused
from quanmin.trust.identity.registry import Registry
from quanmin.trust.identity.vault import plain_digest

ALGORITHMS = ("EdDSA", "Ed25519")
"""Two names of one signature: RFC 8037's, which services use today, and RFC 9864's. The keys are Ed25519 in any case."""
LASTS, SKEW = timedelta(minutes=10), timedelta(seconds=30)
_HEADER, _CLAIMS = {"alg", "typ", "kid"}, {"iss", "sub", "aud", "iat", "exp", "jti"}
_LONGEST = 4096


class _Only(jws.JWSRegistry):
    """Knows these two names and no other; the library warns of the older one, whose ambiguity the fixed kind of key removes."""

    def get_alg(self, name: str) -> Any:
        """The algorithm; TokenRefused for every other name."""
        if name not in ALGORITHMS:
            raise TokenRefused(reason="algorithm")
        return self.algorithms[name]


_REGISTRY = _Only(algorithms=ALGORITHMS)


def register(registry: Registry, actor: Actor, account: str, public: str, until: date) -> Document:
    """Propose the public key (PEM) of a service; it counts once the security administrator confirmed it."""
    if accounts.get(registry, account).data["kind"] != "service":
        raise TokenRefused(reason="not_a_service")
    try:
        key = OKPKey.import_key(public)
        sound = key.curve_name == "Ed25519" and not key.is_private
    except Exception:  # whatever cannot be read is refused
        sound = False
    if not sound:
        registry.note("token.refused", actor.id, {"why": "key"})
        raise TokenRefused(reason="key")
    given = json.dumps(key.as_dict(private=False), sort_keys=True)
    return mandate.propose(registry, actor, "service_key", account, until, key=given, kid=key.thumbprint())


def sign(private: str, account: str, audience: str, at: datetime, lasts: timedelta = LASTS) -> str:
    """A token as a service makes one, with its private key (PEM)."""
    key, start = OKPKey.import_key(private), int(at.timestamp())
    claims = {"iss": account, "sub": account, "aud": audience, "iat": start, "exp": start + int(lasts.total_seconds())}
    header = {"alg": ALGORITHMS[0], "typ": "JWT", "kid": key.thumbprint()}
    return jwt.encode(header, {**claims, "jti": secrets.token_urlsafe(16)}, key, registry=_REGISTRY)


def accept(registry: Registry, token: str) -> Actor:
    """The service that signed a token; TokenRefused. The same token is not accepted again."""
    try:
        actor = _accept(registry, token)
    except TokenRefused as error:
        registry.note("token.refused", "unknown", {"why": error.fields["reason"]})
        raise
    registry.note("token", actor.id, {})
    return actor


def _accept(registry: Registry, token: str) -> Actor:
    header = _header(token)
    with registry.ledger.writing() as connection:
        at = registry.instant(connection)
        held = registry.ledger.find(mandate.KINDS["service_key"].kind, state="held", connection=connection)
        known = next((one for one in held if one.data["kid"] == header["kid"]), None)
        if known is None:
            raise TokenRefused(reason="key")
        account = str(known.data["account"])
        if known.id not in {one.id for one in mandate.in_force(registry, connection, account, at, "service_key")}:
            raise TokenRefused(reason="key_ended")
        claims = _claims(token, known.data["key"])
        _check(claims, account, registry.site.name, at)
        document = accounts.find(registry, account, connection)
        if document is None or document.state != "active":
            raise TokenRefused(reason="account")
        ends = datetime.fromtimestamp(claims["exp"], at.tzinfo) + SKEW
        if not credential.spend(connection, "token", plain_digest(f"{account} {claims['jti']}"), ends, at):
            raise TokenRefused(reason="replayed")
        place = roster.place_of(registry, connection, document, None)
        held_now = session.Held(plain_digest(token), account, place, "token", 2, False, None)
        return roster.build(registry, connection, document, held_now)


def _header(token: str) -> Mapping[str, Any]:
    """The header, when it says nothing but what it may; it is read before anything is believed."""
    if len(token) > _LONGEST or not token.isascii():
        raise TokenRefused(reason="malformed")
    try:
        found = jws.extract_compact(token.encode()).headers()
    except Exception:  # whatever cannot be read is refused
        raise TokenRefused(reason="malformed") from None
    if found.get("alg") not in ALGORITHMS:
        raise TokenRefused(reason="algorithm")
    if set(found) != _HEADER or found["typ"] != "JWT" or not isinstance(found["kid"], str):
        raise TokenRefused(reason="header")
    return found


def _claims(token: str, key: str) -> Mapping[str, Any]:
    try:
        return jwt.decode(token, OKPKey.import_key(json.loads(key)), registry=_REGISTRY).claims
    except Exception:  # whatever does not verify is refused
        raise TokenRefused(reason="signature") from None


def _check(claims: Mapping[str, Any], account: str, audience: str, at: datetime) -> None:
    if set(claims) != _CLAIMS or not isinstance(claims["jti"], str) or not 16 <= len(claims["jti"]) <= 128:
        raise TokenRefused(reason="claims")
    if claims["iss"] != account or claims["sub"] != account:
        raise TokenRefused(reason="issuer")
    if claims["aud"] != audience:
        raise TokenRefused(reason="audience")
    start, end, now, skew = claims["iat"], claims["exp"], at.timestamp(), SKEW.total_seconds()
    if type(start) is not int or type(end) is not int or not 0 < end - start <= LASTS.total_seconds():
        raise TokenRefused(reason="too_long")
    if start > now + skew:
        raise TokenRefused(reason="not_yet_valid")
    if end <= now - skew:
        raise TokenRefused(reason="expired")
