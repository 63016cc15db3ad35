"""One block, one person: a whole column of keys through a block cipher, and back.

A person key has 57 bits at most, so eight fixed bytes and the key as a big-endian integer fill one block of 16 bytes. A block
cipher under a fixed key is a permutation of blocks: two people never share a pseudonym, none needs a table, and whoever
lacks the key cannot tell the pseudonyms from random ones (beyond seeing that equal ones are equal, which is their purpose).
The weakness of ECB, that equal blocks of a long text show, does not arise: every value is exactly one block. The fixed bytes
are the proof when a pseudonym is led back: a text that was not made here decrypts to others, but for a chance of 2^-64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher
from numpy.typing import NDArray

from quanmin.standards import kernels

MARK = b"quanmin\x01"
WIDTH = 32
_ROWS = 4096
"""Rows worked on at once, so that they stay in the processor's cache."""
_BLOCK = 16


def _digits() -> NDArray[np.uint32]:
    """Two bytes, read as one little-endian number, to their four hexadecimal digits."""
    signs = np.frombuffer(b"0123456789abcdef", np.uint8)
    both = np.arange(1 << 16, dtype=np.uint32)
    places = [(both >> 4) & 15, both & 15, (both >> 12) & 15, (both >> 8) & 15]
    return np.stack([signs[place] for place in places], axis=1).reshape(-1).view("<u4").astype(np.uint32)


_DIGITS = _digits()


def texts(cipher: Cipher[Any], keys: NDArray[np.int64], null: kernels.Mask | None = None) -> pa.Array:
    """The pseudonyms of a column of keys, 32 hexadecimal digits each."""
    rows = len(keys)
    found = np.empty((rows, WIDTH // 4), np.uint32)
    blocks = np.empty((min(rows, _ROWS), 2), ">u8")
    blocks[:, 0] = int.from_bytes(MARK, "big")
    sealed = np.empty(len(blocks) * _BLOCK + _BLOCK, np.uint8)
    work = cipher.encryptor()
    for start in range(0, rows, _ROWS):
        count = min(_ROWS, rows - start)
        blocks[:count, 1] = keys[start : start + count].view(np.uint64)
        work.update_into(blocks[:count].reshape(-1).view(np.uint8).data, sealed.data)
        pairs = sealed[: count * _BLOCK].view("<u2")
        np.take(_DIGITS, pairs, out=found[start : start + count].reshape(-1), mode="clip")
    return kernels.from_fixed(found.view(np.uint8).reshape(rows, WIDTH), null)


def text(cipher: Cipher[Any], key: int) -> str:
    """The pseudonym of one key."""
    return cipher.encryptor().update(MARK + key.to_bytes(8, "big", signed=True)).hex()


def key_of(cipher: Cipher[Any], pseudonym: str) -> int | None:
    """The key behind a pseudonym; None if it is none of this cipher's."""
    try:
        sealed = bytes.fromhex(pseudonym)
    except ValueError:
        return None
    if len(sealed) != _BLOCK or len(pseudonym) != WIDTH:
        return None
    plain = cipher.decryptor().update(sealed)
    return int.from_bytes(plain[8:], "big", signed=True) if plain.startswith(MARK) else None
