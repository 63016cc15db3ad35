"""Opening an account of one's own to take part."""

from __future__ import annotations

from quanmin.opendata.participation import registration
from quanmin.text import Text
from quanmin.trust.identity import totp
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.opening import CHOSEN, DIFFERS, ENROL, FIRST
from quanmin.web.portal.participation.mine import NAME
from quanmin.web.view import Answer, View

TITLE = Text("注册", "Register")
FORM, OPENED = "portal/participation/register.html", "portal/participation/registered.html"
AGREED = Text("请先勾选", "tick it first")
FIELDS = (
    *NAME,
    *CHOSEN,
    Field(
        "agreed",
        Text("我不会发布任何人的个人信息", "I will not publish anything about a person"),
        "yes",
        needed=False,
    ),
)


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/register", FORM, signed=False)
    def registering(ask: Ask) -> Answer:
        """Open an account to take part."""
        return View(TITLE, {"open": ask.settings.registration}, {"fields": FIELDS})

    @face.form("/register/open", FIELDS, page=registering, template=FORM, signed=False)
    def register(ask: Ask, posted: Posted) -> Answer | Posted:
        """Open it; shows its name and the seed of the phone's codes, this once."""
        if posted["chosen"] != posted["again"]:
            return posted.wrong("again", DIFFERS)
        if not posted["agreed"]:
            return posted.wrong("agreed", AGREED)
        made = registration.register(ask.registry, ask.settings, posted["name"], posted["chosen"], ask.address)
        data = {
            "account": made.account,
            "seed": made.seed,
            "address": totp.address(made.seed, ask.registry.site.name, made.account),
        }
        fields = [Field(**{**vars(one), "value": made.account}) if one.name == "account" else one for one in ENROL]
        return View(FIRST, data, {"fields": fields}, template=OPENED)
