"""Coarser forms: of a date its month or year, of a division its city or province, of a code the one above it.

`coarse` of a policy says how far, such as `month city`; without it dates go to the year and divisions to the city.
"""

from __future__ import annotations

from typing import Literal

from quanmin import standards

DATES: tuple[str, ...] = ("month", "quarter", "year")
REGIONS: dict[str, int] = {"city": 4, "province": 2}
"""How many digits of a division's code are kept."""


def precision(coarse: str) -> tuple[Literal["month", "quarter", "year"], int]:
    """The unit of dates and the kept digits of divisions."""
    words = coarse.split()
    date = next((word for word in words if word in DATES), "year")
    region = next((REGIONS[word] for word in words if word in REGIONS), REGIONS["city"])
    return date, region  # type: ignore[return-value]


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
