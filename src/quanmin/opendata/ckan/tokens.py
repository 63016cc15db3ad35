"""Tokens of CKAN's clients: they send the same with many calls, but a service token counts once and is changed for another.

The service signs a token with its registered key and calls `api_token_create` with it; what comes back is a session, which
ends as every session does, and with the key. A service token may also be sent with the one call that it is for.
"""

from __future__ import annotations

from typing import Any

from quanmin.opendata.ckan.caller import Caller
from quanmin.opendata.ckan.errors import TokenWrong
from quanmin.opendata.ckan.given import Given
from quanmin.opendata.ckan.site import Site
from quanmin.trust import Actor, identity
from quanmin.trust.identity.errors import SessionOver, TokenRefused

_LONGEST = 200  # of a session's token


def signed(token: str) -> bool:
    """Whether it is a token that a service signed (three parts of a JSON Web Signature)."""
    return token.startswith("ey") and token.count(".") == 2


def actor_of(registry: identity.Registry, token: str) -> Actor:
    """Whose token it is; TokenWrong."""
    try:
        if signed(token):
            return identity.token.accept(registry, token)
        if len(token) > _LONGEST or not token.isascii():
            raise TokenWrong()
        actor = identity.authenticate(registry, token)
    except (SessionOver, TokenRefused):
        raise TokenWrong() from None
    if actor.kind == "service" and not _has_key(registry, actor.id):
        raise TokenWrong()
    return actor


def _has_key(registry: identity.Registry, account: str) -> bool:
    with registry.ledger.reading() as connection:
        at = registry.ledger.now()
        return bool(identity.mandate.in_force(registry, connection, account, at, "service_key"))


def api_token_create(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """Change a service token, sent in the header, for one that can be sent with many calls: 15 minutes idle, 8 hours at most."""
    del given
    if caller.actor is None or caller.token is None or not signed(caller.token):
        raise TokenWrong()
    registry, actor = site.registry, caller.actor
    with registry.ledger.writing() as connection:
        token = identity.session.begin(registry, connection, actor.id, actor.organisation, "token", 2, False)
    return {"token": token}


def api_token_revoke(site: Site, caller: Caller, given: Given) -> None:
    """End the token that is sent in the header, here and now."""
    del given
    if caller.actor is None or caller.token is None or signed(caller.token):
        raise TokenWrong()
    identity.session.end(site.registry, caller.token)
