"""A look into each file of a dataset: a few lines of it on the dataset's page, more of it on a page of its own."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Path, Query
from markupsafe import Markup

from quanmin import jobs
from quanmin.errors import QuanminError
from quanmin.jobs.opening import INDEX
from quanmin.opendata.catalogue.record import Distribution
from quanmin.opendata.holding import table_of
from quanmin.opendata.preview import Look, Map, Members, Picture, Refused, Rows, Words, drawn, figure
from quanmin.opendata.preview.look import NEVER, SLOW, cell
from quanmin.opendata.rows import Query as RowQuery
from quanmin.opendata.rows import words
from quanmin.opendata.rows.errors import TableNotReady, TableUnsupported
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.errors import NoSuchPage
from quanmin.web.face import Face
from quanmin.web.portal.datasets.listing import PAGES, Code
from quanmin.web.portal.datasets.opened import Name, opened
from quanmin.web.portal.datasets.told import Told, is_evidence, kept
from quanmin.web.view import Answer, View

FEW, MANY, LINES, TRIED = 8, 50, 12, 2
SECONDS = 3.0
"""How long the page of a dataset looks into files; into those that are left it does not."""
MEDIA = ("audio", "video")
KINDS = {Rows: "rows", Words: "words", Picture: "picture", Map: "map", Members: "members", Refused: "refused"}
LATER = Refused(Text("在预览页查看", "to be seen on the page of previews"))
ELSEWHERE = Refused(Text("文件在别处，此处不取用", "the file is kept elsewhere; it is not fetched from here"))


@dataclass(frozen=True)
class Shown:
    """A file and the look into it; `kind` is what is drawn."""

    file: Distribution
    kind: str
    look: Look
    chart: Markup | None = None
    more: dict[str, Any] = field(default_factory=dict)
    waiting: bool = False

    @property
    def fleeting(self) -> bool:
        """Whether there will soon be more to see: a look or an index is still being made."""
        return self.waiting or self.look in (SLOW, LATER)

    def data(self) -> dict[str, Any]:
        """What a program is told of it."""
        said: dict[str, Any] = {"file": self.file.id, "kind": self.kind}
        match self.look:
            case Rows(columns, rows, more, total):
                return {**said, "columns": columns, "rows": rows, "more": more, "total": total}
            case Words(text, more):
                return {**said, "text": text, "more": more}
            case Picture(width, height):
                return {**said, "width": width, "height": height}
            case Map():
                return {**said, "features": self.look.features, "review_number": self.look.review}
            case Members(members, more):
                return {**said, "members": members, "more": more}
        return {**said, "why": self.look.why}


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/datasets/{name}/preview/{file}", "portal/datasets/preview.html", signed=False, public=True)
    def look(
        ask: Ask,
        name: Name,
        file: Annotated[str, Path(max_length=100)],
        q: Code = "",
        by: Code = "",
        down: bool = False,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Answer:
        """A look into one file of a dataset: its first rows, filtered and sorted."""
        found = opened(ask, name, f"/preview/{file}")
        if not isinstance(found, Told):
            return found
        one = next((each for each in found.record.distributions if each.id == file), None)
        if one is None:
            raise NoSuchPage()
        if found.refused is not None:
            raise found.refused
        seen = _look(ask, found, one)
        shown = _of_table(ask, seen, q, by, down, page) or _chosen(seen, q, by, down, page)
        data = {"dataset": name, "title": found.record.title, **shown.data(), **shown.more}
        more = {"shown": shown, "record": found.record, "pages": PAGES}
        return View(found.record.title, data, more, fleeting=shown.fleeting)


def all_of(ask: Ask, told: Told) -> list[Shown]:
    """A short look into every file that whoever asks may have, as far as the time goes."""
    if told.refused is not None:
        return []
    until = time.monotonic() + SECONDS
    return [
        _short(_look(ask, told, one)) if time.monotonic() < until else Shown(one, "refused", LATER)
        for one in told.record.distributions
        if not is_evidence(one)
    ]


def _look(ask: Ask, told: Told, file: Distribution) -> Shown:
    sort = file.format.text("sort") if file.format else None
    if sort == "api":
        return Shown(file, "api", NEVER, more={"answer": _answer(ask, told, file)})
    sha256 = kept(file)
    if sha256 is None or file.format is None:
        return Shown(file, "refused", ELSEWHERE)
    if sort in MEDIA:
        return Shown(file, str(sort), NEVER)
    found = ask.place.portal.looker.look(sha256, file.format.code)
    shown = Shown(file, KINDS[type(found)], found)
    if isinstance(found, Rows):
        return replace(shown, chart=_chart(ask, told, found, file.id))
    return replace(shown, more={"shapes": drawn(found)}) if isinstance(found, Map) else shown


def _chart(ask: Ask, told: Told, rows: Rows, name: str) -> Markup | None:
    titles = {one.name: one.title for one in told.record.variables}
    made = figure(rows, titles, told.record.title)
    return made.html(ask.language, name=f"file-{name}") if made else None


def _answer(ask: Ask, told: Told, file: Distribution) -> str | None:
    """What the data API answers to its first question; None where the address is another's, or there is no table to ask."""
    sha256 = table_of(told.record)
    if sha256 is None or urlsplit(file.access_url).path != f"/data/v1/datasets/{told.record.name}/rows":
        return None
    try:
        page = ask.place.portal.tables.open(sha256).page(RowQuery(limit=TRIED), ask.settings.query_seconds)
    except QuanminError:
        return None
    return json.dumps({"rows": page.records(), "after": page.next}, ensure_ascii=False, indent=1)


def _short(shown: Shown) -> Shown:
    look = shown.look
    if isinstance(look, Rows):
        return replace(shown, look=replace(look, rows=look.rows[:FEW], more=look.more or len(look.rows) > FEW))
    if isinstance(look, Words):
        lines = look.text.splitlines()
        short = "\n".join(lines[:LINES])[:2_000]
        return replace(shown, look=Words(short, look.more or len(short) < len(look.text)))
    return shown


def _of_table(ask: Ask, shown: Shown, text: str, by: str, down: bool, page: int) -> Shown | None:
    """A page of all rows of a Parquet table, by its index (of the first rows until it is made); None for another file."""
    look, sha256 = shown.look, kept(shown.file)
    if not isinstance(look, Rows) or sha256 is None or shown.file.format is None or shown.file.format.code != "parquet":
        return None
    order = ((by, down),) if by in look.columns else ()
    asked = RowQuery(q=words(text), order=order, limit=MANY, offset=(page - 1) * MANY, total=True)
    try:
        table = ask.place.portal.tables.open(sha256)
        found = table.page(asked, ask.settings.query_seconds)
    except TableNotReady:
        jobs.order(ask.lake, INDEX, {"table": sha256}, ask.actor.id if ask.actor else "public")
        return replace(_chosen(shown, text, by, down, page), waiting=True)
    except TableUnsupported:
        return None
    rows = tuple(tuple(cell(row[name]) for name in look.columns) for row in found.records())
    fits = found.total or 0
    pages = max(1, -(-fits // MANY))
    state = {
        "q": text,
        "by": by,
        "down": down,
        "page": min(page, pages),
        "pages": pages,
        "fits": fits,
        "read": table.rows,
        "whole": True,
    }
    return replace(shown, look=replace(look, rows=rows), more=state)


def _chosen(shown: Shown, text: str, by: str, down: bool, page: int) -> Shown:
    """The rows in which a text stands, in the order of a column, and a page of them."""
    look = shown.look
    if not isinstance(look, Rows):
        return shown
    sought = text.strip().casefold()
    rows = [row for row in look.rows if not sought or any(sought in one.casefold() for one in row)]
    if by in look.columns:
        place = look.columns.index(by)
        rows.sort(key=lambda row: _order(row[place]), reverse=down)
    pages = max(1, -(-len(rows) // MANY))
    number = min(page, pages)
    state = {
        "q": text,
        "by": by,
        "down": down,
        "page": number,
        "pages": pages,
        "fits": len(rows),
        "read": len(look.rows),
        "whole": not look.more,
    }
    some = tuple(rows[(number - 1) * MANY : number * MANY])
    return replace(shown, look=replace(look, rows=some), more=state)


def _order(value: str) -> tuple[int, float, str]:
    """Numbers by size before words by sign; codes that begin with a zero are words."""
    try:
        if not (value[:1] == "0" and value[1:2].isdigit()):
            return 0, float(value.replace(",", "")), value
    except ValueError:
        pass
    return 1, 0.0, value
