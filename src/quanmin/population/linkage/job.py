"""One run of linkage: the residual against the whole base, as `linked.link`.

People are read some buckets at a time and only those that share a key with a record are kept, so that memory grows with the
residual and not with the base. What is made is all of `linked.link`, anew each time, and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from quanmin import standards
from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.population.adoption import adopted_schema
from quanmin.population.errors import NoBenchmark, NotBuilt
from quanmin.population.linkage import adoptions, blocking, decision, person, record, saved, scoring, setting, side
from quanmin.population.linkage.saved import Model
from quanmin.population.linkage.table import LINK, LINK_SCHEMA
from quanmin.population.plan import Plan, plan_of
from quanmin.population.review import effect
from quanmin.population.tables import ADOPTED, ATTACHED, LINKED, PERSON
from quanmin.standards import kernels

STAGE = "linkage"
MOST_PEOPLE = 1_000_000
"""People looked at together."""


@dataclass(frozen=True)
class LinkReport:
    """What became of the residual: `records` of it, with `pairs` candidates in all, by decision; `model` is its version."""

    records: int
    pairs: int
    attach: int
    review: int
    apart: int
    without: int
    model: int
    trained: bool
    snapshot: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)


def link(lake: Lake, train: bool = False) -> LinkReport:
    """Compare the records that were set aside with the base and decide on each; `train` makes a new model first.

    A model is made without being asked where there is none, and where the base is another size than the model knows.
    Raises NoBenchmark, NotBuilt, OtherColumns.
    """
    began = time.perf_counter()
    with lake.session(STAGE) as session:
        writer = session.writer(LINK, LINK_SCHEMA, "bucket")
        giver = session.writer(ADOPTED, adopted_schema(plan_of(standards.catalogue())), "bucket")
        plan = present(session)
        model = None if train else usable(session)
        trained = model is None
        rows = prepared(session, plan, lessons=trained)
        model = model or learnt(session)
        links = decided(session, rows, model) if count(session, "pairs") else LINK_SCHEMA.empty_table()
        links = effect.attached(session, links)
        writer.write(links)
        writer.overwrite()
        adoptions.give(session, plan, links, giver)
        giver.overwrite()
        pairs = count(session, "pairs")
        snapshot = session.commit(note={"model": model.version})
    number = {value["values"]: value["counts"] for value in links.column("decision").value_counts().to_pylist()}
    return LinkReport(
        records=rows.num_rows,
        pairs=pairs,
        attach=number.get("attach", 0),
        review=number.get("review", 0),
        apart=number.get("apart", 0),
        without=rows.num_rows - links.num_rows,
        model=model.version,
        trained=trained,
        snapshot=snapshot.id,
        seconds=round(time.perf_counter() - began, 3),
    )


def present(session: Session) -> Plan:
    """The plan with the sources that are there; NoBenchmark, NotBuilt."""
    plan = plan_of(standards.catalogue())
    if not session.exists(f"clean.{plan.benchmark.dataset}"):
        raise NoBenchmark(dataset=plan.benchmark.dataset)
    if not session.exists(PERSON):
        raise NotBuilt()
    return plan.limited([source.dataset for source in plan.sources if session.exists(f"clean.{source.dataset}")])


def usable(session: Session) -> Model | None:
    """The newest model, unless the base has grown or shrunk so much that its expectations are off; OtherColumns."""
    model = saved.newest(session.lake.ledger)
    if model is None:
        return None
    people = people_of(session)
    fits = (
        people <= model.figures["people"] * setting.MOST_GROWTH
        and model.figures["people"] <= people * setting.MOST_GROWTH
    )
    return model if fits else None


def prepared(session: Session, plan: Plan, lessons: bool) -> pa.Table:
    """The residual; makes the tables `records`, `people`, `pairs`, `frequencies`, and for training `lessons` and `pupils`."""
    connection = session.connection
    rows = record.stated(session, plan, record.SET_ASIDE)
    _records(session, plan, "records", rows)
    effect.judge(session, rows)
    if lessons:
        each = max(setting.TRAINING_RECORDS // max(len(plan.others), 1), 1)
        known = record.stated(session, plan, (ATTACHED, "E03", LINKED), each)
        _records(session, plan, "told", known)
        connection.register("known", known.select(["id", "person_key"]))
        connection.execute(
            "CREATE OR REPLACE TABLE lessons AS SELECT t.*, k.person_key AS label FROM told AS t JOIN known AS k USING (id) "
            "WHERE k.person_key IS NOT NULL ORDER BY id"
        )
        effect.teach(session)
    blocking.prepare(connection, "records")
    connection.execute("CREATE OR REPLACE TABLE counted (name VARCHAR, n BIGINT)")
    for start, buckets in enumerate(_groups(session)):
        found = person.people(session, plan, buckets)
        side.people(connection, "looked_at", found, keys=True)
        blocking.meet(connection, "looked_at")
        wanted = "SELECT person FROM pairs" + (" UNION SELECT label FROM lessons" if lessons else "")
        ids = connection.sql(wanted).to_arrow_table().column(0)
        side.people(connection, "met", found.filter(pc.is_in(found.column("id"), value_set=ids)))
        _keep(session, "people", "SELECT * FROM met SEMI JOIN pairs ON pairs.person = met.id", start == 0)
        if lessons:
            chosen = "SELECT met.*, met.id AS label FROM met SEMI JOIN lessons ON lessons.label = met.id"
            _keep(session, "pupils", chosen, start == 0)
        connection.execute("INSERT INTO counted SELECT name, count(*) FROM looked_at GROUP BY name")
    blocking.settle(connection)
    effect.part(session)
    people = people_of(session)
    connection.execute(
        "CREATE OR REPLACE TABLE frequencies AS SELECT name, "
        f"(sum(n) + {setting.NAME_SHARE * setting.NAME_COUNTS}) / ({people} + {setting.NAME_COUNTS}) AS tf_name "
        "FROM counted WHERE name IN (SELECT name FROM records) GROUP BY name"
    )
    return rows


def _records(session: Session, plan: Plan, table: str, rows: pa.Table) -> None:
    side.records(session.connection, table, rows, person.households(session, plan, record.kin(rows)))


def _keep(session: Session, table: str, chosen: str, first: bool) -> None:
    """Begin a table with some rows, or add them."""
    begin = f"CREATE OR REPLACE TABLE {table} AS" if first else f"INSERT INTO {table}"
    session.connection.execute(f"{begin} {chosen} ORDER BY id")


def _groups(session: Session) -> Iterator[list[int]]:
    """Buckets that are looked at together; at least one group, so that every table is made."""
    rows: dict[int, int] = {}
    for file in session.entries(PERSON):
        rows[file.bucket or 0] = rows.get(file.bucket or 0, 0) + file.rows
    group: list[int] = []
    for bucket in sorted(rows):
        if group and sum(rows[one] for one in [*group, bucket]) > MOST_PEOPLE:
            yield group
            group = []
        group.append(bucket)
    yield group


def learnt(session: Session) -> Model:
    """A model trained on the prepared tables, saved as the newest version."""
    from quanmin.population.linkage import training  # Splink takes a while to import; most commands do without

    people = people_of(session)
    settings, figures = training.train(session.connection, people)
    return saved.save(session.lake.ledger, settings, {"people": people, **figures})


def decided(session: Session, rows: pa.Table, model: Model) -> pa.Table:
    """A link for every record that has a candidate."""
    connection = session.connection
    scored = effect.surviving(scoring.weigh(connection, model.settings, "frequencies"))
    connection.register("stated", rows.select(["id", "dataset", "_source", "_batch", "_row", "person_key"]))
    base = f"(SELECT person_key, contested FROM {session.relation(PERSON)})"
    found = connection.sql(
        f"SELECT *, {decision.SQL} AS decision FROM (SELECT b.person AS person_key, s.dataset, s._source, s._batch, s._row, "
        "b.weight, b.probability, b.margin, "
        "coalesce(coalesce(m.surviving, s.person_key) <> b.person, false) AS other_number, "
        "coalesce(p.contested, false) AND NOT EXISTS (FROM uncontested AS u WHERE u.person = b.person) AS contested "
        f"FROM ({decision.best(scored)}) AS b JOIN stated AS s ON s.id = b.record "
        f"LEFT JOIN merged AS m ON m.old = s.person_key JOIN {base} AS p ON p.person_key = b.person) "
        "ORDER BY dataset, _batch, _row"
    ).to_arrow_table()
    buckets = kernels.bucket_of(found.column("person_key"), None, session.lake.settings.buckets)
    made = found.append_column("bucket", pa.array(buckets)).append_column(
        "model", pa.array([model.version] * found.num_rows, pa.int64())
    )
    return made.select(LINK_SCHEMA.names).cast(LINK_SCHEMA)


def people_of(session: Session) -> int:
    """How many people the base has."""
    return sum(file.rows for file in session.entries(PERSON))


def count(session: Session, relation: str) -> int:
    """Rows of a relation."""
    return int(session.connection.sql(f"SELECT count(*) FROM {relation}").fetchall()[0][0])
