"""The local door: an agency's own systems ask in plain JSON on loopback; the node signs, seals, sends, verifies and keeps.

`POST /local/requests` with `authorization: Bearer …` (the token of the home) and
`{"agreement", "case", "operation", "keys", "elements"}`; the answer has `message`, by which a proof is asked for.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from quanmin.errors import QuanminError, http_status
from quanmin.exchange.member.enrolment import folder
from quanmin.exchange.node.errors import DoorClosed, NoSuchVerb, TooLarge
from quanmin.exchange.node.node import Node
from quanmin.exchange.request import ask, asked
from quanmin.exchange.request.errors import RequestUnreadable
from quanmin.exchange.request.question import Question
from quanmin.settings import Settings

PATH, FILE = "/local/requests", "token"
LARGEST = 1 << 20
"""Bytes of a request."""
SECONDS = 20.0
"""Within which a request has to be there."""
_FIELDS = {"agreement", "case", "operation", "keys", "elements"}


def token(settings: Settings) -> str:
    """The token of a home, made the first time; its file is the owner's only."""
    path = folder(settings) / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
    except FileExistsError:
        pass
    return Path(path).read_text("ascii").strip()


class Door:
    """Serves one node's door on loopback in a thread; `close` ends it."""

    def __init__(self, node: Node, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), node, token(node.settings))
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="exchange-door", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], node: Node, own: str) -> None:
        self.node, self.own = node, own
        super().__init__(address, _Request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody went away: nobody needs a traceback."""


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_POST(self) -> None:
        """Answer a request."""
        try:
            status, told = self._answered()
        except QuanminError as error:
            status, told = http_status(error.category), error.to_dict()
            self.close_connection = True
        body = json.dumps(told, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answered(self) -> tuple[int, dict[str, Any]]:
        scheme, _, given = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self.server.own.encode()):
            raise DoorClosed()
        if self.path != PATH:
            raise NoSuchVerb(method="POST", path=self.path[:100])
        size = self.headers.get("content-length", "")
        if not size.isdecimal() or int(size) > LARGEST:
            raise TooLarge(limit=LARGEST)
        told = _read(self.rfile.read(int(size)))
        agreement, case = told.pop("agreement", None), told.pop("case", None)
        if not isinstance(agreement, str) or not (case is None or isinstance(case, str)):
            raise RequestUnreadable(where="agreement, case")
        question = Question.read(json.dumps(told).encode())
        answer = ask(self.server.node, asked(self.server.node, agreement), question, case)
        return answer.status, answer.to_dict()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: paths and addresses are in nobody's log."""

    def log_error(self, *_told: Any) -> None:
        """Nothing either."""


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestUnreadable(where="JSON") from None
    if not isinstance(told, dict) or set(told) - _FIELDS:
        raise RequestUnreadable(where=", ".join(sorted(_FIELDS)))
    return told
