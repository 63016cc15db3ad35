"""The page of a dataset: everything that its record says, its files with a look into each, and how to use it."""

from __future__ import annotations

from markupsafe import Markup

from quanmin.errors import QuanminError
from quanmin.opendata.faces import Issuer, schema_org, script
from quanmin.opendata.participation import about
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.portal.datasets import preview
from quanmin.web.portal.datasets.code import examples
from quanmin.web.portal.datasets.linked import links
from quanmin.web.portal.datasets.listing import PAGES
from quanmin.web.portal.datasets.opened import Name, opened
from quanmin.web.portal.datasets.told import Told
from quanmin.web.view import Answer, View


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/datasets/{name}", "portal/datasets/dataset.html", signed=False, public=True)
    def dataset(ask: Ask, name: Name) -> Answer:
        """Everything about a dataset."""
        found = opened(ask, name, "")
        if not isinstance(found, Told):
            return found
        record = found.record
        files = preview.all_of(ask, found)
        use = {"examples": examples(found), "links": links(record), "embedded": _embedded(ask, found)}
        more = {**found.more(), **use, "previews": files, "pages": PAGES, "cite": cite(ask, found)}
        more["participation"] = about(ask.place.portal, record)
        return View(record.title, found.data(), more, fleeting=any(one.fleeting for one in files))


def cite(ask: Ask, told: Told) -> Text:
    """How to cite it, after the principles of FORCE11: who, when, what, which version, where."""
    record = told.record
    day = record.modified or record.issued or told.standing.since.date()
    version = f", {record.version}" if record.version else ""
    where = f"{ask.settings.origin}/datasets/{record.name}"
    return Text(
        f"{record.publisher.name.zh}（{day.year}）：{record.title.zh}{version}［数据集］。{where}",
        f"{record.publisher.name.en} ({day.year}). {record.title.en}{version} [Data set]. {where}",
    )


def _embedded(ask: Ask, told: Told) -> Markup:
    """The record in the words of schema.org, for search engines, as it may stand in a page."""
    try:
        issuer = Issuer.of(ask.settings)
    except QuanminError:  # what the operator's file of the catalogue lacks is no fault of this page
        issuer = Issuer(ask.settings.origin)
    return Markup(script(schema_org(told.record, issuer, ask.language)))
