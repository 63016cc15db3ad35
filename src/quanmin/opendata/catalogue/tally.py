"""Counts of values as facets: of each the most frequent values, equal ones by code.

Count and place among the codes are packed into one integer a value, so that one sort does for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from quanmin.opendata.catalogue.projection import FACETS, Value

_BITS = 28
_MOST = (1 << _BITS) - 1


class Tally:
    """Knows the values; `facets(counts)` takes a count of each of them."""

    def __init__(self, values: Sequence[Value]) -> None:
        self._codes = [value.code for value in values]
        self._titles = [value.title._asdict() for value in values]
        listed = sorted(
            range(len(values)), key=lambda number: (FACETS.index(values[number].facet), values[number].code)
        )
        facets = np.array([FACETS.index(values[number].facet) for number in listed], np.int64)
        bounds = np.searchsorted(facets, np.arange(len(FACETS) + 1))
        numbers = np.array(listed, np.int64)
        self._numbers = {facet: numbers[bounds[at] : bounds[at + 1]] for at, facet in enumerate(FACETS)}

    def facets(
        self, counts: npt.NDArray[np.int64], wanted: Sequence[str], limit: int
    ) -> dict[str, list[dict[str, Any]]]:
        """The values of each wanted facet that have a count, the most frequent first, at most `limit` of each."""
        return {facet: self._listed(counts, self._numbers[facet], limit) for facet in wanted}

    def _listed(
        self, counts: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64], limit: int
    ) -> list[dict[str, Any]]:
        of = counts[numbers]
        some = np.flatnonzero(of)
        keys = (_MOST - of[some]) << _BITS | some
        if len(keys) > 4 * limit > 0:
            keys = np.partition(keys, limit - 1)[:limit]
        keys.sort()
        chosen = numbers[keys[:limit] & _MOST]
        told = zip(chosen.tolist(), counts[chosen].tolist(), strict=True)
        return [{"value": self._codes[one], "title": self._titles[one], "count": count} for one, count in told]
