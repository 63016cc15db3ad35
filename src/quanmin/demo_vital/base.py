"""Births and deaths of the year in the population base: newborns are registered, joined to their certificates, and checked."""

from __future__ import annotations

import csv
import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from quanmin import collect, population
from quanmin.demo_vital.office import Offices
from quanmin.lake import Lake
from quanmin.programs.vital.birth import crosscheck, newborn
from quanmin.programs.vital.certificate import record
from quanmin.programs.vital.certificate.application import Application, Parent
from quanmin.programs.vital.death import activity
from quanmin.standards.identity.citizen_number import check_character
from quanmin.trust import local_administrator

REGISTERED = 0.94
"""The share of newborns whom the police have registered when the year is looked at."""
REGISTER, POLICE = "public_security.household_registration", "public_security"
_HEAD = (
    "household_no",
    "member_no",
    "citizen_number",
    "name",
    "sex",
    "ethnicity",
    "birth_date",
    "birth_place",
    "registered_region",
    "registered_address",
    "registered_on",
)


def join(lake: Lake, offices: Offices, folder: Path, today: date, seed: int) -> dict[str, Any]:
    """The year's newborns and dead in the base, and what base and certificates say of each other."""
    registered = _register(lake, offices, folder, seed)
    built = population.build(lake)
    joined = newborn.join(lake, today)
    found = crosscheck.crosscheck(lake, today)
    gone_on = activity.look(lake)
    return {
        "registered": registered,
        "people": built.people,
        "newborns": {
            "births": joined.births,
            "joined": joined.joined,
            "several": joined.several,
            "overdue": joined.overdue,
        },
        "findings": {rule: count for rule, count in found.findings.items() if count},
        "activity_after_death": gone_on.to_dict(),
    }


def _register(lake: Lake, offices: Offices, folder: Path, seed: int) -> int:
    """The household register of the newborns, with the numbers that they were given; how many rows were accepted."""
    rng, given = random.Random(f"{seed} register"), Counter[tuple[str, date, str]]()
    rows: list[tuple[str, ...]] = []
    for one in record.listing(offices.local, states=("issued",), limit=100_000):
        if rng.random() > REGISTERED:
            continue
        document = offices.local.ledger.get(one.document)
        asked = record.application_of(document)
        rows.append(_row(asked, given, len(rows)))
    if not rows:
        return 0
    path = folder / f"{REGISTER}.newborns.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEAD)
        writer.writerows(rows)
    return collect.collect(lake, REGISTER, path, POLICE, local_administrator()).accepted


def _row(asked: Application, given: Counter[tuple[str, date, str]], serial: int) -> tuple[str, ...]:
    child = asked.newborn
    household = asked.mother if asked.father is None else asked.father
    assert isinstance(household, Parent)
    place = (child.place, child.birth_date, child.sex)
    given[place] += 1
    order = 600 + 2 * given[place] + (1 if child.sex == "1" else 0)  # above what the simulated province has given out
    first17 = f"{child.place}{child.birth_date:%Y%m%d}{order:03d}"
    number = first17 + check_character(first17)
    day = child.birth_date + timedelta(days=40)
    told = (child.name, child.sex, household.ethnicity or "01", child.birth_date.isoformat(), child.place)
    return (f"N{serial:09d}", "9", number, *told, child.place, household.address, day.isoformat())
