"""The datasets of the catalogue as the data API tells them: which there are, and what of one can be asked."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from quanmin.errors import Denied
from quanmin.opendata import ANYBODY, require
from quanmin.opendata.catalogue import Distribution, Query, Record
from quanmin.opendata.holding import published, table_of
from quanmin.opendata.rows.errors import TableNotReady, TableUnsupported
from quanmin.opendata.rows.writing import WRITERS
from quanmin.web.data.answer import packed, routed, said
from quanmin.web.data.asked import number, only
from quanmin.web.data.reader import reader
from quanmin.web.data.rows import OWN, PUBLIC, described
from quanmin.web.place import Place

MOST = 100


def routes(place: Place) -> list[BaseRoute]:
    """The list, and one dataset."""

    async def several(request: Request) -> Response:
        return await place.run(lambda: _several(place, request))

    async def one(request: Request) -> Response:
        return await place.run(lambda: _one(place, request))

    return [routed("/data/v1/datasets", get=several), routed("/data/v1/datasets/{name}", get=one)]


def _several(place: Place, request: Request) -> Response:
    given = only(request, ("q", "page", "size"))
    reader(place, request)
    size, page = number(given, "size", 20, MOST, 1), number(given, "page", 1, 1_000_000, 1)
    found = place.portal.catalogue.search(Query(given.get("q", ""), rows=size, offset=(page - 1) * size, facets=()))
    names = ("id", "name", "title", "access", "modified")
    listed = [{**{name: one[name] for name in names}, **_addresses(one["name"])} for one in found.rows]
    data = {"total": found.total, "page": page, "datasets": listed}
    return packed(request, said(data, headers={"cache-control": PUBLIC}))


def _one(place: Place, request: Request) -> Response:
    only(request, ())
    reader(place, request)
    record = published(place.portal, request.path_params["name"])
    data = {**_listed(record), **_told(record), "table": _table(place, record)}
    caching = PUBLIC if record.access.code == "public" else OWN
    return packed(request, said(data, headers={"cache-control": caching}))


def _listed(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "name": record.name,
        "title": record.title,
        "access": record.access.code,
        "modified": record.modified.isoformat() if record.modified else None,
        **_addresses(record.name),
    }


def _addresses(name: str) -> dict[str, str]:
    return {"self": f"/data/v1/datasets/{name}", "page": f"/datasets/{name}"}


def _told(record: Record) -> dict[str, Any]:
    return {
        "description": record.description,
        "publisher": {"id": record.publisher.id, "name": record.publisher.name},
        "version": record.version,
        "licence": record.licence.code if record.licence else None,
        "fields": [
            {"name": one.name, "title": one.title, "datatype": one.datatype, "values": one.values}
            for one in record.variables
        ],
        "files": [_file(one) for one in record.distributions],
    }


def _file(one: Distribution) -> dict[str, Any]:
    return {
        "title": one.title,
        "format": one.format.code if one.format else None,
        "address": one.download_url or one.access_url,
        "bytes": one.size,
        "sha256": one.checksum[1] if one.checksum else None,
    }


def _table(place: Place, record: Record) -> dict[str, Any] | None:
    """What can be asked of its rows; the number of rows only where everybody may have them."""
    sha256 = table_of(record)
    if sha256 is None:
        return None
    rows = f"/data/v1/datasets/{record.name}/rows"
    data: dict[str, Any] = {"sha256": sha256, "rows": None, "fields": None, "self": rows}
    data["formats"] = {ending: f"{rows}.{ending}" for ending in WRITERS}
    try:
        require(record, ANYBODY)
        table = place.portal.tables.open(sha256)
        data |= {"rows": table.rows, "fields": described(record, table)}
    except (Denied, TableNotReady, TableUnsupported):
        pass  # told without them
    return data
