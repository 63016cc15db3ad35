"""Where something counts on a day: codes of divisions as sources wrote them, as the division that holds then.

A division that ended is counted in its only successor, one that was not there yet in its only predecessor, whatever number of
changes lies between. Where a division was split, nobody can say which part is meant: it counts in the city or province above.
"""

from __future__ import annotations

from datetime import date

from quanmin import standards
from quanmin.standards.region import NATION, RegionTable, stem

_STEPS = 20


def placed(code: str | None, day: date, regions: RegionTable | None = None) -> str:
    """The division of `code` that holds on `day`, as six digits; `NATION` where nothing of it can be told."""
    known = regions or standards.catalogue().regions
    if code is None or not known.ever_valid(code):
        return _above(code, day, known)
    found = _followed(code, day, known)
    return found if found is not None else _above(code, day, known)


def _followed(code: str, day: date, regions: RegionTable) -> str | None:
    """The only division that `code` became or came from on `day`."""
    history = [row for row in regions.history(code) if not row.identity]
    seen = {code}
    for _ in range(_STEPS):
        if regions.valid_on(code, day):
            return code
        if not history:
            return None
        later = (history[-1].valid_to or date.max) < day
        ways = regions.successors(code) if later else regions.predecessors(code)
        if len(ways) != 1 or ways[0] in seen:
            return None
        code = ways[0]
        seen.add(code)
        history = [row for row in regions.history(code) if not row.identity]
    return None


def _above(code: str | None, day: date, regions: RegionTable) -> str:
    """The city or province of a code's digits that holds on `day`."""
    if code is None or len(code) != 6 or not code.isdecimal():
        return NATION
    for candidate in (code[:4] + "00", code[:2] + "0000"):
        if regions.valid_on(candidate, day):
            return candidate
    return NATION


def within(code: str, region: str) -> bool:
    """Whether a division lies in a region or is it."""
    return code.startswith(stem(region))


def area(code: str, region: str) -> str:
    """The division right below a region in which a division within it lies; the region itself where there is none between."""
    if region == NATION:
        return code if code == NATION else code[:2] + "0000"
    if not region.endswith("00") or code == region:
        return region
    if not region.endswith("0000") or code.endswith("00"):
        return code
    above = standards.catalogue().regions.parent(code)
    return above if above is not None and above != region else code
