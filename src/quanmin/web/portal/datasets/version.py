"""A version of a dataset: its record as it then was, and what changed from the one before."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from quanmin.opendata.catalogue import Version, read
from quanmin.opendata.catalogue.record import Distribution
from quanmin.opendata.difference import RowsChanged, differences, rows_changed
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.errors import NoSuchPage
from quanmin.web.face import Face
from quanmin.web.portal.datasets.listing import PAGES
from quanmin.web.portal.datasets.opened import Name, opened
from quanmin.web.portal.datasets.told import Told, kept, version
from quanmin.web.view import Answer, View


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/datasets/{name}/versions/{number}", "portal/datasets/version.html", signed=False, public=True)
    def one_version(ask: Ask, name: Name, number: Annotated[int, Path(ge=1, le=1_000_000)]) -> Answer:
        """A version of a dataset, and what changed in it."""
        found = opened(ask, name, f"/versions/{number}")
        if not isinstance(found, Told):
            return found
        seen = [one for one in found.standing.versions if _was_seen(one, found)]
        place = next((at for at, one in enumerate(seen) if one.number == number), None)
        if place is None:
            raise NoSuchPage()
        before = seen[place - 1] if place else None
        data = {"name": name, **version(seen[place]), **_changed(ask, found, before, seen[place])}
        data["document"] = seen[place].step.document
        more = {"pages": PAGES, "record": found.record, "place": place, "seen": seen}
        more["files"] = read(data["document"]).distributions if found.refused is None else ()
        title = found.record.title
        return View(Text(f"{title.zh} · 第 {number} 版", f"{title.en} · version {number}"), data, more)


def _was_seen(one: Version, found: Told) -> bool:
    """Whether a version was published at some time; one that stayed a draft is nobody's business."""
    return one.step.action == "publish"


def _changed(ask: Ask, found: Told, before: Version | None, now: Version) -> dict[str, Any]:
    """What is different, of the record and of its table."""
    if before is None or before.step.document is None or now.step.document is None:
        return {"before": None, "changes": [], "rows": None}
    changes = differences(before.step.document, now.step.document)
    told = [change._asdict() for change in changes]
    rows = None
    if found.refused is None:
        old, new = _table(read(before.step.document).distributions), _table(read(now.step.document).distributions)
        rows = _rows(ask, old, new) if old and new and old != new else None
    return {"before": before.number, "changes": told, "rows": rows._asdict() if rows else None}


def _table(files: tuple[Distribution, ...]) -> str | None:
    """The checksum of the table among the files."""
    return next((kept(one) for one in files if one.format and one.format.code == "parquet" and kept(one)), None)


def _rows(ask: Ask, old: str, new: str) -> RowsChanged | None:
    return rows_changed(ask.place.portal.storage, old, new)
