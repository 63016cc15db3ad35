"""Regions by their history: a code that ended is compared as the code that took over from it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quanmin import standards

CODES = 1_000_000


@cache
def _heirs() -> dict[str, str]:
    """The code that stands today for each code that ended, where one code took over from all of it."""
    table = standards.catalogue().regions
    heirs = {}
    for code in table.codes:
        seen, last = {code}, code
        while len(after := table.successors(last)) == 1 and after[0] not in seen:
            last = after[0]
            seen.add(last)
        if last != code:
            heirs[code] = last
    return heirs


def today(code: str) -> str:
    """The code itself, or today's for one that ended; a district that was parted keeps its own."""
    return _heirs().get(code, code)


@cache
def _numbers() -> NDArray[np.int64]:
    numbers = np.arange(CODES)
    for code, heir in _heirs().items():
        numbers[int(code)] = int(heir)
    return numbers


def today_number(codes: NDArray[Any]) -> NDArray[np.int64]:
    """`today` over codes as numbers; what is no code stays as it is."""
    inside = (codes >= 0) & (codes < CODES)
    found: NDArray[np.int64] = np.where(inside, _numbers()[np.where(inside, codes, 0)], codes)
    return found
