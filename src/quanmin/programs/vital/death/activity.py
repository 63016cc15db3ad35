"""Activity after death: rows of the clean tables that show somebody active after the date of death in the base.

Reads `clean.*` and `linked.person`; writes `linked.activity`, from which `feedback` tells the sender as E08. Which element of
which dataset shows activity, and how many days after the death it may, stands in `activity.toml`. A row counts where its
number is that of a dead person of the base and its name is not another's. `after_death_of` is the plain reference of the
expression.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.population.build import due_dates
from quanmin.population.errors import NotBuilt
from quanmin.population.tables import ACTIVITY, DISCREPANCY_SCHEMA, PERSON
from quanmin.programs.vital.death.limit import TABLE

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

STAGE = "deaths"
CODE = "E08"


class Activity(NamedTuple):
    """A dataset, the element that shows activity, and the days that it may come after the death."""

    dataset: str
    element: str
    grace: int


@dataclass(frozen=True)
class ActivityReport:
    """Rows found by dataset, and the snapshot that holds them."""

    found: Mapping[str, int]
    snapshot: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"found": dict(self.found), "rows": sum(self.found.values()), "snapshot": self.snapshot}


class Active(NamedTuple):
    """A row for the plain reference: its address, whose it is and says it is, and the day of the activity."""

    batch: int
    row: int
    person_key: int | None
    name: str | None
    day: dt.date | None


@cache
def activities() -> tuple[Activity, ...]:
    """What shows activity, as it is shipped."""
    with (TABLE / "activity.toml").open("rb") as file:
        return tuple(Activity(**one) for one in tomllib.load(file)["activity"])


def look(lake: Lake) -> ActivityReport:
    """Find all activity after death anew and keep it in place of what was found before. NotBuilt."""
    due, found = due_dates(lake), Counter[str]()
    with lake.session(STAGE) as session:
        writer = session.writer(ACTIVITY, DISCREPANCY_SCHEMA, "bucket")
        if not session.exists(PERSON):
            raise NotBuilt()
        for one in activities():
            if session.exists(f"clean.{one.dataset}"):
                rows = _told(session, one, due)
                found[one.dataset] = rows.num_rows
                writer.write(rows)
        writer.overwrite()
        snapshot = session.commit()
    return ActivityReport(dict(found), snapshot.id)


def after_death(rows: ir.Table, people: ir.Table, one: Activity) -> ir.Table:
    """Rows (`person_key`, `name`, the element) of people (`person_key`, `name`, `death_date`) who had died, as an expression.

    The columns are those of `linked.discrepancy` but for the due date.
    """
    import ibis

    dead = people.filter(people.death_date.notnull())
    dead = dead.select(d_key=dead.person_key, d_name=dead.name, d_on=dead.death_date)
    met = rows.join(dead, rows.person_key == dead.d_key)
    late = met[one.element] > met.d_on + ibis.interval(days=one.grace)
    theirs = (met.name == met.d_name).fill_null(True)
    met = met.filter(late, theirs)
    plain = ("bucket", "person_key", "_source", "_batch", "_row")
    told = {"dataset": ibis.literal(one.dataset), "element": ibis.literal(one.element), "code": ibis.literal(CODE)}
    return met.select(*plain, **told)


def after_death_of(
    rows: Iterable[Active], people: Mapping[int, tuple[str | None, dt.date | None]], grace: int
) -> list[tuple[int, int]]:
    """The same, row by row: batch and row of what is found, in order; `people` by key are name and date of death."""
    found = []
    for row in rows:
        name, died = people.get(row.person_key, (None, None)) if row.person_key is not None else (None, None)
        if died is None or row.day is None or row.day <= died + dt.timedelta(days=grace):
            continue
        if name is None or row.name is None or name == row.name:
            found.append((row.batch, row.row))
    return sorted(found)


def _told(session: Session, one: Activity, due: pa.Table) -> pa.Table:
    """What is told of a dataset, with the day by which an answer is due."""
    import pyarrow.compute as pc

    found = after_death(session.read_live(one.dataset), session.read(PERSON), one).to_pyarrow()
    places = pc.index_in(found.column("_batch"), due.column("due_batch").combine_chunks())
    return (
        found.append_column("due_on", due.column("due_on").combine_chunks().take(places))
        .select(DISCREPANCY_SCHEMA.names)
        .cast(DISCREPANCY_SCHEMA)
    )
