"""Asking an authority of time stamps by HTTP, within bounds of size and time."""

from __future__ import annotations

import time
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from quanmin.trust.audit.errors import StampUnavailable

MOST = 32_768
"""Bytes of an answer; a larger one is not read."""
SECONDS = 10.0
"""So long the authority may take in all."""
_PIECE = 4096


class _Stay(HTTPRedirectHandler):
    """An authority that sends us elsewhere is not the one that was set."""

    def redirect_request(self, *_given: object) -> None:
        """Nowhere."""


def posted(address: str, body: bytes) -> bytes:
    """The answer, within bounds of size and time; no proxy and no redirection. StampUnavailable."""
    ends = time.monotonic() + SECONDS
    sent = Request(address, body, {"Content-Type": "application/timestamp-query"}, method="POST")
    try:
        with build_opener(ProxyHandler({}), _Stay()).open(sent, timeout=SECONDS) as answer:
            found = b""
            while piece := answer.read1(_PIECE):
                found += piece
                if len(found) > MOST:
                    raise StampUnavailable(reason="too large")
                if time.monotonic() > ends:
                    raise StampUnavailable(reason="too slow")
    except HTTPError as error:
        error.close()
        raise StampUnavailable(reason=f"HTTP {error.code}") from error
    except (OSError, ValueError) as error:
        raise StampUnavailable(reason=type(error).__name__) from error
    return found
