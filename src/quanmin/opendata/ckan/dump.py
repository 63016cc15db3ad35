"""A table as a whole, piece by piece: CSV, TSV, JSON or XML, filtered and sorted as `datastore_search` does it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

from quanmin.opendata.ckan.caller import Caller
from quanmin.opendata.ckan.datastore import ID, Asked, asked_for, fields, lines, opened
from quanmin.opendata.ckan.errors import ValuesWrong
from quanmin.opendata.ckan.given import Given
from quanmin.opendata.ckan.site import Site
from quanmin.opendata.rows import Page, Query

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "json": "application/json",
    "xml": "application/xml",
}
PIECE = 8_000
"""Rows that are in memory at once."""
BOM = "\ufeff"
_NAME = re.compile(r"[A-Za-z_\u00c0-\ufffd][\w.\-]*")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
Rows = Iterator[list[list[object]]]


def dump(site: Site, caller: Caller, given: Given) -> tuple[str, Iterator[str]]:
    """The format and the pieces of a dump; whatever is wrong is raised before the first."""
    asked = opened(site, caller, given)
    form = given.text("format") or "csv"
    if form not in MEDIA:
        raise ValuesWrong.at("format", f"应为 {', '.join(MEDIA)}", f"One of {', '.join(MEDIA)}")
    whole = given.number("limit", -1, least=-1, most=10**15)
    query = replace(asked_for(given), limit=PIECE, total=False)
    asked.table.check(query, site.settings.query_seconds)
    found = _pieces(asked, query, whole, site.settings.query_seconds)
    names = [one["id"] for one in fields(asked, query, True)]
    bom = BOM if given.flag("bom") and form in ("csv", "tsv") else ""
    writers: dict[str, Callable[[], Iterator[str]]] = {
        "csv": lambda: _separated(names, found, ",", bom),
        "tsv": lambda: _separated(names, found, "\t", bom),
        "json": lambda: _json(list(fields(asked, query, True)), found),
        "xml": lambda: _xml(names, found),
    }
    return form, writers[form]()


def _pieces(asked: Asked, query: Query, whole: int, seconds: float) -> Rows:
    """All rows in pieces, each with its number before it."""
    left, after = whole, query.after
    while True:
        limit = PIECE if left < 0 else min(PIECE, left)
        page: Page = asked.table.page(replace(query, limit=limit, after=after), seconds)
        numbers = (page.numbers + 1).tolist()
        yield [[number, *row.values()] for number, row in zip(numbers, page.records(), strict=True)]
        left -= len(numbers) if left > 0 else 0
        after, query = page.next, replace(query, offset=0)
        if after is None or left == 0:
            return


def _separated(names: list[str], found: Rows, separator: str, bom: str) -> Iterator[str]:
    yield bom + lines([list(names)], separator)
    for piece in found:
        yield lines(piece, separator)


def _json(said: list[dict[str, object]], found: Rows) -> Iterator[str]:
    yield '{\n  "fields": ' + json.dumps(said, ensure_ascii=False) + ',\n  "records": ['
    mark = "\n    "
    for piece in found:
        for row in piece:
            yield mark + json.dumps(row, ensure_ascii=False)
            mark = ",\n    "
    yield "\n]}\n"


def _xml(names: list[str], found: Rows) -> Iterator[str]:
    """An element a field; a name that is none of XML stands in an attribute."""
    yield '<data xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
    tags = [
        (name, name) if _NAME.fullmatch(name) else ("field", f"field name={quoteattr(_sound(name))}") for name in names
    ]
    for piece in found:
        for number, *values in piece:
            cells = (_cell(close, begin, value) for (close, begin), value in zip(tags[1:], values, strict=True))
            yield f'<row {ID}="{number}">{"".join(cells)}</row>\n'
    yield "</data>\n"


def _cell(close: str, begin: str, value: object) -> str:
    if value is None:
        return f'<{begin} xsi:nil="true"/>'
    said = json.dumps(value) if isinstance(value, bool) else str(value)
    return f"<{begin}>{escape(_sound(said))}</{close}>"


def _sound(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
