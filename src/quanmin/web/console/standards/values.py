"""Value sets with their system and version, and the codes of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from quanmin.standards import search
from quanmin.standards.errors import NoSuchValueSet
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.standards.said import SUB, paged
from quanmin.web.face import Face
from quanmin.web.view import Answer, View

Sought = Annotated[str, Query(max_length=100)]
Page = Annotated[int, Query(ge=1, le=10**6)]


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/standards/value-sets", "console/standards/value_sets.html")
    def value_sets(ask: Ask, q: Sought = "", page: Page = 1) -> Answer:
        """The value sets, searched."""
        every = [
            {
                "name": one.name,
                "system": one.system,
                "version": one.version,
                "title": one.title,
                "codes": len(one.codes),
            }
            for one in search.value_sets(ask.home.standards, q)
        ]
        shown, at = paged(every, page)
        return View(Text("值域", "Value sets"), {"value_sets": shown, "asked": q, **at}, {"sub": SUB})

    @face.page("/standards/value-sets/codes", "console/standards/codes.html")
    def codes(ask: Ask, name: Sought = "", q: Sought = "", page: Page = 1) -> Answer:
        """The codes of a value set, searched, and the elements that hold them."""
        catalogue = ask.home.standards
        known = catalogue.value_sets.get(name)
        if known is None:
            raise NoSuchValueSet()
        spelled: dict[str, list[str]] = {}
        for spelling, code in known.aliases.items():
            spelled.setdefault(code, []).append(spelling)
        every = [
            {"code": one.code, "title": one.title, "aliases": spelled.get(one.code, [])}
            for one in search.codes(known, q)
        ]
        shown, at = paged(every, page)
        used = [
            {"dataset": one.dataset.id, "dataset_title": one.dataset.title, "name": one.element.name}
            | {"title": one.element.title}
            for one in search.users(catalogue, known)
        ]
        about = {"name": known.name, "system": known.system, "version": known.version, "source": known.source}
        told = {**about, "note": known.note, "title": known.title, "codes": shown, "used": used, "asked": q}
        return View(known.title, {**told, **at}, {"sub": SUB})
