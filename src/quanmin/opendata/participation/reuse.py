"""Reuses: apps and other works made with open data, handed in by whoever made them, reviewed, then shown to everybody.

The kinds are those of udata (data.gouv.fr): API, application, idea, news article, paper, post, visualisation, hardware.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pypinyin import lazy_pinyin
from sqlalchemy import Connection, select

from quanmin.ledger import Action, Document, Ledger, Workflow, WorkingDays, database, register
from quanmin.ledger.forum import PaperAboutRow
from quanmin.ledger.table import DocumentRow
from quanmin.opendata.catalogue import Counts
from quanmin.opendata.catalogue import counters as counting
from quanmin.opendata.participation import dataset, notice, owner, package, paper, picture, scanner, words
from quanmin.opendata.participation.errors import (
    AddressKnown,
    ChoiceUnknown,
    DatasetNeeded,
    PackageInfected,
    PackageWaits,
    PictureMissing,
    UnknownPaper,
)
from quanmin.opendata.participation.role import MODERATOR
from quanmin.opendata.portal import Portal
from quanmin.opendata.storage import Storage
from quanmin.text import Text
from quanmin.trust import Actor

REVIEW = WorkingDays(5)
MANY = 20
"""Datasets that a reuse may name."""
SHOWN = "shown"
_LIVE = ("draft", "submitted", "returned", SHOWN)
_OWN = ("draft", "returned")

KIND = register(
    Workflow(
        "portal_reuse",
        start="draft",
        actions=[
            Action("edit", _OWN, "draft"),
            Action("submit", "draft", "submitted"),
            Action("scan", "draft", "draft"),
            Action("scan", "submitted", "submitted"),
            Action("scan", "returned", "returned"),
            Action("approve", "submitted", SHOWN, by=MODERATOR, due=REVIEW),
            Action("return", "submitted", "returned", by=MODERATOR, needs=("reason",)),
            Action("refuse", "submitted", "refused", by=MODERATOR, needs=("reason",)),
            Action("change", SHOWN, "draft"),
            Action("take_down", SHOWN, "taken_down", by=MODERATOR, needs=("reason",)),
            Action("withdraw", _LIVE, "withdrawn"),
        ],
    )
)
STATES: dict[str, Text] = {
    "draft": Text("草稿", "draft"),
    "submitted": Text("待审核", "waits for review"),
    "returned": Text("退回修改", "returned to be changed"),
    SHOWN: Text("已展示", "shown"),
    "refused": Text("未通过", "refused"),
    "taken_down": Text("已下架", "taken down"),
    "withdrawn": Text("已撤回", "withdrawn"),
}
SORTS: dict[str, Text] = {
    "application": Text("应用", "application"),
    "api": Text("接口服务", "API"),
    "visualization": Text("可视化", "visualisation"),
    "idea": Text("创意", "idea"),
    "news_article": Text("新闻报道", "news article"),
    "paper": Text("论文", "paper"),
    "post": Text("文章", "post"),
    "hardware": Text("硬件", "hardware"),
}
TOPICS: dict[str, Text] = {
    "health": Text("健康医疗", "health"),
    "population": Text("人口", "population"),
    "food_drug": Text("食品药品", "food and drugs"),
    "insurance": Text("医疗保障", "insurance"),
    "environment": Text("环境", "environment"),
    "education": Text("教育", "education"),
    "transport": Text("交通", "transport"),
    "government": Text("政务", "government"),
    "others": Text("其他", "others"),
}
TITLE, DESCRIPTION, WHY = Text("标题", "Title"), Text("介绍", "Description"), Text("理由", "Reason")


@dataclass(frozen=True)
class Draft:
    """What somebody says of a reuse; `datasets` are names of records."""

    title: str
    description: str
    sort: str
    topic: str
    address: str | None
    datasets: Sequence[str]


def waiting_room(portal: Portal) -> Storage:
    """Where packages are that were not scanned yet: apart from the files that are handed out."""
    return Storage(portal.folder / "waiting")


def propose(portal: Portal, actor: Actor, draft: Draft) -> Document:
    """A new reuse, which nobody else sees until it is submitted and approved. What is wrong with it is told by its error."""
    owner.person(actor)
    data, filing, mark = _read(portal, draft)
    with portal.ledger.writing() as connection:
        _new(connection, mark)
        name = _name(portal.ledger, connection, data["title"])
        return paper.hand_in(portal.ledger, KIND.kind, actor, {**data, "name": name}, filing, name, connection)


def edit(portal: Portal, actor: Actor, document: int, draft: Draft) -> Document:
    """Change one's own draft. NotYours, IllegalAction."""
    paper.authored(portal.ledger, actor, document)
    data, filing, mark = _read(portal, draft)
    with portal.ledger.writing() as connection:
        _new(connection, mark, document)
        paper.about(connection, document, filing.about)
        return paper.act(
            portal.ledger, actor, _get(portal.ledger, document, connection), "edit", data, None, connection
        )


def _read(portal: Portal, draft: Draft) -> tuple[dict[str, Any], paper.Filing, str | None]:
    if draft.sort not in SORTS:
        raise ChoiceUnknown(field=Text("类型", "type"))
    if draft.topic not in TOPICS:
        raise ChoiceUnknown(field=Text("主题", "topic"))
    title = words.checked(draft.title, TITLE, words.TITLE, lines=False)
    description = words.checked(draft.description, DESCRIPTION, words.LONG)
    address = words.address(draft.address) if draft.address else None
    names = list(dict.fromkeys(one.strip() for one in draft.datasets if one.strip()))[:MANY]
    records = [dataset.named(portal, one) for one in names]
    if not any(one.access.code == "public" for one in records):
        raise DatasetNeeded()
    mark = words.mark(address) if address else None
    about = tuple(one.id for one in records) + ((mark,) if mark else ())
    data = {"title": title, "description": description, "sort": draft.sort, "topic": draft.topic, "address": address}
    return {**data, "records": [one.id for one in records]}, paper.Filing(None, draft.sort, about), mark


def _new(connection: Connection, mark: str | None, own: int | None = None) -> None:
    """AddressKnown where another reuse that is shown or on its way has the address."""
    if mark is None:
        return
    database.lock(connection, "addresses of reuses")
    query = select(DocumentRow.id).join(PaperAboutRow, PaperAboutRow.document == DocumentRow.id)
    query = query.where(PaperAboutRow.about == mark, DocumentRow.state.in_(_LIVE), DocumentRow.kind == KIND.kind)
    if any(one != own for one in connection.execute(query).scalars()):
        raise AddressKnown()


def _name(ledger: Ledger, connection: Connection, title: str) -> str:
    """A name for addresses: the title in letters, and a few more, so that it is one of a kind."""
    plain = unicodedata.normalize("NFKC", title)
    letters = re.sub("[^a-z0-9]+", "-", "-".join(lazy_pinyin(plain, errors="default")).lower())
    stem = re.sub(r"\d{5,}", "", letters).strip("-")[:40].strip("-") or "reuse"
    while True:
        made = f"{stem}-" + "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz") for _ in range(5))
        if not ledger.find(KIND.kind, ref=made, connection=connection):
            return made


def _get(ledger: Ledger, document: int, connection: Connection | None = None) -> Document:
    return paper.get(ledger, KIND.kind, document, connection)


def find(portal: Portal, name: str, actor: Actor | None) -> Document:
    """A reuse by its name, as somebody may see it: what is shown or was, by everybody; else by its author and moderators."""
    found = portal.ledger.find(KIND.kind, ref=name) if 0 < len(name) <= 100 else []
    if not found:
        raise UnknownPaper()
    one = found[0]
    if one.state == SHOWN or (one.state in ("taken_down", "withdrawn") and was_shown(one)):
        return one
    mine = actor is not None and paper.filing(portal.ledger, one.id).author == actor.id
    if not mine and not (actor is not None and owner.moderates(actor)):
        raise UnknownPaper()
    return one


def was_shown(one: Document) -> bool:
    """Whether everybody ever saw it."""
    return any(step.name == "approve" for step in one.actions)


def submit(portal: Portal, actor: Actor, document: int) -> Document:
    """Hand one's own draft to the moderators. NotYours, PackageInfected."""
    ledger = portal.ledger
    paper.authored(ledger, actor, document)
    with ledger.writing() as connection:
        one = _get(ledger, document, connection)
        done = paper.act(ledger, actor, one, "submit", None, None, connection)
        notice.tell(connection, ledger.now(), "moderators", None, document, "submit")
    return done


def change(portal: Portal, actor: Actor, document: int) -> Document:
    """Take one's own from view to change it; it is reviewed again."""
    paper.authored(portal.ledger, actor, document)
    done = paper.act(portal.ledger, actor, _get(portal.ledger, document), "change")
    recount(portal, done.data["records"])
    return done


def withdraw(portal: Portal, actor: Actor, document: int) -> Document:
    """Take one's own back for good."""
    paper.authored(portal.ledger, actor, document)
    done = paper.act(portal.ledger, actor, _get(portal.ledger, document), "withdraw")
    recount(portal, done.data["records"])
    return done


def review(portal: Portal, actor: Actor, document: int, step: str, reason: str | None = None) -> Document:
    """Approve, return, refuse or take down, by a moderator who did not hand it in. NotYours, OwnMatter, PackageWaits."""
    ledger = portal.ledger
    owner.moderator(ledger, actor, paper.filing(ledger, document).author)
    given = {"reason": words.checked(reason, WHY, words.SHORT)} if reason else {}
    with ledger.writing() as connection:
        one = _get(ledger, document, connection)
        if step == "approve" and one.data.get("package") and one.data["package"]["scan"] not in ("clean", "unscanned"):
            raise PackageWaits()
        done = paper.act(ledger, actor, one, step, given, MODERATOR, connection)
        paper.tell_author(ledger, connection, document, step, actor.id)
    recount(portal, done.data["records"])
    return done


def recommend(portal: Portal, actor: Actor, name: str, given: bool) -> int:
    """Recommend one that is shown, or take that back; how many do. UnknownPaper for what is not shown."""
    one = find(portal, name, actor)
    if one.state != SHOWN:
        raise UnknownPaper()
    return paper.vote(portal.ledger, actor, one.id, given)


def add_picture(portal: Portal, actor: Actor, document: int, raw: bytes, told: str) -> Document:
    """A screenshot of one's own draft, drawn anew; `told` says what it shows, for those who cannot see it."""
    paper.authored(portal.ledger, actor, document)
    said = words.checked(told, Text("图片说明", "what the picture shows"), words.TITLE, lines=False)
    _changeable(portal.ledger, document)
    made = picture.redrawn(raw)
    kept = portal.storage.keep(made.content)
    held = {"sha256": kept.sha256, "size": kept.size, "width": made.width, "height": made.height, "told": said}
    return paper.act(portal.ledger, actor, _get(portal.ledger, document), "edit", {"picture": held})


def add_package(portal: Portal, actor: Actor, document: int, path: Path, name: str) -> Document:
    """A package of one's own draft: looked at, scanned and kept. NotAPackage, PackageTooLarge, PackageInfected.

    Without a verdict it waits apart, and nobody gets it; where there is no scanner, that is told wherever it can be had.
    """
    paper.authored(portal.ledger, actor, document)
    _changeable(portal.ledger, document)
    shape = package.look(path, portal.settings.package_bytes)
    kept = waiting_room(portal).keep(path)
    verdict = _scanned(portal, kept.sha256)
    held = {"name": package.named(name, shape.form), "sha256": kept.sha256, "size": kept.size, "form": shape.form}
    if verdict.state == "infected":
        with portal.ledger.writing() as connection:
            paper.note(portal.ledger, connection, actor, KIND.kind, "infected", document)
        raise PackageInfected(signature=verdict.signature or "?")
    given = {"package": {**held, "entries": shape.entries, "scan": verdict.state}}
    return paper.act(portal.ledger, actor, _get(portal.ledger, document), "edit", given)


def _changeable(ledger: Ledger, document: int) -> None:
    """IllegalAction before a large file is looked at, where nothing can be added."""
    one = _get(ledger, document)
    if KIND.action(one.state, "edit") is None:
        from quanmin.ledger.errors import IllegalAction

        allowed = ", ".join(action.name for action in KIND.allowed(one.state)) or "-"
        raise IllegalAction(document=document, state=one.state, action="edit", allowed=allowed)


def _scanned(portal: Portal, sha256: str) -> scanner.Verdict:
    """Have a waiting package scanned: what passes moves to the files, what is infected is removed, what has no verdict stays."""
    place = waiting_room(portal).path(sha256)
    verdict = scanner.scan(portal.settings.scanner, place)
    if verdict.state in ("clean", "unscanned"):
        portal.storage.keep(place)
    if verdict.state != "waiting":
        place.unlink(missing_ok=True)
    return verdict


def scan_again(portal: Portal, actor: Actor, document: int) -> Document:
    """Have the package of a reuse scanned that waits: by a moderator, or the job. PackageInfected is told by the state."""
    ledger, one = portal.ledger, _get(portal.ledger, document)
    held = one.data.get("package")
    if not held or held["scan"] != "waiting":
        return one
    verdict = _scanned(portal, held["sha256"])
    if verdict.state == "waiting":
        return one
    given = {"package": {**held, "scan": verdict.state, "found": verdict.signature}}
    with ledger.writing() as connection:
        done = ledger.act(one.id, "scan", given, actor.id, connection=connection)
        paper.note(ledger, connection, actor, KIND.kind, f"scan.{verdict.state}", one.id)
        if verdict.state == "infected":
            paper.tell_author(ledger, connection, one.id, "infected", actor.id)
    return done


def rescan(portal: Portal, actor: Actor) -> dict[str, int]:
    """Have every package scanned that waits; how many are in which state then."""
    found: dict[str, int] = {}
    for one in portal.ledger.find(KIND.kind, states=("draft", "submitted", "returned")):
        if (one.data.get("package") or {}).get("scan") == "waiting":
            state = scan_again(portal, actor, one.id).data["package"]["scan"]
            found[state] = found.get(state, 0) + 1
    return found


def picture_of(portal: Portal, one: Document) -> Path:
    """Where the screenshot stands; PictureMissing."""
    held = one.data.get("picture")
    if not held or one.state in ("taken_down", "withdrawn"):
        raise PictureMissing()
    return portal.storage.path(held["sha256"])


def package_of(portal: Portal, one: Document) -> tuple[Path, Mapping[str, Any]]:
    """Where the package stands, and what is known of it; PictureMissing, PackageWaits."""
    held = one.data.get("package")
    if not held or one.state in ("taken_down", "withdrawn", "refused") or held["scan"] == "infected":
        raise PictureMissing()
    if held["scan"] not in ("clean", "unscanned"):
        raise PackageWaits()
    return portal.storage.path(held["sha256"]), held


def of_record(ledger: Ledger, record: str, size: int = paper.SIZE) -> paper.Page:
    """The reuses that are shown of a record, the newest first."""
    return paper.page(ledger, (KIND.kind,), (SHOWN,), record=record, size=size)


def recount(portal: Portal, records: Sequence[str]) -> None:
    """Hand the catalogue how many shown reuses some records have, whatever else was counted of them standing."""
    known = counting.read(portal.ledger)
    counts = {
        one: known.get(one, Counts())._replace(reuses=of_record(portal.ledger, one, 1).total)
        for one in dict.fromkeys(records)
    }
    changed = {one: given for one, given in counts.items() if known.get(one, Counts()) != given}
    if changed:
        portal.catalogue.count(changed)
