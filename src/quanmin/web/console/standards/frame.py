"""The catalogue from above: areas with their subsystems, datasets, elements, and one search over all of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from quanmin.standards import Dataset, describe, search
from quanmin.standards.errors import NoSuchElement
from quanmin.standards.search import Place
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.collect.dictionary import links
from quanmin.web.console.standards.said import FREQUENCIES, OPENS, ROLES, SHARES, SUB, TYPES, paged
from quanmin.web.face import Face
from quanmin.web.view import Answer, View

Name = Annotated[str, Path(max_length=100)]
Sought = Annotated[str, Query(max_length=100)]
Page = Annotated[int, Query(ge=1, le=10**6)]
FEW = 10


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/standards", "console/standards/frame.html")
    def frame(ask: Ask) -> Answer:
        """Areas, subsystems and the datasets that stand in them."""
        catalogue = ask.home.standards
        areas = [
            {"id": area.id, "title": area.title, "subsystems": _subsystems(ask, area.id)}
            for area in catalogue.areas.values()
        ]
        counts = {
            "datasets": len(catalogue.datasets),
            "elements": len(search.elements(catalogue)),
            "value_sets": len(catalogue.value_sets),
            "regions": len(catalogue.regions.codes),
        }
        return View(Text("标准", "Standards"), {"areas": areas, "counts": counts}, {"sub": SUB})

    @face.page("/standards/search", "console/standards/search.html")
    def find(ask: Ask, q: Sought = "") -> Answer:
        """Datasets, elements, value sets, codes and regions that hold some words."""
        told = _found(ask, q) if q.strip() else {}
        return View(Text("搜索标准", "Search the standards"), {"asked": q, "found": told}, {"sub": SUB})

    @face.page("/standards/datasets/{dataset}", "console/standards/dataset.html")
    def dataset(ask: Ask, dataset: Name) -> Answer:
        """What a kind of file must be: its elements and its rules."""
        known = ask.home.standards.dataset(dataset)
        told = describe(known) | {"title": known.title, "files": links(known.id)} | _words(ask, known)
        return View(known.title, told, {"sub": SUB})

    @face.page("/standards/elements", "console/standards/elements.html")
    def elements(ask: Ask, q: Sought = "", page: Page = 1) -> Answer:
        """The elements of all datasets, searched."""
        shown, at = paged([_element(one) for one in search.elements(ask.home.standards, q)], page)
        return View(Text("数据元", "Elements"), {"elements": shown, "asked": q, **at}, {"sub": SUB})

    @face.page("/standards/elements/{name}", "console/standards/element.html")
    def element(ask: Ask, name: Name) -> Answer:
        """One element in every dataset that has it."""
        found = [one for one in search.elements(ask.home.standards) if one.element.name == name]
        if not found:
            raise NoSuchElement()
        return View(found[0].element.title, {"name": name, "uses": [_element(one) for one in found]}, {"sub": SUB})


def _subsystems(ask: Ask, area: str) -> list[dict[str, Any]]:
    catalogue = ask.home.standards
    every = [*(one for one in catalogue.subsystems.values() if one.area == area)]
    return [
        {
            "id": one.id,
            "title": one.title,
            "datasets": [
                {"id": known.id, "title": known.title}
                for known in catalogue.datasets.values()
                if known.subsystem == one.id
            ],
        }
        for one in every
    ]


def _words(ask: Ask, known: Dataset) -> dict[str, Any]:
    """The titles of what the dataset names."""
    catalogue = ask.home.standards
    subsystem = catalogue.subsystems.get(known.subsystem or "")
    rules: dict[str, list[str]] = {}
    for rule in known.rules:
        for name in rule.elements:
            rules.setdefault(name, []).append(rule.id)
    about = [_element(Place(known, one)) | {"rules": rules.get(one.name, [])} for one in known.elements]
    return {
        "area_title": catalogue.areas[known.area].title,
        "subsystem_title": subsystem.title if subsystem else None,
        "steward_title": catalogue.agency(known.steward).title,
        "sender_titles": [catalogue.agency(one).title for one in known.senders],
        "frequency_title": FREQUENCIES[known.frequency],
        "share_title": SHARES[known.share],
        "open_title": OPENS[known.open],
        "elements": about,
        "rules": [
            {"id": one.id, "kind": one.kind, "title": one.title, "severity": one.severity, "code": one.code}
            | {"code_title": catalogue.error_codes.get(one.code or ""), "elements": list(one.elements)}
            for one in known.rules
        ],
    }


def _element(place: Place) -> dict[str, Any]:
    """An element as the pages tell it."""
    known = place.element
    names = ("name", "title", "standard", "type", "values", "role", "grade", "required", "pattern", "aliases")
    told = {name: getattr(known, name) for name in names}
    least, most = known.min_length or known.minimum, known.max_length or known.maximum
    return told | {
        "dataset": place.dataset.id,
        "dataset_title": place.dataset.title,
        "type_title": TYPES[known.type],
        "role_title": ROLES[known.role],
        "least": least,
        "most": most,
    }


def _found(ask: Ask, text: str) -> dict[str, Any]:
    """What holds the text, the first few of each sort and how many there are."""
    catalogue = ask.home.standards
    sets = search.value_sets(catalogue)
    codes = [one for known in sets for one in search.codes(known, text)]
    found: dict[str, list[dict[str, Any]]] = {
        "datasets": [{"id": one.id, "title": one.title} for one in search.datasets(catalogue, text)],
        "elements": [_element(one) for one in search.elements(catalogue, text)],
        "value_sets": [{"name": one.name, "title": one.title} for one in search.value_sets(catalogue, text)],
        "codes": [{"name": one.values.name, "code": one.code, "title": one.title} for one in codes],
        "regions": [{"code": one.code, "name": one.name} for one in search.regions(catalogue.regions, text)],
    }
    return {sort: {"total": len(hits), "first": hits[:FEW]} for sort, hits in found.items()}
