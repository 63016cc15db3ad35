"""Which pairs are worth comparing: those that share a key, of five kinds, computed once for each side.

All-against-all is out of reach, and so is any rule whose pairs grow with the square of the people (`linkage_engines`: birth
date and surname). Each kind is rare enough that a record meets a few people of a nation; keys that are not are dropped.
The records' keys fill a sieve, so that of the base only what may meet a record is looked at twice.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.population.linkage import key, lunar, setting, spelling
from quanmin.population.linkage.key import Keys, Mask, Sieve
from quanmin.standards import kernels

RULES = ("number", "name_and_birth", "sound_and_month", "birth_and_county", "household_and_birth")
"""The number itself, or what one slip makes of another; name (variants folded, also the former one) and birth date (also with
day and month swapped, or by the lunar calendar); the sound of the name, month of birth and sex; birth date, sex and county (by
today's codes); household and birth date."""

NUMBER, NAME, SOUND, COUNTY, HOUSEHOLD = range(len(RULES))
RARITY = len(RULES)
"""A kind of key that brings no pair: names whose frequency in the base is asked for."""

DAY = "coalesce(year({0}) * 10000 + month({0}) * 100 + day({0}), 0)::BIGINT"
SEX = "coalesce(ascii(sex), 0)"
"""SQL of a date as the number 19710307, and of the sex as its character; 0 where there is none, as for every number below."""


class Keyed(NamedTuple):
    """Keys of one kind with the places of their rows."""

    kind: int
    row: NDArray[np.int64]
    key: Keys


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """The empty tables `wanted` (keys of records) and `found` (keys of people)."""
    connection.execute(
        "CREATE OR REPLACE TABLE wanted (key UBIGINT, record BIGINT, rule UTINYINT);"
        "CREATE OR REPLACE TABLE found (key UBIGINT, person BIGINT)"
    )


def want(connection: duckdb.DuckDBPyConnection, records: str) -> None:
    """Add the keys of some records (a table of the shape of `side`) to `wanted`."""
    rows = connection.sql(
        f"SELECT id, name, folded, number, birth, {SEX} AS sex, {DAY.format('TRY_CAST(birth AS DATE)')} AS day, "
        f"list_transform(county, lambda x: TRY_CAST(x AS BIGINT)) AS county, "
        f"list_transform(household, lambda x: hash(x)) AS household FROM {records} ORDER BY id"
    ).to_arrow_table()
    ids = number(rows, "id")
    for each in of_records(rows):
        added = pa.table(
            {"key": each.key, "record": ids[each.row], "rule": np.full(len(each.row), each.kind, np.uint8)}
        )
        connection.register("added", added)
        connection.execute("INSERT INTO wanted SELECT * FROM added")
        connection.unregister("added")


def of_records(rows: pa.Table) -> list[Keyed]:
    """All keys of the records, the frequency of their names among them."""
    day, sex = number(rows, "day"), number(rows, "sex")
    name = key.of_names(rows.column("folded"))
    swapped = day // 10000 * 10000 + day % 100 * 100 + day // 100 % 100
    near = spelling.corrections(kernels.plain(rows.column("number")))
    place = number(near, "place")
    made = [Keyed(NUMBER, place, key.joined(NUMBER, number(near, "key")))]
    birth = kernels.plain(rows.column("birth"))
    by_moon = [_days(spelling.mapped(birth, other)) for other in (lunar.solar, lunar.lunar)]
    for days in (day, swapped, *by_moon):
        made.append(keyed(NAME, name.there & (days > 0), name.text, days))
    made.append(keyed(SOUND, name.there & (day > 0) & (sex > 0), name.sound, day // 100, sex))
    row, county = spread(rows, "county")
    dated = np.flatnonzero((county > 0) & (day[row] > 0) & (sex[row] > 0))
    row, county = row[dated], county[dated]
    made.append(Keyed(COUNTY, row, key.joined(COUNTY, day[row], sex[row], county)))
    row, household = spread(rows, "household")
    dated = np.flatnonzero(day[row] > 0)
    row, household = row[dated], household[dated]
    made.append(Keyed(HOUSEHOLD, row, key.joined(HOUSEHOLD, household, day[row])))
    plain = key.of_names(rows.column("name"))
    made.append(keyed(RARITY, plain.there, plain.text))
    return made


def _days(dates: pa.Array) -> NDArray[np.int64]:
    """ISO dates as numbers; 0 for none."""
    digits = pc.cast(pc.replace_substring(dates, "-", ""), pa.int64())
    return np.asarray(pc.fill_null(digits, 0))


def sieve(connection: duckdb.DuckDBPyConnection, people: NDArray[np.int64]) -> Sieve:
    """A sieve of all that is wanted, and of the numbers of some people besides."""
    made = Sieve(connection.table("wanted").shape[0] + len(people))
    reader = connection.sql("SELECT key FROM wanted").to_arrow_reader(1 << 20)
    for batch in reader:
        made.add(np.asarray(batch.column(0)))
    made.add(key.joined(NUMBER, people))
    return made


def keyed(kind: int, chosen: Mask, *parts: NDArray[Any]) -> Keyed:
    """Keys of the chosen rows."""
    row = np.flatnonzero(chosen)
    return Keyed(kind, row, key.joined(kind, *(part[row] for part in parts)))


def number(rows: pa.Table, name: str) -> NDArray[Any]:
    """A column without nulls as NumPy."""
    return np.asarray(kernels.plain(rows.column(name)))


def spread(rows: pa.Table, name: str) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """The values of a column of lists, and the place of each one's row."""
    lists = kernels.plain(rows.column(name))
    flat = lists.flatten()
    row = np.asarray(pc.list_parent_indices(lists))
    return row[kernels.present_mask(flat)], np.asarray(flat.drop_null())


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `pairs` of what shares a key, without what common keys bring; one row a pair, with the first rule that found it."""
    most = setting.MOST_CANDIDATES
    connection.execute(
        "CREATE OR REPLACE TABLE common AS SELECT DISTINCT record, rule FROM wanted SEMI JOIN "
        f"(SELECT key FROM found GROUP BY key HAVING count(DISTINCT person) > {most}) AS f USING (key);"
        "CREATE OR REPLACE TABLE pairs AS WITH met AS ("
        "SELECT DISTINCT f.person, w.record, w.rule FROM found AS f JOIN wanted AS w USING (key) "
        "ANTI JOIN common AS c ON c.record = w.record AND c.rule = w.rule) "
        "SELECT person, record, min(rule) AS rule FROM met ANTI JOIN "
        f"(SELECT record, rule FROM met GROUP BY record, rule HAVING count(*) > {most}) AS c USING (record, rule) "
        "GROUP BY person, record ORDER BY record, person;"
        "DROP TABLE common; DROP TABLE wanted; DROP TABLE found"
    )
