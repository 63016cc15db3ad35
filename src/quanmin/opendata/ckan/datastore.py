"""The rows of resources: CKAN's DataStore over the engine of the data API. Reads only; a table is made by an upload or a release.

A row's `_id` is its number in the file, from 1. `next_page` holds the parameters of the call that gives the page behind.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from quanmin.opendata import rows
from quanmin.opendata.access import require
from quanmin.opendata.catalogue import Record, read
from quanmin.opendata.ckan.caller import Caller
from quanmin.opendata.ckan.errors import NothingThere, ValuesWrong
from quanmin.opendata.ckan.given import Given, parsed
from quanmin.opendata.ckan.package import listed, table_of
from quanmin.opendata.ckan.site import Site
from quanmin.opendata.rows import MOST, Page, Query, Table
from quanmin.opendata.rows.errors import TableNotReady
from quanmin.text import Text

ID = "_id"
PAGE = 100
FORMATS = ("objects", "lists", "csv", "tsv")
TYPES = {
    "text": "text",
    "integer": "numeric",
    "decimal": "numeric",
    "number": "float8",
    "boolean": "bool",
    "date": "date",
    "datetime": "timestamp",
    "time": "time",
}
"""Kinds of columns as PostgreSQL calls them."""


@dataclass(frozen=True)
class Asked:
    """A resource whose rows are asked for."""

    id: str
    record: Record
    table: Table


def opened(site: Site, caller: Caller, given: Given) -> Asked:
    """The table of `resource_id` (or `id`), for whoever may have its data. NothingThere, DatasetGone, Denied, TableNotReady."""
    key = given.text("resource_id") or given.needed("id")
    document, _, place = site.resource(key, caller)
    sha256 = table_of(listed(document["dcat:distribution"])[place], document)
    if sha256 is None:
        raise NothingThere(name=key[:100])
    record = read(document)
    require(record, caller.reader)
    try:
        return Asked(key, record, site.portal.tables.open(sha256))
    except TableNotReady:
        site.order(sha256, caller.reader.account or "public")
        raise


def datastore_search(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """Rows of `resource_id`: filters, q, fields, sort, limit (100, at most 32,000), offset, distinct, include_total,
    records_format (objects, lists, csv, tsv), include_next_page and after."""
    asked = opened(site, caller, given)
    query = asked_for(given)
    total = given.flag("include_total", True)
    form = given.text("records_format") or FORMATS[0]
    if form not in FORMATS:
        raise ValuesWrong.at("records_format", f"应为 {', '.join(FORMATS)}", f"One of {', '.join(FORMATS)}")
    page = asked.table.page(replace(query, total=total), site.settings.query_seconds)
    numbered = query.fields is None and not query.distinct
    result: dict[str, Any] = {
        "resource_id": asked.id,
        "include_total": total,
        "limit": query.limit,
        "offset": query.offset,
        "records_format": form,
        "fields": list(fields(asked, query, numbered)),
        "records": _records(page, form, numbered),
        "_links": _links(asked.id, query),
    }
    if total:
        result |= {"total": page.total, "total_was_estimated": False}
    if given.flag("include_next_page") and page.next is not None:
        plain = {name: value for name, value in given.values.items() if name not in ("offset", "after")}
        result["next_page"] = plain | {"after": page.next}
    return result


def datastore_info(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """What the table of a resource (`id`) has: its fields with titles and notes, and how many rows."""
    asked = opened(site, caller, given)
    meta = {"id": asked.id, "count": asked.table.rows, "table_type": "BASE TABLE", "aliases": []}
    return {"meta": meta, "fields": list(fields(asked, Query(), False))}


def fields(asked: Asked, query: Query, numbered: bool) -> Iterator[dict[str, Any]]:
    """The fields of an answer, with what the record says of them."""
    if numbered:
        yield {"id": ID, "type": "int"}
    known = {one.name: one for one in asked.record.variables}
    for name in query.fields if query.fields is not None else asked.table.columns:
        said: dict[str, Any] = {"id": name, "type": TYPES[asked.table.columns[name].kind.name]}
        if name in known:
            one = known[name]
            said["info"] = {"label": one.title.zh, "label_en": one.title.en, "notes": one.description or ""}
        yield said


def asked_for(given: Given) -> Query:
    """The query of a call; BadFilter, BadParameter, ValuesWrong."""
    offset, limit = given.number("offset", 0), given.number("limit", PAGE, most=10**12)
    return Query(
        filter=_filter(given),
        q=_words(given),
        fields=_fields(given),
        order=_order(given),
        limit=min(limit, MOST),
        after=given.text("after") or None,
        offset=offset,
        distinct=given.flag("distinct"),
    )


def _filter(given: Given) -> rows.Node:
    said = given.values.get("filters")
    if said in (None, "", {}, []):
        return rows.EVERYTHING
    return rows.read(said) if isinstance(said, str) else rows.parse(said)


def _words(given: Given) -> rows.Node:
    """`q` in all texts, or by field; every word must stand there."""
    if not given.flag("plain", True):
        raise ValuesWrong.at("plain", "只支持普通检索", "Only plain searches are answered")
    said = given.values.get("q") or given.values.get("full_text")
    said = parsed(said, "q") if isinstance(said, str) and said[:1] == "{" else said
    if said in (None, "", {}):
        return rows.EVERYTHING
    if isinstance(said, str):
        return rows.words(said)
    if not isinstance(said, Mapping) or not all(isinstance(one, str) for one in said.values()):
        raise ValuesWrong.at("q", "须为文字，或字段到文字", "A text, or a text for each field")
    return rows.parse(
        {"$and": [{_named(name): {"contains": word}} for name, text in said.items() for word in text.split()]}
    )


def _named(field: str) -> str:
    return f"${field}" if field.startswith("$") else field


def _fields(given: Given) -> tuple[str, ...] | None:
    said = given.parsed("fields")
    if said in (None, "", []):
        return None
    found = rows.names(said) if isinstance(said, str) else tuple(given.texts("fields"))
    return tuple(one for one in found if one != ID) or None


def _order(given: Given) -> tuple[tuple[str, bool], ...]:
    """What rows are sorted by; by `_id` they are anyhow, where everything before is equal."""
    said = given.parsed("sort")
    if said in (None, "", []):
        return ()
    found = rows.order(said if isinstance(said, str) else ", ".join(given.texts("sort")))
    if any(name == ID and down for name, down in found):
        raise ValuesWrong.of({"sort": [Text("_id 只能升序", "By _id upwards only")]})
    until = next((at for at, (name, _) in enumerate(found) if name == ID), len(found))
    return found[:until]


def _links(key: str, query: Query) -> dict[str, str]:
    at = f"/api/3/action/datastore_search?resource_id={key}"
    return {"start": at, "next": f"{at}&offset={query.offset + query.limit}&limit={query.limit}"}


def _records(page: Page, form: str, numbered: bool) -> list[Any] | str:
    found = page.records()
    if numbered:
        numbers = (page.numbers + 1).tolist()
        found = [{ID: number, **row} for number, row in zip(numbers, found, strict=True)]
    if form == "objects":
        return found
    lists = [list(row.values()) for row in found]
    return lists if form == "lists" else lines(lists, "," if form == "csv" else "\t")


def lines(values: list[list[Any]], separator: str) -> str:
    """Rows as text, lines ending in CR LF (RFC 4180)."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(values)
    return out.getvalue()
