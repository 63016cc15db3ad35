"""What stands before every request: the host is ours, a form comes from our pages, a body is bounded; headers.

CSRF by `Sec-Fetch-Site` and `Origin` (no tokens in pages, so that pages can be cached). The policy of content allows nothing but
files of this site: no inline script or style, no other host, no frame.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quanmin.errors import QuanminError
from quanmin.settings import Settings
from quanmin.web.errors import FromElsewhere, TooLarge, UnknownHost

BODY = 1 << 20
"""Bytes that a form may have; uploads have their own address and limit."""
UPLOADS = "/uploads/"
SELF_BOUNDED = ("/api/action/resource_", "/api/3/action/resource_")
"""Addresses that take files besides, and bound what they read themselves."""
WHOLE = (UPLOADS, "/files/", "/data/v1/exports/")
"""Addresses that answer HEAD themselves: what they would send is not to be read for it."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    """The outermost layer. `refuse` makes the answer of an error."""

    def __init__(
        self, app: ASGIApp, settings: Settings, refuse: Callable[[Scope, Receive, QuanminError], ASGIApp]
    ) -> None:
        self._app, self._refuse = app, refuse
        own = urlsplit(settings.origin)
        self._hosts = {own.hostname or "", *settings.hosts}
        self._secure = own.scheme == "https"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        app, headers = self._app, Headers(scope=scope)
        if scope["method"] == "HEAD" and not any(one in scope["path"] for one in WHOLE):
            scope["method"], send = "GET", _bodiless(send)
        wrong = self._wrong(scope, headers)
        if wrong is not None:
            app = self._refuse(scope, receive, wrong)
        await app(scope, receive if wrong else _bounded(scope, receive), self._sealed(scope, send))

    def _wrong(self, scope: Scope, headers: Headers) -> QuanminError | None:
        host = headers.get("host", "")
        if (urlsplit(f"//{host}").hostname if host.isprintable() else None) not in self._hosts:
            return UnknownHost()
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not _own(headers, host):
            return FromElsewhere()
        length = headers.get("content-length", "0")
        if _form(scope) and (not length.isdigit() or int(length) > BODY):
            return TooLarge(limit=BODY)
        return None

    def _sealed(self, scope: Scope, send: Send) -> Send:
        """Every answer gets the headers; what is somebody's is kept by nobody."""

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                if self._secure:
                    headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
            await send(message)

        return sealed


def _bodiless(send: Send) -> Send:
    """What a page would answer, without its body: who only asks whether it is there."""

    async def bodiless(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return bodiless


def _own(headers: Headers, host: str) -> bool:
    """Whether a request that changes something comes from a page of this site, or from no browser and without a cookie."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == host
    return "cookie" not in headers


def _form(scope: Scope) -> bool:
    plain = UPLOADS not in scope["path"] and not scope["path"].startswith(SELF_BOUNDED)
    return scope["method"] not in ("GET", "HEAD", "OPTIONS") and plain


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """A form that says nothing of its length ends at the limit, too: what is beyond is not read."""
    if not _form(scope):
        return receive
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > BODY else message

    return bounded
