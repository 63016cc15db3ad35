"""A dataset by its address, or the page that stands in its place.

A record that was withdrawn keeps its page, which answers 410 and says why; one that is called otherwise now leads on by 308;
where there is none the page answers 404 and offers a search.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from quanmin.opendata.catalogue import Standing, read
from quanmin.opendata.catalogue.errors import UnknownRecord
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.errors import RecordWithdrawn
from quanmin.web.portal.datasets.listing import PAGES
from quanmin.web.portal.datasets.told import Told
from quanmin.web.portal.datasets.wanted import Wanted
from quanmin.web.view import Answer, Redirect, View

UNKNOWN = Text("没有这个数据集", "There is no such dataset")
GONE = Text("已撤回的数据集", "A dataset that was withdrawn")
Name = Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]


def opened(ask: Ask, name: str, rest: str = "") -> Told | Answer:
    """A record that everybody may see; else the page that stands in its place. `rest` is what follows in the address."""
    try:
        standing = ask.place.portal.catalogue.get(name)
    except UnknownRecord:
        return _unknown(name)
    if standing.document is None:
        return _gone(standing) if standing.state == "withdrawn" else _unknown(name)
    present = str(standing.document["quanmin:name"])
    if name != present:
        twin = ".json" if ask.request.url.path.endswith(".json") else ""
        return Redirect(f"/datasets/{present}{rest}{twin}", status=308)
    return Told(ask, standing, standing.document)


def _unknown(name: str) -> Answer:
    error = UnknownRecord(name=name)
    wanted = Wanted(name.replace("-", " ").replace("_", " "))
    return View(
        UNKNOWN,
        error.to_dict(),
        {"pages": PAGES, "wanted": wanted, "refused": error},
        404,
        "portal/datasets/unknown.html",
    )


def _gone(standing: Standing) -> Answer:
    """What stays of a record that was withdrawn: its title, the reason, since when, and what took its place."""
    document = next(one.step.document for one in reversed(standing.versions) if one.step.action == "publish")
    assert document is not None  # what was published has its document
    record = read(document)
    successor = document.get("dct:isReplacedBy")
    told = {
        "name": record.name,
        "title": record.title,
        "reason": standing.reason,
        "since": standing.since,
        "replaced_by": successor if isinstance(successor, str) else None,
    }
    error = RecordWithdrawn(name=record.name)
    return View(GONE, {**error.to_dict(), **told}, {"pages": PAGES}, 410, "portal/datasets/gone.html")
