"""How complete the registration of births is, by year of birth: certificates, base, and what other sources have of the cohort.

Lists meet: births that count, people of the base, the members of a scheme or survey that were born in the year (NCMS enrolment,
whole-population records), and children who came to school. Where certificates were joined to people, the two lists give the
estimate of Chandra Sekar and Deming ("On a method of estimating birth and death rates and the extent of registration", JASA 44,
1949): certificates times people over those on both, if being on one says nothing about being on the other. The share of pupils
who have a certificate is counted child by child; `statistic.cohort` sets whole cohorts side by side.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.population.tables import PERSON
from quanmin.programs.vital import pupil
from quanmin.programs.vital.birth import source
from quanmin.programs.vital.birth.crosscheck import inside
from quanmin.programs.vital.birth.errors import NotJoined
from quanmin.programs.vital.birth.newborn import JOINED, NEWBORN, STAGE
from quanmin.text import Text

SOURCES = (f"clean.{pupil.DATASET}", PERSON, NEWBORN)
"""What the share of pupils with a certificate is made of."""
NOTES = (
    Text(
        "按学校所在地；分母为在人口库中的在校儿童，无身份号码者不在内",
        "where the school is; of the children at school who are in the base, so without those who have no number",
    ),
    Text(
        "外地出生后迁入的儿童在此没有出生证，计为误差",
        "children who were born elsewhere and moved here have no certificate here, which is an error",
    ),
    Text(
        "出生未满七年的尚未全部入学，早于学籍系统的不全；比例仍可用，人数不可当作出生数",
        "of years of birth less than seven years ago, or before the pupil system, not all are there: the share holds, their "
        "number is not that of the births",
    ),
)


@dataclass(frozen=True)
class Cohort:
    """One year of birth: births certified, people in the base, births with their person, members enrolled, persons surveyed.

    `estimate` are births by both lists, None where none was on both; `certified` and `registered` are the shares of it on each.
    `pupils` are children who came to school, `pupils_in_base` those of them in the base, `pupils_certified` those of these with a
    certificate; all three are None where nobody told of pupils born in the year.
    """

    year: int
    births: int
    people: int
    joined: int
    enrolled: int
    surveyed: int
    pupils: int | None = None
    pupils_in_base: int | None = None
    pupils_certified: int | None = None

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

    @property
    def schooled(self) -> float | None:
        """The share of the pupils in the base who have a certificate."""
        part, whole = self.pupils_certified, self.pupils_in_base
        return part / whole if whole and part is not None else None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form; shares and estimate rounded. `school` has the share of pupils, with what it is made of and its mark."""
        counts = asdict(self)
        pupils, known, certified = (counts.pop(name) for name in _SCHOOL)
        shares = {"certified": self.certified, "registered": self.registered}
        made = {name: None if value is None else round(value, 4) for name, value in shares.items()}
        estimate = None if self.estimate is None else round(self.estimate, 1)
        share = self.schooled
        school = {"value": None if share is None else round(share, 4), "numerator": certified, "denominator": known}
        about = {"marks": ["none"] if share is None else [], "sources": list(SOURCES), "notes": list(NOTES)}
        return {**counts, "estimate": estimate, **made, "school": {"pupils": pupils, **school, **about}}


def completeness(lake: Lake, first: int, last: int, region: str | None = None) -> list[Cohort]:
    """The cohorts of some years, all or those registered in a division. NotJoined, NoSuchRegion."""
    with lake.session(STAGE) as session:
        if not session.exists(NEWBORN):
            raise NotJoined()
        found = {name: _years(session, query) for name, query in _queries(session, inside(region)).items()}
    told = found.pop("told")
    return [_cohort(year, found, year in told) for year in range(first, last + 1)]


_SCHOOL = ("pupils", "pupils_in_base", "pupils_certified")


def _cohort(year: int, found: dict[str, dict[int, int]], told: bool) -> Cohort:
    """A year of the counts; `told` is whether somebody, anywhere, told of its pupils."""
    return Cohort(year, **{name: counts.get(year, 0) for name, counts in found.items() if told or name not in _SCHOOL})


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
        **_pupils(session, stem, joined),
    }


def _pupils(session: Session, stem: str, joined: str) -> dict[str, str]:
    """Children who came to school: anywhere (`told`), and in the division; of these who is in the base, and has a certificate."""
    session.connection.execute(f"CREATE OR REPLACE TEMP TABLE pupils AS SELECT * FROM {pupil.entrants(session)} AS c")
    people, born = source.people(session), source.births(session)
    here = f"(SELECT * FROM pupils WHERE starts_with(region, '{stem}'))"
    known = f"(SELECT * FROM {here} AS c SEMI JOIN {people} AS p USING (person_key))"
    certified = f"(SELECT person_key FROM {joined} AS j SEMI JOIN {born} AS b USING (certificate_no))"
    return {
        "told": "pupils",
        "pupils": here,
        "pupils_in_base": known,
        "pupils_certified": f"(SELECT * FROM {known} AS c SEMI JOIN {certified} AS n USING (person_key))",
    }
