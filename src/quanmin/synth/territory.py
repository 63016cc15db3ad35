"""The counties of the province: who lives where, and which code a county bore in which year.

A number carries the code of its first registration. Codes end and are succeeded; for every county of today the table here
holds the code that its land bore in each year since 1980, so that old numbers carry codes that are abolished by now.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache, cached_property

import numpy as np
import pyarrow as pa

from quanmin.standards.region import RegionTable
from quanmin.synth.day import day_of, years
from quanmin.synth.errors import UnknownProvince
from quanmin.synth.stream import Floats, Ints, Weighted, stream

FIRST_YEAR, LAST_YEAR = 1980, 2015
"""The table of regions begins in 1980: whoever was born earlier was born under the code of that year."""

FIRST_NUMBERS = day_of(1985, 9, 6)
"""Citizen numbers have been given since the regulations on identity cards of this day, to the living and the newborn."""

_ELSEWHERE = 60


class Territory:
    """The counties of one province at the end of LAST_YEAR and their codes through time."""

    def __init__(self, regions: RegionTable, province: str, seed: int) -> None:
        self._regions = regions
        self.province = province
        self.counties: tuple[str, ...] = tuple(c for c in self._under(province) if self._whole(c, LAST_YEAR))
        if not self.counties:
            raise UnknownProvince(province=province)
        rng = stream(seed, "territory")
        places = np.array([int(code[4:]) for code in self.counties])
        size = np.exp(rng.normal(0, 0.5, len(places)))
        self.county = Weighted(size)
        self.urban_share: Floats = np.where(places <= 20, 0.86, np.where(places >= 80, 0.45, 0.33))
        self.codes: Ints = np.array([int(code) for code in self.counties], dtype=np.int32)

    @cached_property
    def known(self) -> Ints:
        """Every code that a simulated record may state, sorted."""
        return np.unique(np.concatenate([self.history.ravel(), self.codes, self.elsewhere]))

    @cached_property
    def known_texts(self) -> pa.Array:
        """The codes of `known` as text."""
        return pa.array([f"{code:06d}" for code in self.known], type=pa.string())

    def place(self, codes: Ints) -> Ints:
        """The places of codes in `known`."""
        return np.searchsorted(self.known, codes).astype(np.int32)

    def _under(self, province: str) -> Iterable[str]:
        return (code for code in self._regions.codes if code[:2] == province and self._is_county(code))

    def _is_county(self, code: str) -> bool:
        return self._regions.level(code) == "county" and code[4:] not in ("00", "01")

    def _whole(self, code: str, year: int) -> bool:
        """Whether the code was valid through the year (looked at four times) and, for the first year, always before."""
        days = [date(year, month, 1) for month in (1, 4, 8)] + [date(year, 12, 31)]
        if year == FIRST_YEAR:
            days.append(date.min)
        return all(self._regions.valid_on(code, day) for day in days)

    @cached_property
    def history(self) -> Ints:
        """Codes as integers, shape (counties, years from FIRST_YEAR): the code of each county's land in each year."""
        before = self._predecessors()
        table = np.zeros((len(self.counties), LAST_YEAR - FIRST_YEAR + 1), dtype=np.int32)
        for column, year in enumerate(range(FIRST_YEAR, LAST_YEAR + 1)):
            whole = [code for code in self._under(self.province) if self._whole(code, year)]
            valid = set(whole)
            for row, county in enumerate(self.counties):
                table[row, column] = int(self._bearer(county, before.get(county, ()), whole, valid))
        return table

    def _bearer(self, county: str, before: Iterable[str], whole: list[str], valid: set[str]) -> str:
        if county in valid:
            return county
        ancestors = [code for code in before if code in valid]
        neighbours = [code for code in whole if code[:4] == county[:4]]
        candidates = ancestors or neighbours or whole
        return candidates[int(county) % len(candidates)]

    def _predecessors(self) -> dict[str, list[str]]:
        """For every county of today the codes that it succeeded, directly or not."""
        found: dict[str, list[str]] = {}
        for code in self._under(self.province):
            reached, todo = {code}, [code]
            while todo:
                for heir in self._regions.successors(todo.pop()):
                    if heir not in reached:
                        reached.add(heir)
                        todo.append(heir)
            for heir in sorted(reached - {code}):
                found.setdefault(heir, []).append(code)
        return found

    @cached_property
    def elsewhere(self) -> Ints:
        """Counties of other provinces that people came from, valid all the time."""
        codes = [code for code in self._regions.codes if code[:2] != self.province and self._is_county(code)]
        lasting = [code for code in codes[:: max(1, len(codes) // (3 * _ELSEWHERE))] if self._lasting(code)]
        return np.array([int(code) for code in lasting[:_ELSEWHERE]], dtype=np.int32)

    @cached_property
    def abolished(self) -> tuple[Ints, Ints]:
        """The counties of the province that are no more on the last day of LAST_YEAR: their codes, and their last days."""
        today = date(LAST_YEAR, 12, 31)
        last = {
            code: max(row.valid_to or today for row in self._regions.history(code))
            for code in self._under(self.province)
        }
        ended = {code: day for code, day in last.items() if day < today}
        days = [day_of(day.year, day.month, day.day) for day in ended.values()]
        return np.array([int(code) for code in ended], dtype=np.int32), np.array(days, dtype=np.int32)

    def _lasting(self, code: str) -> bool:
        return all(self._whole(code, year) for year in (FIRST_YEAR, 1985, 1995, 2005, LAST_YEAR))

    def code_on(self, county: Ints, days: Ints) -> Ints:
        """The code that each county (by index) bore on each day, that of FIRST_YEAR for earlier days."""
        column = np.clip(years(days), FIRST_YEAR, LAST_YEAR) - FIRST_YEAR
        return self.history[county, column]

    @cache  # noqa: B019  (one territory lives as long as the simulation)
    def names(self) -> pa.Array:
        """The full names of the counties: province, city, county."""
        return pa.array([self._full_name(code) for code in self.counties], type=pa.string())

    def short_names(self) -> list[str]:
        """The counties' own names."""
        return [self._regions.name(code, date(LAST_YEAR, 12, 31)) or code for code in self.counties]

    def _full_name(self, code: str) -> str:
        day = date(LAST_YEAR, 12, 31)
        parts = dict.fromkeys([code[:2] + "0000", code[:4] + "00", code])
        return "".join(self._regions.name(part, day) or "" for part in parts)
