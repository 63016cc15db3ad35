"""Check the whole register: every rule, span by span, and write what was found."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from quanmin.lake import Lake
from quanmin.programs.vital.national import balance, birth, chain, event, finding, holder, replacement, span
from quanmin.programs.vital.national.address import BALANCE, BIRTH, DATASETS, HOLDER, ISSUE, STOCK
from quanmin.programs.vital.national.errors import NothingToCheck
from quanmin.programs.vital.national.finding import Findings
from quanmin.programs.vital.national.period import Period

ALWAYS = Period(date(1900, 1, 1), date(9999, 12, 31))
DATED = {STOCK: "occurred_on", ISSUE: "issued_on", HOLDER: "valid_from", BALANCE: "month", BIRTH: "issued_on"}
"""When a row of each dataset happened."""
Progress = Callable[[int, int], None]
"""Told how many spans are done, and of how many."""


def check(
    lake: Lake,
    period: Period | None = None,
    today: date | None = None,
    rows: int | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Test every invariant on all that was collected, and put the findings of a period (default: of all time) into the lake.

    `today` is the day on which deadlines are judged; `rows` is about how many rows are looked at together. NothingToCheck if
    there are no holders, stock actions or issues.
    """
    began = time.perf_counter()
    asked, now = period or ALWAYS, today or date.today()
    with lake.session("certificates") as session:
        writer = session.writer(finding.TABLE, finding.schema())
        writer.overwrite()
        there = frozenset(one for one in DATASETS if session.exists(f"clean.{one}"))
        for dataset in (HOLDER, STOCK, ISSUE):
            if dataset not in there:
                raise NothingToCheck(dataset=dataset)

        def live(dataset: str, condition: str) -> str:
            until = f"r.{DATED[dataset]} <= DATE '{asked.last}'"
            return session.live(dataset, only=f"WHERE {until} AND ({condition})")

        look(session.connection, Look(live, there, asked, now, rows), progress)
        for piece in finding.stored(session.connection):
            writer.write(piece)
        counts, provinces = finding.counts(session.connection)
        examples, certificates = finding.examples(session.connection), _certificates(session.connection, live)
        read = {dataset: session.count(f"clean.{dataset}") for dataset in DATASETS if dataset in there}
        snapshot = session.commit({"certificates": certificates, "findings": sum(counts.values())})
    seconds = time.perf_counter() - began
    return Findings(counts, provinces, examples, read, certificates, snapshot.id, seconds)


@dataclass(frozen=True)
class Look:
    """What a check looks at: `live(dataset, condition)` gives SQL of the live rows `r`, `there` the datasets that exist."""

    live: Callable[[str, str], str]
    there: frozenset[str]
    period: Period
    today: date
    rows: int | None = None


def look(connection: Any, asked: Look, progress: Progress | None = None) -> None:
    """Ask everything; what is found is in the engine's table `told` afterwards."""
    today = Period(asked.today, asked.today).days[0]
    judged, live = min(today, asked.period.days[1]), asked.live
    finding.prepare(connection)
    holder.prepare(connection, live(HOLDER, "true"))
    chain.prepare(connection)
    event.make_reversed(connection, live, today)
    spans = span.plan(connection, live(STOCK, "true"), live(ISSUE, "true"), asked.rows)
    for at, one in enumerate(spans):
        event.make(connection, one, live, today)
        chain.check(connection, judged)
        if BIRTH in asked.there:
            birth.check(connection, one, live, judged)
        if progress is not None:
            progress(at + 1, len(spans))
    chain.tell_astray(connection, live)
    replacement.check(connection, live)
    if BALANCE in asked.there:
        balance.check(connection, live)
    finding.settle(connection, *asked.period.days)


def _certificates(connection: Any, live: Callable[[str, str], str]) -> int:
    """How many certificates were issued."""
    issuing = live(ISSUE, event.one_of(f"r.kind::TINYINT + {event.ISSUED}", event.ISSUING))
    ((count,),) = connection.execute(f"SELECT count(*) FROM {issuing}").fetchall()
    return int(count)
