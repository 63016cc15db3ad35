"""Who may hold blanks: the own tree, and one holder with what an authority does: add under it, move, stop, close, merge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quanmin import standards
from quanmin.errors import QuanminError
from quanmin.programs.vital import holder as holders
from quanmin.programs.vital.blank import holding, movement
from quanmin.programs.vital.errors import BadPlace, HolderClosed, HolderExists, HolderUnknown, OnTheWay, WrongWay
from quanmin.programs.vital.office import CLOSED, LEVELS, OPEN, Holder
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import (
    REASON,
    STOCK,
    SUPERVISORS,
    Code,
    PageNumber,
    Word,
    at_field,
    office,
    own,
    paged,
    seen,
    shown,
    title_of,
)
from quanmin.web.console.vital.tree import tree
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

TEMPLATE = "console/vital/holder.html"
SIX = Text("六位行政区划代码，在上级之内", "the six digits of the division, within that above")
REGION = Field("region", Text("行政区划", "Division"), limit=6, hint=SIX)
LEVEL = Field(
    "level", Text("级别", "Level"), "choice", choices=[(one, holders.LEVEL_TITLES[one]) for one in LEVELS[1:]]
)
ADD = (
    Field("code", Text("代码", "Code"), limit=40, hint=Text("与机构账号的代码一致", "as its organisation is called")),
    Field("title", Text("名称", "Name"), limit=120),
    LEVEL,
    REGION,
    Field("births", Text("签发出生医学证明", "It issues certificates"), "yes", needed=False),
    Field("home_births", Text("受理家庭分娩", "Births at home, too"), "yes", needed=False),
)
PARENT = Field(
    "parent",
    Text("新上级代码", "Code of the new holder above"),
    limit=60,
    needed=False,
    hint=Text("不变时留空", "empty: as before"),
)
INTO = Field("into", Text("并入机构的代码", "Code of the holder that takes its place"), limit=60)
PLACES: dict[type[QuanminError], str] = {HolderExists: "code", BadPlace: "region"}


def install(face: Face) -> None:
    """Register the pages and their forms."""

    @face.page("/vital/holders", "console/vital/holders.html", roles=STOCK)
    def listed(ask: Ask, state: Word = "", page: PageNumber = 1) -> Answer:
        """The own holder and all under it, each under its parent."""
        mine = own(ask)
        found = [one for one in _ordered(ask, mine) if not state or one["state"] == state]
        data = {"state": state, **paged(found, page)}
        return shown(Text("机构", "Holders of blanks"), data, ask, words=title_of(mine))

    @face.page("/vital/holders/{code}", TEMPLATE, roles=STOCK)
    def one_holder(ask: Ask, code: Code) -> Answer:
        """One holder: where it stands, what it has, and what an authority may do with it."""
        one = seen(ask, code)
        below = tree(ask, one)
        stock = [each.to_dict() for each in holding.holdings(office(ask), one.code, alone=True)[::-1]]
        data = {**one.to_dict(), "children": [each.to_dict() for each in below.children], "stock": stock}
        data |= {"may": _may(ask, one), "region_title": standards.catalogue().regions.name(one.region)}
        forms: dict[str, Sequence[Field]] = {"add": ADD, "move": (REGION, PARENT), "stop": (REASON,), "merge": (INTO,)}
        return shown(title_of(one), data, ask, forms=forms)

    _adding(face, one_holder)
    _changing(face, one_holder)


def _adding(face: Face, page: Any) -> None:
    """The form of a new holder."""

    @face.form("/vital/holders/{code}/add", ADD, page=page, template=TEMPLATE, roles=SUPERVISORS)
    def add(ask: Ask, posted: Posted, code: Code) -> Answer | Posted:
        """Add a holder under another."""
        try:
            made = holders.add(
                office(ask),
                posted["code"],
                posted["title"],
                posted["level"],
                posted["region"],
                code,
                births=posted["births"] or posted["level"] == LEVELS[-1],
                home_births=posted["home_births"],
            )
        except QuanminError as error:
            return at_field(posted, error, PLACES)
        return Redirect(f"/vital/holders/{made.code}", Text("已登记", "It was registered"))


def _changing(face: Face, page: Any) -> None:
    """The forms of what may become of a holder."""

    @face.form("/vital/holders/{code}/move", (REGION, PARENT), page=page, template=TEMPLATE, roles=SUPERVISORS)
    def move(ask: Ask, posted: Posted, code: Code) -> Answer | Posted:
        """Say that a holder lies in another division from now on."""
        places: dict[type[QuanminError], str] = {BadPlace: "region", HolderUnknown: "parent", HolderClosed: "parent"}
        try:
            holders.move(office(ask), code, posted["region"], posted["parent"])
        except QuanminError as error:
            return at_field(posted, error, places)
        return Redirect(f"/vital/holders/{code}", Text("已变更", "It was moved"))

    @face.form("/vital/holders/{code}/stop", (REASON,), page=page, template=TEMPLATE, roles=SUPERVISORS)
    def stop(ask: Ask, posted: Posted, code: Code) -> Answer:
        """Let a holder issue and get nothing more."""
        holders.stop(office(ask), code, posted["reason"])
        return Redirect(f"/vital/holders/{code}", Text("已停止签发，待清退", "It stopped; what it holds goes back"))

    @face.form("/vital/holders/{code}/close", (), page=page, template=TEMPLATE, roles=SUPERVISORS)
    def close(ask: Ask, _posted: Posted, code: Code) -> Answer:
        """Close a holder that has nothing left."""
        holders.close(office(ask), code)
        return Redirect(f"/vital/holders/{code}", Text("已撤销", "It is closed"))

    @face.form("/vital/holders/{code}/merge", (INTO,), page=page, template=TEMPLATE, roles=SUPERVISORS)
    def merge(ask: Ask, posted: Posted, code: Code) -> Answer | Posted:
        """Give all that a holder has to the one that takes its place."""
        places: dict[type[QuanminError], str] = {
            HolderUnknown: "into",
            HolderClosed: "into",
            WrongWay: "into",
            OnTheWay: "into",
        }
        try:
            made = movement.merge(office(ask), code, posted["into"])
        except QuanminError as error:
            return at_field(posted, error, places)
        moved = sum(one.quantity for one in made)
        return Redirect(f"/vital/holders/{code}", Text(f"已移交 {moved} 张", f"{moved} sheets were handed over"))


def _may(ask: Ask, one: Holder) -> list[str]:
    """What whoever asks can do with a holder now."""
    if not ask.holds(*SUPERVISORS) or one.state == CLOSED:
        return []
    if one.code == own(ask).code:
        return ["add"] if one.state == OPEN else []
    running = ["move", "stop", "merge"] + (["add"] if one.level != LEVELS[-1] else [])
    return (running if one.state == OPEN else ["merge"]) + ["close"]


def _ordered(ask: Ask, mine: Holder) -> list[dict[str, Any]]:
    """All of the tree, each right after its parent, with how far below the own holder it stands."""
    members = tree(ask, mine).members
    under: dict[str | None, list[Holder]] = {}
    for one in members.values():
        under.setdefault(one.parent, []).append(one)
    made: list[dict[str, Any]] = []
    waiting = [(mine, 0)]
    while waiting:
        one, depth = waiting.pop()
        made.append({**one.to_dict(), "depth": depth})
        waiting += [(each, depth + 1) for each in reversed(under.get(one.code, []))]
    return made
