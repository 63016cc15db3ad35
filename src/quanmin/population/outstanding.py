"""The errors that are open now: by source, code, age and what was due; and a source's own list, a page at a time.

Addresses only, as in `feedback`: no value of a row.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from quanmin import standards
from quanmin.lake import Lake
from quanmin.ledger.listing import place
from quanmin.ledger.workflow import CHINA
from quanmin.population.errors import UnknownSource
from quanmin.population.feedback import COLUMNS, STAGE, every, reference_tables
from quanmin.population.statistics import days_of
from quanmin.text import Text

SIZE = 50
"""Errors of a page."""
AGES: tuple[tuple[str, int, Text], ...] = (
    ("week", 7, Text("7 天以内", "up to 7 days")),
    ("month", 30, Text("8–30 天", "8 to 30 days")),
    ("quarter", 90, Text("31–90 天", "31 to 90 days")),
    ("older", 10**6, Text("90 天以上", "more than 90 days")),
)
"""Name, longest age in days since the file was collected, and words."""

_QUERY = (
    "SELECT _source, coalesce(code, ''), batch, count(*), count(*) FILTER (due_on < ?), min(due_on) FROM {found} "
    "GROUP BY ALL ORDER BY ALL"
)


def standing(lake: Lake) -> dict[str, Any]:
    """`snapshot`, `errors`, `overdue`, and rows of `sources`, `codes` and `ages`.

    A source has `errors`, `overdue`, `due_on` (the first), `datasets`, `codes`, `ages` and `newest`, the last batch with one.
    """
    today, sources = lake.ledger.now().astimezone(CHINA).date(), dict[str, dict[str, Any]]()
    days = days_of(lake)
    with lake.session(STAGE) as session:
        reference_tables(session, lake)
        for dataset in standards.catalogue().datasets.values():
            found = every(session, dataset)
            if found is None:
                continue
            rows = session.connection.execute(_QUERY.format(found=found), [today]).fetchall()
            for source, code, batch, errors, overdue, due in rows:
                one = sources.setdefault(source, _new(source))
                one["errors"] += errors
                one["overdue"] += overdue
                one["due_on"] = min((day for day in (one["due_on"], due) if day is not None), default=None)
                one["newest"] = max(one["newest"], batch)
                one["codes"][code] += errors
                one["datasets"][dataset.id] += errors
                one["ages"][age(today, days.get(batch))] += errors
        snapshot = session.snapshot.id
    told = [{**one, **{name: dict(one[name]) for name in ("codes", "datasets", "ages")}} for one in sources.values()]
    told.sort(key=lambda one: (-one["errors"], one["source"]))
    sums = {name: _sum(told, name) for name in ("codes", "ages")}
    whole = {name: sum(one[name] for one in told) for name in ("errors", "overdue")}
    return {"snapshot": snapshot, **whole, "sources": told, **sums}


def age(today: dt.date, collected: dt.date | None) -> str:
    """The name of the age of an error."""
    days = (today - (collected or today)).days
    return next(name for name, most, _ in AGES if days <= most)


def _new(source: str) -> dict[str, Any]:
    counts = {name: defaultdict[str, int](int) for name in ("codes", "datasets", "ages")}
    return {"source": source, "errors": 0, "overdue": 0, "due_on": None, "newest": 0, **counts}


def _sum(told: list[dict[str, Any]], name: str) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for one in told:
        for key, count in one[name].items():
            found[key] += count
    return dict(sorted(found.items()))


def listing(
    lake: Lake, source: str, dataset: str = "", code: str = "", late: bool = False, number: int = 1
) -> dict[str, Any]:
    """A page of a source's open errors, by dataset, batch and row: `rows`, `page`, `pages`, `total`. UnknownSource."""
    catalogue = standards.catalogue()
    if catalogue.body(source) is None:
        raise UnknownSource(source=source)
    today = lake.ledger.now().astimezone(CHINA).date()
    wanted = {"_source = ?": source, **({"code = ?": code} if code else {}), **({"due_on < ?": today} if late else {})}
    chosen = [one for one in catalogue.datasets.values() if dataset in ("", one.id)]
    with lake.session(STAGE) as session:
        reference_tables(session, lake)
        counts = {one.id: 0 for one in chosen}
        for one in chosen:
            found = every(session, one)
            if found is not None:
                query = f"SELECT count(*) FROM {found} WHERE {' AND '.join(wanted)}"
                [(counts[one.id],)] = session.connection.execute(query, [*wanted.values()]).fetchall()
        total = sum(counts.values())
        at = place(number, total, SIZE)
        rows, skip = list[dict[str, Any]](), at.skip
        for one in chosen:
            found = every(session, one) if counts[one.id] > skip and len(rows) < SIZE else None
            if found is not None:
                query = f"SELECT {', '.join(COLUMNS)} FROM {found} WHERE {' AND '.join(wanted)} ORDER BY ALL LIMIT ? OFFSET ?"
                values = [*wanted.values(), SIZE - len(rows), skip]
                page = session.connection.sql(query, params=values).to_arrow_table().to_pylist()
                rows += [_row(one.id, row, today) for row in page]
            skip = max(0, skip - counts[one.id])
    return {"source": source, "rows": rows, "page": at.page, "pages": at.pages, "total": total}


def _row(dataset: str, row: Mapping[str, Any], today: dt.date) -> dict[str, Any]:
    words = {name: Text(row[f"{name}_zh"], row[f"{name}_en"]) for name in ("title", "expected")}
    here = {name: row[name] for name in ("batch", "file", "row", "element", "code", "due_on")}
    return {"dataset": dataset, **here, **words, "late": row["due_on"] is not None and row["due_on"] < today}
