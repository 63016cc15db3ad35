"""A question that is answered with noise: what is asked of which column, within which bounds, for which privacy loss.

Everything in it is public and declared without looking at the data. Numbers are decimals: what is spent adds up exactly.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from math import inf, nextafter
from typing import Any, Literal, get_args

from quanmin.opendata.privacy.errors import (
    BoundsInvalid,
    CategoriesInvalid,
    ContributionsInvalid,
    LossInvalid,
    PersonMissing,
    QueryInvalid,
)
from quanmin.redaction import redacted
from quanmin.text import Text

Statistic = Literal["count", "histogram", "sum", "mean", "quantile"]
Mechanism = Literal["laplace", "gaussian"]
STATISTICS: dict[Statistic, Text] = {
    "count": Text("计数", "a count"),
    "histogram": Text("分类计数", "a histogram"),
    "sum": Text("求和", "a sum"),
    "mean": Text("均值", "a mean"),
    "quantile": Text("分位数", "a quantile"),
}
MOST_EPSILON = Decimal(10)
MOST_DELTA = Decimal("1e-5")
EPSILON = Decimal("0.000001")
"""What epsilon is counted in."""
DELTA = Decimal("1e-15")
"""What delta is counted in."""
SHARE = Decimal("1e-4")
"""What the share of a quantile is counted in."""
STEP = (Decimal("1e-9"), Decimal("1e9"))
"""The least step, of which every step is a multiple, and the greatest."""
MOST_ROWS = 1_000
MOST_CATEGORIES = 10_000
MOST_GRID = 10_000
"""Steps between the bounds of a quantile."""
MOST_STEPS = 10**9
"""Steps from zero to a bound: a sum of 10^9 rows then still is a whole number of 64 bits."""
_BOUNDED = ("sum", "mean", "quantile")
_LONGEST = 200
_FAR = 20
"""Digits before or after the point beyond which a bound is none."""
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


@dataclass(frozen=True)
class Query:
    """One question. `contributions` are rows (of a histogram: categories) that one person counts with at most.

    `lower`, `upper` and `step` are of a sum, mean or quantile, in the unit of the column; `share` is of a quantile. `person`
    names the column that tells persons apart, None where rows are not about people. The Laplace mechanism gives pure
    privacy (delta 0), the Gaussian one needs a delta.
    """

    statistic: Statistic
    epsilon: Decimal
    column: str | None = None
    person: str | None = "person"
    contributions: int = 1
    categories: tuple[str, ...] = ()
    lower: Decimal | None = None
    upper: Decimal | None = None
    step: Decimal = Decimal(1)
    share: Decimal | None = None
    mechanism: Mechanism = "laplace"
    delta: Decimal = Decimal(0)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Query:
        """From JSON or what was typed; QueryInvalid, and whatever `check` refuses."""
        names = {one.name for one in fields(cls)}
        unknown = sorted(str(name) for name in given if name not in names)
        if unknown or not {"statistic", "epsilon"} <= set(given):
            raise QueryInvalid(reason=Text("字段缺失或多余", "a field is missing or unknown"))
        taken = {name: _typed(name, value) for name, value in given.items()}
        query = cls(**taken)
        query.check()
        return query

    def check(self) -> None:
        """LossInvalid, BoundsInvalid, ContributionsInvalid, CategoriesInvalid, QueryInvalid."""
        if self.statistic not in get_args(Statistic) or self.mechanism not in get_args(Mechanism):
            raise QueryInvalid(reason=Text("没有这种统计或机制", "no such statistic or mechanism"))
        self._check_fields()
        self._check_loss()
        if type(self.contributions) is not int or not 1 <= self.contributions <= MOST_ROWS:
            raise ContributionsInvalid(most=MOST_ROWS)
        if self.statistic == "histogram":
            self._check_categories()
        if self.statistic in _BOUNDED:
            self._check_bounds()

    def _check_fields(self) -> None:
        bounded = self.statistic in _BOUNDED
        unbounded = self.lower is None and self.upper is None and self.step == 1
        quantile = self.statistic == "quantile"
        held = (
            (self.column is None) == (self.statistic == "count")
            and (bounded or unbounded)
            and (self.share is not None) == quantile
            and bool(self.categories) <= (self.statistic == "histogram")
            and not (quantile and self.mechanism == "gaussian")
            and all(one is None or _COLUMN.fullmatch(one) for one in (self.column, self.person))
        )
        if not held:
            raise QueryInvalid(
                reason=Text("该统计不用或缺少某项", "it says what its statistic does not take, or too little")
            )
        if self.share is not None and not (_within(self.share, SHARE, Decimal(1)) and self.share < 1):
            raise QueryInvalid(reason=Text("分位须在 0 与 1 之间", "the share must lie between 0 and 1"))

    def _check_loss(self) -> None:
        if not _within(self.epsilon, EPSILON, MOST_EPSILON):
            raise LossInvalid(name="epsilon", allowed=_steps(EPSILON, MOST_EPSILON))
        if self.mechanism == "laplace":
            if self.delta != 0:
                raise LossInvalid(name="delta", allowed="0")
        elif not _within(self.delta, DELTA, MOST_DELTA):
            raise LossInvalid(name="delta", allowed=_steps(DELTA, MOST_DELTA))

    def _check_categories(self) -> None:
        if not 1 <= len(self.categories) <= MOST_CATEGORIES:
            raise CategoriesInvalid(
                reason=Text(f"须为 1 到 {MOST_CATEGORIES} 个", f"there must be 1 to {MOST_CATEGORIES}")
            )
        odd = [not isinstance(one, str) or not 0 < len(one) <= _LONGEST for one in self.categories]
        if any(odd):
            raise CategoriesInvalid(reason=Text("有空或过长的", "some are empty or too long"))
        if len(set(self.categories)) < len(self.categories):
            raise CategoriesInvalid(reason=Text("有重复", "some are there twice"))
        if any(redacted(one) != one for one in self.categories):
            raise CategoriesInvalid(reason=Text("形似个人号码", "some look like a person's number"))

    def _check_bounds(self) -> None:
        numbers = (self.lower, self.upper, self.step)
        if not all(isinstance(one, Decimal) and one.is_finite() for one in numbers):
            raise BoundsInvalid(allowed=Text("须为有限的数", "they must be finite numbers"))
        if not _within(self.step, *STEP):
            raise BoundsInvalid(allowed=Text(f"步长 {STEP[0]} 至 {STEP[1]}", f"a step of {STEP[0]} to {STEP[1]}"))
        lower, upper = self._steps(self.lower), self._steps(self.upper)
        if lower is None or upper is None or not lower < upper:
            raise BoundsInvalid(
                allowed=Text("下界小于上界，且都是步长的整数倍", "lower below upper, both whole multiples of the step")
            )
        if max(abs(lower), abs(upper)) > MOST_STEPS:
            raise BoundsInvalid(allowed=Text(f"至多 {MOST_STEPS} 步", f"at most {MOST_STEPS} steps from zero"))
        if self.statistic == "quantile" and upper - lower > MOST_GRID:
            raise BoundsInvalid(allowed=Text(f"分位数至多 {MOST_GRID} 步", f"at most {MOST_GRID} steps for a quantile"))

    def _steps(self, bound: Decimal | None) -> int | None:
        """A bound in steps; None where it is no whole number of them (or so many that they are not counted)."""
        if bound is None or (bound and abs(bound.adjusted()) > _FAR):
            return None
        steps = bound / self.step
        return int(steps) if steps == steps.to_integral_value() and steps * self.step == bound else None

    @property
    def spends(self) -> tuple[int, int]:
        """What it costs, in millionths of epsilon and in 10^-15 of delta."""
        return int(self.epsilon / EPSILON), int(self.delta / DELTA)

    def require_person(self, dataset: str, personal: bool) -> None:
        """PersonMissing where rows are about people and no column tells them apart."""
        if personal and self.person is None:
            raise PersonMissing(dataset=dataset)

    def plan(self) -> dict[str, Any]:
        """What the worker is told: bounds in steps, the loss as the greatest floating-point number not above it."""
        told: dict[str, Any] = {
            "statistic": self.statistic,
            "mechanism": self.mechanism,
            "person": self.person is not None,
        }
        told |= {"contributions": self.contributions, "epsilon": _down(self.epsilon), "delta": _down(self.delta)}
        if self.statistic == "histogram":
            told |= {"categories": len(self.categories), "names": list(self.categories)}
        if self.statistic in _BOUNDED:
            lower, upper = self._steps(self.lower), self._steps(self.upper)
            assert lower is not None and upper is not None  # as checked
            shift = (lower + upper) // 2 if self.statistic == "mean" else 0
            told |= {"lower": lower - shift, "upper": upper - shift, "shift": shift, "step": float(self.step)}
        return told | ({"share": float(self.share)} if self.share is not None else {})

    def document(self) -> dict[str, Any]:
        """As JSON; two queries that ask the same have the same document."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        named = {name: _plain(value) for name, value in told.items()}
        return {name: value for name, value in named.items() if value not in (None, [])}


def digest(about: Mapping[str, Any]) -> str:
    """The SHA-256 of a JSON document."""
    text = json.dumps(about, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def decimal(value: object) -> Decimal | None:
    """A number as it was written; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        found = Decimal(str(value)) if not isinstance(value, str) or len(value) <= _LONGEST else None
    except InvalidOperation:
        return None
    return None if found is None or found.is_snan() else found


_NUMBERS = ("epsilon", "delta", "lower", "upper", "step", "share")


def _typed(name: str, value: Any) -> Any:
    if name in ("epsilon", "delta"):
        found = decimal(value)
        if found is None:
            raise LossInvalid(name=name, allowed=Text("数", "a number"))
        return found
    if name in _NUMBERS and value is not None:
        found = decimal(value)
        if found is None:
            raise BoundsInvalid(allowed=Text("须为数", "they must be numbers"))
        return found
    if name == "categories":
        if isinstance(value, str) or not isinstance(value, list | tuple):
            raise CategoriesInvalid(reason=Text("不是列表", "they are no list"))
        return tuple(value)
    if name in ("statistic", "mechanism", "column", "person") and not isinstance(value, str | None):
        raise QueryInvalid(reason=Text("某项不是文字", "a name is no text"))
    return value


def _steps(unit: Decimal, most: Decimal) -> Text:
    return Text(f"{unit} 至 {most}，{unit} 的整数倍", f"{unit} to {most}, a multiple of {unit}")


def _within(value: object, unit: Decimal, most: Decimal) -> bool:
    """A finite positive multiple of a unit, up to the most."""
    if not isinstance(value, Decimal) or not value.is_finite() or not unit <= value <= most:
        return False
    return value == (value / unit).to_integral_value() * unit


def _down(value: Decimal) -> float:
    found = float(value)
    return nextafter(found, -inf) if Decimal(found) > value else found


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        text = f"{value:f}" if value else "0"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return list(value) if isinstance(value, tuple) else value
