"""Searching packages: one search of the index and one statement for the documents, whatever page is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from quanmin.opendata.catalogue import Query
from quanmin.opendata.catalogue.condition import Condition, Every
from quanmin.opendata.catalogue.query import MOST_VALUES, Sort
from quanmin.opendata.ckan import field, fq
from quanmin.opendata.ckan.caller import Caller
from quanmin.opendata.ckan.errors import SearchWrong
from quanmin.opendata.ckan.given import Given
from quanmin.opendata.ckan.package import Standing, package
from quanmin.opendata.ckan.site import Site
from quanmin.text import Text

ROWS, MOST_ROWS, FACET_VALUES = 10, 1_000, 50
DEFAULT = "score desc, metadata_modified desc"
SORTS: dict[str, tuple[Sort, bool]] = {
    "score desc": ("relevance", False),
    "metadata_modified desc": ("changed", False),
    "metadata_modified asc": ("changed", True),
    "name asc": ("name", False),
    "name desc": ("name", True),
    "title_string asc": ("title", False),
    "title_string desc": ("title", True),
    "views_recent desc": ("hottest", False),
    "views_total desc": ("hottest", False),
}
"""The first key of an order says all: ties go by id, so that pages lose and repeat nothing."""
_FIELDED = re.compile(r'(?<!\S)[+-]?([a-z_]+):("(?:[^"\\]|\\.)*"|\([^()]*\)|[\[{][^\]}]*[\]}]|[^\s"()\[\]{}]+)')
_MANY = 10_000_000_000


def package_search(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """Find datasets: q, fq, fq_list, sort, rows (10, at most 1,000), start, facet.field, facet.limit, facet.mincount."""
    del caller
    text, extra = _text(given.text("q"))
    filters = [one for one in [given.text("fq"), *given.texts("fq_list")] if one]
    facets = _facets(given)
    limit = given.number("facet.limit", FACET_VALUES, least=-1, most=_MANY)
    sort, backwards, said = _sort(given.text("sort") or DEFAULT)
    sort = "changed" if sort == "relevance" and not text else sort  # without a text all are alike
    found = site.catalogue.search(
        Query(
            text=text,
            sort=sort,
            backwards=backwards,
            rows=min(given.number("rows", ROWS, most=_MANY), MOST_ROWS),
            offset=given.number("start", 0, most=_MANY),
            facets=tuple(dict.fromkeys(ours for _, ours in facets)),
            values=MOST_VALUES if limit < 0 else min(limit, MOST_VALUES),
            language=site.look.language,
            where=_together(fq.condition(filters), extra),
            brief=True,
        )
    )
    least = given.number("facet.mincount", 1, most=_MANY)
    counted = {theirs: _items(found.facets[ours], ours, site, least) for theirs, ours in facets}
    return {
        "count": found.total,
        "sort": said,
        "results": packages(site, [row["id"] for row in found.rows]),
        "facets": {name: {one["name"]: one["count"] for one in items} for name, items in counted.items()},
        "search_facets": {name: {"title": name, "items": items} for name, items in counted.items()},
    }


def packages(site: Site, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The packages of published records, in this order, by one statement."""
    shown = site.catalogue.store.shown(ids)
    return [
        package(one.document, Standing(one.first, one.at), site.look)
        for key in ids
        if (one := shown.get(key)) is not None
    ]


def _together(one: Condition | None, other: Condition | None) -> Condition | None:
    return Every((one, other)) if one is not None and other is not None else one or other


def _text(q: str) -> tuple[str, Condition | None]:
    """What is looked for in texts, and the fields that are asked for besides."""
    if len(q) > fq.LONGEST:
        raise SearchWrong(part="q", reason=Text(f"过长，上限 {fq.LONGEST} 字", f"at most {fq.LONGEST} characters"))
    if q.strip() in ("*:*", "*", ""):
        return "", None
    clauses: list[str] = []

    def take(match: re.Match[str]) -> str:
        if match[1] in ("title", "notes", "text"):
            return f" {match[2]} "
        if match[1] not in field.FIELDS:
            return match[0]
        clauses.append(match[0])
        return " "

    rest = _FIELDED.sub(take, q).replace("*:*", " ").strip()
    if clauses:
        rest = re.sub(r"(?:^|\s)(?:AND|OR)(?=\s|$)", " ", rest).strip()
    return rest, fq.condition([" ".join(clauses)]) if clauses else None


def _sort(said: str) -> tuple[Sort, bool, str]:
    keys = [" ".join(one.split()).lower() for one in said[:500].split(",")]
    keys = [one if " " in one else f"{one} asc" for one in keys]
    first = keys[0].replace("title asc", "title_string asc").replace("title desc", "title_string desc")
    if first not in SORTS:
        allowed = ", ".join(SORTS)
        raise SearchWrong(part="sort", reason=Text(f"应为 {allowed}", f"one of {allowed}"))
    return (*SORTS[first], said if len(said) <= 500 else first)


def _facets(given: Given) -> list[tuple[str, str]]:
    """The facets that are asked for, as clients call them and as we do."""
    asked = given.texts("facet.field")
    if not given.flag("facet", True):
        return []
    if len(asked) > 50:
        raise SearchWrong(part="facet.field", reason=Text("过多", "too many"))
    for one in asked:
        if one not in field.FACETS:
            allowed = ", ".join(field.FACETS)
            raise SearchWrong(part="facet.field", reason=Text(f"应为 {allowed}", f"of {allowed}"))
    return [(one, field.FACETS[one]) for one in asked]


def _items(values: Sequence[dict[str, Any]], facet: str, site: Site, least: int) -> list[dict[str, Any]]:
    return [
        {
            "name": field.shown(facet, one["value"]),
            "display_name": one["title"][site.look.language],
            "count": one["count"],
        }
        for one in values
        if one["count"] >= least
    ]
