"""The hook for a scanner of files: clamd by its INSTREAM command, or a program that reads the file from its standard input.

`QUANMIN_SCANNER` is `tcp://host:port` or `unix:///path` of a clamd, or `command:` with a program and its arguments, which says
by its exit status 0 that nothing was found, 1 that something was (as `clamscan -` and `clamdscan -` do), anything else that it
cannot tell. Whatever goes wrong is no verdict: the file waits.
"""

from __future__ import annotations

import re
import shlex
import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from quanmin.text import Text

State = Literal["clean", "infected", "waiting", "unscanned"]
STATES: dict[State, Text] = {
    "clean": Text("已扫描，未发现问题", "scanned, nothing found"),
    "infected": Text("发现恶意内容", "something was found"),
    "waiting": Text("等待扫描", "waits for the scanner"),
    "unscanned": Text("未经安全扫描（本站未配置扫描器）", "not scanned: this site has no scanner"),
}
SECONDS = 120.0
_BLOCK = 1 << 16
_ANSWER = 4_096
_SIGNATURE = re.compile(r"[A-Za-z0-9._:/+()-]{1,100}")


class Verdict(NamedTuple):
    """What the scanner says of a file, and what it found."""

    state: State
    signature: str | None = None


def scan(scanner: str | None, path: Path, seconds: float = SECONDS) -> Verdict:
    """What a scanner says of a file; `unscanned` without one, `waiting` where it does not answer or cannot tell."""
    if not scanner:
        return Verdict("unscanned")
    try:
        if scanner.startswith("command:"):
            return _command(scanner.removeprefix("command:"), path, seconds)
        return _clamd(scanner, path, seconds)
    except (OSError, ValueError, subprocess.SubprocessError):
        return Verdict("waiting")


def _command(line: str, path: Path, seconds: float) -> Verdict:
    words = shlex.split(line)
    if not words:
        return Verdict("waiting")
    with path.open("rb") as file:
        done = subprocess.run(words, stdin=file, capture_output=True, timeout=seconds, check=False)
    if done.returncode == 0:
        return Verdict("clean")
    if done.returncode == 1:
        return Verdict("infected", _signature(done.stdout[:_ANSWER].decode("utf-8", "replace")))
    return Verdict("waiting")


def _clamd(address: str, path: Path, seconds: float) -> Verdict:
    """INSTREAM of clamd(8): length and bytes of each block, a length of 0 at the end; the answer ends with a zero byte."""
    with _connected(address, seconds) as talk:
        talk.sendall(b"zINSTREAM\0")
        for block in _blocks(path):
            talk.sendall(struct.pack("!I", len(block)) + block)
        talk.sendall(struct.pack("!I", 0))
        answer = _read(talk).decode("utf-8", "replace")
    if answer == "stream: OK":
        return Verdict("clean")
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return Verdict("infected", _signature(answer))
    return Verdict("waiting")


def _connected(address: str, seconds: float) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        talk = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        talk.settimeout(seconds)
        try:
            talk.connect(parts.path)
        except BaseException:
            talk.close()
            raise
        return talk
    if parts.scheme != "tcp" or parts.hostname is None or parts.port is None:
        raise ValueError("no scanner has such an address")
    return socket.create_connection((parts.hostname, parts.port), timeout=seconds)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _read(talk: socket.socket) -> bytes:
    """The answer up to its zero byte, or to the end; at most so much of it."""
    found = b""
    while b"\0" not in found and len(found) < _ANSWER:
        part = talk.recv(_ANSWER)
        if not part:
            break
        found += part
    return found.partition(b"\0")[0].strip()


def _signature(answer: str) -> str:
    """The name of what was found; nothing else of what the scanner says."""
    named = re.search(r":\s*(\S+) FOUND", answer)
    return named.group(1) if named and _SIGNATURE.fullmatch(named.group(1)) else "?"
