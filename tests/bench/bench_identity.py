"""Citizen numbers a second a core: normalise, check, parse (birth date, sex, region) and encode one realistic column.

Realistic: 1 % missing, 1 % mistyped, 0.5 % of the old form, 0.5 % lower-case x, 0.2 % full width. Run as a script; one thread.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pyarrow as pa
from figure import Figure

from quanmin.standards import kernels

ROWS = 2_000_000
CHUNK = 131_072
FLOOR = 10.0


def column(rows: int = ROWS, seed: int = 1) -> pa.Array:
    """A column of numbers as agencies send them."""
    random = np.random.default_rng(seed)
    born = np.datetime64("1930-01-01") + random.integers(0, 33_000, rows)
    dates = np.char.replace(born.astype(str), "-", "").astype(np.int64)
    keys = (random.integers(110_000, 659_000, rows) * 10**8 + dates) * 1000 + random.integers(0, 1000, rows)
    texts = kernels.decode(keys).to_pylist()
    spell = random.random(rows)
    for row in np.flatnonzero(spell < 0.032).tolist():
        texts[row] = _spoiled(texts[row], float(spell[row]))
    return pa.array(texts, pa.string())


def _spoiled(text: str, chance: float) -> str | None:
    if chance < 0.010:
        return None
    if chance < 0.020:
        return text[:9] + str((int(text[9]) + 1) % 10) + text[10:]
    if chance < 0.025:
        return text[:6] + text[8:17]
    if chance < 0.030:
        return text[:17] + "x"
    return "".join(chr(ord(sign) + 0xFEE0) for sign in text)


def everything(numbers: pa.Array) -> int:
    """All of it, chunk by chunk; gives the count of sound numbers."""
    sound = 0
    for start in range(0, len(numbers), CHUNK):
        read = kernels.read_numbers(numbers.slice(start, CHUNK))
        key = read.person_key
        kernels.birth_dates(key), kernels.sexes(key), kernels.regions(key)
        sound += int(read.ok.sum())
    return sound


def rate(rows: int = ROWS) -> float:
    """Millions of numbers a second in one thread, the best of three runs."""
    numbers = column(rows)
    threads = pa.cpu_count()
    pa.set_cpu_count(1)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        everything(numbers)
        seconds.append(time.perf_counter() - start)
    pa.set_cpu_count(threads)
    return rows / min(seconds) / 1e6


def measure(scale: float) -> list[Figure]:
    """The line of the performance table."""
    found = rate(max(int(ROWS * scale), CHUNK))
    what = "identity numbers: normalise, check, parse, encode"
    note = "one thread, a realistic column, chunks of 131,072"
    return [Figure(what, f"≥ {FLOOR:.0f} M/s/core", f"{found:.1f} M/s/core", found >= FLOOR, note)]


if __name__ == "__main__":
    found = rate()
    print(f"identity numbers: {found:.1f} M/s in one thread (floor {FLOOR:.0f})")
    sys.exit(found < FLOOR)
