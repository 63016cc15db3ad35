"""Where hierarchies come from: the catalogue's codes and divisions, the calendar, numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from quanmin import standards
from quanmin.opendata.microdata.errors import RecipeInvalid
from quanmin.opendata.microdata.hierarchy import Hierarchy, Leaf, Path
from quanmin.standards.region import RegionTable
from quanmin.text import Text
from quanmin.trust.generalisation import coarser

CALENDAR: dict[str, Callable[[date], str]] = {
    "month": lambda day: f"{day:%Y-%m}",
    "quarter": lambda day: f"{day.year}-Q{(day.month + 2) // 3}",
    "year": lambda day: f"{day.year:04}",
    "5 years": lambda day: _span(day.year, 5),
    "10 years": lambda day: _span(day.year, 10),
}
"""The levels of a date above the day; each is nested in the next."""
LEAVES = 5_000_000
"""More whole numbers are not listed one by one."""


def _span(number: int, width: int) -> str:
    first = number - number % width
    return f"{first}-{first + width - 1}"


def dates(first: date, last: date, levels: Sequence[str] = tuple(CALENDAR)) -> Hierarchy:
    """Days from `first` to `last`, both included, and the levels above them."""
    known = [name for name in CALENDAR if name in levels]
    if last < first or set(levels) - set(known):
        raise RecipeInvalid(reason=Text("日期范围或层次不成立", "the span of dates or its levels make no sense"))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return Hierarchy("dates", {day: tuple(CALENDAR[name](day) for name in known) for day in days}, ranges=True)


def numbers(first: int, last: int, widths: Sequence[int]) -> Hierarchy:
    """Whole numbers from `first` to `last`, both included, in bins of these widths (each a multiple of the one before)."""
    steps = [1, *widths]
    if last - first >= LEAVES:
        raise RecipeInvalid(reason=Text("数值过多，请改用区间", "too many numbers: use bins"))
    if last < first or any(wide <= fine or wide % fine for fine, wide in pairwise(steps)):
        reason = Text("区间宽度须逐级成倍", "each width is a multiple of the one before")
        raise RecipeInvalid(reason=reason)
    paths: dict[Leaf, Path] = {n: tuple(_span(n, width) for width in widths) for n in range(first, last + 1)}
    return Hierarchy("numbers", paths, ranges=True)


def bins(edges: Sequence[float], merged: Sequence[int] = ()) -> Hierarchy:
    """Numbers of any kind: level 0 is the bin [edge, next edge); `merged` joins so many bins at each further level."""
    if len(edges) < 2 or not all(low < high for low, high in pairwise(edges)):
        raise RecipeInvalid(reason=Text("区间端点须递增", "the edges of bins must rise"))
    count = len(edges) - 1

    def told(place: int, width: int) -> str:
        start = place - place % width
        return f"[{edges[start]:g},{edges[min(start + width, count)]:g})"

    paths: dict[Leaf, Path] = {told(n, 1): tuple(told(n, width) for width in merged) for n in range(count)}
    return Hierarchy("bins", paths, ranges=True, edges=tuple(edges))


def regions(table: RegionTable | None = None, day: date | None = None) -> Hierarchy:
    """County, city, province: the codes valid on `day` (any day without one); a code of a higher level stands for itself."""
    known = standards.catalogue().regions if table is None else table
    valid = [code for code in known.codes if _stands(known, code, day)]
    paths: dict[Leaf, Path] = {code: _divisions(known, code) for code in valid}
    return Hierarchy("regions", paths)


def _stands(table: RegionTable, code: str, day: date | None) -> bool:
    return table.valid_on(code, day) if day else any(not row.identity for row in table.history(code))


def _divisions(table: RegionTable, code: str) -> Path:
    """The city and the province of a code; a county right below its province is its own city."""
    chain = [code]
    while (above := table.parent(chain[-1])) is not None:
        chain.append(above)
    return next((one for one in chain if table.level(one) == "city"), chain[-1]), chain[-1]


def codes(values: str) -> Hierarchy:
    """The codes of a value set of the catalogue (system and version), then the headings that its codes stand under."""
    found = standards.catalogue().value_sets.get(values)
    if found is None:
        raise RecipeInvalid(reason=Text("目录中没有这个值域", "the catalogue has no such value set"))
    above = coarser(values)
    return headed(values, found.codes, above.get)


def headed(name: str, leaves: Iterable[str], above: Callable[[str], str | None]) -> Hierarchy:
    """Codes under headings under headings, aligned at the top: a code without a heading stands for itself at each level."""
    chains: dict[str, list[str]] = {}
    for leaf in leaves:
        chain = [leaf]
        while (heading := above(chain[-1])) is not None and heading not in chain:
            chain.append(heading)
        chains[leaf] = chain[::-1]
    deepest = max((len(chain) for chain in chains.values()), default=1)
    return Hierarchy(name, {leaf: _aligned(chain, deepest) for leaf, chain in chains.items()})


def _aligned(chain: Sequence[str], deepest: int) -> Path:
    return tuple(chain[min(len(chain), depth) - 1] for depth in range(deepest - 1, 0, -1))


def prefixes(name: str, leaves: Collection[str], lengths: Sequence[int]) -> Hierarchy:
    """Codes cut to fewer and fewer characters: `A01.1`, `A01`, `A`."""
    if list(lengths) != sorted(set(lengths), reverse=True) or min(lengths, default=1) < 1:
        raise RecipeInvalid(reason=Text("长度须递减且为正", "lengths fall and are positive"))
    return Hierarchy(name, {leaf: tuple(leaf[:length] for length in lengths) for leaf in leaves})
