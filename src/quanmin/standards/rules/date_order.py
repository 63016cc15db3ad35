"""date_order: one date does not come before another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.rules.rule import Row, Rule
from quanmin.standards.value import day_of
from quanmin.text import Text


@dataclass(frozen=True, kw_only=True)
class DateOrder(Rule):
    """`elements` are earlier and later: the later is not before the earlier, with `least_years` between them at least.

    Times of day are left out. Who was born on 29 February comes of age on 28 February of a common year: where a month lacks
    the day, a period of years ends on its last day (Civil Code art. 202).
    """

    kind: ClassVar[str] = "date_order"
    arity: ClassVar[tuple[int, int]] = (2, 2)
    default_code: ClassVar[str | None] = "E14"

    least_years: int = 0

    @property
    def element(self) -> str:
        """The later date is blamed."""
        return self.elements[1]

    def statement(self) -> Text:
        """The rule in words."""
        earlier, later = self.labels[:2]
        if not self.least_years:
            return Text(f"{later.zh}不早于{earlier.zh}", f"{later.en} is not before {earlier.en}")
        years = self.least_years
        return Text(
            f"{later.zh}在{earlier.zh}满 {years} 年之后", f"{later.en} is {years} years or more after {earlier.en}"
        )

    def mask(self, columns: Columns) -> Mask:
        """Rows where both are there and the later comes too soon."""
        earlier, later = self.elements
        failing: Mask = columns.numeric(later) < add_years(columns.numeric(earlier), self.least_years)
        return failing & columns.present(earlier) & columns.present(later) if failing.any() else failing

    def fails(self, row: Row) -> bool:
        """Whether both are there and the later comes too soon."""
        earlier, later = (day_of(row[name]) for name in self.elements)
        return earlier is not None and later is not None and later_than(later, earlier, self.least_years)


def later_than(later: date, earlier: date, years: int) -> bool:
    """Whether `later` is before the day on which `years` years since `earlier` are full."""
    year = earlier.year + years
    if year > MAXYEAR:
        return True
    try:
        limit = earlier.replace(year=year)
    except ValueError:  # 29 February in a common year
        limit = date(year, 2, 28)
    return later < limit


def add_years(days: NDArray[np.integer], years: int) -> NDArray[np.integer]:
    """Days since 1970 and `years` later, 29 February going to 28 February where it must."""
    if not years:
        return days
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    moved = months + np.timedelta64(12 * years, "M")
    last = (moved + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    limits: NDArray[np.datetime64] = np.minimum(
        moved.astype("datetime64[D]") + (dates - months.astype("datetime64[D]")), last
    )
    found: NDArray[np.integer] = limits.astype(np.int64)
    return found
