"""How complete the registration of births is, by year of birth: certificates, base, and what other sources have of the cohort.

Three lists meet: births that count, people of the base, and the members of a scheme or survey that were born in the year (NCMS
enrolment, whole-population records). School entry is in no dataset of the catalogue (`education.degree` starts with the secondary
schools), so it is left out. Where certificates were joined to people, the two lists give the estimate of Chandra Sekar and Deming
("On a method of estimating birth and death rates and the extent of registration", JASA 44, 1949): certificates times people over
those on both, if being on one says nothing about being on the other.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.programs.vital.birth import source
from quanmin.programs.vital.birth.crosscheck import inside
from quanmin.programs.vital.birth.errors import NotJoined
from quanmin.programs.vital.birth.newborn import JOINED, NEWBORN, STAGE


@dataclass(frozen=True)
class Cohort:
    """One year of birth: births certified, people in the base, births with their person, members enrolled, persons surveyed.

    `estimate` are births by both lists, None where none was on both; `certified` and `registered` are the shares of it on each.
    """

    year: int
    births: int
    people: int
    joined: int
    enrolled: int
    surveyed: int

    @property
    def estimate(self) -> float | None:
        """Births that there were, by Chandra Sekar and Deming."""
        return self.births * self.people / self.joined if self.joined else None

    @property
    def certified(self) -> float | None:
        """The share of the people who have a certificate."""
        return self.joined / self.people if self.people else None

    @property
    def registered(self) -> float | None:
        """The share of the births whose person is in the base."""
        return self.joined / self.births if self.births else None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form; shares and estimate rounded."""
        shares = {"certified": self.certified, "registered": self.registered}
        made = {name: None if value is None else round(value, 4) for name, value in shares.items()}
        estimate = None if self.estimate is None else round(self.estimate, 1)
        return {**asdict(self), "estimate": estimate, **made}


def completeness(lake: Lake, first: int, last: int, region: str | None = None) -> list[Cohort]:
    """The cohorts of some years, all or those registered in a division. NotJoined, NoSuchRegion."""
    with lake.session(STAGE) as session:
        if not session.exists(NEWBORN):
            raise NotJoined()
        found = {name: _years(session, query) for name, query in _queries(session, inside(region)).items()}
    return [
        Cohort(year, **{name: counts.get(year, 0) for name, counts in found.items()}) for year in range(first, last + 1)
    ]


def _years(session: Session, query: str) -> dict[int, int]:
    """Distinct `who` by year of birth."""
    rows = session.connection.sql(
        f"SELECT year(birth_date), count(DISTINCT who) FROM {query} WHERE birth_date IS NOT NULL GROUP BY 1"
    )
    return {int(year): int(count) for year, count in rows.fetchall()}


def _queries(session: Session, stem: str) -> dict[str, str]:
    """What each list has; births lie where the child was born, everybody else where the register has them."""
    columns = {"person_key": "BIGINT", "registered_region": "VARCHAR"}
    register = source.live(session, source.REGISTER, columns)
    here = f"(SELECT person_key FROM {register} WHERE starts_with(registered_region, '{stem}'))"
    born = f"(SELECT * FROM {source.births(session)} AS b WHERE starts_with(coalesce(birth_place, '{stem}'), '{stem}'))"
    people = f"(SELECT * FROM {source.people(session)} AS p SEMI JOIN {here} AS h ON h.person_key = p.person_key)"

    def members(dataset: str) -> str:
        rows = source.live(session, dataset, {"person_key": "BIGINT"})
        return f"(SELECT p.person_key AS who, p.birth_date FROM {people} AS p SEMI JOIN {rows} AS r USING (person_key))"

    joined = f"(SELECT certificate_no, person_key FROM {session.relation(NEWBORN)} AS n WHERE state = '{JOINED}')"
    return {
        "births": f"(SELECT certificate_no AS who, birth_date FROM {born})",
        "people": f"(SELECT person_key AS who, birth_date FROM {people})",
        "joined": f"(SELECT b.certificate_no AS who, b.birth_date FROM {born} AS b JOIN {joined} AS j USING (certificate_no) "
        f"SEMI JOIN {here} AS h ON h.person_key = j.person_key)",
        "enrolled": members(source.SCHEME),
        "surveyed": members(source.WHOLE),
    }
