"""What the pages of participation share: names in public, texts with links, and the documents as lines of a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import Path, Query

from quanmin.ledger import Document
from quanmin.opendata.catalogue import Record
from quanmin.opendata.participation import dataset, name, owner, paper, reuse, words
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.form import Field

Number = Annotated[int, Path(ge=1, le=2**31)]
Name = Annotated[str, Path(max_length=100)]
PageNumber = Annotated[int, Query(alias="page", ge=1, le=10_000)]
Word = Annotated[str, Query(max_length=40)]
TONES = {
    **dict.fromkeys(("shown", "answered", "published", "granted", "corrected"), "ok"),
    **dict.fromkeys(("open", "submitted", "received", "planned", "confirmed", "returned"), "wait"),
    **dict.fromkeys(("refused", "taken_down", "hidden", "revoked"), "bad"),
}
PLAIN = Text(
    "人人可见；纯文本，网址自动成为链接；不写任何人的姓名、号码",
    "everybody can read it; plain text, addresses become links; nobody's name or number",
)


def more(**given: Any) -> dict[str, Any]:
    """What every template of these pages needs besides."""
    return {"pieces": words.pieces, "tones": TONES, **given}


def called(ask: Ask, accounts: Iterable[str]) -> Mapping[str, str | Text]:
    """What some accounts are called in public."""
    asked = list(accounts)
    known = name.several(ask.lake.ledger, asked)
    return {one: known.get(one, name.NOBODY) for one in asked}


def author(ask: Ask, document: int) -> tuple[str | Text, bool]:
    """What the author of a document is called, and whether it is whoever asks."""
    found = paper.filing(ask.lake.ledger, document).author
    return called(ask, [found])[found], ask.actor is not None and ask.actor.id == found


def lines(ask: Ask, page: paper.Page, states: Mapping[str, Text]) -> dict[str, Any]:
    """A page of a list for a template and its twin; of no account anything but its public name."""
    authors = {one.id: paper.filing(ask.lake.ledger, one.id).author for one in page.documents}
    names = called(ask, authors.values())
    rows = [
        {**line(one, states), "by": names[authors[one.id]], "votes": page.votes.get(one.id, 0)}
        for one in page.documents
    ]
    return {"rows": rows, "page": page.page, "pages": page.pages, "total": page.total}


def line(one: Document, states: Mapping[str, Text]) -> dict[str, Any]:
    """A document as a line of a list."""
    state = {"state": one.state, "state_title": states[one.state], "at": one.at, "since": one.since}
    told = {key: one.data.get(key) for key in ("title", "name", "sort", "topic", "picture", "answer", "reason")}
    if told["picture"]:
        told["picture"] = {key: told["picture"][key] for key in ("told", "width", "height")}
    return {"document": one.id, **told, **state}


def records(ask: Ask, ids: Iterable[str]) -> list[dict[str, Any]]:
    """The records that something is about, as links; those that nobody may see any more are left out."""
    return [told(one) for one in dataset.several(ask.place.portal, ids)]


def told(record: Record) -> dict[str, Any]:
    """A record as a link."""
    return {"name": record.name, "title": record.title, "access": record.access.code}


def reuse_fields(ask: Ask, one: Document | None = None) -> list[Field]:
    """What is asked of a reuse, as it stands."""
    held: Mapping[str, Any] = one.data if one is not None else {}
    asked = ask.request.query_params.get("dataset", "")[:100]
    known = "\n".join(str(each["name"]) for each in records(ask, held.get("records", ()))) or asked
    return [
        Field("title", reuse.TITLE, limit=words.TITLE, value=held.get("title")),
        Field("description", reuse.DESCRIPTION, "words", limit=words.LONG, hint=PLAIN, value=held.get("description")),
        Field("sort", Text("类型", "Type"), "choice", choices=list(reuse.SORTS.items()), value=held.get("sort")),
        Field(
            "topic",
            Text("主题", "Topic"),
            "choice",
            choices=list(reuse.TOPICS.items()),
            value=held.get("topic", "health"),
        ),
        Field(
            "address",
            Text("网址", "Address"),
            needed=False,
            limit=words.ADDRESS,
            hint=Text("http 或 https，尚未登记过", "http or https, not registered yet"),
            value=held.get("address"),
        ),
        Field(
            "datasets",
            Text("所用数据集", "Datasets that it uses"),
            "words",
            limit=3_000,
            hint=Text("每行一个名称，至少一个公开的", "a name a line, at least one that is public"),
            value=known,
        ),
    ]


def moderates(ask: Ask) -> bool:
    """Whether whoever asks moderates."""
    return ask.actor is not None and owner.moderates(ask.actor)
