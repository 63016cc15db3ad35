"""Accounts: the list, one account with what it holds, and its life: proposed, confirmed, disabled, started anew."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from quanmin.text import Text
from quanmin.trust.identity import account, mandate, session
from quanmin.trust.identity.errors import UnknownAccount
from quanmin.web.ask import Ask
from quanmin.web.console.trust import area
from quanmin.web.console.trust.area import (
    ADMINISTRATORS,
    REASON,
    SECURITY,
    SYSTEM,
    Name,
    PageNumber,
    Word,
    paged,
    shown,
)
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect, View

TITLE = Text("账号", "Accounts")
SORTS = ("account", "kind", "organisation", "state", "since")
_GIVABLE = ("staff", "clinician", "organisation", "service")
CODE = "console/trust/code.html"
Account = Annotated[str, Query(alias="account", max_length=60)]


def fields(ask: Ask) -> list[Field]:
    """What a new account needs."""
    return [
        Field(
            "account",
            Text("账号名", "Account"),
            limit=40,
            hint=Text("小写字母、数字、连字符", "small letters, digits, hyphens"),
        ),
        Field("kind", Text("类别", "Kind"), "choice", choices=area.choices(_GIVABLE, area.KINDS)),
        Field("organisation", Text("机构", "Organisation"), "choice", choices=area.places(ask)),
        Field(
            "person",
            Text("证件号", "Identity number"),
            "secret",
            needed=False,
            limit=30,
            hint=Text("个人账号必填；只用于认出同一人", "for a person; only used to recognise the same person again"),
        ),
        Field("shown", Text("姓名", "Name"), needed=False, limit=60),
    ]


def code(ask: Ask, name: str, half: str | None, which: Text, back: str) -> View:
    """The page that shows one half of an activation code, this once."""
    data = {"account": name, "half": half}
    return shown(ask, Text("激活码", "Activation code"), data, which=which, back=back)


def install(face: Face) -> None:
    """Register the pages."""
    _list(face)
    _one(face)


def _list(face: Face) -> None:
    @face.page("/trust/people", "console/trust/people.html", roles=ADMINISTRATORS)
    def people(ask: Ask, page: PageNumber = 1, state: Word = "", named: Account = "", sort: Word = "account") -> Answer:
        """Every account, with kind, organisation and state."""
        rows = [dict(one) for one in account.listing(ask.registry, ask.who)]
        states = sorted({str(one["state"]) for one in rows})
        kept = [one for one in rows if state in ("", one["state"]) and named in one["account"]]
        data = {**paged(area.ordered(kept, sort, SORTS), page), "state": state, "account": named, "sort": sort}
        more = {"fields": fields(ask) if ask.holds(*SYSTEM) else [], "found": states}
        return shown(ask, TITLE, data, **more)

    @face.form("/trust/people/add", fields, page=people, template="console/trust/people.html", roles=SYSTEM)
    def add(ask: Ask, posted: Posted) -> Answer | Posted:
        """Propose an account; shows the first half of its code."""
        human = posted["kind"] in account.PEOPLE
        given = (posted["person"], posted["shown"]) if human else (None, None)
        if human and not (given[0] or "").strip():
            return posted.wrong("person", Text("个人账号须填写证件号", "the account of a person needs a number"))
        name = posted["account"]
        half = account.add(ask.registry, ask.who, name, posted["kind"], posted["organisation"], *given)
        if not human:
            return Redirect(f"/trust/people/{name}", Text("已提出，待安全管理员确认", "Proposed; the other confirms"))
        return _shown(code(ask, name, half, Text("前半", "first half"), f"/trust/people/{name}"))

    @face.form("/trust/people/dormant", (), page=people, template="console/trust/people.html", roles=ADMINISTRATORS)
    def dormant(ask: Ask, _posted: Posted) -> Answer:
        """Disable accounts that nobody used for ninety days."""
        count = len(account.sweep(ask.registry, ask.who))
        return Redirect("/trust/people", Text(f"停用了 {count} 个账号", f"{count} accounts disabled"))


def _shown(view: View) -> View:
    return View(view.title, view.data, view.more, template=CODE)


def _one(face: Face) -> None:
    template = "console/trust/account.html"

    @face.page("/trust/people/{name}", template, roles=ADMINISTRATORS)
    def one(ask: Ask, name: Name) -> Answer:
        """One account, with posts, grants and sessions, and what the viewer may do with it."""
        rows = (dict(row) for row in account.listing(ask.registry, ask.who) if row["account"] == name)
        found = next(rows, None)
        if found is None:
            raise UnknownAccount()
        held = [
            row
            for sort in mandate.SORTS
            for row in mandate.listing(ask.registry, ask.who, sort)
            if row["account"] == name
        ]
        sessions = [row for row in session.listing(ask.registry, ask.who) if row["account"] == name]
        data = {**found, "mandates": held, "sessions": sessions}
        return shown(ask, Text(f"账号 {name}", f"Account {name}"), data, reason=REASON, may=_may(ask, found))

    @face.form("/trust/people/{name}/confirm", (), page=one, template=template, roles=SECURITY)
    def confirm(ask: Ask, _posted: Posted, name: Name) -> Answer:
        """Confirm what another proposed; shows the second half of the code."""
        half = account.confirm(ask.registry, ask.who, name)
        back = f"/trust/people/{name}"
        if not half:
            return Redirect(back, Text("已确认，账号启用", "Confirmed; the account is active"))
        return _shown(code(ask, name, half, Text("后半", "second half"), back))

    @face.form("/trust/people/{name}/disable", (REASON,), page=one, template=template, roles=(*SYSTEM, *SECURITY))
    def disable(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Disable an account; its sessions end at once."""
        account.disable(ask.registry, ask.who, name, posted["reason"])
        return Redirect(f"/trust/people/{name}", Text("已停用，会话已结束", "Disabled; its sessions have ended"))

    @face.form("/trust/people/{name}/enable", (REASON,), page=one, template=template, roles=SYSTEM)
    def enable(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Propose that a disabled account is used again; shows the first half of a code where it needs new proofs."""
        half = account.enable(ask.registry, ask.who, name, posted["reason"])
        back = f"/trust/people/{name}"
        if not half:
            return Redirect(back, Text("已提出，待安全管理员确认", "Proposed; the security administrator confirms"))
        return _shown(code(ask, name, half, Text("前半", "first half"), back))

    @face.form("/trust/people/{name}/reset", (REASON,), page=one, template=template, roles=SYSTEM)
    def reset(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Start an account anew; shows the first half of a new code."""
        half = account.reset(ask.registry, ask.who, name, posted["reason"])
        return _shown(code(ask, name, half, Text("前半", "first half"), f"/trust/people/{name}"))

    @face.form("/trust/people/{name}/end-sessions", (), page=one, template=template, roles=SECURITY)
    def end_sessions(ask: Ask, _posted: Posted, name: Name) -> Answer:
        """End every session of an account at once."""
        count = session.revoke(ask.registry, ask.who, name)
        return Redirect(f"/trust/people/{name}", Text(f"结束了 {count} 个会话", f"{count} sessions ended"))


def _may(ask: Ask, found: dict[str, Any]) -> list[str]:
    """What the viewer may try: the work of his role in this state, never for himself."""
    state, own = found["state"], found["account"] == ask.who.id
    open_ = state != "disabled"
    steps = {
        "confirm": ask.holds(*SECURITY) and state in ("proposed", "returning") and not own,
        "enable": ask.holds(*SYSTEM) and found["returns"] and not own,
        "disable": ask.holds(*SYSTEM, *SECURITY) and open_,
        "reset": ask.holds(*SYSTEM) and state != "proposed" and found["kind"] in account.PEOPLE and not own,
        "end-sessions": ask.holds(*SECURITY),
    }
    return [name for name, fits in steps.items() if fits]
