"""The interface for programs: `/openapi.json` as described by us, and its reference as a page without a script. On both faces.

Pages and forms are what they are for a browser; a program asks for twins, whose address is a page's with `.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quanmin.text import Text
from quanmin.version import __version__
from quanmin.web import language, session
from quanmin.web.answers import PUBLIC
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.view import Answer, View

TITLE = Text("程序接口", "Interface for programs")
SHELL = ("/sign-in", "/sign-out", "/look", "/patterns", "/interface")
GENERAL = Text("通用", "General")
ABOUT = (
    "Every page has a twin for programs: its address with `.json`. Texts are objects of `zh` and `en`, errors have a stable "
    "`code`. Forms are posted as a browser posts them, with the session's cookie and an `Origin` of this site."
)
ERROR = {
    "type": "object",
    "required": ["code", "category", "message", "next_step"],
    "properties": {
        "code": {"type": "string", "pattern": "^QM-[A-Z]+-[0-9]{3}$", "description": "Never changes its meaning."},
        "category": {"enum": ["invalid", "not_found", "conflict", "denied", "unavailable", "incomplete"]},
        "message": {"$ref": "#/components/schemas/Text"},
        "next_step": {"$ref": "#/components/schemas/Text"},
        "address": {"type": "object", "description": "Where: file, row, element, rule; never a value of a person."},
    },
}
TEXT = {
    "type": "object",
    "required": ["zh", "en"],
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
}
_documents: WeakKeyDictionary[Face, dict[str, Any]] = WeakKeyDictionary()


def install(face: Face) -> None:
    """Register the page and the document."""

    @face.page("/interface", "shell/interface.html", signed=False, public=True)
    def interface(ask: Ask) -> Answer:
        """Every address, what it takes and what it answers."""
        told = document(face)
        return View(TITLE, {"openapi": f"{face.base}/openapi.json", "areas": list(_areas(face, told, ask))})

    def openapi(_request: Request) -> Response:
        text = json.dumps(document(face), ensure_ascii=False)
        return Response(text, media_type="application/json", headers={PUBLIC: "1"})

    face.app.router.routes.insert(0, Route("/openapi.json", openapi))  # before `/{language}`, which fits it, too


def document(face: Face) -> dict[str, Any]:
    """The OpenAPI document of a face."""
    if face not in _documents:
        made = face.app.openapi()
        made["info"] = {"title": face.title.en, "version": __version__, "description": ABOUT}
        made["servers"] = [{"url": face.base or "/"}]
        made["tags"] = [{"name": one.name, "description": f"{one.title.en} {one.title.zh}"} for one in face.areas]
        made["tags"].append({"name": "general", "description": f"{GENERAL.en} {GENERAL.zh}"})
        parts = made.setdefault("components", {})
        parts["schemas"] = {**parts.get("schemas", {}), "Error": ERROR, "Text": TEXT}
        cookie = {"type": "apiKey", "in": "cookie", "name": session.name(face.name)}
        parts["securitySchemes"] = {"session": {**cookie, "description": "Given by the form /sign-in."}}
        for path, one in _operations(made):
            one["tags"] = [_area(face, path)]
            one["security"] = [{}, {"session": []}] if _open(face, path) else [{"session": []}]
            _short(one)
        _documents[face] = made
    return _documents[face]


def _operations(made: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in made["paths"].items():
        for one in methods.values():
            yield path.removeprefix("/{language}"), one


def _area(face: Face, path: str) -> str:
    """The name of the area that an address belongs to: that of the longest beginning."""
    plain = path.removesuffix(".json")
    of = [one for one in face.areas if one.path != "/" and (plain == one.path or plain.startswith(one.path + "/"))]
    if of:
        return max(of, key=lambda one: len(one.path)).name
    first = next((one.name for one in face.areas if one.path == "/"), "general")
    return first if plain in ("/", "/index") else "general"


def _open(face: Face, path: str) -> bool:
    """Whether an address answers those who are not signed in, too."""
    rule = face.rules.get(path)
    return rule is not None and not rule.signed


def _short(one: dict[str, Any]) -> None:
    """The shape of errors is told once, not at every address."""
    for status, answer in one["responses"].items():
        kinds = answer.get("content", {})
        if status != "200" and "application/json" in kinds:
            kinds["application/json"] = {"schema": {"$ref": "#/components/schemas/Error"}}


def _areas(face: Face, told: Mapping[str, Any], ask: Ask) -> Iterator[dict[str, Any]]:
    """The operations by area, in words for the page."""
    titles = {one.name: one.title for one in face.areas} | {"general": GENERAL}
    for name, title in titles.items():
        held = [
            _told(path, method, one, ask)
            for path, methods in told["paths"].items()
            for method, one in methods.items()
            if one["tags"] == [name] and (method != "get" or path.endswith(".json"))
        ]
        if held:
            yield {"name": name, "title": title, "operations": held}


def _told(path: str, method: str, one: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    body = one.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {}).get("schema", {})
    return {
        "method": method.upper(),
        "path": path,
        "summary": summary(one.get("summary", "")),
        "signed": one["security"] == [{"session": []}],
        "parameters": [_parameter(each) for each in one.get("parameters", []) if each["name"] != "language"],
        "fields": [_field(name, each, body) for name, each in body.get("properties", {}).items()],
        "answers": sorted(one["responses"]),
    }


def _parameter(each: Mapping[str, Any]) -> dict[str, Any]:
    shape = each.get("schema", {})
    known = ("type", "minimum", "maximum", "maxLength", "enum")
    return {"name": each["name"], "in": each["in"], "needed": each.get("required", False), **_some(shape, known)}


def _field(name: str, each: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "needed": name in body.get("required", ()), **_some(each, ("type", "maxLength", "enum"))}


def _some(shape: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """What is told of a value: None where nothing is said."""
    return {name: shape.get(name) for name in names}


@cache
def summary(words: str) -> Text:
    """What an address is for; in Chinese as the catalogue of words has it, else as it stands."""
    return Text(language.words("zh").gettext(words) if words else "", words)
