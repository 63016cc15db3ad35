"""Certificates and base check each other; every finding has a rule and the address of the row that it is about.

The limits are ours where no source is named: five and a half months between two births of one mother, three days within one
delivery; 300 days after the father's death (Civil Code practice: the longest term of a pregnancy); a mother of 10 to 65.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from quanmin import standards
from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.population.build import due_dates
from quanmin.population.tables import BIRTH_FINDING
from quanmin.programs.vital.birth import source
from quanmin.programs.vital.birth.card import DATASET
from quanmin.programs.vital.birth.errors import NotJoined
from quanmin.programs.vital.birth.newborn import JOINED, NEWBORN, OVERDUE, REGISTRATION, SEVERAL, STAGE
from quanmin.standards.errors import NoSuchRegion
from quanmin.standards.region import NATION, stem
from quanmin.text import Text

FINDING = BIRTH_FINDING
INTERVAL, ONE_DELIVERY = 165, 3
"""Days: the least between two births of one mother, and the most within one delivery."""
AFTER_MOTHER, AFTER_FATHER = 1, 300
"""Days that a birth may come after the death of the mother (of the same night) and of the father."""
YOUNGEST, OLDEST = 10, 65


class Rule(NamedTuple):
    """What does not fit: the element to look at, and the code by which the sender is told (none: it is for us to settle)."""

    title: Text
    element: str
    code: str | None


RULES: dict[str, Rule] = {
    "no_certificate": Rule(Text("库中有此人而无出生证", "in the base, without a certificate"), "citizen_number", None),
    "not_registered": Rule(
        Text("有出生证而逾期未落户", "certified, and not in the base in time"), "certificate_no", None
    ),
    "mother_unknown": Rule(
        Text("母亲号码在库中查无此人", "the mother's number is not in the base"), "mother_number", "E02"
    ),
    "mother_dead": Rule(Text("母亲在分娩前已死亡", "the mother had died before the birth"), "mother_number", "E08"),
    "mother_male": Rule(Text("母亲在库中为男性", "the mother is a man in the base"), "mother_number", "E04"),
    "mother_age": Rule(Text("母亲年龄不可能", "the mother's age is impossible"), "mother_number", "E14"),
    "father_dead": Rule(
        Text("父亲在出生前三百多天已死亡", "the father had died more than 300 days before"), "father_number", "E08"
    ),
    "father_female": Rule(Text("父亲在库中为女性", "the father is a woman in the base"), "father_number", "E04"),
    "interval": Rule(Text("两次分娩间隔过短", "two births of one mother too close"), "birth_date", "E14"),
    "double": Rule(Text("同一新生儿两张有效证件", "two valid certificates of one newborn"), "certificate_no", "E07"),
    "double_mothers": Rule(
        Text("同一新生儿以不同母亲证件签发两张", "two certificates of one newborn under two mothers"),
        "certificate_no",
        "E07",
    ),
}
FINDING_SCHEMA = pa.schema(
    [
        ("dataset", pa.string()),
        ("_source", pa.string()),
        ("_batch", pa.int64()),
        ("_row", pa.int64()),
        ("certificate_no", pa.string()),
        ("person_key", pa.int64()),
        ("rule", pa.string()),
        ("element", pa.string()),
        ("code", pa.string()),
        ("other", pa.string()),
        ("due_on", pa.date32()),
    ]
)
"""`other` is the certificate that contradicts (of several the first, of an interval the latest before); `person_key` the person
of the base, or the mother or father concerned."""


@dataclass(frozen=True)
class CrossReport:
    """How many findings by rule, between which days of birth."""

    findings: dict[str, int]
    births: int
    since: date | None
    until: date
    snapshot: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        days = {"since": self.since and self.since.isoformat(), "until": self.until.isoformat()}
        return asdict(self) | days


def crosscheck(lake: Lake, today: date, region: str | None = None, since: date | None = None) -> CrossReport:
    """Make `linked.birth_finding` anew. NotJoined where newborns were never joined, NoSuchRegion.

    Of the base, those are asked for a certificate who were born from `since` (the first birth that is certified here) to the end
    of the time for registration, and registered in `region` (a division; everywhere by default). Mothers are expected in the
    base if their number was given in the region's province.
    """
    until = today - REGISTRATION
    with lake.session(STAGE) as session:
        writer = session.writer(FINDING, FINDING_SCHEMA)
        if not session.exists(NEWBORN):
            raise NotJoined()
        first = prepare(session, since, until, region)
        session.connection.register("due", due_dates(lake))
        found = findings(session.connection, first, until, region)
        writer.write(found)
        writer.overwrite()
        births = int(session.connection.sql("SELECT count(*) FROM born").fetchall()[0][0])
        snapshot = session.commit(note={"findings": found.num_rows})
    counts = Counter(found.column("rule").to_pylist())
    return CrossReport({rule: counts[rule] for rule in RULES}, births, first, until, snapshot.id)


def prepare(session: Session, since: date | None, until: date, region: str | None) -> date | None:
    """Tables `born`, `newborn`, `person` and `registered`; the first day from which certificates are expected."""
    connection = session.connection
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE born AS SELECT * FROM {source.births(session)} AS b;"
        f"CREATE OR REPLACE TEMP TABLE newborn AS SELECT * FROM {session.relation(NEWBORN)} AS n"
    )
    first: date | None = since or connection.sql("SELECT min(birth_date) FROM born").fetchall()[0][0]
    columns = {"person_key": "BIGINT", "birth_date": "DATE", "birth_place": "VARCHAR", "registered_region": "VARCHAR"}
    columns |= {"status": "VARCHAR", "_source": "VARCHAR", "_batch": "BIGINT", "_row": "BIGINT"}
    days = f"birth_date BETWEEN DATE '{first}' AND DATE '{until}'" if first else "false"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE person AS SELECT * FROM {source.people(session)} AS p WHERE {days} "
        "OR person_key IN (SELECT unnest([mother_key, father_key]) FROM born);"
        f"CREATE OR REPLACE TEMP TABLE registered AS SELECT * FROM {source.live(session, source.REGISTER, columns)} AS r "
        f"WHERE {days}"
    )
    return first


def findings(connection: duckdb.DuckDBPyConnection, since: date | None, until: date, region: str | None) -> pa.Table:
    """The rows of `linked.birth_finding`, from the tables that `prepare` makes, and `due`: by when each batch is answered."""
    parts = [
        *([_uncertified(since, until, region)] if since else []),
        _born("not_registered", f"n.state = '{OVERDUE}'", "JOIN newborn AS n USING (certificate_no)"),
        *_parents(region),
        *_beside(),
    ]
    rules = pa.table(
        {
            "rule": list(RULES),
            "element": [one.element for one in RULES.values()],
            "code": pa.array([one.code for one in RULES.values()], pa.string()),
        }
    )
    connection.register("birth_rules", rules)
    found = connection.sql(
        f"SELECT {', '.join(FINDING_SCHEMA.names)} FROM ({' UNION ALL '.join(parts)}) JOIN birth_rules USING (rule) "
        "LEFT JOIN due ON due.due_batch = _batch ORDER BY ALL"
    )
    return found.to_arrow_table().cast(FINDING_SCHEMA)


def inside(region: str | None) -> str:
    """What the codes of a division and of all within it begin with; nothing for everywhere. NoSuchRegion."""
    if region is None or region == NATION:
        return ""
    if not standards.catalogue().regions.ever_valid(region):
        raise NoSuchRegion()
    return stem(region)


def _uncertified(since: date, until: date, region: str | None) -> str:
    """People of the register who were born here and have no certificate, nor may be one of a newborn left open."""
    here = inside(region)
    return (
        f"SELECT '{source.REGISTER}' AS dataset, r._source, r._batch, r._row, NULL::VARCHAR AS certificate_no, r.person_key, "
        "'no_certificate' AS rule, NULL::VARCHAR AS other FROM registered AS r JOIN person AS p USING (person_key) "
        f"WHERE p.birth_date BETWEEN DATE '{since}' AND DATE '{until}' AND starts_with(r.registered_region, '{here}') "
        f"AND starts_with(coalesce(r.birth_place, '{here[:2]}'), '{here[:2]}') "
        f"AND r.person_key NOT IN (SELECT person_key FROM newborn WHERE state = '{JOINED}') "
        f"AND r.person_key NOT IN (SELECT unnest(string_split(among, ' '))::BIGINT FROM newborn WHERE state = '{SEVERAL}')"
    )


def _born(rule: str, condition: str, joined: str = "", key: str = "NULL::BIGINT", other: str = "NULL::VARCHAR") -> str:
    """Births for which a condition holds."""
    return (
        f"SELECT '{DATASET}' AS dataset, b._source, b._batch, b._row, b.certificate_no, {key} AS person_key, "
        f"'{rule}' AS rule, {other} AS other FROM born AS b {joined} WHERE {condition}"
    )


def _parents(region: str | None) -> list[str]:
    """What the base says of mothers and fathers."""
    mother, father = (f"JOIN person AS p ON p.person_key = b.{side}_key" for side in ("mother", "father"))
    here = f"starts_with(lpad(b.mother_key::VARCHAR, 17, '0'), '{inside(region)[:2]}')"
    early = "strftime(b.birth_date, '%m%d') < strftime(p.birth_date, '%m%d')"
    age = f"date_diff('year', p.birth_date, b.birth_date) - ({early})::INT"
    return [
        _born("mother_unknown", f"{here} AND b.mother_key NOT IN (SELECT person_key FROM person)", key="b.mother_key"),
        _born("mother_dead", f"b.birth_date > p.death_date + {AFTER_MOTHER}", mother, "b.mother_key"),
        _born("mother_male", "p.sex = '1'", mother, "b.mother_key"),
        _born("mother_age", f"({age}) NOT BETWEEN {YOUNGEST} AND {OLDEST}", mother, "b.mother_key"),
        _born("father_dead", f"b.birth_date > p.death_date + {AFTER_FATHER}", father, "b.father_key"),
        _born("father_female", "p.sex = '2'", father, "b.father_key"),
    ]


def _beside() -> list[str]:
    """Births that contradict one another: of one mother, or of one newborn."""
    who = "coalesce('n' || {0}.mother_key, 'd' || {0}.mother_document_no, 'x' || {0}.mother_name)"
    one, two = who.format("b"), who.format("o")
    newborn = (
        "o.certificate_no <> b.certificate_no AND o.name = b.name AND o.sex = b.sex AND o.birth_date = b.birth_date"
    )
    place = "o.birth_time = b.birth_time AND o.institution_code = b.institution_code"
    close = (
        f"JOIN born AS o ON o.mother_key = b.mother_key AND b.birth_date - o.birth_date > {ONE_DELIVERY} "
        f"AND b.birth_date - o.birth_date < {INTERVAL}"
    )
    return [
        _first("interval", close, "arg_max(o.certificate_no, (o.birth_date, o.certificate_no))", "b.mother_key"),
        _first("double", f"JOIN born AS o ON {newborn} AND {one} = {two}", "min(o.certificate_no)", "b.mother_key"),
        _first(
            "double_mothers",
            f"JOIN born AS o ON {newborn} AND {place} AND {one} <> {two}",
            "min(o.certificate_no)",
            "b.mother_key",
        ),
    ]


def _first(rule: str, joined: str, other: str, key: str) -> str:
    """Births with others that meet a condition, each once."""
    return (
        f"SELECT '{DATASET}' AS dataset, b._source, b._batch, b._row, b.certificate_no, {key} AS person_key, "
        f"'{rule}' AS rule, {other} AS other FROM born AS b {joined} GROUP BY ALL"
    )


def listing(lake: Lake, rule: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """The addresses of findings, all or of a rule: dataset, source, batch, row, element, code, last day of the answer; no values.

    NotJoined where nothing was checked yet.
    """
    with lake.session(STAGE) as session:
        if not session.exists(FINDING):
            raise NotJoined()
        rows = session.connection.execute(
            f"SELECT rule, dataset, _source, _batch, _row, element, code, due_on FROM {session.relation(FINDING)} AS f "
            "WHERE rule = coalesce(?, rule) ORDER BY ALL LIMIT ?",
            [rule, limit],
        ).fetchall()
    names = ("rule", "dataset", "source", "batch", "row", "element", "code", "due_on")
    return [dict(zip(names, (*row[:-1], row[-1] and row[-1].isoformat()), strict=True)) for row in rows]
