"""A recipe: pasted or read from a file, checked without being run, or run as a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from typing import Annotated, Any

from fastapi import Query
from starlette.datastructures import FormData, UploadFile
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from quanmin import jobs
from quanmin.errors import QuanminError
from quanmin.jobs.releasing import RUN
from quanmin.opendata.catalogue.vocabulary import vocabulary
from quanmin.opendata.disclosure import PROFILES
from quanmin.opendata.release import Dimension, Filter, Recipe, parse
from quanmin.opendata.release.errors import FileUnreadable
from quanmin.opendata.release.parsing import LARGEST
from quanmin.redaction import plain_word
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console import order
from quanmin.web.console.releases.area import OFFICERS, shown
from quanmin.web.console.releases.toml import marked
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect, View

TITLE = Text("新发布", "New release")
TEMPLATE = "console/releases/recipe.html"
RECIPE = Field("recipe", Text("配方（TOML）", "Recipe (TOML)"), "words", limit=LARGEST)
FORM = "/releases/new"
From = Annotated[int, Query(ge=0, le=2**31 - 1)]


def example() -> str:
    """A recipe to begin with."""
    return resources.files(__package__ or "").joinpath("example.toml").read_text("utf-8")


def install(face: Face) -> None:
    """Register the page and its forms."""

    @face.page(FORM, TEMPLATE, roles=OFFICERS)
    def new(ask: Ask, release: From = 0, job: From = 0) -> Answer:
        """A recipe to be written; that of an earlier release, or of a job that failed, to be corrected."""
        text = _earlier(ask, release, job)
        return _view(ask, text, {"example": example(), "read": None, "release": release or None})

    @face.form("/releases/new/check", (RECIPE,), page=new, template=TEMPLATE, roles=OFFICERS)
    def check(ask: Ask, posted: Posted) -> Answer:
        """Read a recipe and tell what it asks for; nothing is run."""
        text = _text(posted["recipe"])
        return _view(ask, text, {"example": example(), "read": told(parse(text)), "release": None})

    @face.form("/releases/new/run", (RECIPE,), page=new, template=TEMPLATE, roles=OFFICERS)
    def run(ask: Ask, posted: Posted) -> Answer:
        """Order a run of a recipe, or look at the one that is under way."""
        text = _text(posted["recipe"])
        parse(text)
        return Redirect(f"/releases/jobs/{order.once(ask, RUN, recipe=text)}", Text("已排队", "Queued"))

    @face.stream("/releases/new/load", "POST", back=FORM, roles=OFFICERS)
    async def load(ask: Ask) -> Response:
        """Read a recipe from a file, and check it."""
        sent, refused = FormData(), None
        try:
            async with ask.request.form(max_files=1, max_fields=5) as whole:
                sent = FormData([("recipe", await _read(whole.get("file")))])
        except ClientDisconnect:
            return Response(status_code=400)  # too long, or nobody is there to read it
        except QuanminError as error:
            refused = error
        return await face.submit("/releases/new/check", ask, sent, refused)


async def _read(file: UploadFile | str | None) -> str:
    """The text of a file; FileUnreadable."""
    if not isinstance(file, UploadFile) or not file.filename:
        return ""
    try:
        return (await file.read()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnreadable(file=plain_word(file.filename)[:80], reason="UTF-8") from None


def _text(sent: str) -> str:
    """A recipe as it is written in a file: the line ends of a browser taken off."""
    return sent.replace("\r\n", "\n") + "\n"


def _earlier(ask: Ask, release: int, job: int) -> str:
    """UnknownRelease, NoSuchJob."""
    if release:
        return ask.place.releases.get(release).recipe
    return str(jobs.get(ask.lake, job).parameters.get("recipe", "")) if job else ""


def _view(ask: Ask, text: str, data: Mapping[str, Any]) -> View:
    return shown(ask, TITLE, data, field=replace(RECIPE, value=text), example=marked(example()))


def told(recipe: Recipe) -> dict[str, Any]:
    """What a recipe asks for, in words."""
    names = ("id", "kind", "title", "description", "source", "elements", "formats", "sensitive", "total", "refresh")
    found = {name: getattr(recipe, name) for name in names}
    found |= {"publisher": recipe.publisher.name, "sha256": recipe.digest}
    found |= {name: _word(name, getattr(recipe, name)) for name in ("access", "licence", "frequency", "area")}
    found |= {"themes": [_word("theme", one) for one in recipe.themes]}
    found |= {"rules": {"id": recipe.rules, **_rules(recipe)}}
    found |= {"dimensions": [_dimension(one) for one in recipe.dimensions]}
    return found | {"filters": [_filter(one) for one in recipe.filters]}


def _word(name: str, code: str) -> Text:
    found = vocabulary(name).find(code)
    return found.title if found is not None else Text(code, code)


def _rules(recipe: Recipe) -> dict[str, Any]:
    """The rules that its result is held to."""
    if recipe.kind == "microdata":
        return {"title": None, "smallest": None, **vars(recipe.privacy)}
    profile = PROFILES[recipe.rules]
    return {"title": profile.title, "smallest": profile.smallest}


def _dimension(one: Dimension) -> dict[str, Any]:
    names = ("name", "element", "form", "title", "columns", "levels", "bands", "on", "widths", "uncovered")
    return {name: getattr(one, name) for name in names} | {"groups": dict(one.groups)}


def _filter(one: Filter) -> dict[str, Any]:
    return {"element": one.element, "values": one.values, "present": one.present, "from": one.first, "to": one.last}
