"""Education: certificates of higher education since 1991, and the pupils of compulsory school."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.synth.career import LEVELS, TERTIARY
from quanmin.synth.column import Days, Lookup, Numbers, Serials, codes, constant, whole
from quanmin.synth.day import NEVER, day_of, years
from quanmin.synth.number import Keys, as_text, spelled
from quanmin.synth.pool import PRIMARY, SECONDARY
from quanmin.synth.record import Records, Scene, between, some
from quanmin.synth.stream import Ints, Mask, chosen

_YEARS = np.array([6, 3, 3, 3, 3, 4, 3, 3], dtype=np.int32)
_MAJORS = "汉语言文学 数学与应用数学 会计学 临床医学 护理学 计算机科学与技术 机械工程 法学 土木工程 英语 农学".split()


def degree(scene: Scene) -> Records:
    """The certificate of the highest level; a third of the postgraduates also have that of the level before."""
    people, rng = scene.people, scene.people.rng("degree")
    career = people.careers
    rows = some(rng, (career.education >= TERTIARY) & (career.graduated >= day_of(1991)), 0.97)
    earlier = rows[(career.before[rows] >= TERTIARY) & chosen(rng, len(rows), 0.35)]
    person = np.concatenate([rows, earlier])
    first = np.arange(len(person)) >= len(rows)
    level = np.where(first, career.before[person], career.education[person])
    graduated = (career.graduated[person] - np.where(first, 4 * 365, 0)).astype(np.int32)
    school = rng.integers(0, len(scene.province.pools.schools), len(person)).astype(np.int32)
    county = scene.province.pools.school_county[school]
    names = ["2", "3", "4"]
    return Records(
        "education.degree",
        person,
        {
            "certificate_no": Serials("1", people.ids[person] * 2 + first, 16),
            **scene.identity(person),
            "ethnicity": scene.ethnicity(person),
            "education": codes(list(LEVELS), level),
            "degree": codes(names, np.select([level == 7, level == 6, level == 5], [0, 1, 2], -1)),
            "school_code": Lookup(scene.province.pools.school_codes, school, coded=True),
            "school_name": Lookup(scene.province.pools.schools, school, coded=True),
            "major": codes(_MAJORS, rng.integers(0, len(_MAJORS), len(person))),
            "study_form": codes(["1", "2", "3"], np.where(chosen(rng, len(person), 0.8), 0, 1)),
            "enrolled_on": Days(graduated - _YEARS[level] * 365 + 62),
            "graduated_on": Days(graduated),
            "result": constant("1", len(person)),
            "school_region": scene.county_on(county, graduated),
        },
        {"education": first},
    )


_KEPT_SINCE = day_of(2013, 9, 1)
"""The national pupil system holds who was at school then, and who came later."""

_AT_SCHOOL = 0.9988
"""Children of school age who are at school: national, 2015 (教育部, 2015年全国教育事业发展统计公报)."""

_FORMS = 9
_SEPTEMBER = np.array([day_of(year, 9, 1) for year in range(1900, 2100)], dtype=np.int32)
_AT, _SUSPENDED, _MOVED, _LEFT, _DIED, _CANCELLED = range(6)
_STANDING = ["1", "2", "3", "4", "6", "8"]


def pupil(scene: Scene) -> Records:
    """The records of the nine years of compulsory school, of the dead as they were when they died.

    One in thirty comes a year late; children of who lives away are often at school there; some came to another school as if they
    were new and have a second record, half of which were found and cancelled. First-formers have a temporary number until spring.
    """
    people, rng = scene.people, scene.people.rng("pupil")
    entered = _entry(people.born, chosen(rng, len(people), 1 / 30))
    form = school_year(people.end) - years(entered) + 1
    at_school = (form >= 1) & (form <= _FORMS) & (entered <= people.end) & (people.end >= _KEPT_SINCE)
    rows = some(rng, at_school, _AT_SCHOOL)
    again = rows[chosen(rng, len(rows), 0.006)]
    person = np.concatenate([rows, again])
    second = np.arange(len(person)) >= len(rows)
    count, end = len(person), people.end[person]
    updated = between(rng, np.maximum(entered[person], _SEPTEMBER[school_year(end) - 1900]), end)
    numbered = ~chosen(rng, count, 0.012)
    formal = numbered & ~second & (form[person] > 1) & (people.twin[person] < 0)
    county = _county(scene, rng, person, second)
    school = _school(rng, county, form[person])
    return Records(
        "education.pupil",
        person,
        {
            "pupil_number": _numbers(people.key[person], people.ids[person] * 2 + second, numbered, formal),
            **scene.identity(person),
            "citizen_number": Numbers(np.where(numbered, people.key[person], 0)),
            "ethnicity": scene.ethnicity(person),
            "school_code": Lookup(scene.province.pools.pupil_school_codes, school, coded=True),
            "school_name": Lookup(scene.province.pools.pupil_schools, school, coded=True),
            "region": scene.county_on(county, updated),
            "enrolled_on": Days(entered[person]),
            "school_year": whole(school_year(updated)),
            "form": whole(form[person]),
            "status": codes(_STANDING, _standing(rng, people.alive[person], second)),
            "updated_on": Days(updated),
        },
    )


def school_year(days: Ints) -> Ints:
    """The years in which the school years of days began, on 1 September."""
    year = years(days)
    return (year - (days < _SEPTEMBER[year - 1900])).astype(np.int32)


def _entry(born: Ints, late: Mask) -> Ints:
    """The first of September on which a child who was six by 31 August enters, a year later for the late ones."""
    year = years(born)
    return _SEPTEMBER[year + 6 + (born >= _SEPTEMBER[year - 1900]) + late - 1900]


def _numbers(keys: Keys, serials: NDArray[np.int64], numbered: Mask, formal: Mask) -> Lookup:
    """G and the citizen number; L (temporary) or J (no citizen number) and digits that are nobody else's."""
    letters = codes(["G", "L", "J"], np.select([formal, numbered], [0, 1], 2)).render("").dictionary_decode()
    rest = pc.if_else(pa.array(formal), as_text(spelled(keys)), Serials("", serials, 18).render(""))
    return Lookup(pc.binary_join_element_wise(letters, rest, ""), np.arange(len(keys), dtype=np.int32))


def _county(scene: Scene, rng: np.random.Generator, person: NDArray[np.int64], second: Mask) -> Ints:
    """Where the school is: at home, where the father lives away, or, of a second record, anywhere in the province."""
    homes, father = scene.people.homes, scene.people.families.father[person]
    away = (father >= 0) & (homes.away_since[father] != NEVER) & chosen(rng, len(person), 0.3)
    anywhere = rng.integers(0, len(scene.province.territory.counties), len(person))
    return np.select([second, away], [anywhere, homes.away_county[father]], homes.county[person]).astype(np.int32)


def _school(rng: np.random.Generator, county: Ints, form: Ints) -> Ints:
    """A school of the county for the form: places in the pool."""
    drawn = rng.random(len(county))
    primary = (drawn * PRIMARY).astype(np.int32)
    return (county * (PRIMARY + SECONDARY) + np.where(form <= 6, primary, PRIMARY + drawn * SECONDARY)).astype(np.int32)


def _standing(rng: np.random.Generator, alive: Mask, second: Mask) -> Ints:
    """Places in _STANDING."""
    drawn = rng.random(len(alive))
    usual = np.select([drawn < 0.003, drawn < 0.013, drawn < 0.014], [_SUSPENDED, _MOVED, _LEFT], _AT)
    doubled = np.where(drawn < 0.5, _CANCELLED, _AT)
    return np.select([second, ~alive], [doubled, _DIED], usual).astype(np.int32)
