"""A certificate of death as it was filled in: who, when, where, by whom, and the chain of causes."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from quanmin.programs.vital.death.chain import Chain
from quanmin.standards.element import DATE_FORMATS

_MONTH = re.compile(r"(\d{4})[-/年.]?(0[1-9]|1[0-2])月?", re.ASCII)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YES = {"1", "true", "yes", "y", "是", "t"}
_PLAIN = (
    *("number", "sex", "pregnancy", "version", "document_type", "citizen_number", "region", "institution", "certifier"),
    "underlying",
)
MALE, FEMALE = "1", "2"


class Day(NamedTuple):
    """A day, or the month of a day that nobody knows (`day` is then None)."""

    year: int
    month: int
    day: int | None = None

    @property
    def known(self) -> bool:
        """Whether the day itself is known."""
        return self.day is not None

    @property
    def first(self) -> dt.date:
        """The first day that it can have been."""
        return dt.date(self.year, self.month, self.day or 1)

    @property
    def last(self) -> dt.date:
        """The last day that it can have been."""
        return dt.date(self.year, self.month, self.day or calendar.monthrange(self.year, self.month)[1])

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}" + (f"-{self.day:02d}" if self.day else "")

    @classmethod
    def of(cls, day: dt.date, known: bool = True) -> Day:
        """A date; with `known` false only its month counts."""
        return cls(day.year, day.month, day.day if known else None)


def day_of(value: object) -> Day | None:
    """A date as the standard accepts it, or a year and month (`2026-05`, `2026年05月`); None for anything else."""
    if isinstance(value, dt.date):
        return Day.of(value)
    text = str(value or "").strip()
    if _ISO.fullmatch(text):
        try:
            return Day.of(dt.date.fromisoformat(text))
        except ValueError:
            return None
    for form in DATE_FORMATS:
        try:
            return Day.of(dt.datetime.strptime(text, form).date())
        except ValueError:
            continue
    month = _MONTH.fullmatch(text)
    return Day(int(month[1]), int(month[2])) if month and int(month[1]) else None


@dataclass(frozen=True)
class Certificate:
    """What is on a certificate. Dates that are missing or cannot be read are None; sex is a code of GB/T 2261.1."""

    number: str | None
    chain: Chain
    sex: str | None = None
    birth: dt.date | None = None
    death: Day | None = None
    filled: dt.date | None = None
    pregnancy: bool | None = None
    version: str | None = None
    document_type: str | None = None
    citizen_number: str | None = None
    region: str | None = None
    institution: str | None = None
    certifier: str | None = None
    underlying: str | None = None

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Certificate:
        """From the elements of `health.death`, as text or typed; `death_date` may be a month."""
        death, birth, filled = (day_of(row.get(name)) for name in ("death_date", "birth_date", "filled_on"))
        if death is not None and _yes(row.get("death_day_unknown")):
            death = Day(death.year, death.month)
        return cls(
            number=_text(row, "certificate_no"),
            chain=Chain.read(row),
            sex=_text(row, "sex"),
            birth=birth.first if birth and birth.known else None,
            death=death,
            filled=filled.first if filled and filled.known else None,
            pregnancy=_yes(row.get("pregnancy")),
            version=_text(row, "form_version"),
            document_type=_text(row, "document_type"),
            citizen_number=_text(row, "citizen_number"),
            region=_text(row, "region"),
            institution=_text(row, "institution_code"),
            certifier=_text(row, "certifier_code"),
            underlying=_text(row, "underlying_cause_code"),
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` reads it again."""
        told = {name: getattr(self, name) for name in _PLAIN}
        dates = {name: value and str(value) for name, value in (("birth", self.birth), ("death", self.death))}
        return {**told, **dates, "filled": self.filled and self.filled.isoformat(), "chain": self.chain.to_dict()}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Certificate:
        """From what `to_dict` told."""
        birth, filled = (dt.date.fromisoformat(told[name]) if told[name] else None for name in ("birth", "filled"))
        plain = {name: told[name] for name in _PLAIN}
        return cls(
            **plain, birth=birth, filled=filled, death=day_of(told["death"]), chain=Chain.from_dict(told["chain"])
        )

    @property
    def ages(self) -> tuple[int, int] | None:
        """The least and the greatest age in whole days at death; None without both dates."""
        if self.birth is None or self.death is None:
            return None
        return (self.death.first - self.birth).days, (self.death.last - self.birth).days

    def years(self) -> int | None:
        """Age at death in whole years, the greatest possible; None without both dates or for a death before birth."""
        if self.birth is None or self.death is None or self.death.last < self.birth:
            return None
        last = self.death.last
        return last.year - self.birth.year - ((last.month, last.day) < (self.birth.month, self.birth.day))


def _text(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    return str(value).strip() or None if value is not None else None


def _yes(value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    return (text in _YES) if text else None
