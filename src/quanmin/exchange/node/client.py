"""Sending: signed, sealed, kept before it leaves, and the answer believed only when it is the receiver's to this very request."""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
import threading
import uuid
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from quanmin.errors import QuanminError
from quanmin.exchange.log.entry import Entry, Kind
from quanmin.exchange.member.member import Directory, Identity
from quanmin.exchange.message.envelope import Envelope, Http
from quanmin.exchange.message.signature import Signed, sign, verify
from quanmin.exchange.node import sealing
from quanmin.exchange.node.errors import AnswerRefused, NoAddress, Unreachable
from quanmin.exchange.node.handler import BASE, JSON, Answer
from quanmin.exchange.node.node import Journal
from quanmin.exchange.node.server import LARGEST
from quanmin.exchange.terms import Terms
from quanmin.ledger import Ledger
from quanmin.settings import Settings

if TYPE_CHECKING:
    import aiohttp

CONNECT_SECONDS, SILENT_SECONDS, TOTAL_SECONDS = 5.0, 30.0, 120.0


class Client:
    """A `Sender` with an event loop of its own; `send` blocks, `asend` is for that loop and others'."""

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        identity: Identity,
        directory: Callable[[], Directory],
        journal: Journal,
        secure: ssl.SSLContext | None = None,
        name: Callable[[str], str] = str,
    ) -> None:
        self._settings, self._ledger, self._identity = settings, ledger, identity
        self._directory, self._journal, self._secure, self._name = directory, journal, secure, name
        self._skew = timedelta(seconds=settings.exchange_skew)
        self._session: aiohttp.ClientSession | None = None
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="exchange-client", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let connections go."""
        if self._session is not None:
            self.wait(self._session.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def send(self, to: str, method: str, path: str, body: bytes = b"", **told: Any) -> Answer:
        """As `Sender.send` says."""
        answer: Answer = self.wait(self.asend(to, method, path, body, **told))
        return answer

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in the client's loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    async def asend(
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
        address: str | None = None,
    ) -> Answer:
        """The same in the client's event loop. `address` is where to reach the member, when the directory does not say yet."""
        made, at = self._made(to, method, path, body, terms, case, media, message, address), self._ledger.now()
        kept = made.http.body if terms is not None and terms.bodies else None
        out = Entry(
            "out",
            kind,
            made.envelope.id,
            self._identity.member,
            to,
            at,
            hashlib.sha256(made.http.body).hexdigest(),
            len(made.http.body),
            made.base,
            made.key,
            made.signature,
            agreement=made.envelope.agreement,
            case=case,
            delivery=delivery,
            body=kept,
        )
        await self._journal.appended(out)
        status, headers, told = await self._carried(to, made, address)
        return await self._believed(to, made, out, terms, status, headers, told)

    def refusal(self, answer: Answer) -> dict[str, Any]:
        """The error document of a refusal."""
        try:
            found = json.loads(answer.body)
            return found if isinstance(found, dict) and "code" in found else {"code": "-"}
        except ValueError:
            return {"code": "-"}

    def _made(
        self,
        to: str,
        method: str,
        path: str,
        body: bytes,
        terms: Terms | None,
        case: str | None,
        media: str,
        message: str | None,
        address: str | None,
    ) -> Signed:
        at, directory = self._ledger.now(), self._directory()
        origin = urlsplit(address or self._address(directory, to))
        sealed, headers = sealing.closed(directory, to, terms, body, media, at)
        own, _, query = path.partition("?")
        authority = origin.netloc.removesuffix(":443" if origin.scheme == "https" else ":80")
        cited = terms.cited if terms is not None else None
        envelope = Envelope(message or uuid.uuid4().hex, self._identity.member, to, cited, case)
        return sign(self._identity, Http(method, authority, BASE + own, query, None, headers, sealed), envelope, at)

    def _address(self, directory: Directory, to: str) -> str:
        found = directory.member(to).address
        if found is None:
            raise NoAddress(member=to)
        return found

    async def _carried(self, to: str, made: Signed, address: str | None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer; Unreachable, AnswerRefused."""
        import aiohttp
        from yarl import URL

        origin, http = address or self._address(self._directory(), to), made.http
        url = URL(f"{origin}{http.path}" + (f"?{http.query}" if http.query else ""), encoded=True)
        secure: Any = {"ssl": self._secure, "server_hostname": self._name(to)} if self._secure is not None else {}
        try:
            async with self._opened().request(
                http.method, url, data=http.body or None, headers={**http.headers}, allow_redirects=False, **secure
            ) as answer:
                told = bytearray()
                async for part in answer.content.iter_chunked(1 << 20):
                    told += part
                    if len(told) > LARGEST:
                        raise AnswerRefused(member=to, reason=f"> {LARGEST}")
                headers = {name.lower(): ", ".join(answer.headers.getall(name)) for name in answer.headers}
                return answer.status, headers, bytes(told)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unreachable(member=to, reason=type(error).__name__) from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            import aiohttp

            limits = aiohttp.ClientTimeout(TOTAL_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS)
            self._session = aiohttp.ClientSession(
                timeout=limits,
                auto_decompress=False,
                skip_auto_headers=("user-agent", "accept", "accept-encoding"),
                connector=aiohttp.TCPConnector(limit=256, limit_per_host=64, keepalive_timeout=30),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def _believed(
        self, to: str, made: Signed, out: Entry, terms: Terms | None, status: int, headers: dict[str, str], body: bytes
    ) -> Answer:
        http, at = made.http, self._ledger.now()
        answered = Http(http.method, http.authority, http.path, http.query, status, headers, body)
        try:
            found = verify(self._directory(), answered, at, self._skew, self._identity.member, made)
        except QuanminError as error:
            raise AnswerRefused(member=to, reason=_why(status, body, error)) from error
        if found.envelope.sender != to:
            raise AnswerRefused(member=to, reason="sender")
        fault = found.envelope.fault
        digest = hashlib.sha256(body).hexdigest()
        code = self.refusal(Answer(status, body, found.envelope, digest))["code"] if fault else ""
        back = Entry(
            "in",
            "response",
            found.envelope.id,
            to,
            self._identity.member,
            at,
            digest,
            len(body),
            found.base,
            found.key,
            found.signature,
            agreement=out.agreement,
            request=out.message,
            delivery=out.delivery,
            status=status,
            fault=f"{fault} {code}" if fault else None,
            took=int((at - out.at).total_seconds() * 1_000_000),
            body=body if terms is not None and terms.bodies else None,
        )
        await self._journal.appended(back)
        if fault is None:
            sealing.required(terms, answered)
        return Answer(status, sealing.opened(self._identity, answered), found.envelope, digest, fault)


def _why(status: int, body: bytes, error: QuanminError) -> str:
    """Why an answer is not believed; where it is a plain refusal, what that says."""
    try:
        return f"{status} {json.loads(body)['code']!s:.20}" if status >= 400 else error.code
    except (ValueError, KeyError, TypeError):
        return f"{status} {error.code}"
