"""Completeness of the registration of births: certificates of a year beside the children of that year some years later.

Two looks at a birth cohort: the children of six in the base, and those who came to school (`education.pupil`), whom the base does
not know of. Either are told back to births by the survivors of the period's life table. Who moved in or out is an error of both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from quanmin.errors import Invalid
from quanmin.programs.vital import pupil
from quanmin.programs.vital.demography.birth_registration import birth_registration
from quanmin.programs.vital.demography.ratio import Ratio
from quanmin.programs.vital.statistic.figure import Basis, Counted, Said, nothing, of_ratio, unsaid
from quanmin.programs.vital.statistic.population import january
from quanmin.programs.vital.statistic.tally import Tally
from quanmin.text import Text

_PEOPLE, _BORN, _DEAD, _PUPILS = "linked.person", "clean.health.birth", "clean.health.death", f"clean.{pupil.DATASET}"
_PERCENT = Text("%", "%")
LEAST = 0.1
"""Of a cohort, who must have entered in each of its two years; two thirds and one third are born until August and after."""


@dataclass(frozen=True)
class Later:
    """`children` of the birth year `born` who were counted at completed `age`."""

    born: int
    age: int
    children: int


def in_base(tally: Tally) -> Later:
    """The children of the base who are six at the end of the period."""
    children = january(tally.counts.cohorts, tally.last + 1).of("both")[pupil.SIX]
    return Later(tally.last - pupil.SIX, pupil.SIX, int(children))


def at_school(tally: Tally) -> Later:
    """The children of the last birth year that has wholly entered by the end of the period, as old as they were on entry.

    Nobody where the source does not have the cohort whole: where one of its two years of entry is all but missing, since pupils
    were collected only later, or not since.
    """
    born = tally.last - pupil.ALL_IN
    came = Counter[int]()
    for one in tally.counts.pupils:
        if one.born == born and one.entered <= tally.last:
            came[one.entered] += one.pupils
    whole = all(came[born + age] >= LEAST * came.total() for age in (pupil.SIX, pupil.ALL_IN))
    return Later(born, pupil.SIX, came.total() if whole else 0)


def completeness(tally: Tally, later: Later) -> Ratio | None:
    """Certificates of the cohort by the births that its children must have been; None without children or a life table."""
    table = tally.tables.get("both")
    if table is None:
        return None
    certified = sum(one.births for one in tally.counts.births if one.year == later.born)
    try:
        return birth_registration(certified, later.children, table, later.age).completeness
    except Invalid:
        return None


def figures(tally: Tally, basis: Basis) -> Iterator[Counted]:
    """Both figures."""
    base, school = in_base(tally), at_school(tally)
    yield _figure(tally, base, _of_base(base), basis)
    yield _figure(tally, school, _of_school(school), basis)


def _figure(tally: Tally, later: Later, said: Said, basis: Basis) -> Counted:
    """A figure of few children is not told where small counts are not: its denominator would tell them."""
    if 0 < later.children < basis.minimum:
        return unsaid(said, basis)
    found = completeness(tally, later)
    return nothing(said, basis) if found is None else of_ratio(said, found, basis)


def _of_base(later: Later) -> Said:
    note = Text(
        f"{later.born} 年签发的出生证与人口库中 {later.age} 岁儿童按寿命表倒推的出生数之比；迁移计为误差",
        f"certificates of {later.born} by the births that children of {later.age} in the base must have been; "
        "migrants are an error",
    )
    title = Text("出生登记完整性", "completeness of birth registration")
    return Said("birth_completeness", title, _PERCENT, (_BORN, _PEOPLE, _DEAD), (note,))


def _of_school(later: Later) -> Said:
    note = Text(
        f"{later.born} 年的出生证与当年出生、至期末已入学的儿童（按学校所在地，含无身份号码者）按寿命表倒推的出生数之比",
        f"certificates of {later.born} by the births that its children at school by the end of the period must have been (where "
        "the school is, and also those without a number)",
    )
    moved = Text(
        "迁入、迁出及随迁就读计为误差；未入学、推迟入学的儿童使数值偏高；该年出生者的两个入学年份须齐全",
        "children who moved, or go to school elsewhere, are an error; those who never came, or come late, make it too high; "
        "both years in which the cohort entered must be there",
    )
    title = Text("出生登记完整性（对照入学）", "completeness of birth registration, by school entry")
    return Said("birth_completeness_school", title, _PERCENT, (_BORN, _PUPILS, _PEOPLE, _DEAD), (note, moved))
