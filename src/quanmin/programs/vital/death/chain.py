"""The chain of causes: lines (a) to (d) of Part I, the last due to nothing that is written, and Part II.

So the international form of medical certificate of cause of death has it (WHO, ICD-10 volume 2, 2016, section 4.1.3), and the
Chinese forms of 2013 and 2026 after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

from quanmin.programs.vital.death import icd
from quanmin.text import Text

Unit = Literal["minute", "hour", "day", "week", "month", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)
UNIT: dict[Unit, Text] = {
    "minute": Text("分钟", "minutes"),
    "hour": Text("小时", "hours"),
    "day": Text("天", "days"),
    "week": Text("周", "weeks"),
    "month": Text("月", "months"),
    "year": Text("年", "years"),
}
_CODED: dict[str, Unit] = {"1": "minute", "2": "hour", "3": "day", "4": "week", "5": "month", "6": "year"}
_HOURS: dict[Unit, float] = {
    "minute": 1 / 60,
    "hour": 1.0,
    "day": 24.0,
    "week": 168.0,
    "month": 730.5,
    "year": 8766.0,
}
LETTERS = ("a", "b", "c", "d")
OTHER = "II"
"""How Part II is called in an address."""


class Interval(NamedTuple):
    """Time from onset to death."""

    value: float
    unit: Unit

    @property
    def hours(self) -> float:
        """The interval in hours; a year has 365.25 days, a month a twelfth of them."""
        return self.value * _HOURS[self.unit]

    @property
    def widest(self) -> float:
        """The most hours that such a statement can mean: less than one unit more."""
        return (self.value + 1) * _HOURS[self.unit]


@dataclass(frozen=True)
class Line:
    """One line: the words of the certifier, ICD-10 codes as they were written, in order of mention, and the interval."""

    text: str | None = None
    codes: tuple[str, ...] = ()
    interval: Interval | None = None

    @property
    def used(self) -> bool:
        """Whether anything is written in it."""
        return bool(self.text or self.codes)

    @property
    def conditions(self) -> tuple[str, ...]:
        """The codes in their one way of writing; what is no code is left out (an edit tells of it)."""
        found = (icd.normalised(code) for code in self.codes)
        return tuple(code for code in found if code is not None)


class Mention(NamedTuple):
    """A condition where it stands: `line` 0 to 3 is (a) to (d), 4 Part II; `place` counts from 0 on its line."""

    line: int
    place: int
    code: str

    @property
    def address(self) -> str:
        """The line as people call it."""
        return (*LETTERS, OTHER)[self.line]


@dataclass(frozen=True)
class Chain:
    """Part I from (a) to (d) and Part II."""

    lines: tuple[Line, Line, Line, Line]
    other: Line = Line()

    @classmethod
    def of(cls, *lines: str, other: str = "") -> Chain:
        """A chain of codes only: `Chain.of("J18.0", "I63.9;I11.9", other="E14.9")`."""
        if len(lines) > len(LETTERS):
            raise ValueError("Part I has four lines")
        made = [Line(codes=icd.codes(line)) for line in lines]
        a, b, c, d = made + [Line()] * (len(LETTERS) - len(made))
        return cls((a, b, c, d), Line(codes=icd.codes(other)))

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Chain:
        """From the elements of `health.death`: `cause_a`, `cause_a_code`, `cause_a_interval`, `cause_a_unit`, … `cause_other`."""
        a, b, c, d = (_line(row, f"cause_{letter}") for letter in LETTERS)
        return cls((a, b, c, d), _line(row, "cause_other"))

    def every(self) -> tuple[Line, ...]:
        """All five lines."""
        return (*self.lines, self.other)

    def mentions(self) -> tuple[Mention, ...]:
        """Every condition with its place, Part II last."""
        return tuple(self._mentions())

    def _mentions(self) -> Iterator[Mention]:
        for number, line in enumerate(self.every()):
            for place, code in enumerate(line.conditions):
                yield Mention(number, place, code)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` reads it again."""
        return {"lines": [_told(line) for line in self.lines], "other": _told(self.other)}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Chain:
        """From what `to_dict` told."""
        a, b, c, d = (_heard(line) for line in told["lines"])
        return cls((a, b, c, d), _heard(told["other"]))


def _line(row: Mapping[str, Any], name: str) -> Line:
    text = row.get(name) or None
    return Line(
        text, icd.codes(row.get(f"{name}_code")), _interval(row.get(f"{name}_interval"), row.get(f"{name}_unit"))
    )


def _interval(value: Any, unit: Any) -> Interval | None:
    """None for what is missing or cannot be read: the conformance test of the standard tells of that."""
    named = _CODED.get(str(unit or ""))
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return Interval(number, named) if named is not None and 0 <= number < 1e6 else None


def unit_code(unit: Unit) -> str:
    """The code of a unit in `Interval unit-QM1`."""
    return next(code for code, name in _CODED.items() if name == unit)


def _told(line: Line) -> dict[str, Any]:
    return {"text": line.text, "codes": list(line.codes), "interval": list(line.interval) if line.interval else None}


def _heard(told: Mapping[str, Any]) -> Line:
    interval = told["interval"]
    return Line(told["text"], tuple(told["codes"]), Interval(float(interval[0]), interval[1]) if interval else None)
