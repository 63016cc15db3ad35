"""Signing in and out, on both faces alike; and what becomes of a form whose session ended while it was being filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from fastapi import Query
from starlette.responses import HTMLResponse, Response

from quanmin.errors import QuanminError
from quanmin.text import Text
from quanmin.trust import identity
from quanmin.trust.identity import founding
from quanmin.trust.identity.errors import PasswordOld
from quanmin.web import opening, render, session
from quanmin.web.ask import MODES, Ask
from quanmin.web.errors import NoAccounts
from quanmin.web.form import KEPT, Field, Posted
from quanmin.web.view import Answer, Download, Redirect, View

if TYPE_CHECKING:
    from quanmin.web.face import Face

TITLE = Text("登录", "Sign in")
GO_ON = Text("继续刚才的操作", "Go on with what you were doing")
_LOCAL = re.compile(r"/[A-Za-z0-9/_.\-]*(\?[A-Za-z0-9/_.\-=&%+]*)?")

FIELDS = (
    Field("account", Text("账号", "Account"), limit=100, auto="username"),
    Field("password", Text("口令", "Password"), "secret", limit=500, auto="current-password"),
    Field(
        "code",
        Text("验证码", "One-time code"),
        "code",
        needed=False,
        limit=12,
        auto="one-time-code",
        hint=Text(
            "手机验证器上的六位数字；用通行密钥时不填", "the six digits of the authenticator; not with a passkey"
        ),
    ),
    Field("organisation", Text("所在机构", "Organisation"), needed=False, limit=40),
    Field("passkey", Text("通行密钥的应答", "Answer of the passkey"), "hidden", needed=False, limit=20_000),
    Field("next", Text("之后", "Then"), "hidden", needed=False, limit=2000),
)
WHO = (Field("account", Text("账号", "Account"), limit=100),)
SECRET = ("password", "code", "passkey", "chosen", "again", "first", "second")
"""Fields that are never kept from one form to the next."""
NO_CODE = Text("请填写验证码，或使用通行密钥", "a one-time code is needed, or a passkey")
OLD = Text("口令已过期，请先修改（用下一个验证码）", "The password has expired: change it first, with the next code")
LOOKS = (Field("look", Text("显示", "Look"), "choice", needed=False, choices=[(one, Text(one, one)) for one in MODES]),)


def within(face: Face, place: str | None) -> str | None:
    """A place of this face that may be gone to, else None."""
    if place is None or not _LOCAL.fullmatch(place) or place.startswith("//") or ".." in place:
        return None
    return place if re.match(rf"{re.escape(face.base)}/(zh|en)(/|$)", place) else None


def install(face: Face) -> None:
    """Register the pages."""
    opening.install(face)

    @face.page("/sign-in", "shell/sign_in.html", signed=False)
    def sign_in(ask: Ask, then: Annotated[str, Query(alias="next", max_length=2000)] = "") -> Answer:
        """The page to sign in on."""
        if not founding.founded(ask.registry):
            raise NoAccounts()
        place = within(face, then) or ""
        return View(TITLE, {"signed_in": ask.actor is not None}, {"fields": FIELDS, "next": place, "kept": {}})

    @face.form("/sign-in", FIELDS, page=sign_in, template="shell/sign_in.html", signed=False)
    def enter(ask: Ask, posted: Posted) -> Answer | Posted:
        """Sign in with a password and a code or a passkey; the session that there was ends."""
        if not (posted["code"] or posted["passkey"]):
            return posted.wrong("code", NO_CODE)
        proofs = identity.Proofs(posted["password"], posted["code"], posted["passkey"])
        try:
            token = identity.sign_in(
                ask.registry, posted["account"], proofs, ask.address, posted["organisation"], ask.token
            )
        except PasswordOld:
            return Redirect("/sign-in/password", OLD)
        place, cookies = within(face, posted["next"]), {session.name(face.name): token}
        if place is not None and posted.kept:
            more = {"action": place, "kept": posted.kept}
            return View(GO_ON, {}, more, template="shell/go_on.html", cookies=cookies)
        return Redirect(_inside(face, place), cookies=cookies)

    @face.form("/sign-in/passkey", WHO, page=sign_in, template="shell/sign_in.html", signed=False)
    def asked(ask: Ask, posted: Posted) -> Answer:
        """What the browser is asked in order to sign in with a passkey (JSON, for the script); alike for every account."""
        options = identity.passkey.options(ask.registry, posted["account"])
        return Download("passkey.json", "application/json", [json.dumps(options).encode()])

    @face.form("/sign-out", (), page=sign_in, template="shell/sign_in.html", signed=False)
    def leave(ask: Ask, _posted: Posted) -> Answer:
        """Sign out: the session ends here and now."""
        if ask.token is not None:
            identity.session.end(ask.registry, ask.token)
        return Redirect("/", Text("已退出", "Signed out"), {session.name(face.name): None})

    @face.form("/look", LOOKS, page=sign_in, template="shell/sign_in.html", signed=False)
    def look(ask: Ask, posted: Posted) -> Answer:
        """Make pages easier to read, or as they were."""
        modes = ask.modes ^ {posted["look"]} if posted["look"] else frozenset()
        back = within(face, ask.request.headers.get("referer", "").partition(ask.request.url.netloc)[2])
        return Redirect(_inside(face, back), cookies={session.MODE: ".".join(sorted(modes)) or None})


def _inside(face: Face, place: str | None) -> str:
    """A place of the face without its base and language, as a redirect names it."""
    return "/" if place is None else place[len(face.base) + 3 :] or "/"


async def interrupted(face: Face, ask: Ask, error: QuanminError) -> Response:
    """The session ended while a form was filled in: sign in again, and what was typed goes along as hidden fields."""
    sent = await ask.request.form(max_files=0, max_fields=500)
    typed: Mapping[str, str] = {name: value for name, value in sent.items() if isinstance(value, str)}
    kept = {f"{KEPT}{name}": value for name, value in typed.items() if name not in SECRET}
    more = {"fields": FIELDS, "next": ask.request.url.path, "kept": kept, "error": error}
    text = render.page(face, ask, "shell/sign_in.html", View(TITLE, {}, more), None)
    return HTMLResponse(text, 403)
