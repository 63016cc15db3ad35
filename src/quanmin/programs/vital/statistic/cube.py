"""The stage `vital`: the base and the certificates of births and deaths as counts, by the divisions that sources wrote.

`measured.vital_population` has people by year of birth and of death, `measured.vital_birth` births by month and mother,
`measured.vital_death` deaths by month, age and cause, `measured.vital_pupil` children who came to school by year of birth and of
entry. No row speaks of one person by design, yet small counts are in them: they
are read through `gate` only. Everything is counted bucket by bucket, so that memory does not grow with the base.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.population.errors import NotBuilt
from quanmin.population.tables import ATTACHED, PERSON, STATEMENT
from quanmin.programs.vital import pupil
from quanmin.programs.vital.death import quality
from quanmin.programs.vital.statistic.population import OLDEST

STAGE = "vital"
POPULATION, BIRTH, DEATH = "measured.vital_population", "measured.vital_birth", "measured.vital_death"
CERTIFIER, PUPIL = "measured.vital_certifier", "measured.vital_pupil"
REGISTER, RESIDENCE = "public_security.household_registration", "social_security.residence"
BIRTHS, DEATHS, HISTORY = "health.birth", "health.death", "health.childbirth_history"
GROUP_ROWS = 4_000_000
_DIVISION = 10**11  # what is left of a person key after its first six digits

_TEXT, _YEAR, _COUNT = pa.string(), pa.int32(), pa.int64()
SCHEMAS = {
    POPULATION: pa.schema({"region": _TEXT, "sex": _TEXT, "born": _YEAR, "died": _YEAR, "people": _COUNT}),
    BIRTH: pa.schema(
        {"region": _TEXT, "year": _YEAR, "month": _YEAR, "sex": _TEXT, "mother_age": _YEAR, "birth_order": _YEAR}
        | {"late": pa.bool_(), "births": _COUNT}
    ),
    DEATH: pa.schema(
        {"region": _TEXT, "year": _YEAR, "month": _YEAR, "sex": _TEXT, "age": _YEAR, "cause": _TEXT}
        | {"neonatal": pa.bool_(), "pregnant": pa.bool_(), "deaths": _COUNT}
    ),
    CERTIFIER: pa.schema(
        {"region": _TEXT, "year": _YEAR, "institution": _TEXT, "class": _TEXT, "late": pa.bool_(), "deaths": _COUNT}
    ),
    PUPIL: pa.schema({"region": _TEXT, "born": _YEAR, "entered": _YEAR, "pupils": _COUNT}),
}
"""`region` is the code as it was written (None: none), of a pupil that of the school, `late` issued after ten days, `cause` the
category of ICD-10."""
REPORTED_WITHIN = 10
CERTIFIED_WITHIN = 15
"""Days from a death to its certificate: the longer one of the two that rules name, as `death.form` has it by default."""


@dataclass(frozen=True)
class Measured:
    """What was counted: people, births, deaths and pupils, rows written, the snapshot made, and seconds."""

    people: int
    births: int
    deaths: int
    pupils: int
    rows: int
    snapshot: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)


def measure(lake: Lake) -> Measured:
    """Count the base and the certificates anew. Raises NotBuilt before the first build of the base."""
    began = time.perf_counter()
    with lake.session(STAGE) as session:
        writers = {table: session.writer(table, schema) for table, schema in SCHEMAS.items()}
        if not session.exists(PERSON):
            raise NotBuilt()
        made = {POPULATION: _people(session), BIRTH: _births(session), DEATH: _deaths(session)}
        made |= {CERTIFIER: _certifiers(session), PUPIL: _pupils(session)}
        for table, rows in made.items():
            writers[table].overwrite()
            writers[table].write(rows)
        snapshot = session.commit()
    people, births, deaths, pupils = (_sum(made[table]) for table in (POPULATION, BIRTH, DEATH, PUPIL))
    rows, seconds = sum(part.num_rows for part in made.values()), round(time.perf_counter() - began, 3)
    return Measured(people, births, deaths, pupils, rows, snapshot.id, seconds)


def living(session: Session, buckets: list[int] | None = None) -> str:
    """SQL of every person of some buckets: `sex`, `birth`, `death` and `region`, usable after FROM.

    A residence counts that has not ended, the one that was looked at last.
    """
    people = session.relation(PERSON, buckets)
    sources = [
        _where(session, RESIDENCE, "residence_region", "r.ended_on IS NULL", "r.updated_on", buckets),
        _where(session, REGISTER, "registered_region", "true", "r.registered_on", buckets),
    ]
    joins = "".join(f" LEFT JOIN {sql} AS r{n} USING (person_key)" for n, sql in enumerate(sources) if sql)
    regions = [f"r{n}.region" for n, sql in enumerate(sources) if sql]
    own = f"lpad((person_key // {_DIVISION})::VARCHAR, 6, '0')"
    region = f"coalesce({', '.join([*regions, own])})"
    return f"(SELECT sex, birth_date AS birth, death_date AS death, {region} AS region FROM {people} AS p{joins})"


def _where(session: Session, dataset: str, column: str, test: str, order: str, buckets: list[int] | None) -> str | None:
    """SQL of the last known division of each person in a source; None where nobody sent it."""
    if not session.exists(f"clean.{dataset}"):
        return None
    spoken = f"SELECT _batch, _row, person_key AS key FROM {session.relation(STATEMENT, buckets)} AS s"
    spoken += f" WHERE dataset = '{dataset}' AND outcome = '{ATTACHED}'"
    live = session.live(dataset, buckets)
    return (
        f'(SELECT s.key AS person_key, arg_max(r."{column}", ({order}, r._batch, r._row)) AS region FROM {live} AS r '
        f'JOIN ({spoken}) AS s USING (_batch, _row) WHERE {test} AND r."{column}" IS NOT NULL GROUP BY 1)'
    )


def _people(session: Session) -> pa.Table:
    parts = [
        session.connection.sql(
            "SELECT region, sex, year(birth)::INT AS born, year(death)::INT AS died, count(*)::BIGINT AS people "
            f"FROM {living(session, buckets)} AS p WHERE birth IS NOT NULL AND sex IN ('1', '2') GROUP BY ALL"
        ).to_arrow_table()
        for buckets in _groups(session, PERSON)
    ]
    return _summed(POPULATION, parts)


def _births(session: Session) -> pa.Table:
    if not session.exists(f"clean.{BIRTHS}"):
        return SCHEMAS[BIRTH].empty_table()
    order, join = "NULL::INT", ""
    if session.exists(f"clean.{HISTORY}"):
        join = (
            " LEFT JOIN (SELECT child_number AS number, any_value(child_order)::INT AS child_order FROM "
            f"{session.live(HISTORY)} AS h WHERE child_number IS NOT NULL GROUP BY 1) AS h ON h.number = b.citizen_number"
        )
        order = "h.child_order"
    query = (
        "SELECT b.birth_place AS region, year(b.birth_date)::INT AS year, month(b.birth_date)::INT AS month, b.sex, "
        "date_sub('year', b.mother_birth_date, b.birth_date)::INT AS mother_age, "
        f"{order} AS birth_order, date_diff('day', b.birth_date, b.issued_on) > {REPORTED_WITHIN} AS late, "
        "count(*)::BIGINT AS births FROM {live} AS b"
        + join
        + f" WHERE b.birth_date IS NOT NULL AND {_BORN} GROUP BY ALL"
    )
    return _counted(session, BIRTH, BIRTHS, query)


def _deaths(session: Session) -> pa.Table:
    if not session.exists(f"clean.{DEATHS}"):
        return SCHEMAS[DEATH].empty_table()
    query = (
        f"SELECT coalesce(d.region, lpad((d.person_key // {_DIVISION})::VARCHAR, 6, '0')) AS region, "
        "year(d.death_date)::INT AS year, month(d.death_date)::INT AS month, d.sex, "
        f"least(date_sub('year', d.birth_date, d.death_date), {OLDEST})::INT AS age, "
        "left(d.underlying_cause_code, 3) AS cause, date_diff('day', d.birth_date, d.death_date) < 28 AS neonatal, "
        "coalesce(d.pregnancy, false) AS pregnant, count(*)::BIGINT AS deaths FROM {live} AS d "
        "WHERE d.death_date IS NOT NULL GROUP BY ALL"
    )
    return _counted(session, DEATH, DEATHS, query)


def _certifiers(session: Session) -> pa.Table:
    """Deaths by whoever certified them: the class of the cause (`death.quality`) and whether it was certified late."""
    if not session.exists(f"clean.{DEATHS}"):
        return SCHEMAS[CERTIFIER].empty_table()
    live = session.live(DEATHS)
    codes = session.connection.execute(f"SELECT DISTINCT underlying_cause_code FROM {live} AS d").fetchall()
    classes = pa.table({"code": [code for (code,) in codes], "class": [quality.classify(code) for (code,) in codes]})
    session.connection.register("classes", classes.cast(pa.schema({"code": pa.string(), "class": pa.string()})))
    query = (
        f"SELECT coalesce(d.region, lpad((d.person_key // {_DIVISION})::VARCHAR, 6, '0')) AS region, "
        "year(d.death_date)::INT AS year, d.institution_code AS institution, q.class, "
        f"date_diff('day', d.death_date, d.filled_on) > {CERTIFIED_WITHIN} AS late, count(*)::BIGINT AS deaths "
        "FROM {live} AS d JOIN classes AS q ON q.code IS NOT DISTINCT FROM d.underlying_cause_code "
        "WHERE d.death_date IS NOT NULL GROUP BY ALL"
    )
    return _counted(session, CERTIFIER, DEATHS, query)


def _pupils(session: Session) -> pa.Table:
    """Children by the division of the school, the year of birth, and that in which they first came."""
    if not session.exists(f"clean.{pupil.DATASET}"):
        return SCHEMAS[PUPIL].empty_table()
    parts = [
        session.connection.sql(
            "SELECT region, year(birth_date)::INT AS born, year(enrolled_on)::INT AS entered, count(*)::BIGINT AS pupils "
            f"FROM {pupil.entrants(session, buckets)} AS c GROUP BY ALL"
        ).to_arrow_table()
        for buckets in _groups(session, f"clean.{pupil.DATASET}")
    ]
    return _summed(PUPIL, parts)


def _sum(rows: pa.Table) -> int:
    return sum(rows.column(rows.num_columns - 1).to_pylist())


def _counted(session: Session, table: str, dataset: str, query: str) -> pa.Table:
    """A query with `{live}` over the live rows of a dataset, group by group of buckets; elements nobody sent are null."""
    names = session.schema(f"clean.{dataset}").names
    parts = []
    for buckets in _groups(session, f"clean.{dataset}"):
        lacking = [f"NULL::{kind} AS {name}" for name, kind in _OPTIONAL[dataset].items() if name not in names]
        live = session.live(dataset, buckets)
        live = f"(SELECT *, {', '.join(lacking)} FROM {live} AS l)" if lacking else live
        parts.append(session.connection.sql(query.replace("{live}", live)).to_arrow_table())
    return _summed(table, parts)


_BORN = "(b.standing IN ('1', '2') OR b.standing IS NULL AND coalesce(b.issue, '1') = '1')"  # as the indicators count births
_OPTIONAL = {
    BIRTHS: {
        "birth_place": "VARCHAR",
        "mother_birth_date": "DATE",
        "citizen_number": "VARCHAR",
        "issued_on": "DATE",
        "standing": "VARCHAR",
        "issue": "VARCHAR",
    },
    DEATHS: {
        "institution_code": "VARCHAR",
        "filled_on": "DATE",
        "region": "VARCHAR",
        "underlying_cause_code": "VARCHAR",
        "pregnancy": "BOOLEAN",
        "birth_date": "DATE",
    },
}
"""Elements that a delivery may lack."""


def _summed(table: str, parts: list[pa.Table]) -> pa.Table:
    """The counts of all groups added up, in a stable order."""
    schema = SCHEMAS[table]
    *keys, counted = schema.names
    whole = pa.concat_tables([part.select(schema.names).cast(schema) for part in parts] or [schema.empty_table()])
    found = whole.group_by(keys).aggregate([(counted, "sum")]).rename_columns([*keys, counted])
    return found.select(schema.names).cast(schema).sort_by([(key, "ascending") for key in keys])


def _groups(session: Session, table: str) -> Iterator[list[int] | None]:
    """Buckets that are counted together; None for a table without any."""
    group, filled = list[int](), 0
    rows: dict[int, int] = {}
    for file in session.entries(table):
        if file.bucket is None:
            yield None
            return
        rows[file.bucket] = rows.get(file.bucket, 0) + file.rows
    for bucket in sorted(rows):
        if group and filled + rows[bucket] > GROUP_ROWS:
            yield group
            group, filled = [], 0
        group.append(bucket)
        filled += rows[bucket]
    if group:
        yield group
