"""Errors as CKAN's clients know them: the type, the HTTP status, and the message with a prefix that they cut off."""

from __future__ import annotations

from typing import Any

from quanmin.errors import QuanminError
from quanmin.opendata.catalogue.errors import NameTaken, QueryInvalid, QueryTooLong, RecordInvalid
from quanmin.opendata.ckan.errors import FileRefused, SearchWrong, ValuesWrong
from quanmin.text import Language, Text

_SEARCH = (SearchWrong, QueryInvalid, QueryTooLong)
_LAID = {"denied": ("Authorization Error", 403, Text("拒绝访问: ", "Access denied: "))}
_LAID["not_found"] = ("Not Found Error", 404, Text("未找到: ", "Not found: "))
_LAID["invalid"] = ("Validation Error", 409, Text("", ""))
_LAID["conflict"] = ("Validation Error", 409, Text("", ""))
_LAID["unavailable"] = ("Internal Server Error", 503, Text("内部错误: ", "Internal error: "))
_LAID["incomplete"] = ("Internal Server Error", 500, Text("内部错误: ", "Internal error: "))
_FIELDS = {
    "quanmin:name": "name",
    "dct:title": "title",
    "dct:description": "notes",
    "dcat:keyword": "tags",
    "dct:publisher": "owner_org",
    "dcat:theme": "groups",
    "dct:identifier": "id",
    "dct:license": "license_id",
    "dcat:distribution": "resources",
    "quanmin:access": "access_rights",
    "@type": "type",
}


def told(error: QuanminError, language: Language) -> tuple[int, dict[str, Any]]:
    """The HTTP status and the `error` of the envelope."""
    if isinstance(error, _SEARCH):
        message = Text("检索有误: ", "Search query error: ").get(language) + error.message(language)
        return 400, {"__type": "Search Query Error", "message": message}
    kind, status, prefix = _LAID[error.category]
    if kind == "Validation Error":
        return status, {"__type": kind, **_fields(error, language)}
    return status, {"__type": kind, "message": prefix.get(language) + error.message(language)}


def _fields(error: QuanminError, language: Language) -> dict[str, list[str]]:
    """What is wrong, by field."""
    match error:
        case ValuesWrong():
            return {field: [one.get(language) for one in said] for field, said in error.faults.items()}
        case FileRefused():
            return {"upload": [error.message(language)]}
        case NameTaken():
            return {"name": [error.message(language)]}
        case RecordInvalid():
            return _problems(error, language)
    return {"message": [error.message(language)]}


def _problems(error: RecordInvalid, language: Language) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in error.problems:
        top = one.path.split("/")[1] if "/" in one.path else ""
        said = f"{one.title.get(language)} ({one.code}, {one.path or '/'})"
        found.setdefault(_FIELDS.get(top.replace("~1", "/"), "extras" if ":" in top else "message"), []).append(said)
    return found
