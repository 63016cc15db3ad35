"""What the server counts for Prometheus, by the pattern of an address, never by the address itself."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quanmin.version import __version__
from quanmin.web.log import say

BOUNDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Meter:
    """The layer that counts requests and writes one line of the log for each."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._registry = CollectorRegistry()
        names = ("method", "page", "status")
        self._requests = Counter("quanmin_requests", "Requests answered", names, registry=self._registry)
        self._seconds = Histogram(
            "quanmin_request_seconds", "Time to answer", ("page",), registry=self._registry, buckets=BOUNDS
        )
        self._open = Gauge("quanmin_requests_open", "Requests under way", registry=self._registry)
        Gauge("quanmin_info", "The program", ("version",), registry=self._registry).labels(__version__).set(1)

    def text(self) -> bytes:
        """The figures, as Prometheus reads them."""
        return generate_latest(self._registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        self._open.inc()

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            seconds = time.perf_counter() - began
            self._open.dec()
            page = _pattern(scope)
            self._requests.labels(scope["method"], page, str(status)).inc()
            self._seconds.labels(page).observe(seconds)
            if page not in ("cached", "static"):
                say(method=scope["method"], page=page, status=status, ms=round(seconds * 1000, 1))


def _pattern(scope: Scope) -> str:
    """The address with its parameters' names: an address itself may hold somebody's."""
    if scope["path"].startswith("/static/"):
        return "static"
    route = scope.get("route")
    path = getattr(route, "path", None)
    if path is None:
        return "cached" if scope.get("quanmin_cached") else "none"
    return str(scope.get("root_path", "")) + str(path)
