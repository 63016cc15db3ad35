"""Arrays of numbers as the methods take them: of the right shape, finite and not below zero, or refused with their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quanmin.programs.vital.demography.errors import NegativeNumber, NoDenominator, NotANumber, OtherShape

Floats = NDArray[np.float64]


def counts(name: str, values: Any, size: int | None = None, rows: Sequence[int] | None = None) -> Floats:
    """One value for each of `size` ages; `rows` are the addresses told in errors (default: from 1).

    Raises `OtherShape`, `NotANumber` or `NegativeNumber`.
    """
    found = finite(name, values, size, rows)
    if (found < 0).any():
        raise NegativeNumber(row=_row(found < 0, rows), column=name)
    return found


def finite(name: str, values: Any, size: int | None = None, rows: Sequence[int] | None = None) -> Floats:
    """Like `counts`, but for numbers that may be negative. Raises `OtherShape` or `NotANumber`."""
    found = np.asarray(values, np.float64)
    if found.ndim != 1 or (size is not None and len(found) != size):
        raise OtherShape(name=name, expected=size if size is not None else "1×n", found=found.size)
    if not np.isfinite(found).all():
        raise NotANumber(row=_row(~np.isfinite(found), rows), column=name)
    return found


def table(name: str, values: Any, columns: int) -> Floats:
    """Rows of `columns` ages each, one row for each table. Raises `OtherShape`, `NotANumber` or `NegativeNumber`."""
    found = np.asarray(values, np.float64)
    if found.ndim != 2 or found.shape[1] != columns:
        raise OtherShape(name=name, expected=columns, found=found.shape[-1] if found.ndim else 0)
    for wrong, error in ((~np.isfinite(found), NotANumber), (found < 0, NegativeNumber)):
        if wrong.any():
            raise error(row=int(np.argwhere(wrong)[0, 0]) + 1, column=name)
    return found


def divided(name: str, numerator: float, denominator: float) -> float:
    """A quotient. Raises `NoDenominator` where nothing is below the line."""
    if not denominator > 0:
        raise NoDenominator(name=name)
    return numerator / denominator


def _row(wrong: NDArray[np.bool_], rows: Sequence[int] | None) -> int:
    place = int(np.flatnonzero(wrong)[0])
    return rows[place] if rows is not None else place + 1
