"""How often somebody may ask: a bucket of requests for each address that fills up again.

Pages from the cache and built files do not count. Signing in has narrower limits of its own (the identity package's).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from starlette.types import ASGIApp, Receive, Scope, Send

from quanmin.errors import QuanminError
from quanmin.web.errors import TooMany

KNOWN = 20_000
"""Buckets that are remembered; the one not used for longest is forgotten first."""


class Buckets:
    """One bucket for each address. `rate` requests a second, `burst` at once."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, who: str) -> int:
        """Seconds to wait; 0 where the request may pass."""
        with self._lock:
            now = self._clock()
            left, at = self._left.pop(who, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._rate)
            self._left[who] = (max(left - 1, 0.0), now) if left >= 1 else (left, now)
            while len(self._left) > KNOWN:
                self._left.popitem(last=False)
            return 0 if left >= 1 else max(1, round((1 - left) / self._rate))


class Limit:
    """The layer that counts. `rate` requests a second, `burst` at once."""

    def __init__(
        self,
        app: ASGIApp,
        rate: float,
        burst: float,
        refuse: Callable[[Scope, Receive, QuanminError], ASGIApp],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._refuse, self.buckets = app, refuse, Buckets(rate, burst, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http":
            client = scope.get("client")
            wait = self.buckets.take(str(client[0]) if client else "unknown")
            if wait:
                app = self._refuse(scope, receive, TooMany(seconds=wait))
        await app(scope, receive, send)
