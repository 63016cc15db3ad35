"""Causes that only one sex, or only some ages, can die of: the table `limit.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from quanmin.programs.vital.death import icd
from quanmin.text import Text

Severity = Literal["reject", "warn"]
TABLE = Path(__file__).parent / "table"
"""Where the tables of deaths lie."""


@dataclass(frozen=True)
class AgeLimit:
    """Causes and the ages in whole years, both ends within, at which they can be; None where there is no end."""

    name: Text
    codes: tuple[icd.Span, ...]
    least: int | None
    most: int | None
    severity: Severity

    def fits(self, years: int) -> bool:
        """Whether one can die of them at an age."""
        return (self.least is None or years >= self.least) and (self.most is None or years <= self.most)


@dataclass(frozen=True)
class Limits:
    """The table: causes of one sex only (by its code in GB/T 2261.1), of some ages only, and the asterisk categories."""

    sexes: tuple[tuple[str, tuple[icd.Span, ...]], ...]
    ages: tuple[AgeLimit, ...]
    asterisk: frozenset[str]

    def manifestation(self, code: str) -> bool:
        """Whether a code is of an asterisk category, which tells a manifestation and not its cause."""
        return code[:3] in self.asterisk

    def only(self, code: str) -> str | None:
        """The one sex that can die of a cause; None where both can."""
        return next((sex for sex, codes in self.sexes if icd.within(code, codes)), None)

    def broken(self, code: str, years: int) -> AgeLimit | None:
        """The limit that an age breaks, the strictest; None where it breaks none."""
        found = [one for one in self.ages if icd.within(code, one.codes) and not one.fits(years)]
        return min(found, key=lambda one: one.severity != "reject", default=None)


@cache
def limits() -> Limits:
    """The table as it is shipped."""
    with (TABLE / "limit.toml").open("rb") as file:
        told = tomllib.load(file)
    sexes = tuple((one["sex"], icd.spans(one["codes"])) for one in told["sex"])
    ages = tuple(
        AgeLimit(
            Text(one["name"]["zh"], one["name"]["en"]),
            icd.spans(one["codes"]),
            one.get("least"),
            one.get("most"),
            one["severity"],
        )
        for one in told["age"]
    )
    return Limits(sexes, ages, frozenset(told["asterisk"]))
