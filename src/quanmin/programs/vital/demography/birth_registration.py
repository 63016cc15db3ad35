"""How complete the registration of births is: a birth cohort beside those of it who come to school.

Children enrolled at an age, by the share of children who are enrolled, by the survivors of a life table, are the births there
must have been. Children who moved in or out, or were enrolled early or late, count as errors of the register.
"""

from __future__ import annotations

from dataclasses import dataclass

from quanmin.programs.vital.demography.life_table import LifeTable
from quanmin.programs.vital.demography.number import counts, divided
from quanmin.programs.vital.demography.ratio import Ratio, share
from quanmin.programs.vital.demography.years_lived import years_lived


@dataclass(frozen=True)
class BirthRegistration:
    """Registered births by expected ones, in percent, and how the expected ones were found."""

    completeness: Ratio
    enrolled: float
    enrolment: float
    survival: float


def birth_registration(
    registered: float, enrolled: float, table: LifeTable, age: int = 6, enrolment: float = 1.0
) -> BirthRegistration:
    """Registered births of a cohort beside its children enrolled at completed `age`; `enrolment` is the share enrolled.

    The life table must have single years at `age`, or begin a group there: then its first year is taken from the group's mean.
    Raises `NoDenominator` (nobody enrolled, no survivors), `AgesShort`, and what `counts` raises.
    """
    [children, net] = counts("enrolled", [enrolled, enrolment]).tolist()
    survival = survivors(table, age)
    expected = divided("birth registration", children, net * survival)
    return BirthRegistration(share("birth registration", registered, expected), children, net, survival)


def survivors(table: LifeTable, age: int) -> float:
    """Of one birth, those alive at completed `age`: the mean of its group. Raises `AgesShort` beyond the closed groups."""
    starts, widths = table.ages.starts, table.ages.widths
    place = sum(start <= age for start in starts) - 1
    first = starts[place] if place < len(starts) - 1 else age
    width = int(widths[place]) if place < len(starts) - 1 else 1
    return float(years_lived(table, first, width, 1)[0]) / width
