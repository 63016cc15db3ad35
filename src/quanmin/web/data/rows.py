"""The rows of a dataset's table, as JSON, CSV, Parquet or XLSX: a page at a time."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from quanmin import jobs
from quanmin.jobs.opening import INDEX
from quanmin.opendata import require
from quanmin.opendata.catalogue import Record
from quanmin.opendata.holding import published, table_of
from quanmin.opendata.rows import Page, Query, Table
from quanmin.opendata.rows.errors import NoTable, TableNotReady
from quanmin.opendata.rows.writing import MEDIA, WRITERS, csv
from quanmin.version import __version__
from quanmin.web.data.answer import fresh, packed, routed, said
from quanmin.web.data.asked import ROWS, flag, only, query
from quanmin.web.data.reader import reader
from quanmin.web.place import Place

PUBLIC, OWN = "public, max-age=60", "private, no-cache"


def routes(place: Place) -> list[BaseRoute]:
    """The addresses of rows."""

    def addressed(ending: str) -> BaseRoute:
        async def page(request: Request) -> Response:
            return await place.run(lambda: _answer(place, request, ending or "json"))

        return routed("/data/v1/datasets/{name}/rows" + (f".{ending}" if ending else ""), get=page)

    return [addressed(ending) for ending in ("", *WRITERS)]


def opened(place: Place, request: Request) -> tuple[Record, Table]:
    """The record and the table that an address is about, for whoever may have it.

    UnknownRecord, Withdrawn, NotPublished, what access refuses, NoTable, TableNotReady (a job makes it ready).
    """
    who = reader(place, request)
    record = published(place.portal, request.path_params["name"])
    require(record, who)
    sha256 = table_of(record)
    if sha256 is None:
        raise NoTable(name=record.name)
    try:
        return record, place.portal.tables.open(sha256)
    except TableNotReady:
        jobs.order(place.lake, INDEX, {"table": sha256}, who.account or "public")
        raise


def _answer(place: Place, request: Request, ending: str) -> Response:
    given = only(request, (*ROWS, "bom") if ending == "csv" else ROWS)
    bom = flag(given, "bom")
    asked = query(given)
    record, table = opened(place, request)
    tag = _tag(table, given, ending)
    headers = {"etag": tag, "cache-control": PUBLIC if record.access.code == "public" else OWN}
    if fresh(request, tag):
        table.check(asked, place.settings.query_seconds)
        return Response(status_code=304, headers={**headers, "vary": "accept-encoding"})
    page = table.page(asked, place.settings.query_seconds)
    if page.next is not None:
        following = {**{name: value for name, value in given.items() if name != "offset"}, "after": page.next}
        headers["link"] = f'<{request.url.path}?{urlencode(following, quote_via=quote)}>; rel="next"'
    made = (
        _json(request, record, table, asked, page, headers)
        if ending == "json"
        else _file(record, page, ending, bom, headers)
    )
    return packed(request, made) if ending in ("json", "csv") else made


def _json(
    request: Request, record: Record, table: Table, asked: Query, page: Page, headers: Mapping[str, str]
) -> Response:
    link = headers.get("link")
    total = page.total
    if total is None and asked == Query(limit=asked.limit, after=asked.after, offset=asked.offset, order=asked.order):
        total = table.rows
    data = {
        "dataset": record.name,
        "table": table.sha256,
        "fields": described(record, table, asked.fields),
        "rows": page.records(),
        "limit": asked.limit,
        "total": total,
        "after": page.next,
        "next": link[1 : link.index(">")] if link else None,
    }
    return said(data, headers=headers)


def described(record: Record, table: Table, fields: tuple[str, ...] | None = None) -> list[dict[str, object]]:
    """Fields by name, kind, title and value set."""
    known = {one.name: one for one in record.variables}
    columns = [table.columns[name] for name in (fields if fields is not None else table.columns)]
    return [
        {
            "name": one.name,
            "type": one.kind.name,
            "title": known[one.name].title if one.name in known else None,
            "values": known[one.name].values if one.name in known else None,
        }
        for one in columns
    ]


def _file(record: Record, page: Page, ending: str, bom: bool, headers: Mapping[str, str]) -> Response:
    out = io.BytesIO()
    if ending == "csv":
        csv([page.rows], page.rows.schema, out, bom)
    else:
        WRITERS[ending]([page.rows], page.rows.schema, out)
    name = f'attachment; filename="{record.name}.{ending}"'
    return Response(out.getvalue(), media_type=MEDIA[ending], headers={**headers, "content-disposition": name})


def _tag(table: Table, given: Mapping[str, str], ending: str) -> str:
    """Of the file, the query and the program that answers; weak, since a workbook holds the time it was made at."""
    asked = repr((__version__, ending, sorted(given.items())))
    return f'W/"{table.sha256[:16]}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"'
