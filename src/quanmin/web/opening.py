"""Opening an account with both halves of its code, its first one-time code, and changing a password: for those not signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Query

from quanmin.text import Text
from quanmin.trust import identity
from quanmin.trust.identity import totp
from quanmin.web.ask import Ask
from quanmin.web.form import Field, Posted
from quanmin.web.session import name as cookie
from quanmin.web.view import Answer, Redirect, View

if TYPE_CHECKING:
    from quanmin.web.face import Face

TITLE = Text("激活账号", "Activate an account")
CHANGE = Text("修改口令", "Change the password")
FIRST = Text("绑定验证器", "The first one-time code")
DIFFERS = Text("两次输入的新口令不同", "the two new passwords differ")
ACCOUNT = Field("account", Text("账号", "Account"), limit=100, auto="username")
PASSWORD = Field("password", Text("口令", "Password"), "secret", limit=500, auto="current-password")
CODE = Field(
    "code",
    Text("验证码", "One-time code"),
    "code",
    limit=12,
    auto="one-time-code",
    hint=Text("手机验证器上的六位数字", "the six digits of the authenticator"),
)
CHOSEN = (
    Field(
        "chosen",
        Text("新口令", "New password"),
        "secret",
        limit=500,
        auto="new-password",
        hint=Text("至少 12 个字符，不用常见词", "12 characters at least, no common word"),
    ),
    Field("again", Text("再输一次", "The same again"), "secret", limit=500, auto="new-password"),
)
ACTIVATE = (
    ACCOUNT,
    Field("first", Text("激活码前半", "First half of the code"), "secret", limit=60),
    Field("second", Text("激活码后半", "Second half of the code"), "secret", limit=60),
    *CHOSEN,
)
ENROL = (ACCOUNT, PASSWORD, CODE)
PASSWORDS = (ACCOUNT, PASSWORD, CODE, *CHOSEN)
Account = Annotated[str, Query(max_length=100)]


def install(face: Face) -> None:
    """Register the pages."""
    template, enrolling, changing = "shell/activate.html", "shell/enrol.html", "shell/password.html"

    @face.page("/sign-in/activate", template, signed=False)
    def activating(ask: Ask) -> Answer:
        """Both halves of a code, and a password of one's choice."""
        return View(TITLE, {}, {"fields": ACTIVATE})

    @face.page("/sign-in/enrol", enrolling, signed=False)
    def enrolment(ask: Ask) -> Answer:
        """The first code of the phone."""
        return View(FIRST, {"seed": None, "address": None}, {"fields": ENROL})

    @face.form("/sign-in/activate", ACTIVATE, page=activating, template=template, signed=False)
    def activate(ask: Ask, posted: Posted) -> Answer | Posted:
        """Open the account; shows the seed of the phone's codes, this once."""
        if posted["chosen"] != posted["again"]:
            return posted.wrong("again", DIFFERS)
        name, halves = posted["account"], (posted["first"], posted["second"])
        seed = identity.activate(ask.registry, name, halves, posted["chosen"], ask.address)
        data = {"seed": seed, "address": totp.address(seed, ask.registry.site.name, name)}
        fields = [Field(**{**vars(one), "value": name}) if one.name == "account" else one for one in ENROL]
        return View(FIRST, data, {"fields": fields}, template=enrolling)

    @face.form("/sign-in/enrol", ENROL, page=enrolment, template=enrolling, signed=False)
    def enrol(ask: Ask, posted: Posted) -> Answer:
        """Show the first code: the account is active from then on."""
        proofs = identity.Proofs(posted["password"], posted["code"])
        identity.enrol(ask.registry, posted["account"], proofs, ask.address)
        return Redirect(
            "/sign-in", Text("账号已启用，请用下一个验证码登录", "The account is active; sign in with the next code")
        )

    @face.page("/sign-in/password", changing, signed=False)
    def changing_(ask: Ask) -> Answer:
        """The old password, a code, and a new password."""
        known = ask.actor.id if ask.actor is not None else None
        fields = [Field(**{**vars(one), "value": known}) if one.name == "account" else one for one in PASSWORDS]
        return View(CHANGE, {}, {"fields": fields})

    @face.form("/sign-in/password", PASSWORDS, page=changing_, template=changing, signed=False)
    def change(ask: Ask, posted: Posted) -> Answer | Posted:
        """Change the password; every session of the account ends."""
        if posted["chosen"] != posted["again"]:
            return posted.wrong("again", DIFFERS)
        proofs = identity.Proofs(posted["password"], posted["code"])
        identity.change_password(ask.registry, posted["account"], proofs, posted["chosen"], ask.address)
        own = ask.actor is not None and ask.actor.id == posted["account"]
        gone = {cookie(face.name): None} if own else {}
        return Redirect("/sign-in", Text("口令已修改，请重新登录", "The password is changed; sign in again"), gone)
