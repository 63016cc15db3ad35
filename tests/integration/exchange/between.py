"""Somebody between two nodes, who has the certificates of both: reads, alters, repeats, holds back and makes up."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from quanmin.exchange.member import enrolment, tls

from .wire import _closing, _message

Alter = Callable[[bytes], bytes]


def same(text: bytes) -> bytes:
    """Nothing is altered."""
    return text


@dataclass
class Between:
    """Between the agency and the platform of an exchange; `origin` is where the agency reaches it."""

    exchange: Any
    request: Alter = same
    answer: Alter = same
    times: int = 1
    made_up: Callable[[ssl.SSLSocket], None] | None = None
    asked: list[bytes] = field(default_factory=list)
    answered: list[bytes] = field(default_factory=list)

    def __enter__(self) -> Between:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.origin = f"https://127.0.0.1:{self._door.getsockname()[1]}"
        self._as_platform = tls.server(self.exchange.platform.settings)
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_told: object) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(near,), daemon=True).start()

    def _one(self, plain: socket.socket) -> None:
        plain.settimeout(5)
        with contextlib.suppress(OSError), self._as_platform.wrap_socket(plain, server_side=True) as near:
            self.asked.append(_message(near))
            if self.made_up is not None:
                self.made_up(near)
                return
            for _ in range(self.times):
                text = sent(self.exchange, self.request(self.asked[-1]))
                self.answered.append(text)
            near.sendall(self.answer(text))


def connected(exchange: Any, secured: ssl.SSLContext | None = None) -> ssl.SSLSocket:
    """A connection to the platform with the agency's certificate."""
    plain = socket.create_connection(("127.0.0.1", exchange.platform_listener.port), timeout=5)
    context = secured or tls.client(exchange.agency.settings, exchange.agency.directory)
    return context.wrap_socket(plain, server_hostname=enrolment.server_name("health"))


def sent(exchange: Any, request: bytes) -> bytes:
    """Bytes to the platform on a connection of their own; all that is answered."""
    with connected(exchange) as far:
        far.sendall(_closing(request))
        return everything(far)


def everything(far: ssl.SSLSocket) -> bytes:
    """What comes until the connection ends."""
    text = b""
    with contextlib.suppress(OSError):
        while block := far.recv(1 << 16):
            text += block
    return text


def endless(near: ssl.SSLSocket) -> None:
    """An answer that does not end."""
    near.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    block = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    for _ in range(10_000):
        near.sendall(block)


def slow(near: ssl.SSLSocket) -> None:
    """An answer a byte at a time."""
    for one in b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n" + bytes(100):
        near.sendall(bytes([one]))
        time.sleep(0.1)


def gone(near: ssl.SSLSocket) -> None:
    """No answer."""
    near.close()


def without(name: bytes) -> Alter:
    """A header is left out."""

    def alter(text: bytes) -> bytes:
        head, _, body = text.partition(b"\r\n\r\n")
        lines = [one for one in head.split(b"\r\n") if not one.lower().startswith(name + b":")]
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    return alter


def header(name: bytes, value: bytes) -> Alter:
    """A header has another value, or is there."""

    def alter(text: bytes) -> bytes:
        line, end, rest = without(name)(text).partition(b"\r\n")
        return line + end + name + b": " + value + end + rest

    return alter


def body(text: bytes) -> bytes:
    """The last byte is another one."""
    return text[:-1] + bytes([text[-1] ^ 1])


def start(old: bytes, new: bytes) -> Alter:
    """Something of the first line is something else."""

    def alter(text: bytes) -> bytes:
        line, end, rest = text.partition(b"\r\n")
        return line.replace(old, new) + end + rest

    return alter
