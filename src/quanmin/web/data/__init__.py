"""The data API: datasets, their rows, exports, and the files of the portal; at addresses without a language."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from quanmin.web.data import datasets, description, exporting, files, rows
from quanmin.web.data.answer import routed
from quanmin.web.data.errors import NoSuchAddress
from quanmin.web.place import Place


def routes(place: Place) -> list[BaseRoute]:
    """All of them."""
    return [
        *files.routes(place),
        *description.routes(),
        *datasets.routes(place),
        *rows.routes(place),
        *exporting.routes(place),
        routed("/data/{rest:path}", get=_nothing, post=_nothing),
    ]


async def _nothing(_request: Request) -> Response:
    raise NoSuchAddress()
