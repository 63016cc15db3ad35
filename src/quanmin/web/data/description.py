"""The OpenAPI document of the data API: every address, what it takes, and every answer it can give."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from quanmin.opendata.exports import FORMATS
from quanmin.opendata.rows import FURTHEST, MOST, PAGE
from quanmin.opendata.rows.filter import LONGEST
from quanmin.opendata.rows.kind import KINDS
from quanmin.opendata.rows.writing import MEDIA
from quanmin.version import __version__
from quanmin.web.data.answer import packed, routed
from quanmin.web.interface import ERROR, TEXT

Json = dict[str, Any]
ABOUT = (
    "The open data of the portal: datasets, rows by filters, exports and files. 数据接口：数据集、行、导出与文件。 "
    "Texts are objects of zh and en; errors have a stable code. A key of the portal's page “My API keys” is sent as "
    "`Authorization: Bearer KEY` or as `X-API-Key: KEY`; open data need none."
)
WORDS: Mapping[int, str] = {
    400: "The request names a host that is not ours",
    401: "A key or a session is needed, or the key is not valid",
    403: "The data of this dataset are not open to whoever asks",
    404: "There is no such thing",
    405: "The address does not answer to this method",
    409: "A state forbids it",
    410: "Withdrawn; the message says why",
    413: "The body is too large",
    416: "The range cannot be given",
    422: "A parameter or the body is wrong",
    429: "Too many requests, or the quota is spent; Retry-After says when to come again",
    500: "The program failed",
    503: "Not ready or too slow; Retry-After says when to come again",
}
TEXT_NULL = {"anyOf": [{"$ref": "#/components/schemas/Text"}, {"type": "null"}]}
STRING_NULL, WHOLE_NULL = {"type": ["string", "null"]}, {"type": ["integer", "null"], "minimum": 0}


def routes() -> list[BaseRoute]:
    """The address of the document."""

    async def openapi(request: Request) -> Response:
        headers = {"cache-control": "public, max-age=3600"}
        return packed(request, Response(_text(), media_type="application/json", headers=headers))

    return [routed("/data/v1/openapi.json", get=openapi)]


@cache
def _text() -> bytes:
    return json.dumps(document(), ensure_ascii=False).encode()


def document() -> Json:
    """The document, of OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Quanmin data API 全民数据接口", "version": __version__, "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{}, {"bearer": []}, {"key": []}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def _paths() -> Json:
    paths: Json = {
        "/data/v1/datasets": {"get": _operation("datasets", "The published datasets", _listing(), _ref("Datasets"))},
        "/data/v1/datasets/{name}": {
            "get": _operation("dataset", "One dataset: fields, formats, files", [_name()], _ref("Dataset"), 404, 410)
        },
        "/data/v1/datasets/{name}/rows": {"get": _rows("json", "rows")},
        **{f"/data/v1/datasets/{{name}}/rows.{ending}": {"get": _rows(ending)} for ending in MEDIA},
        "/data/v1/datasets/{name}/exports": {"post": _asking()},
        "/data/v1/exports/{number}": {
            "get": _operation("export", "What became of an export", [_number()], _ref("Export"), 403, 404, 410)
        },
        "/data/v1/exports/{number}/file": {"get": _file("exportFile", "The file of an export", _number())},
        "/files/{file}": {"get": _file("file", "A file of the portal, by its checksum", _path("file", _FILE))},
        "/data/v1/openapi.json": {"get": _operation("openapi", "This document", [], {"type": "object"})},
    }
    return paths


_FILE = {"type": "string", "pattern": "^[0-9a-f]{64}\\.[a-z0-9.]{1,20}$"}


def _operation(name: str, words: str, parameters: list[Json], schema: Json, *statuses: int) -> Json:
    shown = {"200": {"description": words, "content": {"application/json": {"schema": schema}}}}
    return {
        "operationId": name,
        "summary": words,
        "parameters": parameters,
        "responses": {**shown, **_refusals(401, 422, *statuses)},
    }


def _refusals(*statuses: int) -> Json:
    """The answers that are errors: those, and what every address may say."""
    told = sorted({*statuses, 400, 405, 429, 500, 503})
    content = {"application/json": {"schema": _ref("Error")}}
    return {str(one): {"description": WORDS[one], "content": content} for one in told}


def _rows(ending: str, name: str = "") -> Json:
    words = f"Rows of the dataset's table, as {ending}"
    parameters = [_name(), *_asked(), *([_flag("bom", "Begin with the byte order mark")] if ending == "csv" else [])]
    made = _operation(name or "rows" + ending.title(), words, parameters, _ref("Rows"), 403, 404, 410)
    if ending != "json":
        media = MEDIA[ending].partition(";")[0]
        made["responses"]["200"]["content"] = {media: {"schema": {"type": "string", "format": "binary"}}}
    link = {"description": 'The next page (rel="next"), unless this is the last', "schema": {"type": "string"}}
    made["responses"]["200"]["headers"] = {"Link": link, "ETag": {"schema": {"type": "string"}}}
    made["responses"]["304"] = {"description": "Not changed since the ETag that was sent"}
    return made


def _asked() -> list[Json]:
    """The parameters of rows."""
    whole = {"type": "integer", "minimum": 0}
    filters = {
        "name": "filter",
        "in": "query",
        "description": "A filter; its grammar is in the manual",
        "content": {"application/json": {"schema": _ref("Filter")}},
    }
    return [
        filters,
        _query("q", {"type": "string", "maxLength": 1_000}, "Words that all stand in texts of the row"),
        _query("fields", {"type": "string", "minLength": 1, "maxLength": 20_000}, "Names of fields, between commas"),
        _query(
            "order", {"type": "string", "minLength": 1, "maxLength": 20_000}, "`field`, `field desc`, between commas"
        ),
        _query("limit", {**whole, "maximum": MOST, "default": PAGE}, "Rows of a page"),
        _query("after", {"type": "string", "pattern": "^[A-Za-z0-9_-]{38,40}$"}, "The cursor of the page before"),
        _query("offset", {**whole, "maximum": FURTHEST, "default": 0}, "Rows passed over; not with `after`"),
        _flag("distinct", "Rows that are equal in all fields once"),
        _flag("total", "Count what is found"),
    ]


def _asking() -> Json:
    made = _operation("ask", "Ask for an export of all rows that a query finds", [_name()], _ref("Export"))
    made["responses"] = {"202": made["responses"]["200"], **_refusals(401, 403, 404, 409, 410, 413, 422)}
    made["responses"]["202"]["headers"] = {"Location": {"schema": {"type": "string"}}}
    link = {"operationId": "export", "parameters": {"number": "$response.body#/export"}}
    made["responses"]["202"]["links"] = {"export": link}
    made["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref("Question")}}}
    return made


def _file(name: str, words: str, parameter: Json) -> Json:
    whole = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    shown = {
        "200": {"description": words, "content": whole},
        "206": {"description": "The part that was asked for with Range", "content": whole},
        "304": {"description": "Not changed since the ETag that was sent"},
    }
    return {
        "operationId": name,
        "summary": words,
        "parameters": [parameter],
        "responses": {**shown, **_refusals(401, 403, 404, 409, 410, 416, 422)},
    }


def _listing() -> list[Json]:
    return [
        _query("q", {"type": "string", "maxLength": 300}, "What is looked for"),
        _query("page", {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 1}, "The page"),
        _query("size", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "Datasets of a page"),
    ]


def _name() -> Json:
    return _path("name", {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,100}$"})


def _number() -> Json:
    return _path("number", {"type": "integer", "minimum": 0, "maximum": 2**31 - 1})


def _path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(name: str, schema: Json, words: str) -> Json:
    return {"name": name, "in": "query", "description": words, "schema": schema}


def _flag(name: str, words: str) -> Json:
    return _query(name, {"type": "string", "enum": ["true", "false"], "default": "false"}, words)


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: Json, **others: Any) -> Json:
    return {"type": "object", "required": list(required), "properties": {**required, **others}}


def _schemas() -> Json:
    text = _ref("Text")
    listed: Json = {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "title": text,
        "access": {"enum": ["public", "registered", "application", "closed"]},
        "modified": STRING_NULL,
        "self": {"type": "string"},
        "page": {"type": "string"},
    }
    field = _object(
        {"name": {"type": "string"}, "type": {"enum": list(KINDS)}, "title": TEXT_NULL, "values": STRING_NULL}
    )
    whole = {"type": "integer", "minimum": 0}
    return {
        "Text": TEXT,
        "Error": ERROR,
        "Filter": _filter(),
        "Field": field,
        "Datasets": _object({"total": whole, "page": whole, "datasets": {"type": "array", "items": _object(listed)}}),
        "Dataset": _object({**listed, **_told()}),
        "Rows": _object(
            {
                "dataset": {"type": "string"},
                "table": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "fields": {"type": "array", "items": _ref("Field")},
                "rows": {"type": "array", "maxItems": MOST, "items": {"type": "object"}},
                "limit": whole,
                "total": WHOLE_NULL,
                "after": STRING_NULL,
                "next": STRING_NULL,
            }
        ),
        "Question": _question(),
        "Export": _export(),
    }


def _told() -> Json:
    fields = _object(
        {"name": {"type": "string"}, "title": _ref("Text"), "datatype": {"type": "string"}, "values": STRING_NULL}
    )
    file = _object(
        {
            "title": _ref("Text"),
            "format": STRING_NULL,
            "address": {"type": "string"},
            "bytes": WHOLE_NULL,
            "sha256": STRING_NULL,
        }
    )
    formats = {"type": "object", "additionalProperties": {"type": "string"}}
    table = _object(
        {
            "sha256": {"type": "string"},
            "rows": WHOLE_NULL,
            "fields": {"anyOf": [{"type": "array", "items": _ref("Field")}, {"type": "null"}]},
            "self": {"type": "string"},
            "formats": formats,
        }
    )
    return {
        "description": _ref("Text"),
        "publisher": _object({"id": {"type": "string"}, "name": _ref("Text")}),
        "version": STRING_NULL,
        "licence": STRING_NULL,
        "fields": {"type": "array", "items": fields},
        "files": {"type": "array", "items": file},
        "table": {"anyOf": [table, {"type": "null"}]},
    }


def _filter() -> Json:
    """As a document: a field to a value, to several, or to comparisons; `$or`, `$and`, `$not`."""
    value = {"type": ["string", "number", "boolean", "null"]}
    compared = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **{one: value for one in ("eq", "ne", "gt", "gte", "lt", "lte")},
            "in": {"type": "array", "items": value},
            "null": {"type": "boolean"},
            "prefix": {"type": "string"},
            "contains": {"type": "string"},
        },
    }
    return {
        "description": f"At most {LONGEST} characters.",
        "type": "object",
        "properties": {
            "$or": {"type": "array", "items": _ref("Filter")},
            "$and": {"type": "array", "items": _ref("Filter")},
            "$not": _ref("Filter"),
        },
        "additionalProperties": {"anyOf": [value, {"type": "array", "items": value}, compared]},
    }


def _question() -> Json:
    made = _object(
        {},
        filter=_ref("Filter"),
        q={"type": "string", "maxLength": 1_000},
        fields={"type": "string", "minLength": 1, "maxLength": 20_000},
        order={"type": "string", "minLength": 1, "maxLength": 20_000},
        distinct={"type": "boolean"},
        format={"enum": list(FORMATS)},
    )
    return {**made, "additionalProperties": False}


def _export() -> Json:
    anything = {"type": ["object", "null"]}
    return _object(
        {
            "export": {"type": "integer"},
            "state": {"enum": ["queued", "done", "failed"]},
            "dataset": {"type": "string"},
            "title": _ref("Text"),
            "record": {"type": "string"},
            "version": STRING_NULL,
            "table": {"type": "string"},
            "query": {"type": "object"},
            "format": {"enum": list(FORMATS)},
            "created": {"type": "string"},
            "finished": STRING_NULL,
            "rows": WHOLE_NULL,
            "bytes": WHOLE_NULL,
            "sha256": STRING_NULL,
            "file": STRING_NULL,
            "citation": _ref("Text"),
            "error": anything,
        }
    )
