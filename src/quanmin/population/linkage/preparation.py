"""What a run of linkage compares, as tables of the session: the residual, the people it may meet, and what it learns from.

Records are brought into shape a piece at a time, people some buckets at a time and in threads; between the steps everything lies
in tables of the engine, which go to disk when memory is short. So memory grows neither with the residual nor with the base.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import duckdb
import numpy as np
import pyarrow.compute as pc

from quanmin.lake.session import Session
from quanmin.population.linkage import blocking, person, record, setting, side
from quanmin.population.linkage.key import Sieve
from quanmin.population.linkage.person import Read
from quanmin.population.plan import Plan
from quanmin.population.review import effect
from quanmin.population.tables import ATTACHED, LINKED, PERSON, STATEMENT


def prepare(session: Session, plan: Plan, lessons: bool) -> int:
    """Make the tables `stated`, `records`, `people`, `pairs`, `contested` and `frequencies`; how many records there are.

    For training also `lessons` and `pupils`, and `examples` and `candidates`.
    """
    connection = session.connection
    rows = record.gather(session, plan)
    effect.disown(session, "stated")
    shaped(session, plan, rows)
    effect.judge(session, "stated")
    if lessons:
        learn(session, plan)
    met(session, plan, lessons)
    blocking.settle(connection)
    effect.part(session)
    if lessons:
        example(session)
    people = people_of(session)
    connection.execute(
        "CREATE OR REPLACE TABLE frequencies AS SELECT name, "
        f"(sum(n) + {setting.NAME_SHARE * setting.NAME_COUNTS}) / ({people} + {setting.NAME_COUNTS}) AS tf_name "
        "FROM counted WHERE name IN (SELECT name FROM records) GROUP BY name"
    )
    return rows


def pieces(rows: int) -> Iterator[tuple[int, int]]:
    """The first number of each piece of the residual and the one behind its last; at least one piece."""
    most = setting.RECORDS_AT_ONCE
    for start in range(0, max(rows, 1), most):
        yield start, min(start + most, max(rows, 1))


def shaped(session: Session, plan: Plan, rows: int) -> None:
    """Make `records` of `stated`, and `wanted`, their keys."""
    connection = session.connection
    connection.execute("CREATE OR REPLACE TABLE kin (id BIGINT, person_key BIGINT)")
    for start, end in pieces(rows):
        connection.register("named", record.kin(record.part(session, start, end)))
        connection.execute("INSERT INTO kin SELECT * FROM named")
    person.households(session, plan, "kin", "homes")
    blocking.prepare(connection)
    for start, end in pieces(rows):
        side.records(connection, "records", record.part(session, start, end), "homes", first=start == 0)
        blocking.want(connection, f"(SELECT * FROM records WHERE id >= {start} AND id < {end})")


def learn(session: Session, plan: Plan) -> None:
    """Make `lessons`, records attached by number with their person's key as `label`, and `pupils`, these people."""
    connection = session.connection
    buckets = drawn(session)
    each = max(setting.TRAINING_RECORDS // max(len(plan.others), 1), 1)
    known = record.sample(session, plan, (ATTACHED, "E03", LINKED), buckets, each)
    connection.register("named", record.kin(known))
    connection.execute("CREATE OR REPLACE TABLE kin AS SELECT * FROM named")
    person.households(session, plan, "kin", "told_homes")
    side.records(connection, "told", known, "told_homes")
    connection.register("known", known.select(["id", "person_key"]))
    connection.execute(
        "CREATE OR REPLACE TABLE lessons AS SELECT t.*, k.person_key AS label FROM told AS t JOIN known AS k USING (id) "
        "WHERE k.person_key IS NOT NULL ORDER BY id"
    )
    side.people(connection, "pupils", person.people(session, plan, buckets, "SELECT label FROM lessons"))
    effect.teach(session)


def drawn(session: Session) -> list[int]:
    """Buckets, which are people drawn by chance, with records enough to learn from."""
    rows: dict[int, int] = {}
    for file in session.entries(STATEMENT):
        rows[file.bucket or 0] = rows.get(file.bucket or 0, 0) + file.rows
    chosen, seen = [], 0
    for bucket in sorted(rows):
        if seen < setting.TRAINING_RECORDS * setting.DRAWN:
            chosen.append(bucket)
            seen += rows[bucket]
    return chosen


def met(session: Session, plan: Plan, lessons: bool) -> None:
    """Make `people`, who may meet a record, `found`, their keys, `contested`, those whose number others claim, and `counted`."""
    connection = session.connection
    connection.execute(
        "CREATE OR REPLACE TABLE counted (name VARCHAR, n BIGINT); CREATE OR REPLACE TABLE contested (person BIGINT)"
    )
    side.people(connection, "people", person.nobody())
    taught = "SELECT person FROM judged WHERE answer = 'same'"
    also = np.asarray(connection.sql(taught).to_arrow_table().column(0)) if lessons else np.zeros(0, np.int64)
    sieve = blocking.sieve(connection, also)
    reads = [person.read(session, plan, buckets, "aside") for buckets in groups(session)]
    threads = min(session.lake.settings.threads, len(reads))
    cursors = [connection.cursor() for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda place: _look(cursors[place], reads[place::threads], sieve), range(threads)))
    if lessons:
        connection.execute(
            "INSERT INTO pupils SELECT * FROM people WHERE id IN (SELECT label FROM lessons) "
            "AND id NOT IN (SELECT id FROM pupils) ORDER BY id;"
            "CREATE OR REPLACE TABLE pupils AS SELECT *, id AS label FROM pupils ORDER BY id"
        )


def _look(connection: duckdb.DuckDBPyConnection, reads: list[Read], sieve: Sieve) -> None:
    for each in reads:
        found = person.meet(connection, each, sieve)
        side.people(connection, "people", found, first=False)
        connection.register("claimed", found.filter(pc.fill_null(found.column("contested"), False)).select(["id"]))
        connection.execute("INSERT INTO contested SELECT id FROM claimed")
        connection.unregister("claimed")


def groups(session: Session) -> list[list[int]]:
    """Buckets that are looked at together; at least one group."""
    rows: dict[int, int] = {}
    for file in session.entries(PERSON):
        rows[file.bucket or 0] = rows.get(file.bucket or 0, 0) + file.rows
    most = min(max(sum(rows.values()) // session.lake.settings.threads, setting.LEAST_PEOPLE), setting.MOST_PEOPLE)
    made: list[list[int]] = [[]]
    filled = 0
    for bucket in sorted(rows):
        if made[-1] and filled + rows[bucket] > most:
            made.append([])
            filled = 0
        made[-1].append(bucket)
        filled += rows[bucket]
    return made


def example(session: Session) -> None:
    """Make `examples`, some records of the residual, and `candidates`, whom they meet: what a training looks at of them."""
    session.connection.execute(
        f"CREATE OR REPLACE TABLE examples AS SELECT * FROM (SELECT * FROM records ORDER BY hash(id), id "
        f"LIMIT {setting.TRAINING_EXAMPLES}) ORDER BY id;"
        "CREATE OR REPLACE TABLE candidates AS SELECT p.* FROM people AS p SEMI JOIN "
        "(SELECT person FROM pairs SEMI JOIN examples ON examples.id = pairs.record) AS m ON m.person = p.id ORDER BY p.id"
    )


def people_of(session: Session) -> int:
    """How many people the base has."""
    return session.count(PERSON)
