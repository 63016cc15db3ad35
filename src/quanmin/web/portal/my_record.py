"""What is held of whoever signed in, item by item, from whom; who looked; and the record as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Query

from quanmin import standards
from quanmin.ledger.listing import place
from quanmin.population.inquiry import key_of
from quanmin.population.review.side import MARKS
from quanmin.text import Text, document
from quanmin.trust import Pseudonyms
from quanmin.trust.colleague import Colleagues
from quanmin.trust.identity import person
from quanmin.trust.identity.looker import Looker
from quanmin.trust.policy.role import ROLES as KNOWN_ROLES
from quanmin.trust.purpose import PURPOSES
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.portal import me
from quanmin.web.view import Answer, Download, Redirect, View

MANY = 50
GUARDIANSHIP = (Field("document", Text("监护关系", "Guardianship"), "number", needed=False, limit=12),)


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/my-record", "portal/my_record.html", roles=me.ROLES)
    def record(ask: Ask) -> Answer:
        """What is held about me, item by item, and from whom."""
        number = me.number_of(ask)
        if number is None:
            return me.asking(ask, me.RECORD)
        return View(
            me.RECORD, {"known": True, **held(ask, number), "wards": me.wards(ask)}, {"pages": me.PAGES, "marks": MARKS}
        )

    @face.form("/my-record/number", me.NUMBER, page=record, template="portal/my_record.html", roles=me.ROLES)
    def number(ask: Ask, posted: Posted) -> Answer:
        """Say the own number, or the ward's, once a session."""
        word = person.handle(ask.registry, ask.who, posted["number"])
        return Redirect("/my-record", cookies={me.COOKIE: word})

    @face.form("/my-record/act-for", GUARDIANSHIP, page=record, template="portal/my_record.html", roles=me.ROLES)
    def act_for(ask: Ask, posted: Posted) -> Answer:
        """Act for a ward from now on, or for oneself again."""
        me.act_for(ask, posted["document"])
        return Redirect("/my-record", cookies={me.COOKIE: None})

    @face.form("/my-record/forget", (), page=record, template="portal/my_record.html", roles=me.ROLES)
    def forget(ask: Ask, _posted: Posted) -> Answer:
        """Forget the number in this browser."""
        return Redirect("/my-record", Text("号码已清除", "The number is forgotten"), {me.COOKIE: None})

    @face.form("/my-record/download", (), page=record, template="portal/my_record.html", roles=me.ROLES)
    def download(ask: Ask, _posted: Posted) -> Answer:
        """My record as a JSON file."""
        number = me.number_of(ask)
        if number is None:
            return me.asking(ask, me.RECORD)
        told = json.dumps(document(held(ask, number)), ensure_ascii=False, indent=1, default=_plain)
        return Download("my-record.json", "application/json", [told.encode()])

    @face.page("/my-record/looked", "portal/looked.html", roles=me.ROLES)
    def looked(
        ask: Ask,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        own: Annotated[str, Query(max_length=10)] = "",
    ) -> Answer:
        """Who read what of my data, when and for what purpose."""
        number = me.number_of(ask)
        if number is None:
            return me.asking(ask, me.LOOKED)
        every = lookers(ask, number)
        found = every if own else [one for one in every if not one["self"]]
        at = place(page, len(found), MANY)
        shown = found[at.skip : at.skip + MANY]
        counts = {"looks": len(found), "own": sum(one["self"] for one in every), "with_own": bool(own)}
        data = {"known": True, **counts, "page": at.page, "pages": at.pages, "rows": shown}
        return View(me.LOOKED, data, {"pages_of_area": me.PAGES})


def held(ask: Ask, number: str) -> dict[str, Any]:
    """Everything that is held of a person: the items with every source's statement, and the records they are from."""
    base = ask.home.population
    golden, told = base.look(number, me.PURPOSE), base.statements(number, me.PURPOSE)
    items = [{**one, **_said(one), "statements": _statements(one["item"], told["records"])} for one in golden["items"]]
    names = ("dataset", "title", "source", "batch", "collected", "outcome", "outcome_title")
    records = [{name: one[name] for name in names} | {"agency": _agency(one["source"])} for one in told["records"]]
    return {"person": golden["person"], "items": items, "records": records, "closed": told["closed"]}


def _said(item: Mapping[str, Any]) -> dict[str, Any]:
    """The value with the words of its code, and the title of the dataset that it was taken from."""
    source = item["source"]
    known = standards.catalogue().datasets.get(source) if source else None
    return {"words": words(item["item"], item["value"]), "source_title": known.title if known else None}


def words(item: str, value: Any) -> Text | None:
    """What a code or a division means; None for what speaks for itself."""
    catalogue = standards.catalogue()
    kind = catalogue.item(item)
    if value is None:
        return None
    if kind.values is not None:
        return catalogue.value_sets[kind.values].codes.get(str(value))
    if kind.type == "region":
        name = catalogue.regions.name(str(value))
        return Text(name, name) if name else None
    return None


def _statements(item: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each record says of an item."""
    return [
        {
            **{name: one[name] for name in ("dataset", "title", "batch", "collected")},
            "agency": _agency(one["source"]),
            **one["items"][item],
            "words": words(item, one["items"][item]["value"]),
        }
        for one in records
        if one["items"].get(item, {}).get("value") is not None
    ]


def _agency(name: str) -> Text:
    return standards.catalogue().agency(name).title


def lookers(ask: Ask, number: str) -> list[dict[str, Any]]:
    """Every access to the data of a person, newest first, in words; that one looked is an entry of the audit, too."""
    pseudonym = Pseudonyms.open(ask.settings, "audit").of(key_of(number))
    found = person.of_own(ask.registry, ask.who, number, pseudonym, Colleagues.open(ask.lake.ledger, ask.settings))
    return [_access(one) for one in found if one.event != "audit"]


def _access(one: Looker) -> dict[str, Any]:
    aim = PURPOSES.get(one.purpose or "")
    named = standards.catalogue().datasets.get(one.dataset or "")
    base = Text("人口库", "the population base") if one.dataset == "linked.person" else None
    return {
        "entry": one.entry,
        "at": one.at,
        "name": one.name,
        "self": one.own,
        "roles": [KNOWN_ROLES.get(role, Text(role, role)) for role in one.roles],
        "organisation": one.title,
        "purpose": aim.title if aim else None,
        "dataset": named.title if named else base or Text(one.dataset or "", one.dataset or ""),
        "event": one.event,
        "columns": len(one.columns),
    }


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
