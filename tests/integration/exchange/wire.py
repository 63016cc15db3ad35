"""A TCP proxy that cuts, delays, repeats and replays what goes through it, by a plan of one entry for each connection."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from dataclasses import dataclass, field

FAULTS = (
    "in head",
    "after head",
    "in body",
    "before answer",
    "in answer head",
    "in answer body",
    "half closed",
    "late",
    "twice",
    "replayed",
)
"""Where a connection is cut, or what else happens to its message."""


@dataclass
class Wire:
    """Goes to `target` on loopback; `faults` are taken one by one, after which all goes through."""

    target: int
    dice: random.Random
    faults: list[str] = field(default_factory=list)
    met: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        self.old = list[bytes]()
        self.lock = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(near,), daemon=True).start()

    def _one(self, near: socket.socket) -> None:
        with self.lock:
            fault = self.faults.pop(0) if self.faults else ""
        with near, contextlib.suppress(OSError):
            near.settimeout(3)
            request = _message(near)
            self._carry(near, request, fault)

    def _carry(self, near: socket.socket, request: bytes, fault: str) -> None:
        head = request.index(b"\r\n\r\n") + 4
        with self.lock:
            if fault:
                self.met.append(fault)
            old = self.dice.choice(self.old) if self.old else b""
            self.old.append(request)
            where = self.dice.random()
        if fault == "late":
            time.sleep(0.05 + 0.1 * where)
        if fault == "replayed" and old:
            self._sent(old)
        if fault in ("in head", "after head", "in body", "half closed"):
            ends = {"in head": int(head * where), "after head": head, "half closed": head}
            end = ends.get(fault, head + int((len(request) - head) * where))
            self._sent(request[:end], half=fault == "half closed")
            return
        answer = self._sent(request)
        if fault == "twice":
            answer = self._sent(request)
        if fault == "before answer":
            return
        if fault in ("in answer head", "in answer body"):
            middle = answer.find(b"\r\n\r\n") + 4
            answer = answer[: int(middle * where)] if fault == "in answer head" else answer[:-1]
        near.sendall(answer)

    def _sent(self, request: bytes, half: bool = False) -> bytes:
        """Send bytes on a connection of their own; what is answered until it is closed (nothing where it was cut)."""
        with socket.create_connection(("127.0.0.1", self.target), timeout=3) as far:
            far.sendall(_closing(request))
            if half:
                far.shutdown(socket.SHUT_WR)
            elif not _whole(request):
                return b""
            answer = b""
            while block := far.recv(1 << 16):
                answer += block
            return answer


def _whole(text: bytes) -> bool:
    head = text.find(b"\r\n\r\n") + 4
    return head > 3 and len(text) >= head + _length(text)


def _closing(request: bytes) -> bytes:
    """The same, and the connection is closed when it is answered: a plan has one entry for each message."""
    line, end, rest = request.partition(b"\r\n")
    return line + end + b"connection: close\r\n" + rest if end else request


def _message(near: socket.socket) -> bytes:
    text = b""
    while not _whole(text):
        block = near.recv(1 << 16)
        if not block:
            raise OSError("closed")
        text += block
    return text


def _length(text: bytes) -> int:
    for line in text.partition(b"\r\n\r\n")[0].lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
