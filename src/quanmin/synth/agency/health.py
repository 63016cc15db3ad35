"""Health: births, deaths, the rural scheme, the whole population, childbirth histories."""

from __future__ import annotations

import numpy as np

from quanmin.synth import death_cause
from quanmin.synth.career import LEVELS, TERTIARY
from quanmin.synth.column import Days, Lookup, Numbers, Serials, codes, constant, whole
from quanmin.synth.day import NEVER, day_of, years
from quanmin.synth.person import ETHNICITIES, MARITAL, RELATIONSHIPS
from quanmin.synth.pyramid import AS_OF, FEMALE
from quanmin.synth.record import Records, Scene, between, some
from quanmin.synth.stream import chosen


def birth(scene: Scene) -> Records:
    """Births in hospitals since 2004; a mother from elsewhere has a name and no number here."""
    people, rng = scene.people, scene.people.rng("birth")
    rows = some(rng, people.born >= day_of(2004), 0.88)
    count, county, born = len(rows), people.homes.county[rows], people.born[rows]
    mother, father = people.families.mother[rows], people.families.father[rows]
    stranger = np.flatnonzero((people.sex == FEMALE) & (people.names.former.is_null().to_numpy(zero_copy_only=False)))
    named = np.where(mother >= 0, mother, stranger[rng.integers(0, len(stranger), count)]).astype(np.int32)
    number = np.where(mother >= 0, people.key[mother], 0)
    has_number = ~chosen(rng, count, 0.03)
    return Records(
        "health.birth",
        rows,
        {
            "certificate_no": Serials("N", people.ids[rows], 9),
            "issue": constant("1", count),
            **scene.identity(rows),
            "citizen_number": Numbers(np.where(has_number, people.key[rows], 0)),
            "birth_time": codes(
                [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (5, 20, 40)], rng.integers(0, 72, count)
            ),
            "birth_place": scene.region(people.homes.birth_code[rows]),
            "birth_place_type": codes(["1", "2"], chosen(rng, count, 0.3)),
            "gestational_weeks": whole(rng.integers(37, 42, count)),
            "weight": whole(rng.integers(250, 420, count) * 10),
            "length": whole(rng.integers(46, 54, count)),
            "plurality": constant("1", count),
            "delivery": codes(["1", "3"], chosen(rng, count, 0.4)),
            "mother_name": Lookup(people.names.full, named),
            "mother_number": Numbers(number),
            "mother_birth_date": Days(np.where(mother >= 0, people.born[mother], NEVER).astype(np.int32)),
            "mother_ethnicity": codes(ETHNICITIES, np.where(mother >= 0, people.ethnicity[mother], -1)),
            "father_name": Lookup(people.names.full, father),
            "father_number": Numbers(np.where(father >= 0, people.key[father], 0)),
            "institution_code": Lookup(scene.province.pools.hospital_codes, county, coded=True),
            "institution_name": Lookup(scene.province.pools.hospitals, county, coded=True),
            "issued_on": Days(np.minimum(born + rng.integers(0, 30, count), AS_OF).astype(np.int32)),
        },
    )


def childbirth_history(scene: Scene) -> Records:
    """One row for every child of the mothers whom family planning follows."""
    people, rng = scene.people, scene.people.rng("childbirth_history")
    families = people.families
    child = some(rng, (families.mother >= 0) & (people.born >= day_of(1980)), 0.75)
    mother = families.mother[child].astype(np.int64)
    order = np.lexsort((people.born[child], mother))
    child, mother = child[order], mother[order]
    first = np.concatenate([[True], np.diff(mother) != 0]) if len(child) else np.zeros(0, dtype=bool)
    start = (
        np.maximum.accumulate(np.where(first, np.arange(len(child)), 0)) if len(child) else np.zeros(0, dtype=np.int64)
    )
    born = people.born[child]
    return Records(
        "health.childbirth_history",
        mother,
        {
            "record_no": Serials("H", people.ids[child], 12),
            **scene.identity(mother),
            "child_order": whole(np.arange(len(child)) - start + 1),
            "child_name": Lookup(people.names.full, child.astype(np.int32)),
            "child_number": Numbers(people.key[child]),
            "child_sex": codes(["1", "2"], people.sex[child] - 1),
            "child_birth_date": Days(born),
            "outcome": constant("1", len(child)),
            "delivery": codes(["1", "3"], chosen(rng, len(child), 0.3)),
            "birth_region": scene.region(people.homes.birth_code[child]),
            "region": scene.county_on(people.homes.county[mother], np.full(len(child), AS_OF, dtype=np.int32)),
        },
    )


def death(scene: Scene) -> Records:
    """Certificates of death: most of the dead."""
    people, rng = scene.people, scene.people.rng("health.death")
    rows = some(rng, ~people.alive, 0.86)
    count, died, county = len(rows), people.died[rows], people.homes.county[rows]
    career = people.careers
    aged, sex = died - people.born[rows], people.sex[rows]
    pattern = death_cause.drawn(people.rng("health.death.cause"), aged, sex)
    fertile = (sex == FEMALE) & (aged > 15 * 365) & (aged < 50 * 365)
    adult = died - people.born[rows] > 15 * 365
    return Records(
        "health.death",
        rows,
        {
            "certificate_no": Serials("S", people.ids[rows], 12),
            "form_version": codes(["2013"], np.where(died >= day_of(2014), 0, -1)),
            "document_type": constant("01", count),
            **scene.identity(rows),
            "ethnicity": scene.ethnicity(rows),
            "nationality": constant("156", count),
            "marital_status": codes(MARITAL, np.where(adult, people.marital[rows], -1)),
            "education": codes(list(LEVELS), career.education[rows]),
            "personal_status": codes(["27", "80", "24"], rng.integers(0, 3, count)),
            "death_date": Days(died),
            "death_place": codes(["1", "3", "9"], rng.integers(0, 3, count)),
            "pregnancy": codes(["0", "1"], np.where(fertile, death_cause.maternal(pattern), -1)),
            "workplace": Lookup(scene.province.pools.employers, career.employer[rows], coded=True),
            "registered_address": scene.address(people.homes.registered[rows]),
            "residence_address": scene.address(people.homes.residence[rows]),
            "region": scene.county_on(county, died),
            **death_cause.columns(pattern),
            "diagnosis_basis": codes(["4", "5", "6"], rng.integers(0, 3, count)),
            "institution_code": Lookup(scene.province.pools.hospital_codes, county, coded=True),
            "institution_name": Lookup(scene.province.pools.hospitals, county, coded=True),
            "certifier_code": codes([f"Y{number:04d}" for number in range(1, 41)], rng.integers(0, 40, count)),
            "filled_on": Days(np.minimum(died + rng.integers(0, 8, count), AS_OF).astype(np.int32)),
        },
    )


def ncms_enrolment(scene: Scene) -> Records:
    """Rural people in the scheme's year 2015, the dead in their last year; addresses are those of the first enrolment."""
    people, rng = scene.people, scene.people.rng("ncms_enrolment")
    homes = people.homes
    last = np.minimum(people.end, day_of(2015, 2, 28))
    rows = some(rng, ~homes.urban & (last - people.born > 60) & (last > day_of(2011)), 0.96)
    paid = np.maximum(between(rng, last[rows] - 60, last[rows]), people.born[rows])
    moved = homes.former[rows] != homes.registered[rows]
    return Records(
        "health.ncms_enrolment",
        rows,
        {
            "scheme_no": Serials(scene.province.territory.province, people.ids[people.families.household[rows]], 10),
            "member_no": whole(scene.household.number[rows]),
            "year": whole(years(paid + 62)),
            **scene.identity(rows),
            "relationship": codes(RELATIONSHIPS, scene.household.relationship[rows]),
            "region": scene.county_on(homes.county[rows], paid),
            "address": scene.address(homes.former[rows]),
            "relief": codes(["0", "2", "4"], np.where(chosen(rng, len(rows), 0.08), 1, 0)),
            "status": constant("1", len(rows)),
            "insurance": constant("03", len(rows)),
            "paid_on": Days(paid),
            "own_amount": codes(["90", "110"], years(paid) >= 2015),
            "subsidy_amount": codes(["320", "380"], years(paid) >= 2015),
        },
        {"address": moved | (homes.away_since[rows] != NEVER)},
    )


def whole_population(scene: Scene) -> Records:
    """Nearly everybody; addresses, levels and workplaces are often those of an earlier visit."""
    people, rng = scene.people, scene.people.rng("whole_population")
    homes, career = people.homes, people.careers
    rows = some(rng, people.end - people.born > 30, 0.96)
    count = len(rows)
    updated = np.maximum(between(rng, people.end[rows] - 900, people.end[rows]), people.born[rows])
    moved = (homes.moved_on[rows] != NEVER) & chosen(rng, count, 0.6)
    away = (homes.away_since[rows] != NEVER) & chosen(rng, count, 0.15)
    education = career.education[rows]
    level_old = (education >= TERTIARY) & chosen(rng, count, 0.2)
    work_old = (career.earlier_employer[rows] >= 0) & chosen(rng, count, 0.3)
    employer = np.where(work_old, career.earlier_employer[rows], career.employer[rows]).astype(np.int32)
    adult = people.end[rows] - people.born[rows] > 15 * 365
    county = homes.county[rows]
    living = np.where(homes.away_since[rows] == NEVER, county, homes.away_county[rows])
    registered = np.where(moved, homes.former[rows], homes.registered[rows]).astype(np.int32)
    return Records(
        "health.whole_population",
        rows,
        {
            "person_code": Serials("W" + scene.province.territory.province, people.ids[rows], 13),
            "household_code": Serials(
                "F" + scene.province.territory.province, people.ids[people.families.household[rows]], 12
            ),
            **scene.identity(rows),
            "ethnicity": scene.ethnicity(rows),
            "relationship": codes(RELATIONSHIPS, scene.household.relationship[rows]),
            "marital_status": codes(MARITAL, np.where(adult, people.marital[rows], -1)),
            "education": codes(list(LEVELS), np.where(level_old, career.before[rows], education)),
            "first_married_on": Days(people.families.married[rows]),
            "registered_region": scene.county_on(county, updated),
            "registered_address": scene.address(registered),
            "residence_region": scene.county_on(living, updated),
            "residence_address": scene.address(
                np.where(away, homes.earlier[rows], homes.residence[rows]).astype(np.int32)
            ),
            "workplace": Lookup(scene.province.pools.employers, employer, coded=True),
            "flow": codes(["0", "1"], homes.away_since[rows] != NEVER),
            "contraception": codes(
                ["0", "3", "6"], np.where(people.sex[rows] == FEMALE, rng.integers(0, 3, count), -1)
            ),
            "status": constant("0", count),
            "updated_on": Days(updated),
        },
        {"registered_address": moved, "residence_address": away, "education": level_old, "workplace": work_old},
    )
