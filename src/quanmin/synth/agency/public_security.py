"""Public security: household registration (the benchmark) and photo references."""

from __future__ import annotations

import numpy as np

from quanmin.synth.career import LEVELS
from quanmin.synth.column import Days, Digests, Lookup, Serials, codes, constant, whole
from quanmin.synth.day import NEVER, day_of
from quanmin.synth.person import MARITAL, RELATIONSHIPS, People
from quanmin.synth.pyramid import AS_OF
from quanmin.synth.record import Records, Scene, between, some
from quanmin.synth.stream import chosen
from quanmin.synth.territory import FIRST_NUMBERS

UNREGISTERED = 0.004
"""Share of people with a number whom the benchmark file lacks."""


def household_registration(scene: Scene) -> Records:
    """One row a person, household by household; some items are missing or out of date."""
    people, rng = scene.people, scene.people.rng("household_registration")
    order = scene.household.order
    rows = order[(rng.random(len(order)) >= UNREGISTERED) | people.contested[order]]
    count = len(rows)
    registered = np.maximum(between(rng, people.born[rows], people.born[rows] + 90), FIRST_NUMBERS)
    registered = np.where(people.homes.moved_on[rows] == NEVER, registered, people.homes.moved_on[rows])
    registered = np.maximum(np.minimum(registered, people.end[rows]), people.born[rows]).astype(np.int32)
    registered = _after_the_holder(people, rows, registered)
    dead = ~people.alive[rows]
    cancelled = np.where(dead, np.minimum(people.end[rows] + rng.integers(1, 60, count), AS_OF), NEVER).astype(np.int32)
    education = people.careers.education[rows]
    old_level = (education >= 4) & chosen(rng, count, 0.3)
    level = np.where(old_level, people.careers.before[rows], education)
    marital = people.marital[rows]
    adult = people.end[rows] - people.born[rows] > 15 * 365
    return Records(
        "public_security.household_registration",
        rows,
        {
            "household_no": Serials(scene.province.territory.province, people.ids[people.families.household[rows]], 12),
            "member_no": whole(scene.household.number[rows]),
            "relationship": codes(RELATIONSHIPS, scene.household.relationship[rows]),
            **scene.identity(rows),
            "former_name": Lookup(people.names.former, rows.astype(np.int32)),
            "ethnicity": codes(scene.ethnicity(rows).values.to_pylist(), _lost(rng, people.ethnicity[rows], 0.02)),
            "birth_place": _some_lost(rng, scene.region(people.homes.birth_code[rows]), 0.03),
            "native_place": scene.of_county(scene.province.territory.names(), people.homes.county[people.root[rows]]),
            "registered_region": scene.region(scene.province.territory.codes[people.homes.county[rows]]),
            "registered_address": _some_lost(rng, scene.address(people.homes.registered[rows]), 0.005),
            "education": codes(list(LEVELS), _lost(rng, level, 0.03)),
            "marital_status": codes(MARITAL, np.where(adult, _lost(rng, marital, 0.03), -1)),
            "occupation": _occupation(scene, rows),
            "household_type": codes(["1", "2"], chosen(rng, count, 0.02)),
            "registered_on": Days(registered),
            "status": codes(["1", "3"], dead),
            "cancelled_on": Days(cancelled),
        },
        {"education": old_level},
    )


def _after_the_holder(people: People, rows: np.ndarray, registered: np.ndarray) -> np.ndarray:
    """Days of registration in which nobody who was given another's number was registered before its holder.

    Who registered first holds a number: the truth about shared numbers follows from that.
    """
    of_person = np.zeros(len(people), dtype=np.int32)
    of_person[rows] = registered
    twin = people.twin[rows]
    return np.where(twin >= 0, np.maximum(registered, of_person[twin]), registered).astype(np.int32)


def _lost(rng: np.random.Generator, index: np.ndarray, share: float) -> np.ndarray:
    return np.where(chosen(rng, len(index), share), -1, index).astype(np.int32)


def _some_lost(rng: np.random.Generator, column: Lookup, share: float) -> Lookup:
    column.index = _lost(rng, column.index, share)
    return column


def _occupation(scene: Scene, rows: np.ndarray) -> Lookup:
    people = scene.people
    working = (people.born[rows] < AS_OF - 18 * 365) & (people.born[rows] > AS_OF - 65 * 365)
    place = np.where(people.homes.urban[rows], people.ids[rows] % 5, 4)
    return codes(["200", "300", "400", "600", "500"], np.where(working, place, -1))


def photo_reference(scene: Scene) -> Records:
    """One photo of nearly everybody from sixteen years on."""
    people, rng = scene.people, scene.people.rng("photo_reference")
    rows = some(rng, people.end - people.born > 16 * 366, 0.92)
    county = people.homes.county[rows]
    taken = between(rng, np.maximum(people.born[rows] + 16 * 366, day_of(2004)), people.end[rows])
    return Records(
        "public_security.photo_reference",
        rows,
        {
            "photo_no": Serials("P" + scene.province.territory.province, people.ids[rows], 11),
            **scene.identity(rows),
            "photo": Digests(people.photo[rows]),
            "format": constant("jpg", len(rows)),
            "width": constant("358", len(rows)),
            "height": constant("441", len(rows)),
            "taken_on": Days(np.maximum(taken, people.born[rows]).astype(np.int32)),
            "office_code": Lookup(_offices(scene), county, coded=True),
            "office_name": Lookup(scene.province.territory.names(), county, coded=True),
        },
    )


def _offices(scene: Scene) -> object:
    import pyarrow as pa

    return pa.array([f"{code}000000" for code in scene.province.territory.counties], type=pa.string())
