"""Who asks for data: whoever holds an API key, whoever signed in to the portal, or anybody."""

from __future__ import annotations

from starlette.requests import Request

from quanmin.opendata import ANYBODY, Reader
from quanmin.opendata.keys.errors import KeyRefused
from quanmin.opendata.participation import granted
from quanmin.web import session
from quanmin.web.place import Place


def reader(place: Place, request: Request) -> Reader:
    """The reader of a request; a key is counted. KeyRefused, QuotaSpent."""
    text = _key(request)
    if text is not None:
        account: str | None = place.keys.accept(text)
    else:
        actor = session.actor(place, session.token(request, "portal"))
        account = None if actor is None else actor.id
    return ANYBODY if account is None else Reader(account, granted(place.lake.ledger, account))


def _key(request: Request) -> str | None:
    """The key that came with a request, as `Authorization: Bearer KEY` or as `X-API-Key: KEY`."""
    given = request.headers.get("authorization")
    if given is None:
        return request.headers.get("x-api-key")
    scheme, _, key = given.partition(" ")
    if scheme.lower() != "bearer":
        raise KeyRefused()
    return key.strip()
