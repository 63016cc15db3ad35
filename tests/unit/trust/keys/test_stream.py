"""Encrypted streams: cut, flipped, swapped, repeated or foreign chunks are refused wherever they are."""

from __future__ import annotations

import io
import os
import tracemalloc

import pytest

from quanmin.trust.keys import Opener, Sealer, suite
from quanmin.trust.keys.errors import Altered

KEY, SIZE = bytes(32), 64
STEP = SIZE + 16


def sealed(plain: bytes, head: bytes = b"head", name: str = "international", key: bytes = KEY) -> bytes:
    target = io.BytesIO()
    sealer = Sealer(target, suite(name), key, head, SIZE)
    for start in range(0, len(plain), 37):
        sealer.write(plain[start : start + 37])
    sealer.finish()
    return target.getvalue()


def opened(stream: bytes, head: bytes = b"head", name: str = "international", key: bytes = KEY) -> bytes:
    opener = Opener(io.BytesIO(stream), suite(name), key, head, SIZE)
    parts = []
    while part := opener.read(50):
        parts.append(part)
    opener.finish()
    return b"".join(parts)


@pytest.mark.parametrize("name", ["international", "national"])
@pytest.mark.parametrize("length", [0, 1, SIZE - 1, SIZE, SIZE + 1, 2 * SIZE, 5 * SIZE + 3])
def test_what_goes_in_comes_out(name: str, length: int) -> None:
    plain = os.urandom(length)
    assert opened(sealed(plain, name=name), name=name) == plain
    with pytest.raises(Altered):
        opened(sealed(plain, name=name)[:-1], name=name)


def test_every_truncation_and_every_flipped_byte_is_refused() -> None:
    whole = sealed(os.urandom(3 * SIZE + 5))
    for length in range(len(whole)):
        with pytest.raises(Altered):
            opened(whole[:length])
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 0x10
        with pytest.raises(Altered):
            opened(bytes(changed))
    with pytest.raises(Altered):
        opened(whole + b"x")


def test_chunks_stay_at_their_place_in_their_stream() -> None:
    plain = os.urandom(4 * SIZE)
    whole, other = sealed(plain), sealed(plain, b"another")
    chunks = [whole[start : start + STEP] for start in range(0, len(whole), STEP)]
    foreign = [other[start : start + STEP] for start in range(0, len(other), STEP)]
    assert len(chunks) == 4
    orders = [[1, 0, 2, 3], [0, 2, 1, 3], [0, 0, 1, 2, 3], [0, 1, 3], [3], [0, 1, 2, 3, 3], [0, 1, 2], []]
    for order in orders:
        with pytest.raises(Altered):
            opened(b"".join(chunks[place] for place in order))
    for place in range(4):
        with pytest.raises(Altered):
            opened(b"".join([*chunks[:place], foreign[place], *chunks[place + 1 :]]))
    with pytest.raises(Altered):
        opened(whole, b"another")
    with pytest.raises(Altered):
        opened(whole, key=b"k" * 32)


def test_memory_does_not_grow_with_the_stream(tmp_path) -> None:
    part, parts = bytes(1 << 20), 48
    tracemalloc.start()
    with (tmp_path / "long").open("wb") as target:
        sealer = Sealer(target, suite("international"), KEY, b"head")
        for _ in range(parts):
            sealer.write(part)
        sealer.finish()
    with (tmp_path / "long").open("rb") as source:
        opener, read = Opener(source, suite("international"), KEY, b"head"), 0
        while got := opener.read(1 << 20):
            read += len(got)
        opener.finish()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read == parts << 20 and peak < 12 << 20
