"""A figure with all that it is made of, and the marks that say how far it can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from quanmin.programs.vital.demography.ratio import Ratio
from quanmin.text import Text

Mark = Literal["small", "uncertain", "none", "provisional"]
MARKS: dict[Mark, Text] = {
    "small": Text("计数过小，不公布", "not told, as the count is small"),
    "uncertain": Text("事件少于 20 例或区间过宽，慎用", "fewer than 20 events or a wide interval: use with care"),
    "none": Text("无分母或无法计算", "no denominator, or it cannot be computed"),
    "provisional": Text("该年尚未结束或仍在补报", "the year is not over, or reports still come in"),
}
FEW = 20
"""Fewer events than this make a rate whose standard error is above 22 %: statistical offices (NCHS) mark it."""
WIDE = 0.5
"""An interval whose half is more than this share of its figure is marked, too."""


@dataclass(frozen=True)
class Basis:
    """What all figures of a region and period share."""

    region: str
    period: str
    base: Text
    snapshot: int
    minimum: int = 0
    provisional: bool = False


@dataclass(frozen=True)
class Counted:
    """A figure: `value` = `per` · numerator / denominator unless it is told otherwise in `notes`; None where it is not told."""

    id: str
    title: Text
    unit: Text
    value: float | None
    numerator: float | None
    denominator: float | None
    per: float | None
    low: float | None
    high: float | None
    sources: tuple[str, ...]
    notes: tuple[Text, ...]
    marks: tuple[Mark, ...]
    basis: Basis

    def to_dict(self) -> dict[str, Any]:
        """The JSON document, with its period, geography, population base and snapshot."""
        about = self.basis
        told = {name: getattr(self, name) for name in _TOLD}
        where = {"region": about.region, "period": about.period, "population_base": about.base}
        return {**told, **where, "snapshot": about.snapshot}


_TOLD = ("id", "title", "unit", "value", "numerator", "denominator", "per", "low", "high", "sources", "notes", "marks")


@dataclass(frozen=True)
class Said:
    """What a figure is called: its words, its sources and notes."""

    id: str
    title: Text
    unit: Text
    sources: tuple[str, ...]
    notes: tuple[Text, ...] = ()
    counted: bool = True
    """Whether its numerator is a count of events, of which a small one is hidden."""


def of_ratio(said: Said, found: Ratio | None, basis: Basis) -> Counted:
    """A ratio as a figure; None is one that has no denominator."""
    if found is None:
        return nothing(said, basis)
    marks = list[Mark]()
    hides = said.counted and _few(found.numerator, found.denominator, basis.minimum)
    if hides:
        marks.append("small")
    wide = found.low is not None and found.high is not None and (found.high - found.low) / 2 > WIDE * found.value
    if said.counted and (found.numerator < FEW or wide):
        marks.append("uncertain")
    if hides:
        return _made(said, (None, None, found.denominator, found.per, None, None), marks, basis)
    told = (found.value, found.numerator, found.denominator, found.per, found.low, found.high)
    return _made(said, told, marks, basis)


def of_value(
    said: Said,
    value: float | None,
    basis: Basis,
    limits: tuple[float, float] | None = None,
    parts: tuple[float | None, float | None] = (None, None),
    marks: Sequence[Mark] = (),
) -> Counted:
    """A figure that is no plain ratio; `parts` are its numerator and denominator where there are some."""
    if value is None:
        return nothing(said, basis)
    if said.counted and _few(value, None, basis.minimum):
        return unsaid(said, basis)
    low, high = limits or (None, None)
    return _made(said, (value, *parts, None, low, high), list(marks), basis)


def doubtful(is_so: bool) -> tuple[Mark, ...]:
    """The mark of what is uncertain, where it is so."""
    return ("uncertain",) if is_so else ()


def nothing(said: Said, basis: Basis) -> Counted:
    """A figure that cannot be computed."""
    return _made(said, (None,) * 6, ["none"], basis)


def unsaid(said: Said, basis: Basis) -> Counted:
    """A figure that would tell of a small count."""
    return _made(said, (None,) * 6, ["small"], basis)


def _few(count: float, whole: float | None, minimum: int) -> bool:
    rest = whole - count if whole is not None and whole >= count else 0
    return 0 < count < minimum or 0 < rest < minimum


def _made(said: Said, told: tuple[float | None, ...], marks: Sequence[Mark], basis: Basis) -> Counted:
    value, numerator, denominator, per, low, high = told
    every = (*marks, "provisional") if basis.provisional else tuple(marks)
    words = said.id, said.title, said.unit
    return Counted(*words, value, numerator, denominator, per, low, high, said.sources, said.notes, every, basis)
