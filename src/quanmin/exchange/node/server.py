"""The interface of a node as an ASGI application: nothing stands between the socket and the verification of a message.

Each step may refuse a message: read (within limits), certificate, signature, verb, agreement, seal, log, handler. What is
answered is sealed, signed, logged, and only then sent. A refusal is an answer like any other, with the
member at fault in `exchange-fault`; before a signature held there is nobody to answer to, and the refusal is plain.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from quanmin.errors import QuanminError, http_status
from quanmin.exchange.log.entry import Entry
from quanmin.exchange.log.errors import LogClosed, Replayed, StampOverdue
from quanmin.exchange.message.envelope import ORIGINS, SENDER, Envelope, Http, Origin, Verified
from quanmin.exchange.message.errors import HeaderBroken
from quanmin.exchange.message.signature import sign, verify
from quanmin.exchange.node import sealing
from quanmin.exchange.node.errors import AgreementNeeded, AnswerSlow, Busy, NodeFailed, TooLarge, TooSlow
from quanmin.exchange.node.handler import BASE, JSON, Handler, Received, Reply
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.route import Routes
from quanmin.exchange.terms import Terms

log = logging.getLogger(__name__)
LARGEST = 48 << 20
"""Bytes of a body: a chunk of the largest size, sealed."""
READ_SECONDS = 60.0
WORK_SECONDS = 100.0
"""What a handler may take; less than a client waits."""
AT_ONCE = 64
"""Messages that are worked on at once; bodies of more than this would fill the memory."""
_NEW = ("request", "offer")
"""Kinds that begin something, and are refused while no time stamps can be had; what was begun is finished."""
QUICK = 64 << 10
"""Bytes of a body above which hashing and opening leave the event loop."""

Scope = Mapping[str, Any]
Receive = Callable[[], Any]
Send = Callable[[Any], Any]
Peer = Callable[[str | None, bytes | None], None]
"""Whether a member may appear with a certificate (DER): raises CertificateStrange."""


@dataclass
class Message:
    """One message on its way through the steps; what is not known yet is None."""

    http: Http
    at: datetime
    certificate: bytes | None
    verified: Verified | None = None
    handler: Handler | None = None
    terms: Terms | None = None
    entry: Entry | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


class Server:
    """The application. `peer` judges certificates; without one the transport is trusted (a proxy, or a test)."""

    def __init__(
        self,
        node: Node,
        executor: Executor,
        peer: Peer | None = None,
        ready: Callable[[], None] | None = None,
        seconds: float = WORK_SECONDS,
    ):
        self._seconds = seconds
        self._node, self._executor, self._peer = node, executor, peer
        self._ready = ready or (lambda: None)
        self._routes = Routes()
        self._skew = timedelta(seconds=node.settings.exchange_skew)
        self._busy = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one message; never raises."""
        if scope["type"] != "http":
            return
        if self._busy >= AT_ONCE:
            await _plain(send, Busy(), retry=1)
            return
        self._busy += 1
        try:
            await self._answer(scope, receive, send)
        finally:
            self._busy -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        message: Message | None = None
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await _body(scope, receive)
            if body is None:
                return
            message = _message(scope, body, self._node.ledger.now())
            reply = await self._handled(message)
        except TimeoutError:
            await _plain(send, TooSlow(seconds=int(READ_SECONDS)))
            return
        except Exception as error:  # the edge: whatever it is becomes a refusal
            reply = self._refusal(message, error)
        if message is None or message.verified is None:
            await _sent(
                send, reply.status, {"content-type": reply.media, "connection": "close", **_open(reply)}, reply.body
            )
            return
        try:
            http = await self._kept_answer(message, reply)
        except Exception as error:  # the log or a key is away: it may not be answered as if it were kept
            await _plain(send, error if isinstance(error, QuanminError) else _incident(error))
            return
        await _sent(send, http.status or 500, http.headers, http.body)

    async def _kept_answer(self, message: Message, reply: Reply) -> Http:
        """The answer; where the message was here before, a refusal to work on it again."""
        try:
            return await self._told(message, reply)
        except Replayed as error:
            message.entry = None
            return await self._told(message, self._refusal(message, error))

    async def _handled(self, message: Message) -> Reply:
        node, http = self._node, message.http
        large = len(http.body) > QUICK
        await self._aside(large, self._verify, message)
        assert message.verified is not None
        envelope = message.verified.envelope
        message.handler, message.parameters = self._routes.find(http.method, http.path)
        if message.handler.kind in _NEW:
            self._ready()
        message.terms = self._standing(message)
        sealing.required(message.terms, http)
        message.entry = _entry(message)
        if message.handler.kind != "request":  # whatever changes something is known before it does
            await self._kept(message.entry)
        plain = await self._aside(large, sealing.opened, node.identity, http)
        received = Received(envelope, message.terms, message.parameters, _query(http), plain, message.entry.digest)
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._executor, message.handler.handle, node, received)
        try:
            return await asyncio.wait_for(work, self._seconds)
        except TimeoutError:
            raise AnswerSlow(seconds=int(self._seconds)) from None

    def _verify(self, message: Message) -> None:
        node = self._node
        if self._peer is not None:
            self._peer(message.http.headers.get(SENDER), message.certificate)
        message.verified = verify(node.directory(), message.http, message.at, self._skew, node.member)

    def _standing(self, message: Message) -> Terms | None:
        """The terms that are cited, which must be of these two members; AgreementNeeded, NotInForce."""
        assert message.verified is not None and message.handler is not None
        envelope = message.verified.envelope
        if envelope.agreement is None:
            if message.handler.cites:
                raise AgreementNeeded()
            return None
        terms = self._node.agreements.standing(envelope.agreement, message.at)
        if not (terms.between(envelope.sender, envelope.receiver) or self._stands_in(terms, envelope)):
            raise AgreementNeeded()
        return terms

    def _stands_in(self, terms: Terms, envelope: Envelope) -> bool:
        """Whether this is the platform and answers the consumer for a provider that has no node of its own."""
        directory = self._node.directory()
        provider = directory.members.get(terms.provider)
        asked = envelope.sender == terms.consumer and self._node.member == directory.authority
        return asked and provider is not None and provider.address is None

    async def _told(self, message: Message, reply: Reply) -> Http:
        """The answer, sealed, signed and kept."""
        node, asked = self._node, message.verified
        assert asked is not None
        envelope = asked.envelope
        refused = "exchange-fault" in reply.headers
        terms = None if refused else message.terms
        large = len(reply.body) > QUICK
        body, headers = await self._aside(
            large, sealing.closed, node.directory(), envelope.sender, terms, reply.body, reply.media, message.at
        )
        fault: Origin | None = _origin(reply.headers.get("exchange-fault"))
        back = Envelope(uuid.uuid4().hex, node.member, envelope.sender, envelope.agreement, fault=fault)
        other = {name: value for name, value in reply.headers.items() if name != "exchange-fault"}
        answer = Http(
            message.http.method,
            message.http.authority,
            message.http.path,
            message.http.query,
            reply.status,
            {**headers, **other},
            body,
        )
        at = node.ledger.now()
        made = await self._aside(large, sign, node.identity, answer, back, at, asked)
        took = int((at - message.at).total_seconds() * 1_000_000)
        own = Entry(
            "out",
            "response",
            made.envelope.id,
            node.member,
            envelope.sender,
            at,
            hashlib.sha256(body).hexdigest(),
            len(body),
            made.base,
            made.key,
            made.signature,
            agreement=envelope.agreement,
            request=envelope.id,
            delivery=message.parameters.get("id"),
            status=reply.status,
            fault=f"{fault} {_code(reply.body)}" if fault else None,
            took=took,
            body=body if message.terms is not None and message.terms.bodies else None,
        )
        first = [message.entry] if message.entry is not None and self._waits(message) else []
        await self._kept(*first, own)
        told: Http = made.http
        return told

    def _waits(self, message: Message) -> bool:
        """Whether the entry of what came in is kept with that of its answer."""
        return message.handler is not None and message.handler.kind == "request"

    async def _kept(self, *entries: Entry) -> None:
        await self._node.journal.appended(*entries)

    async def _aside(self, large: bool, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run what takes long elsewhere, and everything else here."""
        if not large:
            return work(*arguments)
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments)

    def _refusal(self, message: Message | None, error: Exception) -> Reply:
        known = error if isinstance(error, QuanminError) else _incident(error)
        own = known.category in ("unavailable", "incomplete")
        origin: Origin = "consumer"
        if own:
            terms = message.terms if message is not None else None
            answers = terms is not None and terms.provider == self._node.member
            origin = "provider" if answers and not isinstance(known, LogClosed | StampOverdue) else "platform"
        body = json.dumps(known.to_dict(), ensure_ascii=False).encode()
        headers = {"exchange-fault": origin} | ({"retry-after": "5"} if own else {})
        return Reply(body, http_status(known.category), JSON, headers)


def _open(reply: Reply) -> dict[str, str]:
    """The headers of a refusal that nobody signs."""
    return {name: value for name, value in reply.headers.items() if name != "exchange-fault"}


def _incident(error: Exception) -> NodeFailed:
    """What failed here, told by the number under which it is in the log."""
    number = uuid.uuid4().hex[:12]
    log.error("exchange incident %s", number, exc_info=error)
    return NodeFailed(incident=number)


def _entry(message: Message) -> Entry:
    verified, http = message.verified, message.http
    assert verified is not None and message.handler is not None
    envelope = verified.envelope
    return Entry(
        "in",
        message.handler.kind,
        envelope.id,
        envelope.sender,
        envelope.receiver,
        message.at,
        hashlib.sha256(http.body).hexdigest(),
        len(http.body),
        verified.base,
        verified.key,
        verified.signature,
        agreement=envelope.agreement,
        case=envelope.case,
        delivery=message.parameters.get("id"),
        body=http.body if message.terms is not None and message.terms.bodies else None,
    )


def _message(scope: Scope, body: bytes, at: datetime) -> Message:
    """The message as it came; HeaderBroken for a path that is none, or headers that no text is."""
    headers: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1").lower()
        text = value.decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    path = scope.get("raw_path") or scope["path"].encode()
    if not path.startswith(BASE.encode()):
        raise HeaderBroken(header=":path")
    http = Http(
        scope["method"],
        headers.get("host", ""),
        path.decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        None,
        headers,
        body,
    )
    return Message(http, at, scope.get("state", {}).get("certificate"))


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body, within its limit; None where the client went away."""
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > LARGEST):
            raise TooLarge(limit=LARGEST)
    parts: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return None
        part = event.get("body", b"")
        size += len(part)
        if size > LARGEST:
            raise TooLarge(limit=LARGEST)
        parts.append(part)
        if not event.get("more_body"):
            return b"".join(parts) if len(parts) > 1 else part


def _query(http: Http) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(http.query, keep_blank_values=True, max_num_fields=32)) if http.query else {}


def _origin(text: str | None) -> Origin | None:
    return next((one for one in ORIGINS if one == text), None)


def _code(body: bytes) -> str:
    return str(json.loads(body)["code"])


async def _plain(send: Send, error: QuanminError, retry: int | None = None) -> None:
    body = json.dumps(error.to_dict(), ensure_ascii=False).encode()
    headers = {"content-type": JSON, "connection": "close"} | ({"retry-after": str(retry)} if retry else {})
    await _sent(send, http_status(error.category), headers, body)


async def _sent(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    told = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    told.append((b"content-length", str(len(body)).encode()))
    with contextlib.suppress(TimeoutError):  # whoever does not fetch an answer is left alone with it
        async with asyncio.timeout(READ_SECONDS):
            await send({"type": "http.response.start", "status": status, "headers": told})
            await send({"type": "http.response.body", "body": body})
