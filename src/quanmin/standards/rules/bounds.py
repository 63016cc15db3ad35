"""range: the number or date lies between two limits, both included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import pyarrow as pa

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.rules.rule import Row, Rule, today_of
from quanmin.standards.value import day_of
from quanmin.text import Text

Limit = float | int | str | date | None
TODAY = "today"
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, kw_only=True)
class Range(Rule):
    """The value is at least `minimum` and at most `maximum`: numbers for numbers, for dates an ISO date or "today"."""

    kind: ClassVar[str] = "range"

    minimum: Limit = None
    maximum: Limit = None

    def __post_init__(self) -> None:
        for limit in (self.minimum, self.maximum):
            if isinstance(limit, str) and limit != TODAY:
                try:
                    date.fromisoformat(limit)
                except ValueError:
                    raise ValueError(
                        f"rule {self.id}: a limit is a number, an ISO date or today, not {limit}"
                    ) from None
        if self.code is None and TODAY in (self.minimum, self.maximum):
            object.__setattr__(self, "code", "E14")
        super().__post_init__()

    def statement(self) -> Text:
        """The rule in words."""
        label = self.labels[0]
        low = "" if self.minimum is None else f"{self.minimum:g}" if _is_number(self.minimum) else str(self.minimum)
        high = "" if self.maximum is None else f"{self.maximum:g}" if _is_number(self.maximum) else str(self.maximum)
        return Text(f"{label.zh}在 [{low}, {high}] 之内", f"{label.en} lies in [{low}, {high}]")

    def mask(self, columns: Columns) -> Mask:
        """Rows whose value lies outside."""
        type_ = columns[self.element].type
        dated = pa.types.is_date(type_) or pa.types.is_timestamp(type_)
        low, high = self._limits(dated, columns.today)
        values, failing = columns.numeric(self.element), columns.none()
        if low is not None:
            failing |= values < low
        if high is not None:
            failing |= values > high
        return failing & columns.present(self.element) if failing.any() else failing

    def fails(self, row: Row) -> bool:
        """Whether the row's value lies outside."""
        value: Any = row[self.element]
        if value is None:
            return False
        day = day_of(value)
        low, high = self._limits(day is not None, today_of(row))
        number = value if day is None else day.toordinal() - _EPOCH
        return (low is not None and number < low) or (high is not None and number > high)

    def _limits(self, dated: bool, today: date) -> tuple[float | None, float | None]:
        """Both limits as numbers (dates as days since 1970); a limit of the other type limits nothing."""
        low, high = (_number(limit, today) for limit in (self.minimum, self.maximum))
        return (
            None if low is None or _is_number(self.minimum) == dated else low,
            None if high is None or _is_number(self.maximum) == dated else high,
        )


def _is_number(limit: Limit) -> bool:
    return isinstance(limit, int | float)


def _number(limit: Limit, today: date) -> float | None:
    if limit is None or isinstance(limit, int | float):
        return limit
    day = today if limit == TODAY else date.fromisoformat(str(limit))
    return day.toordinal() - _EPOCH
