"""One's own account: who one is here, password, passkeys, certificates, sessions, and acting for a ward."""

from __future__ import annotations

import json
from typing import Any

from quanmin.text import Text
from quanmin.trust import identity
from quanmin.trust.identity import authority, mandate, passkey, session
from quanmin.web.ask import Ask
from quanmin.web.console.trust import area
from quanmin.web.console.trust.area import Number
from quanmin.web.console.trust.certificates import CSR
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.session import name as cookie
from quanmin.web.view import Answer, Download, Redirect, View

TITLE = Text("我的账号", "My account")
TEMPLATE = "console/account.html"
ANSWER = Field("answer", Text("通行密钥的应答", "Answer of the passkey"), "hidden", limit=20_000)
REQUEST = (CSR, area.UNTIL)
METHODS = {
    "password+totp": Text("密码与验证码", "password and code"),
    "password+passkey": Text("密码与通行密钥", "password and passkey"),
    "password+certificate": Text("密码与证书", "password and certificate"),
    "certificate": Text("证书", "certificate"),
}


def ward_field(ask: Ask) -> list[Field]:
    """For whom to act: oneself, or a ward by the number of the guardianship."""
    held = mandate.held(ask.registry, ask.who, "guardianship")
    known = [
        (
            str(one["document"]),
            Text(f"监护 {one['document']}，至 {one['until']}", f"ward of {one['document']}, until {one['until']}"),
        )
        for one in held
    ]
    return [Field("guardianship", Text("代理", "Act for"), "choice", choices=[("0", Text("本人", "myself")), *known])]


def install(face: Face) -> None:
    """Register the pages."""
    page = _page(face)
    _keys(face, page)
    _rest(face, page)


def _page(face: Face) -> Any:
    @face.page("/account", TEMPLATE)
    def account(ask: Ask) -> Answer:
        """Who one is here, by which proofs, and what one holds."""
        who = ask.who
        data: dict[str, Any] = {
            "account": who.id,
            "kind": who.kind,
            "roles": sorted(who.roles),
            "organisation": who.organisation,
        }
        data |= {
            "region": who.region,
            "assurance": who.assurance,
            "mfa": who.mfa,
            "for_ward": who.acting_for is not None,
        }
        data["held"] = mandate.held(ask.registry, who, "post", "grant")
        data["sessions"] = session.own(ask.registry, who)
        data["passkeys"] = passkey.listing(ask.registry, who) if who.mfa else []
        words = {"role_words": area.ROLE_WORDS, "kinds": area.KINDS, "methods": METHODS}
        wards = ward_field(ask)
        more = {"wards": wards if len(wards[0].choices) > 1 else [], "request": REQUEST}
        return View(TITLE, data, {**words, **more})

    return account


def _keys(face: Face, page: Any) -> None:
    @face.form("/account/passkeys/options", (), page=page, template=TEMPLATE)
    def options(ask: Ask, _posted: Posted) -> Answer:
        """What the browser is asked in order to make a passkey (JSON, for the script)."""
        asked = passkey.registration_options(ask.registry, ask.who)
        return Download("passkey.json", "application/json", [json.dumps(asked).encode()])

    @face.form("/account/passkeys/register", (ANSWER,), page=page, template=TEMPLATE)
    def register(ask: Ask, posted: Posted) -> Answer:
        """Keep the passkey that the browser made."""
        passkey.register(ask.registry, ask.who, posted["answer"])
        return Redirect("/account", Text("通行密钥已登记", "The passkey is kept"))

    def again(ask: Ask, number: int) -> Answer:
        del number
        answer: Answer = page(ask)
        return answer

    @face.form("/account/passkeys/{number}/remove", (), page=again, template=TEMPLATE)
    def remove(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """Give up a passkey: it opens nothing any more."""
        passkey.remove(ask.registry, ask.who, number)
        return Redirect("/account", Text("通行密钥已移除", "The passkey is removed"))


def _rest(face: Face, page: Any) -> None:
    @face.form("/account/end-sessions", (), page=page, template=TEMPLATE)
    def end_sessions(ask: Ask, _posted: Posted) -> Answer:
        """End all of one's sessions, this one too."""
        session.revoke(ask.registry, ask.who, ask.who.id)
        return Redirect("/sign-in", Text("您的会话都已结束", "All your sessions have ended"), {cookie(face.name): None})

    @face.form("/account/act-for", ward_field, page=page, template=TEMPLATE)
    def act_for(ask: Ask, posted: Posted) -> Answer:
        """Act for a ward from now on, or for oneself again."""
        identity.act_for(ask.registry, ask.token or "", int(posted["guardianship"]) or None)
        return Redirect("/account", Text("已切换", "Changed"))

    @face.form("/account/certificate", REQUEST, page=page, template=TEMPLATE)
    def certificate(ask: Ask, posted: Posted) -> Answer:
        """Ask for a certificate of one's own with a request that one's key signed."""
        csr = posted["request"].replace("\r\n", "\n") + "\n"
        authority.request(ask.registry, ask.who, ask.who.id, csr, posted["until"])
        return Redirect("/account", Text("已申请，待安全管理员签发", "Asked for; the security administrator issues it"))
