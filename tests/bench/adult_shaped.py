"""Tables of the shape of UCI Adult: nine quasi-identifiers with as many values, marginals and dependences of our own.

The numbers of values are Adult's (2, 74, 5, 7, 16, 42, 8, 14, 2), the heights of the hierarchies those that it is usually given
(2, 5, 2, 3, 4, 3, 3, 3, 2: 12,960 nodes). No row is a row of Adult.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.opendata.microdata import Hierarchy, flat, numbers

Codes = NDArray[np.int64]
SIZES = {
    "sex": 2, "age": 74, "race": 5, "marital": 7, "education": 16, "country": 42, "workclass": 8, "occupation": 14, "salary": 2,
}  # fmt: skip
FIRST_AGE = 17
BASE, ANEW = 30_162, 0.05
HEADS = {"sex": 0.68, "race": 0.86, "marital": 0.47, "country": 0.91, "workclass": 0.74, "occupation": 0.14}
WIDTHS = {"marital": (3,), "education": (4, 8), "country": (7,), "workclass": (3,), "occupation": (4,)}
"""How many neighbours stand under one label at each further level."""


def hierarchies() -> dict[str, Hierarchy]:
    """The hierarchy of each column."""
    found = {name: _grouped(name, size, WIDTHS.get(name, ())) for name, size in SIZES.items()}
    return found | {"age": numbers(FIRST_AGE, FIRST_AGE + SIZES["age"] - 1, (5, 10, 20))}


def _grouped(name: str, size: int, widths: tuple[int, ...]) -> Hierarchy:
    if not widths:
        return flat(name, [f"{name} {n}" for n in range(size)])
    return Hierarchy(name, {f"{name} {n}": tuple(f"{name} {n // w * w}-{w}" for w in widths) for n in range(size)})


def adult_shaped(rows: int, seed: int = 7) -> pa.Table:
    """So many rows, the same for the same seed: people of a base drawn again and again, with one cell in twenty drawn anew."""
    random = np.random.default_rng(seed)
    base = _base(random)
    drawn = random.integers(0, BASE, rows)
    codes = {name: own[drawn] for name, own in base.items()}
    for name, own in codes.items():
        anew = np.flatnonzero(random.random(rows) < ANEW)
        own[anew] = base[name][random.integers(0, BASE, len(anew))]
    return pa.table({name: _column(name, own) for name, own in codes.items()})


def _base(random: np.random.Generator) -> dict[str, Codes]:
    codes = {name: _skewed(random, size, HEADS.get(name, 0.3)) for name, size in SIZES.items()}
    codes["age"] = np.clip(random.gamma(5.0, 4.4, BASE).astype(np.int64), 0, SIZES["age"] - 1)
    young = (codes["age"] < 10) & (random.random(BASE) < 0.7)
    codes["marital"] = np.where(young, 1, codes["marital"])
    trained = random.random(BASE) < 0.5
    codes["occupation"] = np.where(trained, (codes["education"] * 3) % SIZES["occupation"], codes["occupation"])
    codes["salary"] = (random.random(BASE) < (codes["education"] < 4) * 0.3 + 0.1).astype(np.int64)
    return codes


def _skewed(random: np.random.Generator, size: int, head: float) -> Codes:
    """The first value has the share `head`, each other three quarters of the one before."""
    tail = 0.75 ** np.arange(size - 1)
    share = np.concatenate([[head], (1 - head) * tail / tail.sum()])
    return np.searchsorted(np.cumsum(share)[:-1], random.random(BASE)).astype(np.int64)


def _column(name: str, codes: Codes) -> pa.Array:
    if name == "age":
        return pa.array(codes + FIRST_AGE, pa.int16())
    words = pa.array([f"{name} {n}" for n in range(SIZES[name])])
    return words.take(pa.array(codes))
