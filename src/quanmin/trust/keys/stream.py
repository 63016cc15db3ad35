"""A long encrypted stream in chunks whose order and end are proven: nothing can be cut off, moved, repeated or brought in.

Each stream has a key of its own. A chunk's nonce is its number and whether it is the last; the head of the stream is part of
what every chunk proves. So a chunk opens at its place in its stream only, and a stream without its last chunk is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from cryptography.exceptions import InvalidTag

from quanmin.trust.keys.errors import Altered
from quanmin.trust.keys.suite import TAG, Suite, context

CHUNK = 1 << 20


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes((last,))


class Sealer:
    """A file to write plain bytes to; what arrives in `target` is encrypted. `finish` writes the last chunk."""

    def __init__(self, target: BinaryIO, suite: Suite, key: bytes, head: bytes, size: int = CHUNK) -> None:
        self._target, self._size = target, size
        self._aead = suite.aead(suite.derive(key, context("stream", head)))
        self._head, self._number, self._held = head, 0, bytearray()

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Take bytes; whole chunks leave at once."""
        self._held += data
        while len(self._held) > self._size:
            self._put(bytes(self._held[: self._size]), last=False)
            del self._held[: self._size]
        return len(data)

    def finish(self) -> None:
        """Write what is left as the last chunk."""
        self._put(bytes(self._held), last=True)
        self._held.clear()

    def _put(self, plain: bytes, last: bool) -> None:
        self._target.write(self._aead.encrypt(_nonce(self._number, last), plain, self._head))
        self._number += 1


class Opener:
    """A file to read the plain bytes from; Altered at the first chunk that does not hold.

    What was read is proven, but only `finish` proves that it was everything.
    """

    def __init__(self, source: BinaryIO, suite: Suite, key: bytes, head: bytes, size: int = CHUNK) -> None:
        self._source, self._size = source, size
        self._aead = suite.aead(suite.derive(key, context("stream", head)))
        self._head, self._number, self._ended = head, 0, False
        self._held, self._next = memoryview(b""), source.read(size + TAG)
        self.progress: Callable[[int], None] | None = None

    def read(self, count: int = -1) -> bytes:
        """Up to `count` bytes; nothing at the end."""
        parts: list[memoryview] = []
        missing = count if count >= 0 else 1 << 62
        while missing and (len(self._held) or self._advance()):
            part, self._held = self._held[:missing], self._held[missing:]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def finish(self) -> None:
        """Read to the end; Altered unless the last chunk is there and nothing follows it."""
        while self._advance():
            pass

    def _advance(self) -> bool:
        if self._ended:
            return False
        chunk, self._next = self._next, self._source.read(self._size + TAG)
        last = not self._next
        try:
            plain = self._aead.decrypt(_nonce(self._number, last), chunk, self._head)
        except (InvalidTag, ValueError) as error:
            raise Altered(place=f"{self._number}") from error
        self._number, self._ended, self._held = self._number + 1, last, memoryview(plain)
        return bool(plain) or self._advance()
