"""Which pairs are worth comparing: those that share a key, of five kinds, computed once for each side.

All-against-all is out of reach, and so is any rule whose pairs grow with the square of the people (`linkage_engines`: birth
date and surname). Each kind is rare enough that a record meets a few people of a nation; keys that are not are dropped.
"""

from __future__ import annotations

import duckdb

from quanmin.population.linkage import setting, spelling

RULES = ("number", "name_and_birth", "sound_and_month", "birth_and_county", "household_and_birth")
"""The number itself, or what one slip makes of another; name (variants folded, also the former one) and birth date (also with
day and month swapped); the sound of the name, month of birth and sex; birth date, sex and county; household and birth date."""

_PEOPLE = (
    "SELECT id, hash(0, id) AS key FROM {0}",
    "SELECT id, hash(1, folded, birth) FROM {0} WHERE folded IS NOT NULL AND birth IS NOT NULL",
    "SELECT id, hash(1, folded_former, birth) FROM {0} WHERE folded_former IS NOT NULL AND birth IS NOT NULL",
    "SELECT id, hash(2, sound, birth[:7], sex) FROM {0} WHERE sound IS NOT NULL AND birth IS NOT NULL AND sex IS NOT NULL",
    "SELECT id, hash(3, birth, sex, unnest(county)) FROM {0} WHERE birth IS NOT NULL AND sex IS NOT NULL",
    "SELECT id, hash(4, unnest(household), birth) FROM {0} WHERE birth IS NOT NULL",
)
_RECORDS = (
    "SELECT id, hash(0, key) AS key, 0 AS rule FROM near",
    "SELECT id, hash(1, folded, birth), 1 FROM {0} WHERE folded IS NOT NULL AND birth IS NOT NULL",
    "SELECT id, hash(1, folded, swapped), 1 FROM {0} WHERE folded IS NOT NULL AND swapped IS NOT NULL",
    "SELECT id, hash(2, sound, birth[:7], sex), 2 FROM {0} WHERE sound IS NOT NULL AND birth IS NOT NULL AND sex IS NOT NULL",
    "SELECT id, hash(3, birth, sex, unnest(county)), 3 FROM {0} WHERE birth IS NOT NULL AND sex IS NOT NULL",
    "SELECT id, hash(4, unnest(household), birth), 4 FROM {0} WHERE birth IS NOT NULL",
)


def prepare(connection: duckdb.DuckDBPyConnection, records: str) -> None:
    """The keys of the records, as the table `wanted`, and the empty table `pairs`."""
    rows = connection.sql(f"SELECT id, number FROM {records} ORDER BY id").to_arrow_table()
    near = spelling.corrections(rows.column("number").combine_chunks())
    near = near.append_column("id", rows.column("id").take(near.column("place")))
    connection.register("near", near)
    connection.execute(f"CREATE OR REPLACE TABLE wanted AS {' UNION ALL '.join(_RECORDS).format(records)}")
    connection.execute("CREATE OR REPLACE TABLE pairs (person BIGINT, record BIGINT, rule INTEGER)")
    connection.unregister("near")


def meet(connection: duckdb.DuckDBPyConnection, people: str) -> None:
    """Add to `pairs` every person of a table that shares a key with a record."""
    keys = " UNION ALL ".join(_PEOPLE).format(people)
    connection.execute(
        f"INSERT INTO pairs SELECT DISTINCT p.id, w.id, w.rule FROM ({keys}) AS p JOIN wanted AS w ON p.key = w.key"
    )


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what common keys brought; then one row a pair, with the first rule that found it."""
    connection.execute(
        "CREATE OR REPLACE TABLE pairs AS SELECT person, record, min(rule) AS rule FROM pairs "
        "WHERE (record, rule) NOT IN (SELECT (record, rule) FROM pairs GROUP BY record, rule "
        f"HAVING count(*) > {setting.MOST_CANDIDATES}) GROUP BY person, record ORDER BY record, person"
    )
