"""重号: several benchmark records with one number.

The holder of a number is the record registered first. A later record with the holder's name (or with a name that one of
them bore before) is the same person reported twice (E07); one with another name is another person, and both records are
told so (E06): the number alone cannot say who a record means, so records that carry a rival's name are set aside too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from quanmin.population import name as names

MOST_RIVALS = 50
"""So many rivals' names are remembered for a number. A placeholder number that thousands share must not cost its square;
any record under such a number whose name is neither the holder's nor a remembered one is set aside as E06."""


class Claimant(NamedTuple):
    """A benchmark record that claims a number."""

    name: str | None
    former: str | None
    registered: dt.date | None
    batch: int
    row: int

    @property
    def seniority(self) -> tuple[dt.date, int, int]:
        """Who was first; a record without a date comes last."""
        return (self.registered or dt.date.max, self.batch, self.row)


class Rivals(NamedTuple):
    """The names of the others who claim a number; `many` says that not all were remembered."""

    names: frozenset[str]
    folded: frozenset[str]
    many: bool


class Settled(NamedTuple):
    """The outcome per claimant ("attached" for the holder, E06, E07), in the order given, and the rivals if there are any."""

    outcomes: tuple[str, ...]
    rivals: Rivals | None


def settle(claimants: Sequence[Claimant]) -> Settled:
    """Who holds a number, and who else claims it."""
    order = sorted(range(len(claimants)), key=lambda index: claimants[index].seniority)
    holder = _identity(claimants[order[0]])
    outcomes = ["attached"] * len(claimants)
    rivals: list[Claimant] = []
    for index in order[1:]:
        other = _identity(claimants[index])
        same = other[0] in holder or holder[0] in other
        outcomes[index] = "E07" if same else "E06"
        if not same:
            rivals.append(claimants[index])
    return Settled(tuple(outcomes), _rivals(rivals) if rivals else None)


def _identity(claimant: Claimant) -> tuple[str | None, ...]:
    """The folded names that a record goes by, the present one first."""
    present = names.folded(claimant.name)
    return (present, names.folded(claimant.former)) if claimant.former is not None else (present,)


def _rivals(claimants: list[Claimant]) -> Rivals:
    """The remembered names of the rivals."""
    remembered = [text for rival in claimants[:MOST_RIVALS] for text in (rival.name, rival.former) if text is not None]
    return Rivals(
        names=frozenset(filter(None, map(names.normalised, remembered))),
        folded=frozenset(filter(None, map(names.folded, remembered))),
        many=len(claimants) > MOST_RIVALS,
    )


def outcome(found: names.Match, stated: str, rivals: Rivals | None) -> str:
    """What becomes of a record whose number is in the benchmark: a kind of match when it is attached, else a code."""
    if found in ("same", "former"):
        return found
    if rivals is not None and names.normalised(stated) in rivals.names:
        return "E06"
    if found == "variant":
        return found
    doubtful = rivals is not None and (rivals.many or names.folded(stated) in rivals.folded)
    return "E06" if doubtful else "E03"
