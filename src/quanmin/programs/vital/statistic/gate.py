"""How an actor reads the counts of vital statistics: by a decision on the base, in sums only, every read audited.

A decision on columns of `linked.person` stands for certificates and pupils too: what is read are counts of the same people. A
purpose that owes sums only gets no small count (`minimum`); one about some rows, or that owes an answer only, gets nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa

from quanmin import flow, standards, trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.lake.gate import ANSWER_ONLY, Reading
from quanmin.lake.session import Session
from quanmin.population.find import AGGREGATE_ONLY
from quanmin.population.inquiry import reading_of
from quanmin.population.statistics import MINIMUM
from quanmin.population.tables import PERSON
from quanmin.programs.vital.statistic.cause import chapter, leading, maternal, undefined
from quanmin.programs.vital.statistic.cube import BIRTH, CERTIFIER, DEATH, POPULATION, PUPIL
from quanmin.programs.vital.statistic.errors import NotMeasured, RegionUnknown
from quanmin.programs.vital.statistic.place import area, placed, within
from quanmin.programs.vital.statistic.population import Cohort
from quanmin.standards.region import NATION
from quanmin.text import Text

_TABLES = (POPULATION, BIRTH, DEATH, PUPIL)
_READ = (*_TABLES, CERTIFIER)
MOST_ORDER = 5
"""Births of this order and all higher ones are one class."""


class Birth(NamedTuple):
    """Births alike; `mother` is the first age of her five-year group (15 to 45, the ends open), `order` at most `MOST_ORDER`."""

    area: str
    year: int
    month: int
    sex: str
    mother: int | None
    order: int | None
    late: bool | None
    births: int


class Death(NamedTuple):
    """Deaths alike; `age` is the first age of the group (0, 1, 5 to 85; None: impossible), `cause` and `chapter` are classes."""

    area: str
    year: int
    month: int
    sex: str
    age: int | None
    cause: str
    chapter: str
    maternal: bool
    undefined: bool
    neonatal: bool | None
    deaths: int


class Pupils(NamedTuple):
    """Children who came to school, alike: by year of birth and of the first entry."""

    area: str
    born: int
    entered: int
    pupils: int


class Certified(NamedTuple):
    """Deaths that one institution certified; `kind` is a class of `death.quality`, `late` after the days there are."""

    institution: str | None
    year: int
    kind: str
    late: bool | None
    deaths: int


@dataclass(frozen=True)
class Counts:
    """All counts of a region; `area` of each row is the division right below it as they are on `day`, or the region itself."""

    region: str
    day: date
    snapshot: int
    minimum: int
    cohorts: tuple[Cohort, ...]
    births: tuple[Birth, ...]
    deaths: tuple[Death, ...]
    pupils: tuple[Pupils, ...] = ()

    @property
    def years(self) -> tuple[int, ...]:
        """Years with certificates of both kinds, in order."""
        return tuple(sorted({one.year for one in self.births} & {one.year for one in self.deaths}))

    @property
    def areas(self) -> tuple[str, ...]:
        """The divisions right below the region of which there are people or events."""
        events = {one.area for one in self.births} | {one.area for one in self.deaths}
        return tuple(sorted(({one.region for one in self.cohorts} | events) - {self.region}))

    def inside(self, area: str) -> Counts:
        """Those of one division right below."""
        people = tuple(one for one in self.cohorts if one.region == area)
        births = tuple(one for one in self.births if one.area == area)
        deaths = tuple(one for one in self.deaths if one.area == area)
        pupils = tuple(one for one in self.pupils if one.area == area)
        return Counts(area, self.day, self.snapshot, self.minimum, people, births, deaths, pupils)


def counts(lake: Lake, decision: trust.Decision, region: str, day: date) -> Counts:
    """The counts of a region as it is on `day`. Raises RegionUnknown, NotMeasured, NotReadable, NotBuilt."""
    if region != NATION and not standards.catalogue().regions.valid_on(region, day):
        raise RegionUnknown(region=region, day=day)
    reading = reading_of(lake, decision)
    return Gate(reading.lake, reading.decision, reading.snapshot).counted(region, day)


def years(lake: Lake, decision: trust.Decision) -> tuple[int, ...]:
    """The years of which there are certificates of both kinds. Raises what `counts` raises."""
    reading = reading_of(lake, decision)
    return Gate(reading.lake, reading.decision, reading.snapshot).years()


class Gate(Reading):
    """A read of the counts."""

    def counted(self, region: str, day: date) -> Counts:
        """The counts of a region; one line in the audit."""
        minimum, rows = self._begin(), list[list[tuple[Any, ...]]]()
        try:
            with self._session() as session:
                _places(session, region, day)
                _causes(session)
                rows = [session.connection.execute(_query(session, table)).fetchall() for table in _TABLES]
        finally:
            self._audit(sum(map(len, rows)))
        people, births, deaths, pupils = rows
        return Counts(
            region,
            day,
            self.snapshot.id,
            minimum,
            tuple(Cohort(*row) for row in people),
            tuple(Birth(*row) for row in births),
            tuple(Death(*row) for row in deaths),
            tuple(Pupils(*row) for row in pupils),
        )

    def certified(self, region: str, day: date) -> tuple[list[Certified], int]:
        """Certificates of deaths by institution, and the smallest count that is told."""
        minimum, rows = self._begin(), list[tuple[Any, ...]]()
        try:
            with self._session() as session:
                _places(session, region, day)
                told = (
                    f"institution, year, class, late, sum(deaths)::BIGINT FROM {session.relation(CERTIFIER)} AS t {_AT}"
                )
                rows = session.connection.execute(f"SELECT {told} GROUP BY ALL ORDER BY ALL").fetchall()
        finally:
            self._audit(len(rows))
        return [Certified(*row) for row in rows], minimum

    def years(self) -> tuple[int, ...]:
        """The years with certificates of both kinds."""
        self._begin()
        found = list[int]()
        try:
            with self._session() as session:
                both = " INTERSECT ".join(f"SELECT year FROM {session.relation(one)} AS t" for one in (BIRTH, DEATH))
                found = [int(year) for (year,) in session.connection.execute(f"{both} ORDER BY 1").fetchall()]
        finally:
            self._audit(len(found))
        return tuple(found)

    def _begin(self) -> int:
        """The smallest count that is told."""
        if ANSWER_ONLY in self.decision.obligations:
            raise NotReadable(columns=PERSON)
        self.whole()
        missing = [table for table in _READ if table not in self.snapshot.tables]
        if missing:
            raise NotMeasured()
        return MINIMUM if AGGREGATE_ONLY in self.decision.obligations else 0

    def _session(self) -> Session:
        stage = flow.Stage("gate", Text("受控读取", "a gated read"), reads=_READ, writes=())
        return Session(self.lake, stage, snapshot=self.snapshot)


def _places(session: Session, region: str, day: date) -> None:
    """The table `places`: every code as it was written that lies in the region, and the division right below it there."""
    every = " UNION ".join(f"SELECT region FROM {session.relation(one)} AS t" for one in _TABLES)
    codes = [code for (code,) in session.connection.execute(every).fetchall()]
    inside = [(code, area(at, region)) for code in codes if within(at := placed(code, day), region)]
    made = {"code": pa.array([code for code, _ in inside], pa.string()), "area": [one for _, one in inside]}
    session.connection.register("places", pa.table(made, schema=pa.schema({"code": pa.string(), "area": pa.string()})))


def _causes(session: Session) -> None:
    """The table `causes`: every code of a cause and its classes."""
    query = f"SELECT DISTINCT cause FROM {session.relation(DEATH)} AS t"
    codes = [code for (code,) in session.connection.execute(query).fetchall()]
    rows = [(one, leading(one).id, chapter(one).id, maternal(one), undefined(one)) for one in codes]
    schema = {"code": pa.string(), "leading": pa.string(), "chapter": pa.string()}
    names = pa.schema(schema | {"maternal": pa.bool_(), "undefined": pa.bool_()})
    made = pa.Table.from_pylist([dict(zip(names.names, row, strict=True)) for row in rows], names)
    session.connection.register("causes", made)


_AT = "JOIN places AS p ON p.code IS NOT DISTINCT FROM t.region"
_MOTHER = "CASE WHEN mother_age BETWEEN 9 AND 70 THEN least(greatest(mother_age, 15), 49) // 5 * 5 END"
_AGE = "CASE WHEN age = 0 THEN 0 WHEN age BETWEEN 1 AND 4 THEN 1 WHEN age >= 5 THEN least(age // 5 * 5, 85) END"


def _query(session: Session, table: str) -> str:
    rows = f"FROM {session.relation(table)} AS t {_AT}"
    if table == POPULATION:
        return f"SELECT p.area, sex, born, died, sum(people)::BIGINT {rows} GROUP BY ALL ORDER BY ALL"
    if table == PUPIL:
        return f"SELECT p.area, born, entered, sum(pupils)::BIGINT {rows} GROUP BY ALL ORDER BY ALL"
    if table == BIRTH:
        order = f"CASE WHEN birth_order > 0 THEN least(birth_order, {MOST_ORDER}) END"
        told = f"p.area, year, month, sex, ({_MOTHER})::INT, ({order})::INT, late, sum(births)::BIGINT"
        return f"SELECT {told} {rows} GROUP BY ALL ORDER BY ALL"
    told = f"p.area, year, month, sex, ({_AGE})::INT, c.leading, c.chapter, c.maternal, c.undefined, neonatal"
    joined = f"{rows} JOIN causes AS c ON c.code IS NOT DISTINCT FROM t.cause"
    return f"SELECT {told}, sum(deaths)::BIGINT {joined} GROUP BY ALL ORDER BY ALL"
