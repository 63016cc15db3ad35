"""Snapshots, backups, and how the store stands."""

from __future__ import annotations

from typing import Any

from quanmin import charts, jobs
from quanmin.installation import operation
from quanmin.lake import backup
from quanmin.lake.extent import Extent
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.operations.area import ROLES, Number, PageNumber, shown
from quanmin.web.face import Face
from quanmin.web.view import Answer

NEWEST, LARGEST, MEGABYTE = 200, 12, 1 << 20


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/operations/snapshots", "console/operations/snapshots.html", roles=ROLES)
    def snapshots(ask: Ask, page: PageNumber = 1) -> Answer:
        """The states of the store, the newest first, and what each changed."""
        found = operation.history(ask.lake, page)
        data: dict[str, Any] = {"snapshots": [one.to_dict() for one in found.steps]}
        data |= {"page": found.page, "pages": found.pages, "total": found.total}
        return shown(Text("快照", "Snapshots"), data, ask, found=found.steps)

    @face.page("/operations/snapshots/{number}", "console/operations/snapshot.html", roles=ROLES)
    def snapshot(ask: Ask, number: Number) -> Answer:
        """One snapshot: the tables it changed, by which program, reading what."""
        found = operation.step(ask.lake, number)
        return shown(Text(f"快照 {number}", f"Snapshot {number}"), found.to_dict(), ask, step=found)

    @face.page("/operations/backups", "console/operations/backups.html", roles=ROLES)
    def backups(ask: Ask) -> Answer:
        """The backups that are here, and what drills found."""
        done = jobs.listing(ask.lake, ["done"], size=NEWEST).jobs
        drills = {one.result["backup"]: one for one in done[::-1] if one.kind == "drill" and one.result}
        kept = backup.kept(ask.settings)
        rows = [{**one._asdict(), "drill": _drill(drills.get(one.name))} for one in kept]
        may = jobs.allowed(ask.who, jobs.kind("backup"))
        return shown(
            Text("备份", "Backups"),
            {"backups": rows, "ledger": ask.lake.ledger.engine.dialect.name},
            ask,
            may=may,
            found=rows,
        )

    @face.page("/operations/health", "console/operations/health.html", roles=ROLES)
    def health(ask: Ask) -> Answer:
        """The size of every table, ledger and lake, keys, versions."""
        tables, state = operation.store(ask.lake), operation.health(ask.lake)
        held, now = operation.keys(ask.lake), ask.lake.ledger.now()
        data = {
            "tables": [one._asdict() for one in tables],
            "health": state.to_dict(),
            "keys": [{**one._asdict(), "rotate": one.due is not None and one.due < now} for one in held],
            "versions": operation.versions(),
        }
        return shown(Text("存储与状态", "Store and health"), data, ask, chart=_chart(tables).html(ask.language))


def _chart(tables: list[Extent]) -> charts.BarChart:
    """The largest tables."""
    largest = sorted(tables, key=lambda one: -one.bytes)[:LARGEST]
    bars = tuple(charts.Bar(charts.same(one.table), one.bytes / MEGABYTE) for one in largest)
    return charts.BarChart(Text("最大的表，MB", "The largest tables, in MB"), bars, charts.Unit("number", 2))


def _drill(job: jobs.Job | None) -> dict[str, object] | None:
    """What the newest drill of a backup found."""
    if job is None or job.result is None:
        return None
    return {"job": job.job, "at": job.ended, "sound": job.result["sound"]}
