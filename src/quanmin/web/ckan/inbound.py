"""What comes in: no more is read than may be; the rest of a refused call is thrown away, so that its sender reads the answer."""

from __future__ import annotations

from starlette.types import Message, Receive

from quanmin.web.errors import TooLarge
from quanmin.web.guard import BODY

DRAINED = 64 << 20
"""Bytes of a refused call that are thrown away at most."""


class Inbound:
    """The body of one request; `limit` bytes of it may be read."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._size, self._done = receive, 0, False
        self.limit = BODY

    async def __call__(self) -> Message:
        """The next piece; TooLarge."""
        message = await self._next()
        if self._size > self.limit:
            raise TooLarge(limit=self.limit)
        return message

    async def drain(self) -> None:
        """Throw the rest away."""
        while not self._done and self._size < DRAINED:
            await self._next()

    async def _next(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        self._done = message["type"] == "http.disconnect" or not message.get("more_body")
        return message
