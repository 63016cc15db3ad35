"""Counts of values as facets: of each the most frequent values, equal ones by code, sorted in one go.

Facet, count and place among the codes are packed into one integer a value, so that one sort does for all facets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from quanmin.opendata.catalogue.projection import FACETS, Value

_BITS = 28
_MOST = np.uint64((1 << _BITS) - 1)


class Tally:
    """Knows the values; `facets(counts)` takes a count of each of them."""

    def __init__(self, values: Sequence[Value]) -> None:
        codes = sorted(range(len(values)), key=lambda number: values[number].code)
        self._values = [(values[number].code, values[number].title._asdict()) for number in codes]
        place = np.empty(len(values), np.uint64)
        place[codes] = np.arange(len(values), dtype=np.uint64)
        facet = np.array([FACETS.index(value.facet) for value in values], np.uint64)
        self._low = (facet << np.uint64(2 * _BITS)) | place
        self._starts = np.arange(len(FACETS) + 1, dtype=np.uint64) << np.uint64(2 * _BITS)

    def facets(
        self, counts: npt.NDArray[np.int64], wanted: Sequence[str], limit: int
    ) -> dict[str, list[dict[str, Any]]]:
        """The values of each wanted facet that have a count, the most frequent first, at most `limit` of each."""
        some = np.flatnonzero(counts)
        keys = self._low[some] | ((_MOST - counts[some].astype(np.uint64)) << np.uint64(_BITS))
        keys.sort()
        starts = np.searchsorted(keys, self._starts).tolist()
        return {facet: self._listed(keys, starts[FACETS.index(facet) :][:2], limit) for facet in wanted}

    def _listed(self, keys: npt.NDArray[np.uint64], span: list[int], limit: int) -> list[dict[str, Any]]:
        chosen = keys[span[0] : min(span[1], span[0] + limit)]
        counts = (_MOST - ((chosen >> np.uint64(_BITS)) & _MOST)).tolist()
        places = (chosen & _MOST).tolist()
        found = [(*self._values[place], count) for place, count in zip(places, counts, strict=True)]
        return [{"value": code, "title": title, "count": count} for code, title, count in found]
