"""What the first page of the portal says of the catalogue: how much there is, the hottest and the latest of it, the areas."""

from __future__ import annotations

from typing import Any

from quanmin.opendata.catalogue import Found, Query, vocabulary
from quanmin.opendata.catalogue.query import Sort
from quanmin.web.ask import Ask
from quanmin.web.portal.datasets.row import shown

FEW = 5


def data(ask: Ask) -> dict[str, Any]:
    """For the twin."""
    found = {name: _first(ask, name) for name in ("hottest", "newest")}
    return {"catalogue": ask.place.portal.catalogue.totals(), **{name: one.rows for name, one in found.items()}}


def more(ask: Ask) -> dict[str, Any]:
    """For the page."""
    hottest, newest = _first(ask, "hottest"), _first(ask, "newest")
    counts = {one["value"]: one["count"] for one in ask.place.portal.catalogue.values("area")}
    areas = [(one, counts.get(one.code, 0)) for one in vocabulary("area").terms.values()]
    return {"shown": {"hottest": shown(hottest.rows), "newest": shown(newest.rows)}, "areas_of": areas}


def _first(ask: Ask, sort: Sort) -> Found:
    return ask.place.portal.catalogue.search(Query(sort=sort, rows=FEW, facets=(), language=ask.language))
