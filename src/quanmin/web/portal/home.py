"""The first page of the portal, and what is held, from whom, on what basis, and with which rights."""

from __future__ import annotations

from typing import Any

from quanmin import standards
from quanmin.population.errors import NotBuilt
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.portal.datasets import front
from quanmin.web.portal.sights import figures_of
from quanmin.web.view import Answer, View

HOME, ABOUT = Text("全民健康数据", "Quanmin health data"), Text("关于", "About")


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/", "portal/home.html", signed=False, public=True)
    def home(ask: Ask) -> Answer:
        """What there is here."""
        return View(HOME, {"snapshot": ask.place.snapshot(), "base": _base(face), **front.data(ask)}, front.more(ask))

    @face.page("/about", "portal/about.html", signed=False, public=True)
    def about(ask: Ask) -> Answer:
        """What is held, from whom, on what basis, and what everybody may ask for."""
        catalogue, base = standards.catalogue(), _base(face)
        items = [
            {"item": one.id, "title": one.title, "from": _senders([claim.dataset for claim in one.sources])}
            for one in catalogue.items
        ]
        named = base["sources"] if base else []
        sources = [{"dataset": one, "title": _title(one), "from": _senders([one])} for one in named]
        given = ask.settings
        contact = {"name": given.contact_name, "email": given.contact_email, "phone": given.contact_phone}
        return View(ABOUT, {"base": base, "items": items, "sources": sources, "contact": contact})


def _base(face: Face) -> dict[str, Any] | None:
    """The base in three figures; None before the first build."""
    try:
        found = figures_of(face.place)
    except NotBuilt:
        return None
    return {"people": found.people, "sources": list(found.sources), "at": found.at, "day": found.structure.day}


def _title(dataset: str) -> Text:
    return standards.catalogue().dataset(dataset).title


def _senders(datasets: list[str]) -> list[Text]:
    """The agencies that answer for some datasets, each once."""
    catalogue = standards.catalogue()
    names = dict.fromkeys(catalogue.dataset(one).steward for one in datasets)
    return [catalogue.agency(one).title for one in names]
