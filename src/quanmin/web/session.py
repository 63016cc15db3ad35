"""The session of a browser: a cookie that scripts cannot read, and who it belongs to."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from quanmin.settings import Settings
from quanmin.trust import Actor, identity
from quanmin.trust.identity.errors import SessionOver
from quanmin.web.place import Place

NOTICE = "quanmin_notice"
MODE = "quanmin_mode"


def name(face: str) -> str:
    """The cookie of a face: somebody may be signed in to both as two people."""
    return f"quanmin_{face}"


def token(request: Request, face: str) -> str | None:
    """The token that the browser sent."""
    return request.cookies.get(name(face)) or None


def actor(place: Place, known: str | None) -> Actor | None:
    """Whoever the token belongs to; None without one or when it does not hold any more."""
    if known is None or len(known) > 200:
        return None
    try:
        return identity.authenticate(place.registry, known)
    except SessionOver:
        return None


def keep(
    response: Response, settings: Settings, cookie: str, value: str | None, base: str, hidden: bool = True
) -> None:
    """Set a cookie of this site, or (None) take it away; nothing but this site gets it."""
    path, secure = base or "/", settings.origin.startswith("https://")
    if value is None:
        response.delete_cookie(cookie, path=path, secure=secure, httponly=hidden, samesite="lax")
    else:
        response.set_cookie(cookie, value, path=path, secure=secure, httponly=hidden, samesite="lax")
