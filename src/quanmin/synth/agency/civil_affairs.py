"""Civil affairs: registrations of marriage and divorce, two rows each; funerals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quanmin.synth.career import LEVELS, TERTIARY
from quanmin.synth.column import Days, Lookup, Numbers, Serials, codes, constant
from quanmin.synth.day import NEVER, day_of, years
from quanmin.synth.person import WIDOWED
from quanmin.synth.pyramid import AS_OF, MALE
from quanmin.synth.record import Records, Scene, some
from quanmin.synth.stream import chosen

COMPUTERISED = day_of(1996)


def marriage(scene: Scene) -> Records:
    """Most marriages since the registers are on computers, and the divorces that followed."""
    people, rng = scene.people, scene.people.rng("marriage")
    families = people.families
    couples = (people.sex == MALE) & (families.married >= COMPUTERISED)
    couples &= (people.marital != WIDOWED) & (people.marital[families.spouse] != WIDOWED)
    wed = some(rng, couples, 0.85)
    parted = wed[families.divorced[wed] != NEVER]
    husband = np.concatenate([wed, parted])
    divorce = np.arange(len(husband)) >= len(wed)
    serial = people.ids[husband] * 2 + divorce
    day = np.where(divorce, families.divorced[husband], families.married[husband]).astype(np.int32)
    person = np.concatenate([husband, families.spouse[husband]])
    return _both(scene, person, np.tile(serial, 2), np.tile(divorce, 2), np.tile(day, 2), np.tile(husband, 2))


def _both(
    scene: Scene,
    person: NDArray[np.int64],
    serial: NDArray[np.int64],
    divorce: NDArray[np.bool_],
    day: NDArray[np.int32],
    husband: NDArray[np.int64],
) -> Records:
    people, count = scene.people, len(person)
    partner = people.families.spouse[person]
    county = people.homes.county[husband]
    education = people.careers.education[person]
    before = (education >= TERTIARY) & (people.careers.graduated[person] > day)
    replaced_later = ~divorce & (people.families.divorced[person] != NEVER)
    return Records(
        "civil_affairs.marriage",
        person.astype(np.int64),
        {
            "certificate_no": Serials("J", _stamp(scene, serial, day), 18),
            "party": codes(["1", "2"], np.where(people.sex[person] == MALE, 0, 1)),
            "event": codes(["1", "2"], divorce),
            **scene.identity(person),
            "ethnicity": scene.ethnicity(person),
            "nationality": constant("156", count),
            "education": codes(list(LEVELS), np.where(before, people.careers.before[person], education)),
            "marital_status": codes(["21", "40"], divorce),
            "spouse_number": Numbers(people.key[partner]),
            "spouse_name": Lookup(people.names.full, partner.astype(np.int32)),
            "registered_on": Days(day),
            "office_code": Lookup(scene.province.territory.known_texts, scene.county_on(county, day).index, coded=True),
            "office_name": Lookup(scene.province.pools.offices, county, coded=True),
            "office_region": scene.county_on(county, day),
        },
        {"education": before, "marital_status": replaced_later},
    )


def _stamp(scene: Scene, serial: NDArray[np.int64], day: NDArray[np.int32]) -> NDArray[np.int64]:
    """Overflow of the serial (2), office (6), year (4) and serial (6): with a letter before it, a certificate's number."""
    office = int(scene.province.territory.province) * 10_000 + 100
    return ((serial // 10**6 * 10**6 + office) * 10**4 + years(day).astype(np.int64)) * 10**6 + serial % 10**6


def funeral(scene: Scene) -> Records:
    """Three in five of the dead."""
    people, rng = scene.people, scene.people.rng("funeral")
    rows = some(rng, ~people.alive, 0.62)
    died, county = people.died[rows], people.homes.county[rows]
    disposed = np.minimum(died + rng.integers(1, 6, len(rows)), AS_OF).astype(np.int32)
    return Records(
        "civil_affairs.funeral",
        rows,
        {
            "funeral_no": Serials("B", people.ids[rows], 12),
            **scene.identity(rows),
            "ethnicity": scene.ethnicity(rows),
            "death_date": Days(died),
            "registered_address": scene.address(people.homes.registered[rows]),
            "disposal": codes(["1", "2"], chosen(rng, len(rows), 0.3)),
            "disposed_on": Days(disposed),
            "home_name": Lookup(scene.province.pools.homes, county, coded=True),
            "home_region": scene.county_on(county, disposed),
            "handler_relationship": codes(["12", "22", "32"], rng.integers(0, 3, len(rows))),
            "phone": Serials("13", rng.integers(10**8, 10**9, len(rows)), 9),
        },
    )
