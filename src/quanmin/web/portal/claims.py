"""Asking for corrections, and agreeing to purposes or taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path

from quanmin import standards
from quanmin.population import correction
from quanmin.population.inquiry import ITEM_NAMES
from quanmin.text import Text
from quanmin.trust.circumstance import CONSENTED, Circumstances
from quanmin.trust.purpose import PURPOSES
from quanmin.web.ask import Ask
from quanmin.web.errors import NoSuchPage
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.portal import me
from quanmin.web.portal.my_record import held
from quanmin.web.view import Answer, Redirect, View

CORRECT = Text("申请更正：{item}", "Correct: {item}")
Item = Annotated[str, Path(max_length=40)]
Number = Annotated[int, Path(ge=1, le=2**31)]

STATES = {
    None: Text("未表示", "nothing said"),
    "given": Text("已同意", "agreed"),
    "withdrawn": Text("已撤回（或反对）", "taken back, or objected"),
}
STEPS = {"give": Text("同意", "agreed"), "withdraw": Text("撤回或反对", "took it back, or objected")}
ABOUT = {
    "research": Text(
        "经批准的科研项目使用您的数据，不含姓名、号码等直接标识。",
        "Approved research projects use your data, without names, numbers or other direct identifiers.",
    ),
    "insurance": Text(
        "与本平台有协议的保险机构查询您的数据，较敏感的只给粗略形式。",
        "Insurers that have an agreement with this platform look at your data, the more sensitive of it in coarse form only.",
    ),
}


def fields(ask: Ask) -> list[Field]:
    """What a request about the item of the address asks for."""
    item, number = ask.request.path_params.get("item", ""), me.number_of(ask)
    return _fields(_item(ask, number, item) if number and item in ITEM_NAMES else {"statements": []})


def _item(ask: Ask, number: str, item: str) -> dict[str, Any]:
    return next(one for one in held(ask, number)["items"] if one["item"] == item)


def _fields(item: Mapping[str, Any]) -> list[Field]:
    """The sources to choose from are those that state the item."""
    stated = item["statements"]
    titles = {
        one["dataset"]: Text(f"{one['agency'].zh} · {one['title'].zh}", f"{one['agency'].en} · {one['title'].en}")
        for one in stated
    }
    return [
        Field("dataset", Text("哪个来源有误", "Which source is wrong"), "choice", choices=list(titles.items())),
        Field(
            "words",
            Text("有什么不对，应当是什么", "What is wrong, and what would be right"),
            "words",
            limit=1000,
            hint=Text("加密保存；只有您和办理人员能看到", "kept encrypted; only you and those who deal with it see it"),
        ),
    ]


def install(face: Face) -> None:
    """Register the pages."""
    _corrections(face)
    _consents(face)


def _corrections(face: Face) -> None:
    @face.page("/my-record/corrections", "portal/corrections.html", roles=me.ROLES)
    def corrections(ask: Ask) -> Answer:
        """The corrections that I asked for, and what became of them."""
        found = correction.mine(ask.lake.ledger, ask.who)
        return View(me.CORRECTIONS, {"requests": found}, {"pages": me.PAGES})

    @face.page("/my-record/correct/{item}", "portal/correct.html", roles=me.ROLES)
    def correct(ask: Ask, item: Item) -> Answer:
        """Say that an item is wrong."""
        if item not in ITEM_NAMES:
            raise NoSuchPage()
        number = me.number_of(ask)
        if number is None:
            return me.asking(ask, me.RECORD)
        title = standards.catalogue().item(item).title
        one = _item(ask, number, item)
        data = {"known": True, "item": item, "title": title, "held": one}
        return View(CORRECT.format(item=title), data, {"pages": me.PAGES, "fields": _fields(one)})

    @face.form("/my-record/correct/{item}/ask", fields, page=correct, template="portal/correct.html", roles=me.ROLES)
    def ask_for(ask: Ask, posted: Posted, item: Item) -> Answer:
        """Ask the source to look at an item again."""
        number = me.number_of(ask)
        if number is None or item not in ITEM_NAMES:
            return Redirect("/my-record")

        def decide(dataset: str, elements: Any) -> Any:
            return ask.home.decide(me.PURPOSE, dataset, tuple(elements), None, number)

        claim = correction.Claim(item, posted["dataset"], posted["words"])
        made = correction.ask(ask.lake, decide, ask.who, number, claim)
        return Redirect(
            "/my-record/corrections",
            Text(f"申请已提出，编号 {made.id}", f"Asked; the request has the number {made.id}"),
        )

    @face.form(
        "/my-record/corrections/{document}/withdraw",
        (),
        page=lambda ask, document: corrections(ask),
        template="portal/corrections.html",
        roles=me.ROLES,
    )
    def withdraw(ask: Ask, _posted: Posted, document: Number) -> Answer:
        """Give up a request of mine."""
        correction.withdraw(ask.lake.ledger, ask.who, document)
        return Redirect("/my-record/corrections", Text("申请已撤回", "The request is withdrawn"))


CHOICE = (
    Field("purpose", Text("用途", "Purpose"), "choice", choices=[(one, PURPOSES[one].title) for one in CONSENTED]),
    Field("given", Text("决定", "Decision"), "choice", choices=[("yes", STEPS["give"]), ("no", STEPS["withdraw"])]),
)


def _consents(face: Face) -> None:
    @face.page("/my-record/consent", "portal/consent.html", roles=me.ROLES)
    def consent(ask: Ask) -> Answer:
        """What I agree to, and what I took back."""
        if me.number_of(ask) is None:
            return me.asking(ask, me.CONSENT)
        facts = Circumstances.open(ask.lake.ledger, ask.settings)
        now = {one["purpose"]: one for one in facts.consents(ask.who)}
        purposes = [
            {
                "purpose": one,
                "title": PURPOSES[one].title,
                "about": ABOUT[one],
                "state": (state := now.get(one, {}).get("state")),
                "state_title": STATES[state],
                "since": now.get(one, {}).get("since"),
            }
            for one in CONSENTED
        ]
        history = [
            {**step, "title": PURPOSES[step["purpose"]].title, "step": STEPS[step["action"]]}
            for step in facts.consented(ask.who)
        ]
        return View(me.CONSENT, {"known": True, "purposes": purposes, "history": history}, {"pages": me.PAGES})

    @face.form("/my-record/consent", CHOICE, page=consent, template="portal/consent.html", roles=me.ROLES)
    def decide(ask: Ask, posted: Posted) -> Answer:
        """Agree to a purpose, or take it back."""
        number = me.number_of(ask)
        if number is None:
            return me.asking(ask, me.CONSENT)
        facts = Circumstances.open(ask.lake.ledger, ask.settings)
        facts.consent(ask.who, number, posted["purpose"], posted["given"] == "yes")
        return Redirect("/my-record/consent", Text("已记下，立即生效", "Noted; it holds from now on"))
