"""Opening a node: everything it consists of, and the listener that serves it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from quanmin.exchange.agreement import Standing
from quanmin.exchange.log.journal import LedgerJournal
from quanmin.exchange.log.limit import Limit
from quanmin.exchange.member import enrolment, tls
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.known import Known
from quanmin.exchange.node import verbs
from quanmin.exchange.node.client import Client
from quanmin.exchange.node.errors import ListenUnsafe
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.server import Server
from quanmin.exchange.node.worker import Workers
from quanmin.lake import Lake
from quanmin.settings import Settings

THREADS = 8
STOP_SECONDS = 10
IDLE_SECONDS = 30
HEAD_SECONDS = 10.0
HEAD_BYTES = 64 << 10
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@contextmanager
def opened(settings: Settings, lake: Lake | None = None) -> Iterator[Node]:
    """A node of a home, ready to send; with `lake` that of whoever has it open already. NotJoined where it is none."""
    verbs.load()
    own = lake is None
    lake = lake or Lake.open(settings)
    try:
        identity = HomeIdentity.open(settings)
        directory = Known(lake.ledger, settings, identity)
        directory()
        certified = (enrolment.folder(settings) / "tls" / enrolment.CERTIFICATE).exists()
        secure = tls.client(settings, directory) if certified else None
        journal = LedgerJournal(lake.ledger)
        client = Client(settings, lake.ledger, identity, directory, journal, secure, enrolment.server_name)
        agreements = Standing(lake.ledger, settings)
        try:
            yield Node(settings, lake, identity, directory, agreements, journal, client)
        finally:
            client.close()
            journal.close()
    finally:
        if own:
            lake.close()


class WithCertificate(HttpToolsProtocol):
    """HTTP as uvicorn speaks it; the certificate of the other side is in the state of the connection."""

    _deadline: asyncio.TimerHandle | None = None
    _head = 0
    _reads_head = True

    def connection_made(self, transport: Any) -> None:
        """Note the certificate."""
        self._within(HEAD_SECONDS, transport)
        secure = transport.get_extra_info("ssl_object")
        certificate = secure.getpeercert(binary_form=True) if secure is not None else None
        self.app_state = {**self.app_state, "certificate": certificate}
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._within(None)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head begins: it has to be whole in time."""
        self._head, self._reads_head = 0, True
        self._within(HEAD_SECONDS, self.transport)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It is whole; the body's time is counted where it is read."""
        self._reads_head = False
        self._within(None)
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes came; a head without an end is not read on."""
        self._head += len(data) if self._reads_head else 0
        super().data_received(data)
        if self._reads_head and self._head > HEAD_BYTES:
            self.transport.abort()

    def _within(self, seconds: float | None, transport: Any = None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else asyncio.get_running_loop().call_later(seconds, transport.abort)


class Listener:
    """The interface of a node on a socket, served in a thread of its own; `close` lets what is being answered be answered."""

    def __init__(self, node: Node, host: str, port: int, work: bool = True, ready: Callable[[], None] | None = None):
        secure = (enrolment.folder(node.settings) / "tls" / enrolment.CERTIFICATE).exists()
        if not secure and host not in LOOPBACK:
            raise ListenUnsafe(host=host)
        self._executor = ThreadPoolExecutor(THREADS, "exchange")
        self._socket = socket.create_server((host, port), backlog=256)
        ready = ready or Limit(node.ledger, node.settings).require
        self.application = Server(node, self._executor, tls.peer(node.directory) if secure else None, ready)
        context = tls.server(node.settings) if secure else None
        self._server = uvicorn.Server(_config(self.application))
        if context is not None:
            self._server.config.ssl = context
        self._thread = threading.Thread(target=self._serve, name="exchange-listener", daemon=True)
        self._thread.start()
        self._workers = Workers(node) if work else None
        self.port: int = self._socket.getsockname()[1]
        self.origin = f"{'https' if secure else 'http'}://{host}:{self.port}"

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=_loop) as runner:
            runner.run(self._server.serve(sockets=[self._socket]))

    def close(self) -> None:
        """Stop listening, then working."""
        self._server.should_exit = True
        self._thread.join()
        if self._workers is not None:
            self._workers.close()
        self._executor.shutdown()
        self._socket.close()


def _loop() -> asyncio.AbstractEventLoop:
    """uvloop's, whose TLS costs less of a core, where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _config(application: Server) -> uvicorn.Config:
    made = uvicorn.Config(
        application,
        http=WithCertificate,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=None,
    )
    made.load()
    return made
