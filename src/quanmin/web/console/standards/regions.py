"""The divisions in time: what a code meant on a day, what it took over from, and what took over from it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Path, Query

from quanmin.standards import Region, search
from quanmin.standards.errors import NoSuchRegion
from quanmin.standards.region import Level
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.standards.said import LEVELS, SUB, paged
from quanmin.web.face import Face
from quanmin.web.form import Field
from quanmin.web.view import Answer, View

Sought = Annotated[str, Query(max_length=100)]
Page = Annotated[int, Query(ge=1, le=10**6)]
Given = Annotated[str, Query(max_length=10, pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
Rank = Annotated[str, Query(max_length=10, pattern="^(province|city|county)?$")]


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/standards/regions", "console/standards/regions.html")
    def regions(ask: Ask, q: Sought = "", day: Given = "", level: Rank = "", page: Page = 1) -> Answer:
        """The divisions by code or name, on a day or ever."""
        on, problem = _day(day)
        rank: Level | None = next((one for one in ("province", "city", "county") if one == level), None)
        found = search.regions(ask.home.standards.regions, q, on, rank)
        shown, at = paged([_told(one) for one in found], page)
        asked = {"q": q, "day": day if on else "", "level": level}
        more = {"sub": SUB, "fields": _fields(asked), "problem": problem}
        return View(Text("行政区划", "Regions"), {"regions": shown, "asked": asked, **at}, more)

    @face.page("/standards/regions/{code}", "console/standards/region.html")
    def region(ask: Ask, code: Annotated[str, Path(pattern=r"^[0-9]{6}$")], day: Given = "") -> Answer:
        """One code: its names in time, its place on a day, what it took over from and what took over."""
        table = ask.home.standards.regions
        rows = table.history(code)
        if not rows:
            raise NoSuchRegion()
        given, problem = _day(day)
        on = given or ask.lake.ledger.now().astimezone(ZoneInfo(ask.settings.zone)).date()
        held, parent = table.on(code, on), table.parent(code)
        told = {
            "code": code,
            "history": [_told(one) for one in rows],
            "day": on,
            "held": held.name if held else None,
            "parent": _named(ask, parent) if parent else None,
            "before": [_named(ask, one) for one in table.predecessors(code)],
            "after": [_named(ask, one) for one in table.successors(code)],
            "below": [_named(ask, one.code, one.name) for one in table.children(code, on)],
        }
        title = f"{code} {held.name if held else rows[-1].name}"
        day_field = Field("day", Text("日期", "Day"), "day", value=on.isoformat())
        return View(Text(title, title), told, {"sub": SUB, "field": day_field, "problem": problem})


def _day(text: str) -> tuple[date | None, Text | None]:
    """A day that was asked for; a text that is none is said to be so."""
    try:
        return (date.fromisoformat(text) if text else None), None
    except ValueError:
        return None, Text("没有这一天，未按日期筛选", "There is no such day; it was passed over")


def _fields(asked: dict[str, str]) -> list[Field]:
    return [
        Field("q", Text("代码或名称", "Code or name"), needed=False, limit=100, value=asked["q"]),
        Field("day", Text("在某日有效", "Valid on a day"), "day", needed=False, value=asked["day"]),
        Field(
            "level", Text("级别", "Level"), "choice", needed=False, choices=list(LEVELS.items()), value=asked["level"]
        ),
    ]


def _told(row: Region) -> dict[str, Any]:
    """A row of the table in words."""
    return row._asdict() | {"level_title": LEVELS[row.level], "successors": list(row.successors)}


def _named(ask: Ask, code: str, name: str | None = None) -> dict[str, Any]:
    return {"code": code, "name": name or ask.home.standards.regions.name(code)}
