"""Population by age and sex, step by step: the cohort-component method (Preston, Heuveline & Guillot 2001, chapter 6).

Groups and steps have one width (one or five years). Survivors of a closed group go on by L[x+n]/L[x], those of the last two
into the open one by T[w]/T[w-n]. Women bear by the mean of their numbers at both ends; newborn live to the end by L[0]/(n l[0]).
Half of the net migrants come when a step begins and live in it, half when it ends. People are neither made nor lost:
end = begin + births - deaths + migrants, in each sex and cohort, to the last bit but rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from quanmin.programs.vital.demography.errors import AgesShort, MoreLeave
from quanmin.programs.vital.demography.life_table import LifeTable
from quanmin.programs.vital.demography.number import Floats, counts, divided, finite
from quanmin.programs.vital.demography.years_lived import years_above, years_lived
from quanmin.text import Text

SEX_RATIO = 1.05
"""Boys per girl among births where nothing else is known."""


@dataclass(frozen=True, eq=False)
class Step:
    """What happens in one step: life tables, births per woman and year by age group [ages], boys per girl, net migrants."""

    female: LifeTable
    male: LifeTable
    rates: Any
    sex_ratio: float = SEX_RATIO
    female_migrants: Any = None
    male_migrants: Any = None


@dataclass(frozen=True, eq=False)
class Flow:
    """One sex in one step. `deaths` [1 + ages]: first of those born in the step, then by the group at its beginning."""

    births: float
    deaths: Floats
    migrants: Floats


@dataclass(frozen=True, eq=False)
class Projection:
    """Populations [1 + steps, ages], and the flows of each step."""

    width: int
    female: Floats
    male: Floats
    female_flows: tuple[Flow, ...]
    male_flows: tuple[Flow, ...]

    @property
    def totals(self) -> Floats:
        """People at the beginning and after each step."""
        found: Floats = (self.female + self.male).sum(axis=1)
        return found

    @property
    def imbalance(self) -> float:
        """The largest people made or lost in a step and sex: 0 but for rounding."""
        both = ((self.female, self.female_flows), (self.male, self.male_flows))
        return max((_imbalance(people, flows) for people, flows in both), default=0.0)


def project(female: Any, male: Any, steps: Sequence[Step], width: int = 5) -> Projection:
    """The population [ages] after each of `steps`; groups of `width` years from 0 on, the last one open.

    Raises `AgesShort` (a table without these groups, fewer than two groups), `NoDenominator` (nobody of a table lives into a
    group that has people), `MoreLeave`, and what `counts` and `finite` raise.
    """
    women = counts("female", female)
    men = counts("male", male, len(women))
    if len(women) < 2:
        raise AgesShort(name="projection", first=0, last=width)
    people, flows = [(women, men)], []
    for number, step in enumerate(steps, 1):
        women, men, *moved = _stepped(women, men, step, width, number)
        people.append((women, men))
        flows.append(moved)
    return Projection(
        width,
        np.array([one for one, _ in people]),
        np.array([one for _, one in people]),
        tuple(one for one, _ in flows),
        tuple(one for _, one in flows),
    )


class Place(NamedTuple):
    """Where in a projection: told in errors."""

    step: int
    sex: Text
    width: int


def _stepped(women: Floats, men: Floats, step: Step, width: int, number: int) -> tuple[Floats, Floats, Flow, Flow]:
    """Both sexes after one step, and their flows."""
    size, [ratio] = len(women), counts("sex ratio", [step.sex_ratio]).tolist()
    rates = counts("rates", step.rates, size)
    female, male = (Place(number, sex, width) for sex in (Text("女", "female"), Text("男", "male")))
    of_women, of_men = _migrants(step.female_migrants, size), _migrants(step.male_migrants, size)
    mothers, lost_women = _aged(_arrived(women, of_women, female), step.female, width)
    fathers, lost_men = _aged(_arrived(men, of_men, male), step.male, width)
    births = float(width * rates @ np.maximum(women + mothers + of_women / 2, 0.0) / 2)
    girls = births / (1 + ratio)
    daughters = _born(mothers, lost_women, girls, step.female, width)
    sons = _born(fathers, lost_men, births - girls, step.male, width)
    return (
        _arrived(mothers, of_women, female),
        _arrived(fathers, of_men, male),
        Flow(girls, daughters, of_women),
        Flow(births - girls, sons, of_men),
    )


def _migrants(given: Any, size: int) -> Floats:
    return finite("migrants", np.zeros(size) if given is None else given, size)


def _born(grown: Floats, lost: Floats, births: float, table: LifeTable, width: int) -> Floats:
    """Put those born in the step who are alive at its end into the first group; returns all deaths [1 + ages]."""
    alive = births * float(years_lived(table, 0, width, 1)[0]) / width
    grown[0] = alive
    return np.concatenate([[births - alive], lost])


def _arrived(people: Floats, migrants: Floats, place: Place) -> Floats:
    """People with half of the migrants of the step."""
    found = people + migrants / 2
    if (found < 0).any():
        raise MoreLeave(step=place.step, sex=place.sex, age=place.width * int(np.flatnonzero(found < 0)[0]))
    return found


def _aged(people: Floats, table: LifeTable, width: int) -> tuple[Floats, Floats]:
    """Survivors in the groups where they are at the end (none in the first), and the deaths by the group at the beginning."""
    size = len(people)
    lived = years_lived(table, 0, width, size - 1)
    beyond = years_above(table, width * (size - 1))
    staying = np.empty(size)
    staying[:-2] = _quotients(lived[1:], lived[:-1], people[:-2])
    staying[-2:] = divided("survival", beyond, float(lived[-1]) + beyond)
    survivors = people * staying
    grown = np.zeros(size)
    grown[1:] = survivors[:-1]
    grown[-1] += survivors[-1]
    return grown, people - survivors


def _quotients(above: Floats, below: Floats, people: Floats) -> Floats:
    """Survival of closed groups; a group that nobody of the table reaches must have nobody."""
    if ((below <= 0) & (people > 0)).any():
        divided("survival", 1.0, 0.0)
    return np.divide(above, below, out=np.zeros_like(below), where=below > 0)


def _imbalance(people: Floats, flows: Sequence[Flow]) -> float:
    changes = [flow.births - float(flow.deaths.sum()) + float(flow.migrants.sum()) for flow in flows]
    found = np.abs(np.diff(people.sum(axis=1)) - np.array(changes))
    return float(found.max(initial=0.0))
