"""Lists and rules that change a starting point: ill-defined (SP7), unlikely (SP8), linked (M1) and more specific causes (M2)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

from quanmin.programs.vital.death import icd
from quanmin.programs.vital.death.edit import INJURY
from quanmin.programs.vital.death.limit import TABLE

Where = Literal["anywhere", "above"]
_WHERE: tuple[Where, ...] = get_args(Where)


class Beside(NamedTuple):
    """The other conditions: all, those above the cause in Part I, and of these those that are stated to have begun after it."""

    every: Sequence[str]
    above: Sequence[str] = ()
    later: Sequence[str] = ()


@dataclass(frozen=True)
class Change:
    """The cause `when`, with `other` (and `also`) on the certificate, becomes `to`; to the other condition where that is empty.

    A `to` such as `.2` is the fourth character of the category at hand; it changes only a cause that has none, or `.8` or `.9`.
    No `other` means that the cause never stays. `where` says on which lines the other condition counts. With `earlier`, one
    that began after the cause does not count. With `alone`, no injury but those of `also` may be on the certificate.
    """

    when: tuple[icd.Span, ...]
    other: tuple[icd.Span, ...]
    also: tuple[icd.Span, ...]
    to: str | None
    where: Where = "anywhere"
    earlier: bool = False
    alone: bool = False

    def of(self, code: str, beside: Beside) -> str | None:
        """What a cause becomes beside other conditions; None where nothing changes."""
        if not icd.within(code, self.when) or not self._fits(beside.every):
            return None
        if not self.other:
            return self.to
        found = next((one for one in self._counting(beside) if icd.within(one, self.other)), None)
        if found is None:
            return None
        if self.to is None:
            return found
        if self.to.startswith("."):
            return code[:3] + self.to if code[3:] in ("", ".8", ".9") else None
        return self.to

    def _fits(self, every: Sequence[str]) -> bool:
        """Whether what has to be there too is there, and nothing that must not be."""
        if self.alone and any(icd.within(one, INJURY) and not icd.within(one, self.also) for one in every):
            return False
        return not self.also or any(icd.within(one, self.also) for one in every)

    def _counting(self, beside: Beside) -> list[str]:
        told = beside.above if self.where == "above" else beside.every
        return [one for one in told if not self.earlier or one not in beside.later]


@dataclass(frozen=True)
class Modification:
    """The lists of `modification.toml`."""

    ill_defined: tuple[icd.Span, ...]
    unlikely: tuple[icd.Span, ...]
    linked: tuple[Change, ...]
    specific: tuple[Change, ...]
    metastatic: tuple[icd.Span, ...]

    def linkage(self, code: str, beside: Beside) -> str | None:
        """Step M1: the code that a cause gets beside others; None where it stays."""
        return _first(self.linked, code, beside)

    def specificity(self, code: str, others: Sequence[str]) -> str | None:
        """Step M2: the more specific cause, of the table or of the same category as one not specified; None where it stays."""
        found = _first(self.specific, code, Beside(others))
        if found is None and (code.endswith(".9") or len(code) == 3):
            return next(
                (one for one in others if one[:3] == code[:3] and len(one) == 5 and not one.endswith(".9")), None
            )
        return found


@cache
def modification() -> Modification:
    """The lists as they are shipped."""
    with (TABLE / "modification.toml").open("rb") as file:
        told = tomllib.load(file)
    return Modification(
        icd.spans(told["ill_defined"]),
        icd.spans(told["unlikely"]),
        tuple(_change(one, "when", "with") for one in told["linked"]),
        tuple(_change(one, "general", "by") for one in told["specific"]),
        icd.spans(told["metastatic"]),
    )


def _first(changes: Sequence[Change], code: str, beside: Beside) -> str | None:
    found = (change.of(code, beside) for change in changes)
    return next((one for one in found if one is not None and one != code), None)


def _change(told: Mapping[str, Any], when: str, other: str) -> Change:
    where = told.get("where", "anywhere")
    return Change(
        icd.spans(told[when]),
        icd.spans(told.get(other, ())),
        icd.spans(told.get("and", ())),
        told.get("to"),
        next(one for one in _WHERE if one == where),
        told.get("earlier", False),
        told.get("alone", False),
    )
