"""The stock desk: what lies where, the runs of free numbers, and printing and sending them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from quanmin.errors import QuanminError
from quanmin.programs.vital import edition as editions
from quanmin.programs.vital import holder as holders
from quanmin.programs.vital.blank import holding, loss, movement
from quanmin.programs.vital.errors import (
    BadRange,
    ClockWrong,
    HolderClosed,
    NotHeld,
    NumbersTaken,
    OnTheWay,
    OtherEdition,
    Used,
    WrongWay,
)
from quanmin.programs.vital.number import Span
from quanmin.programs.vital.office import OPEN, Holder
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import (
    FIRST,
    KEEPERS,
    LAST,
    STOCK,
    SUPERVISORS,
    Whose,
    at_field,
    occurred,
    office,
    own,
    seen,
    shown,
    span,
    title_of,
)
from quanmin.web.console.vital.tree import Tree, tree
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

TEMPLATE = "console/vital/stock.html"
RUNS = 200
"""Runs of free numbers that the page shows."""
NEWEST = 20
COUNTS = ("held", "free", "moving", "bound", "void", "lost", "destroyed")
PLACES: dict[type[QuanminError], str] = {
    NumbersTaken: "first",
    OtherEdition: "first",
    NotHeld: "first",
    OnTheWay: "first",
    Used: "first",
    BadRange: "last",
    ClockWrong: "occurred_on",
}
TO: dict[type[QuanminError], str] = {WrongWay: "receiver", HolderClosed: "receiver"}


def printing(ask: Ask) -> Sequence[Field]:
    """What is asked of numbers that come from the printer."""
    known = [(str(one.number), Text(f"第 {one.number} 版", f"edition {one.number}")) for one in editions.EDITIONS[::-1]]
    today = office(ask).today()
    chosen = Field("edition", Text("版次", "Edition"), "choice", choices=known, value=str(editions.on(today).number))
    return (FIRST, LAST, chosen, occurred(today))


def sending(ask: Ask) -> Sequence[Field]:
    """What is asked of numbers that leave the store; the way is told by whom they go to."""
    return (_receiver(ask, own(ask)), FIRST, LAST, occurred(office(ask).today()))


def _receiver(ask: Ask, mine: Holder) -> Field:
    known = [(f"{kind}:{one.code}", _way(kind, one)) for kind, one in _receivers(ask, mine)]
    return Field("receiver", Text("去向", "To"), "choice", choices=known)


def _way(kind: str, one: Holder) -> Text:
    title = title_of(one)
    return Text(f"{movement.KINDS[kind].zh} → {title.zh}", f"{movement.KINDS[kind].en} → {title.en}")


def _receivers(ask: Ask, mine: Holder) -> list[tuple[str, Holder]]:
    """To whom a holder may send: those right under it, whoever stands above, those beside it."""
    at = office(ask)
    found: list[tuple[str, Holder]] = []
    if mine.state == OPEN:
        found += [(movement.OUT, one) for one in tree(ask, mine).children if one.state == OPEN]
    if mine.parent is not None:
        family = holders.listing(at, under=mine.parent, states=(OPEN,))
        found += [(movement.RETURN, one) for one in family if one.code == mine.parent]
        if mine.state == OPEN:
            beside = [one for one in family if one.parent == mine.parent and one.level == mine.level]
            found += [(movement.TRANSFER, one) for one in beside if one.code != mine.code]
    return found


def install(face: Face) -> None:
    """Register the page and its forms."""

    @face.page("/vital/stock", TEMPLATE, roles=STOCK)
    def stock(ask: Ask, holder: Whose = "") -> Answer:
        """What lies with a holder and below it, its free runs, and what was done with its blanks of late."""
        mine, one = own(ask), seen(ask, holder)
        at, below = office(ask), tree(ask, one)
        runs = holding.free(at, one.code)
        data = {
            "holder": one.to_dict(),
            "own": [each.to_dict() for each in holding.holdings(at, one.code, alone=True)[::-1]],
            "below": branches(ask, below),
            "runs": [{"edition": edition, **run.to_dict()} for edition, run in runs[:RUNS]],
            "runs_total": len(runs),
            "movements": [each.to_dict() for each in movement.listing(at, one.code, limit=NEWEST)],
            "losses": lost(ask, one.code),
            "may": _may(ask, mine, one),
        }
        forms = {"printing": printing(ask), "sending": sending(ask)} if one.code == mine.code else {}
        return shown(
            Text("空白证库存", "Stock of blanks"),
            data,
            ask,
            forms=forms,
            words=title_of(one),
            loss_states=loss.LOSS_STATES,
        )

    @face.form("/vital/stock/print", printing, page=stock, template=TEMPLATE, roles=SUPERVISORS)
    def printed(ask: Ask, posted: Posted) -> Answer | Posted:
        """Take numbers from the printer into the own store."""
        run = span(posted)
        if isinstance(run, Posted):
            return run
        try:
            movement.printed(office(ask), own(ask).code, [run], int(posted["edition"]), posted["occurred_on"])
        except QuanminError as error:
            return at_field(posted, error, PLACES)
        return Redirect("/vital/stock", Text(f"已入库 {run.size} 张：{run}", f"{run.size} came in: {run}"))

    @face.form("/vital/stock/send", sending, page=stock, template=TEMPLATE, roles=KEEPERS)
    def sent(ask: Ask, posted: Posted) -> Answer | Posted:
        """Send numbers down, back or beside."""
        run = span(posted)
        if isinstance(run, Posted):
            return run
        kind, _, receiver = posted["receiver"].partition(":")
        try:
            made = movement.send(office(ask), kind, own(ask).code, receiver, [run], None, posted["occurred_on"])
        except QuanminError as error:
            return at_field(posted, error, {**PLACES, **TO})
        return Redirect(f"/vital/movements/{made.id}", Text(f"已发出 {run.size} 张", f"{run.size} are on their way"))


def _may(ask: Ask, mine: Holder, one: Holder) -> list[str]:
    """What whoever asks can do with the store that is shown."""
    if one.code != mine.code:
        return []
    kept = ["send", "void", "lose"] if ask.holds(*KEEPERS) else []
    return kept + (["print"] if ask.holds(*SUPERVISORS) and mine.level == "province" else [])


def branches(ask: Ask, below: Tree) -> list[dict[str, Any]]:
    """What lies under a holder, by the branch right under it and edition."""
    sums: dict[tuple[str, int], Counter[str]] = {}
    for one in holding.holdings(office(ask), below.top.code):
        at = below.branch[one.holder]
        if at != below.top.code:
            told = one.to_dict()
            sums.setdefault((at, one.edition), Counter()).update({name: told[name] for name in COUNTS})
    return [
        {
            "holder": code,
            "title": below.members[code].title,
            "edition": edition,
            **{name: sums[code, edition][name] for name in COUNTS},
        }
        for code, edition in sorted(sums)
    ]


def lost(ask: Ask, code: str) -> list[dict[str, Any]]:
    """The losses of a holder, the newest first."""
    found = ask.lake.ledger.find(loss.LOSS.kind, ref=code)
    return [
        {
            "document": one.id,
            "state": one.state,
            "since": one.since,
            "ranges": [_run(each) for each in one.data["spans"]],
        }
        for one in found[::-1][:NEWEST]
    ]


def _run(ends: Sequence[int]) -> dict[str, object]:
    return Span(*ends).to_dict()
