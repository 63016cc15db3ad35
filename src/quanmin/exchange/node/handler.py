"""What a node does with a message that came in: handlers by method and path, and how they send messages themselves.

The server verifies signature, certificate, clock, replay and agreement before a handler is called, seals and signs what it
replies, and logs both. A handler runs in a thread; it raises QuanminError to refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from quanmin.exchange.log.entry import Kind
from quanmin.exchange.message.envelope import Envelope, Origin
from quanmin.exchange.terms import Terms

if TYPE_CHECKING:
    from quanmin.exchange.node.node import Node

BASE = "/exchange/v1"
JSON = "application/json"


@dataclass(frozen=True)
class Received:
    """A message that was verified: its envelope, the terms in force it cites (None where none is cited), and the plain body."""

    envelope: Envelope
    terms: Terms | None
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    digest: str
    """SHA-256 (hex) of the body as it travelled."""


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    body: bytes = b""
    status: int = 200
    media: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What a peer answered, once its signature held and it was found to answer this request; `body` is plain."""

    status: int
    body: bytes
    envelope: Envelope
    digest: str
    fault: Origin | None = None


Handle = Callable[["Node", Received], Reply]


@dataclass(frozen=True)
class Handler:
    """One verb of the interface. `kind` is how the log calls its messages; `cites` whether an agreement must be cited."""

    method: str
    path: str
    handle: Handle
    kind: Kind
    cites: bool = True


HANDLERS: dict[tuple[str, str], Handler] = {}


def handler(method: str, path: str, kind: Kind, cites: bool = True) -> Callable[[Handle], Handle]:
    """Register a function for `method` and `path` (below `BASE`, with `{name}` for a part)."""

    def keep(handle: Handle) -> Handle:
        if (method, path) in HANDLERS:
            raise TypeError(f"{method} {path} has a handler")
        HANDLERS[method, path] = Handler(method, path, handle, kind, cites)
        return handle

    return keep


class Sender(Protocol):
    """Sends signed messages to other members; from any thread."""

    def send(
        self,
        to: str,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        kind: Kind = "request",
        terms: Terms | None = None,
        case: str | None = None,
        media: str = JSON,
        delivery: str | None = None,
        message: str | None = None,
    ) -> Answer:
        """Sign, seal where the terms say so, log, send, and give the verified answer.

        `message` repeats a message under its own id (a retry). Unreachable where no answer came, AnswerRefused where the
        answer does not verify; an answer that is a refusal is returned, with its `fault`.
        """
        ...

    def refusal(self, answer: Answer) -> dict[str, Any]:
        """The error document of an answer that is a refusal."""
        ...
