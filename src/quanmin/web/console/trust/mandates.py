"""What is held for a time: posts, grants, guardianships. Proposed by one administrator, confirmed by another, ended at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import Query

from quanmin.ledger import Document
from quanmin.text import Text
from quanmin.trust.identity import account, duty, mandate, patient, renewal
from quanmin.web.ask import Ask
from quanmin.web.console.trust import area
from quanmin.web.console.trust.area import (
    ADMINISTRATORS,
    REASON,
    SECURITY,
    SYSTEM,
    UNTIL,
    Number,
    PageNumber,
    Word,
    paged,
    shown,
)
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

TEMPLATE = "console/trust/mandates.html"
COLUMNS = ("document", "account", "role", "organisation", "until", "state", "at")
Account = Annotated[str, Query(alias="account", max_length=60)]
Expiring = Annotated[int, Query(ge=0, le=400)]
PROPOSED = Text("已提出，待另一人确认", "Proposed; another has to confirm")
BASES = {
    "parent": Text("父母", "parent"),
    "court": Text("法院指定", "court order"),
    "kin": Text("近亲属", "next of kin"),
}
TITLES = {
    "post": Text("岗位", "Posts"),
    "grant": Text("授权", "Grants"),
    "guardianship": Text("监护", "Guardians"),
}
OTHERS = {
    "certificate": Text("证书申请", "Request for a certificate"),
    "service_key": Text("服务密钥", "Key of a service"),
}
"""What has a list of its own."""


def _account(ask: Ask) -> Field:
    known = [str(one["account"]) for one in account.listing(ask.registry, ask.who) if one["state"] != "disabled"]
    return Field("account", Text("账号", "Account"), "choice", choices=area.choices(known, {}))


def post_fields(ask: Ask) -> list[Field]:
    """What a post needs."""
    place = Field("organisation", Text("所在机构", "Organisation"), "choice", choices=area.places(ask))
    return [_account(ask), area.role_field(), place, UNTIL]


def grant_fields(ask: Ask) -> list[Field]:
    """What a grant needs besides: purpose and owner."""
    holder, role, place, until = post_fields(ask)
    purpose = Field("purpose", Text("目的", "What for"), "words", limit=300)
    owner = Field("owner", Text("负责人账号", "Who answers for it"), "choice", choices=holder.choices)
    return [holder, role, place, purpose, owner, until]


def guardian_fields(ask: Ask) -> list[Field]:
    """What a guardianship needs."""
    basis = Field("basis", Text("依据", "On which basis"), "choice", choices=list(BASES.items()))
    ward = Field("ward", Text("被监护人的公民身份号码", "Citizen number of the ward"), "secret", limit=30)
    return [_account(ask), ward, basis, UNTIL]


def renew_fields(ask: Ask) -> list[Field]:
    """Which administrator stays one, until when."""
    rows = mandate.listing(ask.registry, ask.who, "grant")
    known = sorted(
        {
            str(one["account"])
            for one in rows
            if one["state"] == "held" and one.get("role") in duty.ADMINISTRATORS and one["account"] != ask.who.id
        }
    )
    return [Field("account", Text("管理员账号", "Administrator"), "choice", choices=area.choices(known, {})), UNTIL]


def install(face: Face) -> None:
    """Register the pages."""
    _sort(face, "post", "/trust/posts", post_fields, _given)
    grants = _sort(face, "grant", "/trust/grants", grant_fields, _given)
    _sort(face, "guardianship", "/trust/guardians", guardian_fields, _guardian)

    @face.form("/trust/grants/renew", renew_fields, page=grants, template=TEMPLATE, roles=ADMINISTRATORS)
    def renew(ask: Ask, posted: Posted) -> Answer:
        """Propose that another administrator stays one; the third confirms."""
        renewal.propose(ask.registry, ask.who, posted["account"], posted["until"])
        return Redirect("/trust/grants", Text("已提出续任，待第三人确认", "Proposed; the third of the three confirms"))

    _one(face)


def _given(ask: Ask, posted: Posted, sort: mandate.Sort) -> Document:
    names = [name for name in ("role", "organisation", "purpose", "owner") if name in posted.values]
    data = {name: posted[name] for name in names}
    return mandate.propose(ask.registry, ask.who, sort, posted["account"], posted["until"], **data)


def _guardian(ask: Ask, posted: Posted, _sort: mandate.Sort) -> Document:
    given = (posted["account"], posted["ward"], posted["basis"], posted["until"])
    return patient.guardian(ask.registry, ask.who, *given)


def _sort(
    face: Face,
    sort: mandate.Sort,
    path: str,
    fields: Callable[[Ask], Sequence[Field]],
    make: Callable[[Ask, Posted, mandate.Sort], Document],
) -> Callable[..., Answer]:
    """The list of one sort, and the form that proposes one."""

    def listed(
        ask: Ask,
        page: PageNumber = 1,
        state: Word = "",
        named: Account = "",
        sorted_by: Annotated[str, Query(alias="sort", max_length=20)] = "-document",
        expiring: Expiring = 0,
    ) -> Answer:
        """What is held for a time: by whom, in which role, where, until when."""
        rows = mandate.listing(ask.registry, ask.who, sort, expiring or None)
        states = sorted({str(one["state"]) for one in rows})
        kept = [one for one in rows if state in ("", one["state"]) and named in one["account"]]
        listed_ = paged(area.ordered(kept, sorted_by, COLUMNS), page)
        data = {**listed_, "sort": sort, "state": state, "account": named, "order": sorted_by, "expiring": expiring}
        more: dict[str, Any] = {
            "fields": list(fields(ask)) if ask.holds(*SYSTEM) else [],
            "found": states,
            "path": path,
        }
        more["renew"] = renew_fields(ask) if sort == "grant" else []
        return shown(ask, TITLES[sort], data, **more)

    face.page(path, TEMPLATE, roles=ADMINISTRATORS)(listed)

    def propose(ask: Ask, posted: Posted) -> Answer:
        """Propose one; it counts when another has confirmed it."""
        make(ask, posted, sort)
        return Redirect(path, PROPOSED)

    face.form(f"{path}/propose", fields, page=listed, template=TEMPLATE, roles=SYSTEM)(propose)
    return listed


def _one(face: Face) -> None:
    single = "console/trust/mandate.html"

    @face.page("/trust/mandates/{number}", single, roles=ADMINISTRATORS)
    def one(ask: Ask, number: Number) -> Answer:
        """One of them, with what was done with it by whom; and its end."""
        found = mandate.one(ask.registry, ask.who, number)
        title = {**TITLES, **OTHERS}[found["sort"]]
        may = [] if not ask.holds(*SECURITY) or found["sort"] == "certificate" else _may(found)
        return shown(
            ask, Text(f"{title.zh} {number}", f"{title.en} {number}"), found, may=may, reason=REASON, bases=BASES
        )

    close = partial(face.form, page=one, template=single, roles=SECURITY)

    @close("/trust/mandates/{number}/end", (REASON,))
    def end(ask: Ask, posted: Posted, number: Number) -> Answer:
        """End it at once."""
        mandate.end(ask.registry, ask.who, number, posted["reason"])
        return Redirect(f"/trust/mandates/{number}", Text("已终止", "Ended"))


def _may(found: dict[str, Any]) -> list[str]:
    return ["end"] if found["state"] == "held" else []
