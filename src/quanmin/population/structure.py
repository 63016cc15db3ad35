"""Living people by age and sex, and by division and sex: counts for pyramids and maps, with small ones hidden.

The division is that which gave the citizen number (its first six digits), not where somebody lives: the base holds no other for
everybody. Ages are completed years on the day of the snapshot. What is hidden cannot be worked out from what is told: of each sex
the ages add up to the same sum as the divisions, and the cities of a province to the province.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quanmin import flow, trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.lake.gate import ANSWER_ONLY, Reading
from quanmin.lake.session import Session
from quanmin.ledger.workflow import CHINA
from quanmin.population.find import AGGREGATE_ONLY
from quanmin.population.inquiry import reading_of
from quanmin.population.statistics import MINIMUM
from quanmin.population.tables import PERSON
from quanmin.text import Text

BAND, OLDEST = 5, 100
"""Ages are grouped by five years; from 100 on they are one group."""
SEXES = ("1", "2")
_DIVISION = 10**11  # what is left of a person key after its first six digits

Row = dict[str, Any]
Place = tuple[str, str]


@dataclass(frozen=True)
class Structure:
    """`ages`: from, to (None: and older; both None: unknown), sex, people. `divisions`: level, region, sex, people.

    A hidden count is None and `suppressed`. `day` is the day on which the ages are; `minimum` the smallest count that is told.
    """

    snapshot: int
    day: dt.date
    minimum: int
    ages: tuple[Row, ...]
    divisions: tuple[Row, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        head = {"snapshot": self.snapshot, "day": self.day, "minimum": self.minimum}
        return {**head, "ages": list(self.ages), "divisions": list(self.divisions)}


def structure(lake: Lake, decision: trust.Decision) -> Structure:
    """The counts. The decision is one on columns of `linked.person`; one that owes sums only hides small counts.

    Raises NotReadable for a purpose that owes an answer only or is about some rows, NotBuilt.
    """
    reading = reading_of(lake, decision)
    return Heads(reading.lake, reading.decision, reading.snapshot).told()


class Heads(Reading):
    """A read that counts people where they lie, and gives counts only."""

    def told(self) -> Structure:
        """The counts; one line in the audit."""
        if ANSWER_ONLY in self.decision.obligations:
            raise NotReadable(columns=PERSON)
        self.whole()
        day = (self.snapshot.at or self.lake.ledger.now()).astimezone(CHINA).date()
        minimum = MINIMUM if AGGREGATE_ONLY in self.decision.obligations else 0
        counted = list[tuple[int, str, int | None, int]]()
        try:
            stage = flow.Stage("gate", Text("受控读取", "a gated read"), reads=(PERSON,), writes=())
            with Session(self.lake, stage, snapshot=self.snapshot) as session:
                counted = session.connection.execute(_query(session.relation(PERSON)), [day]).fetchall()
        finally:
            self._audit(len(counted))
        ages, divisions = arranged(counted)
        if minimum:
            hide(ages, divisions, minimum)
        return Structure(self.snapshot.id, day, minimum, _rows(ages, _age), _rows(divisions, _division))


def _query(people: str) -> str:
    """Living people by the division of their number, sex and group of ages (null: no usable birth date)."""
    band = f"CASE WHEN age >= 0 THEN least(age // {BAND} * {BAND}, {OLDEST})::INT END"
    age = "date_sub('year', birth_date, ?::DATE)"
    return (
        f"SELECT (person_key // {_DIVISION})::INT, coalesce(sex, ''), {band}, count(*) "
        f"FROM (SELECT person_key, sex, {age} AS age FROM {people} WHERE death_date IS NULL) GROUP BY 1, 2, 3"
    )


Cells = dict[Place, int | None]
"""Counts by place and sex; None is hidden."""


def arranged(counted: Iterable[tuple[int, str, int | None, int]]) -> tuple[Cells, Cells]:
    """Counts by age and sex, and by division (city and province) and sex; every age between the ends has a cell."""
    ages = {(_named(age), sex): 0 for age in range(0, OLDEST + BAND, BAND) for sex in SEXES}
    divisions: dict[Place, int] = defaultdict(int)
    for division, sex, age, people in counted:
        if sex not in SEXES:
            continue
        ages[_named(age), sex] = ages.get((_named(age), sex), 0) + people
        for code in (f"{division:06d}"[:4] + "00", f"{division:06d}"[:2] + "0000"):
            divisions[code, sex] += people
    return dict(ages), dict(divisions)


def _named(age: int | None) -> str:
    return "" if age is None else f"{age:03d}"


def hide(ages: Cells, divisions: Cells, minimum: int) -> None:
    """Hide small counts, and those from which one could be worked out."""
    for sex in SEXES:
        _enough(ages, [place for place in ages if place[1] == sex], minimum)
        whole = [place for place in divisions if place[1] == sex]
        provinces = [place for place in whole if _is_province(place[0])]
        _enough(divisions, provinces, minimum)
        for province in provinces:
            cities = [one for one in whole if one[0][:2] == province[0][:2] and not _is_province(one[0])]
            if divisions[province] is None:
                divisions.update(dict.fromkeys(cities))
            else:
                _enough(divisions, cities, minimum)


def _is_province(code: str) -> bool:
    return code.endswith("0000")


def _enough(cells: Cells, group: Sequence[Place], minimum: int) -> None:
    """Hide the small counts of a group whose sum is known, and the smallest others, until the hidden ones together are not small.

    One that is hidden alone would be what is missing from the sum.
    """
    counts = {place: count for place in group if (count := cells[place])}
    hidden = [place for place, count in counts.items() if count < minimum]
    others = sorted((place for place in counts if place not in hidden), key=lambda place: (counts[place], place))
    while hidden and others and (len(hidden) == 1 or sum(counts[one] for one in hidden) < minimum):
        hidden.append(others.pop(0))
    cells.update(dict.fromkeys(hidden))


def _rows(cells: Mapping[Place, int | None], place: Any) -> tuple[Row, ...]:
    return tuple(
        {**place(name), "sex": sex, "people": people, "suppressed": people is None}
        for (name, sex), people in sorted(cells.items())
    )


def _age(name: str) -> Row:
    if not name:
        return {"from": None, "to": None}
    first = int(name)
    return {"from": first, "to": None if first == OLDEST else first + BAND - 1}


def _division(code: str) -> Row:
    return {"level": "province" if _is_province(code) else "city", "region": code}
