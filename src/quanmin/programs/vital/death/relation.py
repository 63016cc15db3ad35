"""What may be due to what: the tables `relation.toml` and `obvious.toml`, which do not cover every pair and say so."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from quanmin.programs.vital.death import icd
from quanmin.programs.vital.death.limit import TABLE
from quanmin.text import Text

_NOTHING = Text("", "")


@dataclass(frozen=True)
class Pairs:
    """A line of a table: some effects, some causes, causes that are taken out, and why."""

    effects: tuple[icd.Span, ...]
    causes: tuple[icd.Span, ...]
    unless: tuple[icd.Span, ...]
    why: Text

    def holds(self, effect: str, cause: str) -> bool:
        """Whether a pair is on the line."""
        return (
            icd.within(effect, self.effects) and icd.within(cause, self.causes) and not icd.within(cause, self.unless)
        )


@dataclass(frozen=True)
class Relation:
    """The table of causes, asked in the order `never`, `only`, `may`."""

    never: tuple[Pairs, ...]
    only: tuple[Pairs, ...]
    may: tuple[Pairs, ...]

    def may_be_due(self, effect: str, cause: str) -> bool | None:
        """Whether `effect` may be due to `cause`; None where no line covers the pair. Nothing is due to itself."""
        if effect == cause or any(line.holds(effect, cause) for line in self.never):
            return False
        if any(icd.within(effect, line.effects) and not icd.within(cause, line.causes) for line in self.only):
            return False
        return True if any(line.holds(effect, cause) for line in self.may) else None


@cache
def relation() -> Relation:
    """The table as it is shipped."""
    told = _read("relation.toml")
    never, only, may = (tuple(_pairs(line) for line in told[kind]) for kind in ("never", "only", "may"))
    return Relation(never, only, may)


@cache
def obvious() -> tuple[Pairs, ...]:
    """The obvious consequences (step SP6)."""
    return tuple(_pairs(line) for line in _read("obvious.toml")["obvious"])


def obviously_due(effect: str, cause: str) -> Pairs | None:
    """The line that says that `effect` is an obvious consequence of `cause`; None where none does."""
    if effect == cause:
        return None
    return next((line for line in obvious() if line.holds(effect, cause)), None)


def _pairs(line: Mapping[str, Any]) -> Pairs:
    why = Text(line["why"]["zh"], line["why"]["en"]) if "why" in line else _NOTHING
    return Pairs(icd.spans(line["effect"]), icd.spans(line["cause"]), icd.spans(line.get("unless", ())), why)


def _read(name: str) -> dict[str, Any]:
    with (TABLE / name).open("rb") as file:
        return tomllib.load(file)
