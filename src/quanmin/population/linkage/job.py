"""One run of linkage: the residual against the whole base, as `linked.link`.

The residual is compared a piece at a time (`preparation` says how it comes to lie ready), and each is written before the next.
What is made is all of `linked.link` and `linked.adopted`, anew each time, and nothing else.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import pyarrow as pa

from quanmin import standards
from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.population.adoption import adopted_schema
from quanmin.population.errors import NoBenchmark, NotBuilt
from quanmin.population.linkage import adoptions, decision, preparation, prospect, saved, scoring, setting
from quanmin.population.linkage.preparation import people_of
from quanmin.population.linkage.saved import Model
from quanmin.population.linkage.table import LINK, LINK_SCHEMA
from quanmin.population.plan import Plan, plan_of
from quanmin.population.review import effect
from quanmin.population.tables import ADOPTED, PERSON
from quanmin.standards import kernels

STAGE = "linkage"


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


def link(lake: Lake, train: bool = False, told: Callable[[int, int], None] | None = None) -> LinkReport:
    """Compare the records that were set aside with the base and decide on each; `train` makes a new model first.

    A model is made without being asked where there is none, and where the base is another size than the model knows.
    `told` hears how many records of all are decided; what it raises ends the run. NoBenchmark, NotBuilt, OtherColumns.
    """
    began = time.perf_counter()
    with lake.session(STAGE) as session:
        writer = session.writer(LINK, LINK_SCHEMA, "bucket")
        giver = session.writer(ADOPTED, adopted_schema(plan_of(standards.catalogue())), "bucket")
        plan = present(session)
        model = None if train else usable(session)
        trained = model is None
        records = preparation.prepare(session, plan, lessons=trained)
        model = model or learnt(session)
        numbers: Counter[str] = Counter()
        session.connection.execute(adoptions.GIVEN)
        for links in chain(decided(session, records, model), [effect.attached(session)]):
            writer.write(links)
            adoptions.note(session, links)
            numbers.update(links.column("decision").to_pylist())
            if told is not None:
                told(numbers.total(), max(records, numbers.total()))
        writer.overwrite()
        adoptions.give(session, plan, giver)
        giver.overwrite()
        pairs = session.connection.table("pairs").shape[0]
        snapshot = session.commit(note={"model": model.version})
    return LinkReport(
        records=records,
        pairs=pairs,
        attach=numbers["attach"],
        review=numbers["review"],
        apart=numbers["apart"],
        without=records - numbers.total(),
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


def learnt(session: Session) -> Model:
    """A model trained on the prepared tables, saved as the newest version."""
    from quanmin.population.linkage import training  # Splink takes a while to import; most commands do without

    people = people_of(session)
    connection = session.connection
    settings, figures = training.train(connection, people)
    connection.execute("CREATE OR REPLACE TABLE weighed AS SELECT * FROM pairs SEMI JOIN examples ON id = record")
    scored = scoring.weigh(connection, settings, "candidates", "examples", "weighed")
    shares = prospect.learn(connection, scored)
    connection.execute(f"DROP TABLE {scored}")
    return saved.save(session.lake.ledger, settings, {"people": people, **figures}, shares)


def decided(session: Session, records: int, model: Model) -> Iterator[pa.Table]:
    """A link for every record that has a candidate, a piece of the residual at a time."""
    connection = session.connection
    for start, end in preparation.pieces(records):
        connection.execute(
            f"CREATE OR REPLACE TABLE weighed AS SELECT * FROM pairs WHERE record >= {start} AND record < {end};"
            "CREATE OR REPLACE TABLE sought AS SELECT * FROM records "
            f"WHERE id >= {start} AND id < {end} AND id IN (SELECT record FROM weighed) ORDER BY id;"
            "CREATE OR REPLACE TABLE met AS SELECT * FROM people WHERE id IN (SELECT person FROM weighed) ORDER BY id"
        )
        if connection.table("weighed").shape[0]:
            yield _decided(session, scoring.weigh(connection, model.settings, "met", "sought", "weighed"), model)


def _decided(session: Session, scored: str, model: Model) -> pa.Table:
    """The links of the records of a table of Splink's results, which is dropped."""
    connection = session.connection
    found = connection.sql(
        f"SELECT *, 1 - 1 / (1 + pow(2.0, weight)) AS probability, {decision.SQL} AS decision FROM ("
        "SELECT b.person AS person_key, s.dataset, s._source, s._batch, s._row, "
        f"b.weight + {prospect.weights(model.shares)} AS weight, b.margin, "
        "coalesce(coalesce(m.surviving, s.person_key) <> b.person, false) AS other_number, "
        "b.person IN (SELECT person FROM contested) AND b.person NOT IN (SELECT person FROM uncontested) AS contested "
        f"FROM ({decision.best(effect.surviving(scored))}) AS b "
        f"JOIN (SELECT *, {prospect.KIND} AS kind FROM stated) AS s ON s.id = b.record "
        "LEFT JOIN merged AS m ON m.old = s.person_key) "
        "ORDER BY dataset, _batch, _row"
    ).to_arrow_table()
    connection.execute(f"DROP TABLE {scored}")
    buckets = kernels.bucket_of(found.column("person_key"), None, session.lake.settings.buckets)
    made = found.append_column("bucket", pa.array(buckets)).append_column(
        "model", pa.array([model.version] * found.num_rows, pa.int64())
    )
    return made.select(LINK_SCHEMA.names).cast(LINK_SCHEMA)
