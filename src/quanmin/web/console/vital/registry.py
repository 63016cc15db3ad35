"""The register of certificates: by number, by holder, state and days of issue; and by the mother, of whom no address tells."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query

from quanmin import standards
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital.blank import holding
from quanmin.programs.vital.certificate import record, workflow
from quanmin.programs.vital.certificate.application import mother_of
from quanmin.programs.vital.errors import BadNumber, NotYourHolder
from quanmin.text import Text
from quanmin.trust import audit
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import (
    EVERYONE,
    PageNumber,
    Whose,
    Word,
    office,
    own,
    paged,
    seen,
    sees,
    shown,
    title_of,
    words,
)
from quanmin.web.console.vital.tree import tree
from quanmin.web.errors import BadFields
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect, View

TEMPLATE = "console/vital/registry.html"
MOST = 2_000
"""Certificates that are looked through, the newest."""
Day = Annotated[str, Query(max_length=10, pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
NUMBER = (Field("number", Text("编号", "Number"), limit=20, hint=Text("录入或扫描", "typed or scanned")),)


def by_mother(_ask: Ask) -> tuple[Field, ...]:
    """What a mother is found by; nothing of it is shown again."""
    kinds = list(standards.catalogue().value_sets["CV02.01.101-2011"].codes.items())
    never = Text("只用于查找，不显示、不进网址", "only sought by; never shown, never in an address")
    return (
        Field(
            "document_type", Text("母亲证件类型", "Kind of the mother's document"), "choice", choices=kinds, value="01"
        ),
        Field(
            "document_number", Text("母亲证件号码", "Number of the mother's document"), "secret", limit=40, hint=never
        ),
        Field("birth_date", Text("新生儿出生日期", "Day of birth of the newborn"), "day", needed=False),
    )


def install(face: Face) -> None:
    """Register the page and its forms."""

    @face.page("/vital/registry", TEMPLATE, roles=EVERYONE)
    def registry(
        ask: Ask,
        holder: Whose = "",
        state: Word = "",
        since: Day = "",
        until: Day = "",
        page: PageNumber = 1,
    ) -> Answer:
        """Certificates of a holder and those under it, the newest first."""
        one = seen(ask, holder)
        days = (_day(since, "since") or date.min, _day(until, "until") or date.max) if since or until else None
        members = tree(ask, one).members
        states = [state] if state in workflow.STATES else []
        found = record.listing(office(ask), holders=list(members), states=states, days=days, limit=MOST)
        data: dict[str, Any] = {"holder": one.code, "state": state, "since": since, "until": until}
        data |= {"full": len(found) == MOST, **paged([each.to_dict() for each in found], page)}
        titles = {code: member.title for code, member in members.items()}
        return _shown(ask, data, words=title_of(one), titles=titles)

    @face.form("/vital/registry/number", NUMBER, page=registry, template=TEMPLATE, roles=EVERYONE)
    def number(ask: Ask, posted: Posted) -> Answer | Posted:
        """Go to the certificate with this number, or say where the sheet lies."""
        try:
            key = numbers.key(posted["number"])
        except BadNumber as wrong:
            return posted.wrong("number", words(wrong))
        place = holding.place(office(ask), key)
        if place is None:
            return posted.wrong("number", Text("没有这个编号的入库记录", "no sheet has this number"))
        if not sees(ask, place.holder):
            raise NotYourHolder(holder=place.holder)
        with ask.lake.ledger.reading() as connection:
            written = record.written(connection, key)
        if written:
            return Redirect(f"/vital/certificates/{numbers.text(key)}")
        return _nothing(ask, {"place": place.to_dict()}, posted=posted, failed="number")

    @face.form("/vital/registry/mother", by_mother, page=registry, template=TEMPLATE, roles=EVERYONE)
    def mother(ask: Ask, posted: Posted) -> Answer:
        """The certificates of a mother's children; the audit keeps that she was sought."""
        audit.append(ask.lake.ledger, "certificate_search", ask.who.id, {"by": "mother"})
        sought = mother_of(posted["document_type"], posted["document_number"])
        born = posted["birth_date"]
        found = record.listing(office(ask), mother=sought, limit=MOST)
        mine = [one for one in found if (born is None or one.born_on == born) and sees(ask, one.holder)]
        return _nothing(ask, {"rows": [one.to_dict() for one in mine], "total": len(mine), "sought": True})


def _day(typed: str, name: str) -> date | None:
    """A day of the address. BadFields."""
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise BadFields(names=name) from None


def _nothing(ask: Ask, told: dict[str, Any], **more: Any) -> View:
    """The page with what was sought and without the list."""
    mine = own(ask)
    data: dict[str, Any] = {
        "holder": mine.code,
        "state": "",
        "since": "",
        "until": "",
        "full": False,
        "rows": [],
        "page": 1,
    }
    titles = {code: member.title for code, member in tree(ask, mine).members.items()}
    return _shown(ask, {**data, "pages": 1, "total": 0, **told}, words=title_of(mine), titles=titles, **more)


def _shown(ask: Ask, data: dict[str, Any], **more: Any) -> View:
    forms = {"number": NUMBER, "mother": by_mother(ask)}
    told = {"sought": False, "place": None, **data}
    return shown(Text("证件查询", "Certificates"), told, ask, forms=forms, place_states=PLACE_STATES, **more)


PLACE_STATES = {"free": Text("空白，在库", "a blank in the safe"), "moving": Text("在途", "on its way")}
