"""Education: certificates of higher education since 1991."""

from __future__ import annotations

import numpy as np

from quanmin.synth.career import LEVELS, TERTIARY
from quanmin.synth.column import Days, Lookup, Serials, codes, constant
from quanmin.synth.day import day_of
from quanmin.synth.record import Records, Scene, some
from quanmin.synth.stream import chosen

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
