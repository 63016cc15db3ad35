"""Children who came to school, one row a child: what a birth cohort is looked at again by.

`education.pupil` has a record a pupil, and some children have two: a number they got at each of two schools, or a temporary one
beside the final one. Records of one citizen number are one child; a record without a sound number is a child of its own, so a
double without a number counts twice until the sender cancels it. Everybody counts who ever entered, also who moved, left or died
since: the births of a cohort are told back from those who came, not from those who stayed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from quanmin.lake.session import Session

DATASET = "education.pupil"
CANCELLED = "8"
SIX = 6
"""Completed years of age on 1 September, when a child enters who is six by 31 August (Compulsory Education Law, art. 11)."""
ALL_IN = 7
"""At the end of the year in which it is so old a whole year of birth has entered, those born from September on as the last."""

COLUMNS = {
    "pupil_number": "VARCHAR",
    "person_key": "BIGINT",
    "birth_date": "DATE",
    "region": "VARCHAR",
    "enrolled_on": "DATE",
    "status": "VARCHAR",
    "updated_on": "DATE",
    "_batch": "BIGINT",
    "_row": "BIGINT",
}


class Record(NamedTuple):
    """A live row, as far as it matters here."""

    pupil_number: str
    person_key: int | None
    birth_date: date
    region: str
    enrolled_on: date
    status: str
    updated_on: date
    batch: int
    row: int


class Child(NamedTuple):
    """One child: `who` is its key or pupil number, day of birth and division of the school as told last, the first entry."""

    who: str
    person_key: int | None
    birth_date: date
    region: str
    enrolled_on: date


def entrants(session: Session, buckets: list[int] | None = None) -> str:
    """SQL of the children of some buckets, as `Child`; usable after FROM. A person's records lie in one bucket.

    No rows where pupils were never collected.
    """
    if not session.exists(f"clean.{DATASET}"):
        return f"({one_a_child(_EMPTY)})"
    return f"({one_a_child(session.live(DATASET, buckets))})"


def one_a_child(rows: str) -> str:
    """The same of any relation with `COLUMNS`."""
    last = "(updated_on, _batch, _row)"
    return (
        "SELECT coalesce(person_key::VARCHAR, pupil_number) AS who, any_value(person_key) AS person_key, "
        f"arg_max(birth_date, {last}) AS birth_date, arg_max(region, {last}) AS region, min(enrolled_on) AS enrolled_on "
        f"FROM {rows} AS r WHERE status <> '{CANCELLED}' GROUP BY 1"
    )


_EMPTY = f"(SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in COLUMNS.items())} WHERE false)"


def children(records: Iterable[Record]) -> list[Child]:
    """The children of some records, one after another: the reference that `entrants` is compared with."""
    found: dict[str, list[Record]] = {}
    for one in records:
        if one.status != CANCELLED:
            who = one.pupil_number if one.person_key is None else str(one.person_key)
            found.setdefault(who, []).append(one)
    made = []
    for who, own in sorted(found.items()):
        last = max(own, key=lambda one: (one.updated_on, one.batch, one.row))
        first = min(one.enrolled_on for one in own)
        made.append(Child(who, last.person_key, last.birth_date, last.region, first))
    return made
