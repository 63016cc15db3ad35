"""What a text that is being typed may become: titles that hold it, and organisations, themes and tags by how much they have."""

from __future__ import annotations

from typing import Any

from quanmin.opendata.catalogue.folding import fold
from quanmin.opendata.catalogue.query import Query
from quanmin.opendata.catalogue.search import Searcher
from quanmin.text import Language

_FACETS = ("organisation", "theme", "tag")
_LOOKED_AT = 300  # the most frequent values of each facet


def suggest(searcher: Searcher, text: str, language: Language, limit: int) -> list[dict[str, Any]]:
    """Values first, the most frequent of them, then titles, the best of them; at most `limit`."""
    found = searcher.search(Query(text=text, rows=limit, facets=(), language=language))
    sought = fold(text).strip()
    if not sought:
        return []
    every = searcher.search(Query(rows=0, facets=_FACETS, values=_LOOKED_AT, language=language)).facets
    values = [
        {"kind": facet, "value": one["value"], "title": one["title"], "count": one["count"]}
        for facet in _FACETS
        for one in every[facet]
        if any(sought in fold(title) for title in one["title"].values())
    ]
    values.sort(key=lambda one: -one["count"])
    room = limit if found.loosened or not found.rows else max(1, limit // 2)
    rows = [] if found.loosened else found.rows
    titles = [{"kind": "record", "value": one["name"], "title": one["title"]} for one in rows]
    chosen = values[:room]
    return [*chosen, *titles[: limit - len(chosen)]]
