"""Human resources and social security: where people live, where they work, and beneficiaries who died."""

from __future__ import annotations

import numpy as np

from quanmin.synth.career import LEVELS, TERTIARY
from quanmin.synth.column import Days, Lookup, Serials, codes, constant
from quanmin.synth.day import NEVER, day_of
from quanmin.synth.pyramid import AS_OF
from quanmin.synth.record import Records, Scene, between, some
from quanmin.synth.stream import chosen


def residence(scene: Scene) -> Records:
    """Most of the people who live away from where they are registered, some of the others; a few rows of earlier homes."""
    people, rng = scene.people, scene.people.rng("residence")
    homes = people.homes
    away = some(rng, homes.away_since != NEVER, 0.85)
    settled = some(rng, (homes.away_since == NEVER) & people.alive & (people.born < AS_OF - 20 * 365), 0.12)
    gone = away[chosen(rng, len(away), 0.2)]
    person = np.concatenate([away, settled, gone])
    old = np.arange(len(person)) >= len(away) + len(settled)
    since = np.where(homes.away_since[person] == NEVER, day_of(2005), homes.away_since[person]).astype(np.int32)
    updated = between(rng, np.maximum(since, day_of(2014, 7, 1)), np.full(len(person), AS_OF, dtype=np.int32))
    updated = np.where(old, day_of(2014, 6, 30) - rng.integers(0, 90, len(person)), updated).astype(np.int32)
    updated = np.maximum(updated, people.born[person])
    started = np.minimum(np.maximum(since, people.born[person]), updated).astype(np.int32)
    county = np.where(homes.away_since[person] == NEVER, homes.county[person], homes.away_county[person])
    return Records(
        "social_security.residence",
        person,
        {
            "residence_no": Serials("R", people.ids[person] * 2 + old, 13),
            **scene.identity(person),
            "residence_region": scene.county_on(county, updated),
            "residence_address": scene.address(np.where(old, homes.earlier[person], homes.residence[person])),
            "residence_type": codes(["1", "2", "3"], rng.integers(0, 3, len(person))),
            "started_on": Days(started),
            "ended_on": Days(np.where(old, updated, NEVER).astype(np.int32)),
            "phone": Serials("13", rng.integers(10**8, 10**9, len(person)), 9),
            "updated_on": Days(updated),
        },
        {"residence_address": old},
    )


def employment(scene: Scene) -> Records:
    """One row for every insured job; earlier jobs are rows too."""
    people, rng = scene.people, scene.people.rng("employment")
    career, pools = people.careers, scene.province.pools
    now = some(rng, career.employer >= 0, 0.94)
    then = some(rng, career.earlier_employer >= 0, 0.6)
    person = np.concatenate([now, then])
    old = np.arange(len(person)) >= len(now)
    employer = np.where(old, career.earlier_employer[person], career.employer[person]).astype(np.int32)
    started = np.where(old, career.earlier_hired[person], career.hired[person]).astype(np.int32)
    paid = (people.end[person] - rng.integers(1, 60, len(person))).astype(np.int32)
    paid = np.where(old, career.earlier_left[person], np.maximum(paid, started)).astype(np.int32)
    education = career.education[person]
    unknown = (education >= TERTIARY) & chosen(rng, len(person), 0.15)
    county = pools.employer_county[employer]
    return Records(
        "social_security.employment",
        person,
        {
            "participation_no": Serials("E", people.ids[person] * 2 + old, 13),
            **scene.identity(person),
            "education": codes(list(LEVELS), np.where(unknown, career.before[person], education)),
            "employer_code": Lookup(pools.employer_codes, employer, coded=True),
            "employer_name": Lookup(pools.employers, employer, coded=True),
            "employer_region": scene.county_on(county, paid),
            "occupation": codes(["200", "300", "400", "600"], rng.integers(0, 4, len(person))),
            "personal_status": codes(["13", "17", "24", "21"], rng.integers(0, 4, len(person))),
            "employment_status": codes(["1", "2"], old),
            "insurance": constant("310", len(person)),
            "started_on": Days(started),
            "ended_on": Days(np.where(old, paid, NEVER).astype(np.int32)),
            "paid_on": Days(paid),
        },
        {"education": unknown, "employer_name": old},
    )


def death(scene: Scene) -> Records:
    """Dead beneficiaries: most of the old who died."""
    people, rng = scene.people, scene.people.rng("social_security.death")
    rows = some(rng, ~people.alive & (people.end - people.born > 60 * 366), 0.45)
    stopped = np.minimum(people.died[rows] + rng.integers(5, 60, len(rows)), AS_OF).astype(np.int32)
    return Records(
        "social_security.death",
        rows,
        {
            "record_no": Serials("D", people.ids[rows], 12),
            **scene.identity(rows),
            "death_date": Days(people.died[rows]),
            "reason": constant("1", len(rows)),
            "stopped_on": Days(stopped),
            "insurance": codes(["310", "390"], rng.integers(0, 2, len(rows))),
            "region": scene.county_on(people.homes.county[rows], stopped),
            "informant_relationship": codes(["12", "22", "32"], rng.integers(0, 3, len(rows))),
        },
    )
