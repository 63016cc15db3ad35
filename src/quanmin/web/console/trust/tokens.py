"""Keys with which services sign their tokens: who holds one until when; proposed, confirmed by another, ended at once."""

from __future__ import annotations

from functools import partial
from typing import Any

from quanmin.text import Text
from quanmin.trust.identity import account, mandate, token
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
    paged,
    shown,
)
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

TITLE = Text("服务密钥", "Keys of services")
TEMPLATE, PLACE = "console/trust/tokens.html", "/trust/tokens"
KEY = Field(
    "key",
    Text("公钥（Ed25519，PEM）", "Public key (Ed25519, PEM)"),
    "words",
    limit=1000,
    hint=Text(
        "以 -----BEGIN PUBLIC KEY----- 开头；私钥留在服务处",
        "begins with -----BEGIN PUBLIC KEY-----; the private key stays there",
    ),
)
END = (Field("document", Text("编号", "Document"), "number", limit=9), REASON)


def fields(ask: Ask) -> list[Field]:
    """Whose key, which, until when."""
    rows = account.listing(ask.registry, ask.who)
    known = [str(one["account"]) for one in rows if one["kind"] == "service" and one["state"] != "disabled"]
    return [
        Field("account", Text("服务账号", "Account of the service"), "choice", choices=area.choices(known, {})),
        KEY,
        UNTIL,
    ]


def install(face: Face) -> None:
    """Register the pages."""

    @face.page(PLACE, TEMPLATE, roles=ADMINISTRATORS)
    def tokens(ask: Ask, page: PageNumber = 1) -> Answer:
        """The keys that wait for their confirmation, and every key that there was, with holder and end."""
        rows = mandate.listing(ask.registry, ask.who, "service_key")
        waiting, today = [one for one in rows if one["state"] == "proposed"], ask.lake.ledger.now().date().isoformat()
        kept = [_over(one, today) for one in rows if one["state"] != "proposed"][::-1]
        more: dict[str, Any] = {"fields": fields(ask) if ask.holds(*SYSTEM) else []}
        more["security"], more["end"] = ask.holds(*SECURITY), END if ask.holds(*SECURITY) else ()
        return shown(ask, TITLE, {"requests": waiting, **paged(kept, page)}, **more)

    form = partial(face.form, template=TEMPLATE)

    @form(f"{PLACE}/propose", fields, page=tokens, roles=SYSTEM)
    def propose(ask: Ask, posted: Posted) -> Answer:
        """Propose the public key of a service; it counts when another has confirmed it."""
        public = posted["key"].replace("\r\n", "\n") + "\n"
        token.register(ask.registry, ask.who, posted["account"], public, posted["until"])
        return Redirect(PLACE, Text("已提出，待安全管理员确认", "Proposed; the security administrator confirms"))

    def again(ask: Ask, number: int) -> Answer:
        del number
        return tokens(ask)

    @form(f"{PLACE}/{{number}}/confirm", (), page=again, roles=SECURITY)
    def confirm(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """Confirm a key that another proposed."""
        mandate.confirm(ask.registry, ask.who, _key(ask, number))
        return Redirect(PLACE, Text("已确认，密钥生效", "Confirmed; the key counts"))

    @form(f"{PLACE}/end", END, page=tokens, roles=SECURITY)
    def end(ask: Ask, posted: Posted) -> Answer:
        """End a key at once: no token that it signs is accepted any more."""
        mandate.end(ask.registry, ask.who, _key(ask, posted["document"]), posted["reason"])
        return Redirect(PLACE, Text("已终止，其令牌不再有效", "Ended; its tokens are accepted no more"))


def _key(ask: Ask, number: int) -> int:
    """The number, if it is that of a key; UnknownDocument."""
    return mandate.get(ask.registry, number, sorts=("service_key",)).id


def _over(one: dict[str, Any], today: str) -> dict[str, Any]:
    return {**one, "state": "over"} if one["state"] == "held" and one["until"] < today else one
