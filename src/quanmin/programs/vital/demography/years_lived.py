"""Person-years of a life table by the groups that a method works with."""

from __future__ import annotations

from quanmin.programs.vital.demography.errors import AgesShort
from quanmin.programs.vital.demography.life_table import LifeTable
from quanmin.programs.vital.demography.number import Floats


def years_lived(table: LifeTable, first: int, width: int, groups: int) -> Floats:
    """Years that a newborn lives in each group of `width` years from age `first` on [groups], all of them closed.

    Raises `AgesShort` where the table has no such limits of groups.
    """
    limits = [first + width * place for place in range(groups + 1)]
    above = _above(table, limits)
    return above[:-1] - above[1:]


def years_above(table: LifeTable, age: int) -> float:
    """Years that a newborn lives from an age on. Raises `AgesShort`."""
    return float(_above(table, [age])[0])


def _above(table: LifeTable, limits: list[int]) -> Floats:
    starts = table.ages.starts
    if not set(limits) <= set(starts):
        raise AgesShort(name="L(x)", first=limits[0], last=limits[-1])
    above: Floats = table.Tx[[starts.index(age) for age in limits]]
    return above / float(table.lx[0])
