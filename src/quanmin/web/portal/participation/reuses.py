"""Reuses: shown to everybody, handed in, and changed by whoever made them; their pictures and packages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path as Place
from typing import Any

from starlette.responses import RedirectResponse, Response

from quanmin.ledger import Document
from quanmin.opendata.participation import paper, picture, reuse, scanner
from quanmin.opendata.participation.errors import NotAPackage, PackageTooLarge, PictureTooLarge
from quanmin.opendata.participation.package import EMPTY
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.portal.participation import uploading
from quanmin.web.portal.participation.common import (
    Name,
    PageNumber,
    Word,
    author,
    line,
    lines,
    moderates,
    more,
    records,
    reuse_fields,
)
from quanmin.web.view import Answer, Download, Redirect, View

TITLE, NEW = Text("应用成果", "Reuses"), Text("提交应用成果", "Hand in a reuse")
LIST, PAGE, FORM = (f"portal/participation/{one}.html" for one in ("reuses", "reuse", "reuse_form"))
ORDERS = {"latest": Text("最新", "Latest"), "hottest": Text("最热", "Hottest")}
BLOCK = 1 << 20


def install(face: Face) -> None:
    """Register the pages."""
    _shown(face)
    _changed(face)
    _files(face)


def draft_of(posted: Posted) -> reuse.Draft:
    """What was posted of a reuse."""
    names = (posted["datasets"] or "").replace(",", "\n").replace("，", "\n").split()
    return reuse.Draft(
        posted["title"], posted["description"], posted["sort"], posted["topic"], posted["address"], names
    )


def sight(ask: Ask, one: Document) -> dict[str, Any]:
    """A reuse as it is told; nothing of its account."""
    by, mine = author(ask, one.id)
    gone = one.state in ("taken_down", "withdrawn")
    held = one.data.get("package") if not gone else None
    package = {key: held[key] for key in ("name", "size", "sha256", "form", "entries", "scan")} if held else None
    if package:
        package["scan_title"] = scanner.STATES[package["scan"]]
    return {
        **line(one, reuse.STATES),
        "by": by,
        "mine": mine,
        "gone": gone,
        "description": one.data["description"] if not gone else None,
        "address": one.data["address"] if not gone else None,
        "sort_title": reuse.SORTS[one.data["sort"]],
        "topic_title": reuse.TOPICS[one.data["topic"]],
        "datasets": records(ask, one.data["records"]),
        "package": package,
        "votes": paper.votes(ask.lake.ledger, [one.id]).get(one.id, 0),
        "voted": paper.voted(ask.lake.ledger, ask.actor, one.id),
        "scanner": bool(ask.settings.scanner),
    }


def _shown(face: Face) -> None:
    @face.page("/reuses", LIST, signed=False)
    def reuses(ask: Ask, order: Word = "latest", sort: Word = "", page: PageNumber = 1) -> Answer:
        """What was made with open data, the latest or the hottest first."""
        order_: paper.Order = "hottest" if order == "hottest" else "latest"
        chosen = sort if sort in reuse.SORTS else None
        found = paper.page(ask.lake.ledger, (reuse.KIND.kind,), (reuse.SHOWN,), order=order_, number=page, sort=chosen)
        data = {**lines(ask, found, reuse.STATES), "order": order_, "sort": chosen or ""}
        return View(TITLE, data, more(sorts=reuse.SORTS, topics=reuse.TOPICS, orders=ORDERS))

    @face.page("/reuses/new", FORM)
    def new(ask: Ask) -> Answer:
        """Hand in a reuse."""
        return View(NEW, {"name": None}, more(fields=reuse_fields(ask)))

    @face.form("/reuses/new/add", reuse_fields, page=new, template=FORM)
    def add(ask: Ask, posted: Posted) -> Answer:
        """Keep a draft; a picture and a package can be added to it."""
        made = reuse.propose(ask.place.portal, ask.who, draft_of(posted))
        said = Text(
            "草稿已保存；可添加截图和程序包，然后提交审核",
            "The draft is kept: add a picture or a package, then submit it",
        )
        return Redirect(f"/reuses/{made.data['name']}", said)

    @face.page("/reuses/{name}", PAGE, signed=False)
    def one(ask: Ask, name: Name) -> Answer:
        """A reuse with what it uses."""
        found = reuse.find(ask.place.portal, name, ask.actor)
        title = Text(found.data["title"], found.data["title"])
        return View(
            title, sight(ask, found), more(moderates=moderates(ask), told=TOLD, most=ask.settings.package_bytes)
        )

    _steps(face, one)


TOLD = Field("told", Text("图片说明", "What the picture shows"), limit=120)


def _steps(face: Face, one: Callable[..., Answer]) -> None:
    @face.form("/reuses/{name}/submit", (), page=one, template=PAGE)
    def submit(ask: Ask, _posted: Posted, name: Name) -> Answer:
        """Hand it to the moderators."""
        reuse.submit(ask.place.portal, ask.who, reuse.find(ask.place.portal, name, ask.actor).id)
        return Redirect(f"/reuses/{name}", Text("已提交审核", "Submitted for review"))

    @face.form("/reuses/{name}/change", (), page=one, template=PAGE)
    def change(ask: Ask, _posted: Posted, name: Name) -> Answer:
        """Take it from view to change it."""
        reuse.change(ask.place.portal, ask.who, reuse.find(ask.place.portal, name, ask.actor).id)
        return Redirect(
            f"/reuses/{name}", Text("已转为草稿，修改后重新提交", "It is a draft again; submit it when it is changed")
        )

    @face.form("/reuses/{name}/withdraw", (), page=one, template=PAGE)
    def withdraw(ask: Ask, _posted: Posted, name: Name) -> Answer:
        """Take it back for good."""
        reuse.withdraw(ask.place.portal, ask.who, reuse.find(ask.place.portal, name, ask.actor).id)
        return Redirect("/my/participation", Text("已撤回", "Taken back"))

    @face.form("/reuses/{name}/vote", (), page=one, template=PAGE)
    def vote(ask: Ask, _posted: Posted, name: Name) -> Answer:
        """Recommend it."""
        reuse.recommend(ask.place.portal, ask.who, name, True)
        return Redirect(f"/reuses/{name}")

    @face.form("/reuses/{name}/unvote", (), page=one, template=PAGE)
    def unvote(ask: Ask, _posted: Posted, name: Name) -> Answer:
        """Recommend it no more."""
        reuse.recommend(ask.place.portal, ask.who, name, False)
        return Redirect(f"/reuses/{name}")


def _changed(face: Face) -> None:
    def fields(ask: Ask) -> list[Field]:
        name = ask.request.path_params.get("name", "")
        return reuse_fields(ask, reuse.find(ask.place.portal, name, ask.actor))

    @face.page("/reuses/{name}/edit", FORM)
    def editing(ask: Ask, name: Name) -> Answer:
        """Change one's own draft."""
        found = reuse.find(ask.place.portal, name, ask.actor)
        return View(NEW, {"name": name}, more(fields=reuse_fields(ask, found)))

    @face.form("/reuses/{name}/edit/save", fields, page=editing, template=FORM)
    def save(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Keep what was changed."""
        found = reuse.find(ask.place.portal, name, ask.actor)
        reuse.edit(ask.place.portal, ask.who, found.id, draft_of(posted))
        return Redirect(f"/reuses/{name}", Text("已保存", "Kept"))


def read_in_blocks(path: Place) -> Iterator[bytes]:
    """A file a block at a time."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _files(face: Face) -> None:
    @face.file("/reuses/{name}/picture", ["image/webp"], signed=False)
    def shown(ask: Ask, name: Name) -> Answer:
        """The screenshot."""
        found = reuse.find(ask.place.portal, name, ask.actor)
        place = reuse.picture_of(ask.place.portal, found)
        return Download(f"{name}.webp", "image/webp", read_in_blocks(place))

    @face.file("/reuses/{name}/package", ["application/octet-stream"], signed=False)
    def package(ask: Ask, name: Name) -> Answer:
        """The package, as it was handed in and scanned."""
        place, held = reuse.package_of(ask.place.portal, reuse.find(ask.place.portal, name, ask.actor))
        return Download(held["name"], "application/octet-stream", read_in_blocks(place))

    @face.stream("/uploads/reuses/{name}/picture", "POST", back="/reuses")
    async def picture_in(ask: Ask, name: Name) -> Response:
        """Add a screenshot to one's own draft."""

        def keep(sent: uploading.Sent) -> None:
            found = reuse.find(ask.place.portal, name, ask.actor)
            reuse.add_picture(
                ask.place.portal, ask.who, found.id, sent.read(picture.BYTES + 1), sent.fields.get("told", "")
            )

        too_large = PictureTooLarge(bytes=picture.BYTES, pixels=picture.PIXELS)
        return await uploading.take(face, ask, picture.BYTES, too_large, keep) or RedirectResponse(
            ask.url(f"/reuses/{name}"), 303
        )

    @face.stream("/uploads/reuses/{name}/package", "POST", back="/reuses")
    async def package_in(ask: Ask, name: Name) -> Response:
        """Add a package to one's own draft; it is scanned before anybody gets it."""
        most = ask.settings.package_bytes

        def keep(sent: uploading.Sent) -> None:
            found = reuse.find(ask.place.portal, name, ask.actor)
            with tempfile.TemporaryDirectory(prefix="package-") as folder:
                path = Place(folder) / "package"
                if not sent.copy(path):
                    raise NotAPackage(reason=EMPTY)
                reuse.add_package(ask.place.portal, ask.who, found.id, path, sent.name)

        answer = await uploading.take(face, ask, most, PackageTooLarge(bytes=most), keep)
        return answer or RedirectResponse(ask.url(f"/reuses/{name}"), 303)
