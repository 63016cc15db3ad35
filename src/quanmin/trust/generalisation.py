"""Coarser forms: of a date its month or year, of a division its city or province, of a code the one above it.

`coarse` of a policy says how far, such as `month city`; without it dates go to the year and divisions to the city.
"""

from __future__ import annotations

from typing import Literal, get_args

from quanmin import standards

Unit = Literal["month", "quarter", "year"]
DATES: tuple[Unit, ...] = get_args(Unit)
REGIONS: dict[str, int] = {"city": 4, "province": 2}
"""How many digits of a division's code are kept."""


def precision(coarse: str) -> tuple[Unit, int]:
    """The unit of dates and the kept digits of divisions."""
    words = coarse.split()
    date: Unit = next((unit for word in words for unit in DATES if unit == word), "year")
    region = next((REGIONS[word] for word in words if word in REGIONS), REGIONS["city"])
    return date, region


def coarser(values: str) -> dict[str, str]:
    """The code above each code of a value set that has one: `23` stands under `20`, `A01.1` under `A01`."""
    found = standards.catalogue().value_sets.get(values)
    codes = found.codes if found is not None else {}
    return {code: above for code in codes if (above := _above(code, set(codes))) is not None}


def _above(code: str, codes: set[str]) -> str | None:
    """A code that is itself a heading stays as it is; a code without a heading has none and is masked."""
    for length in range(len(code) - 1, 0, -1):
        front = code[:length].rstrip(".")
        for heading in (front, front + "0" * (len(code) - len(front))):
            if heading in codes:
                return heading
    return None
