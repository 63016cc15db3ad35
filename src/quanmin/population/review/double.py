"""One person with two numbers: pairs of people of the base who look like one.

Same name once variant characters are folded, same sex, same birth date, and the same birth place or registered address; and
then either numbers one slip apart, or one of the two known to nobody but the register. One pass makes a hash of these items for
each person, and only people with one hash meet: the work grows with the people, not with their pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from quanmin.lake.session import Session
from quanmin.population import name as names
from quanmin.population.plan import Plan
from quanmin.population.tables import ATTACHED, LINKED, PERSON, STATEMENT
from quanmin.standards import kernels

SHARED = ("name", "sex", "birth_date")
PLACES = ("birth_place", "registered_address")
MOST_ALIKE = 8
"""So many people of one hash or fewer are compared; more are a placeholder, not a person."""


class Double(NamedTuple):
    """Two people who look like one, the lower key first; `records` says how many of each are not the register's."""

    people: tuple[int, int]
    records: tuple[int, int]
    near: bool


def near(left: str, right: str) -> bool:
    """Whether two numbers are one wrong digit, or one exchange of neighbours, apart."""
    if len(left) != len(right):
        return False
    apart = [place for place, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    if len(apart) == 2:
        first, second = apart
        return second == first + 1 and left[first] == right[second] and left[second] == right[first]
    return len(apart) == 1


def alike(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Whether two people of the base look like one: the reference of the hashes."""
    if left["name"] is None or names.folded(left["name"]) != names.folded(right["name"]):
        return False
    if any(left[item] is None or left[item] != right[item] for item in SHARED[1:]):
        return False
    return any(left.get(place) is not None and left.get(place) == right.get(place) for place in PLACES)


def doubles(session: Session, plan: Plan) -> list[Double]:
    """The pairs of the base, in the order of their keys."""
    present = set(session.schema(PERSON).names)
    if not {*SHARED}.issubset(present):
        return []
    _hash(session, [place for place in PLACES if place in present])
    connection = session.connection
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE shared AS SELECT hash FROM alike GROUP BY hash HAVING count(*) BETWEEN 2 AND {MOST_ALIKE};"
        "CREATE OR REPLACE TEMP TABLE met AS SELECT * FROM alike SEMI JOIN shared USING (hash);"
        "CREATE OR REPLACE TEMP TABLE couples AS SELECT DISTINCT l.person AS a, r.person AS b FROM met AS l "
        "JOIN met AS r ON l.hash = r.hash AND l.person < r.person;"
        "CREATE OR REPLACE TEMP TABLE anybody AS SELECT a AS person FROM couples UNION SELECT b FROM couples"
    )
    known, records = _rows(session, present), _records(session, plan)
    found = []
    for a, b in connection.sql("SELECT a, b FROM couples ORDER BY a, b").fetchall():
        counts = records.get(a, 0), records.get(b, 0)
        slip = near(f"{a:017}", f"{b:017}")
        if alike(known[a], known[b]) and (slip or 0 in counts):
            found.append(Double((a, b), counts, slip))
    return found


def _hash(session: Session, places: list[str]) -> None:
    """Make the table `alike`: a hash of what must be equal, with the person, once for each kind of place."""
    connection = session.connection
    connection.execute("CREATE OR REPLACE TEMP TABLE alike (hash UBIGINT, person BIGINT)")
    columns = ", ".join(("person_key", *SHARED, *places))
    for bucket in sorted({file.bucket or 0 for file in session.entries(PERSON)}):
        rows = connection.sql(f"SELECT {columns} FROM {session.relation(PERSON, [bucket])}").to_arrow_table()
        folded = kernels.fold_variants(kernels.normalise_names(rows.column("name")), names._representatives())
        connection.register("folded", rows.append_column("folded", folded))
        for place in places:
            connection.execute(
                f"INSERT INTO alike SELECT hash('{place}', folded, sex, birth_date, {place}), person_key FROM folded "
                f"WHERE folded IS NOT NULL AND sex IS NOT NULL AND birth_date IS NOT NULL AND {place} IS NOT NULL"
            )
        connection.unregister("folded")


def _rows(session: Session, present: set[str]) -> dict[int, dict[str, Any]]:
    """The people who met somebody."""
    columns = ", ".join(("person_key", *(item for item in (*SHARED, *PLACES) if item in present)))
    query = f"SELECT {columns} FROM {session.relation(PERSON)} SEMI JOIN anybody ON person = person_key"
    rows: pa.Table = session.connection.sql(query).to_arrow_table()
    return {row["person_key"]: row for row in rows.to_pylist()}


def _records(session: Session, plan: Plan) -> dict[int, int]:
    """How many records beside the register's each of them has."""
    query = (
        f"SELECT person_key, count(*) FROM {session.relation(STATEMENT)} SEMI JOIN anybody ON person = person_key "
        f"WHERE outcome IN ('{ATTACHED}', '{LINKED}') AND dataset <> '{plan.benchmark.dataset}' GROUP BY person_key"
    )
    return dict(session.connection.sql(query).fetchall())
