"""What a signed message says beside its body, and how HTTP carries it.

An HTTP message of the exchange is `Http` here, whoever sends it over whatever client. Its envelope stands in headers, all of
which the signature (RFC 9421) covers; `Content-Digest` (RFC 9530) ties the body to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args
from urllib.parse import quote, unquote

Origin = Literal["consumer", "platform", "provider"]
"""Whose fault a refusal is: of whoever asked, of the exchange on the way, or of whoever was to answer."""
ORIGINS: tuple[Origin, ...] = get_args(Origin)

ID, SENDER, RECEIVER = "exchange-id", "exchange-sender", "exchange-receiver"
AGREEMENT, CASE = "exchange-agreement", "exchange-case"
REQUEST, REQUEST_DIGEST, FAULT = "exchange-request-id", "exchange-request-digest", "exchange-fault"
SEALED = "exchange-sealed"
"""The media type of a body that was sealed on the way out, and is opened on the way in."""


@dataclass(frozen=True)
class Envelope:
    """Who says something to whom, under which agreement (`A-2026-0001;v=2`), for which case.

    `request` and `request_digest` (SHA-256 in hex over the signature base of the request) are of responses only; `fault` is
    set where the response is a refusal. A case number may have any letters: its header has them percent-encoded (UTF-8).
    """

    id: str
    sender: str
    receiver: str
    agreement: str | None = None
    case: str | None = None
    request: str | None = None
    request_digest: str | None = None
    fault: Origin | None = None

    def headers(self) -> dict[str, str]:
        """As HTTP headers; what is not there has none."""
        told = {
            ID: self.id,
            SENDER: self.sender,
            RECEIVER: self.receiver,
            AGREEMENT: self.agreement,
            CASE: case_written(self.case),
            REQUEST: self.request,
            REQUEST_DIGEST: self.request_digest,
            FAULT: self.fault,
        }
        return {name: value for name, value in told.items() if value is not None}


_PLAIN = "!#$&'()*+/:;=?@[]^`{|}<>"
"""Signs of a case number that stand for themselves in its header, beside letters, digits and `_.-~`."""


def case_written(case: str | None) -> str | None:
    """A case number as its header has it."""
    return None if case is None else quote(case, safe=_PLAIN)


def case_read(header: str | None) -> str | None:
    """A case number from its header; ValueError for what is not written as it must be, so that each has one form."""
    if header is None:
        return None
    found = unquote(header, errors="strict")
    if quote(found, safe=_PLAIN) != header:
        raise ValueError("percent-encoding")
    return found


@dataclass(frozen=True)
class Http:
    """One HTTP message: a request (no `status`) or a response. Names of headers are in small letters.

    `authority` is `host:port` as in `@authority` of RFC 9421; a response carries those of the request it answers.
    """

    method: str
    authority: str
    path: str
    query: str = ""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Verified:
    """A message whose signature held: what it says, who signed when by which key, and what exactly was signed (`base`)."""

    envelope: Envelope
    key: str
    algorithm: str
    created: datetime
    base: bytes
    signature: bytes
