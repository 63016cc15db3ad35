"""One message in the exchange's log: what was signed, by whom, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Direction = Literal["out", "in"]
Kind = Literal["request", "response", "offer", "chunk", "receipt", "notice"]
"""`offer`: the manifest of a delivery; `receipt`: of one; `notice`: heartbeat, recall, reconciliation, directory, agreement."""
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Entry:
    """A message that went out or came in.

    `base` is what was signed (RFC 9421 signature base), from which together with `signature` and the public key anyone can
    verify it; `digest` is SHA-256 (hex) of the body as it travelled. `took` are microseconds from the request to its response.
    `fault` is `<origin> <code>` of a refusal. `body` is kept where the agreement says so.
    """

    direction: Direction
    kind: Kind
    message: str
    sender: str
    receiver: str
    at: datetime
    digest: str
    size: int
    base: bytes
    key: str
    signature: bytes
    agreement: str | None = None
    case: str | None = None
    request: str | None = None
    delivery: str | None = None
    status: int | None = None
    fault: str | None = None
    took: int | None = None
    body: bytes | None = None
