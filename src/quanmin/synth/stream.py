"""Random streams: one a purpose and partition, so that neither threads nor a new purpose change what another one draws."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def stream(seed: int, purpose: str, partition: int = 0) -> np.random.Generator:
    """The random stream of a purpose in a partition; the same on every machine and with any number of threads."""
    digest = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "big")
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, partition, digest])))


class Weighted:
    """Draws indices with given weights by one table look-up a draw (weights are rounded to one part in 2**bits)."""

    def __init__(self, weights: Sequence[float] | Floats, bits: int = 16) -> None:
        shares = np.asarray(weights, dtype=np.float64)
        edges = np.round(np.cumsum(shares) / shares.sum() * (1 << bits)).astype(np.int64)
        self._table = np.searchsorted(edges, np.arange(1 << bits), side="right").astype(np.int32)
        self._mask = np.uint32((1 << bits) - 1)
        self._type: type[np.unsignedinteger] = np.uint16 if bits == 16 else np.uint32

    def draw(self, rng: np.random.Generator, count: int) -> Ints:
        """`count` indices, 0 to the number of weights less one."""
        drawn: Ints
        if self._type is np.uint16:
            drawn = self._table[rng.integers(0, 1 << 16, count, dtype=np.uint16)]
        else:
            drawn = self._table[rng.integers(0, 1 << 32, count, dtype=np.uint32) & self._mask]
        return drawn


def zipf(count: int, exponent: float = 1.0, shift: float = 2.7) -> Floats:
    """Weights of ranks 1 to `count` by the law of Zipf and Mandelbrot, their sum one."""
    weights = (np.arange(1, count + 1) + shift) ** -exponent
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def chosen(rng: np.random.Generator, count: int, share: float) -> Mask:
    """A mask of `count` rows, each set with probability `share`."""
    return np.asarray(rng.random(count, dtype=np.float32) < share)
