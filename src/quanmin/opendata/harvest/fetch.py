"""Asking a source by HTTP, within bounds of host, time and size.

Only the host that the operator named is ever asked: neither a redirection nor a next page leads elsewhere, so that a source
cannot use us to reach what stands behind our walls. No proxy, no compression, no cookies. A watch ends a connection at the
deadline, however slowly its bytes drip.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from quanmin.opendata.harvest.errors import ElsewhereRefused, SourceAway, TooMuch
from quanmin.opendata.harvest.source import Source
from quanmin.version import __version__

_PIECE = 1 << 16
_REDIRECTED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds in all and for one read, bytes of a page and in all, redirections, pages and records."""

    seconds: float = 600.0
    read: float = 20.0
    page: int = 32 << 20
    whole: int = 512 << 20
    redirects: int = 5
    pages: int = 10_000
    records: int = 200_000


@dataclass(frozen=True, slots=True)
class Page:
    """What came: its address after redirections, its bytes and its media type."""

    address: str
    body: bytes
    media: str


class Fetcher:
    """Asks one source, as often as the limits allow. Used by one run."""

    def __init__(self, source: Source, limits: Limits, *, local: bool = False) -> None:
        self._source, self._limits, self._local = source, limits, local
        self._ends = time.monotonic() + limits.seconds
        self._left = limits.whole

    def get(self, address: str, accept: str) -> Page:
        """A page; SourceAway, ElsewhereRefused, TooMuch."""
        if self._source.local:
            return self._file(address)
        for _ in range(self._limits.redirects + 1):
            found = self._ask(self._ours(address), accept)
            if isinstance(found, Page):
                return found
            address = urljoin(address, found)
        raise SourceAway(source=self._source.name, reason="too many redirections")

    def _file(self, address: str) -> Page:
        if not self._local or address != self._source.address:
            raise ElsewhereRefused(source=self._source.name)
        try:
            with Path(unquote(urlsplit(address).path)).open("rb") as stream:
                body = stream.read(self._limits.page + 1)
        except OSError as error:
            raise SourceAway(source=self._source.name, reason=error.strerror or "unreadable") from None
        self._count(len(body), len(body))
        return Page(address, body, "")

    def _ours(self, address: str) -> SplitResult:
        """The parts of an address on the host that was named."""
        try:
            parts, named = urlsplit(address), urlsplit(self._source.address)
            same = (parts.scheme, parts.hostname, parts.port) == (named.scheme, named.hostname, named.port)
        except ValueError:
            same = False
        if not same or not address.isprintable() or " " in address:
            raise ElsewhereRefused(source=self._source.name)
        return parts

    def _ask(self, parts: SplitResult, accept: str) -> Page | str:
        """A page, or where it went."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TooMuch(source=self._source.name, limit=f"{self._limits.seconds:g} s")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=min(self._limits.read, left))
        watch = threading.Timer(left, _cut, [connection])
        watch.daemon = True
        watch.start()
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            said = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": f"quanmin/{__version__}"}
            connection.request("GET", _quoted(path), headers=said)
            return self._answer(connection.getresponse(), parts.geturl())
        except (OSError, http.client.HTTPException, ValueError) as error:
            if time.monotonic() >= self._ends:
                raise TooMuch(source=self._source.name, limit=f"{self._limits.seconds:g} s") from None
            raise SourceAway(source=self._source.name, reason=type(error).__name__) from None
        finally:
            watch.cancel()
            connection.close()

    def _answer(self, answer: http.client.HTTPResponse, address: str) -> Page | str:
        where = answer.getheader("location")
        if answer.status in _REDIRECTED and where:
            return where
        if answer.status != 200:
            raise SourceAway(source=self._source.name, reason=f"HTTP {answer.status}")
        if answer.getheader("content-encoding", "identity").lower() != "identity":
            raise SourceAway(source=self._source.name, reason="a compressed answer")
        body = bytearray()
        while piece := answer.read1(_PIECE):
            body += piece
            self._count(len(piece), len(body))
            if time.monotonic() > self._ends:
                raise TooMuch(source=self._source.name, limit=f"{self._limits.seconds:g} s")
        if answer.length:
            raise SourceAway(source=self._source.name, reason="an answer that was cut off")
        return Page(address, bytes(body), answer.getheader("content-type", "").partition(";")[0].strip().lower())

    def _count(self, more: int, page: int) -> None:
        self._left -= more
        if page > self._limits.page or self._left < 0:
            raise TooMuch(source=self._source.name, limit=f"{min(self._limits.page, self._limits.whole):,} B")


def _quoted(path: str) -> str:
    return quote(path, safe="/?&=%:;,+~!*'()$@-._")


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a connection from another thread."""
    held = connection.sock
    if held is not None:
        try:
            held.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
