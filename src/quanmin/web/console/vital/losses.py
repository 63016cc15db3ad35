"""Blanks that will never be issued: reported void or lost, and the steps that a loss needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from quanmin.errors import QuanminError
from quanmin.programs.vital import owed
from quanmin.programs.vital.blank import loss as losses
from quanmin.programs.vital.errors import ClockWrong, NotHeld, NotYourHolder, OnTheWay, ReasonUnknown, Used
from quanmin.programs.vital.number import Span
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import (
    FIRST,
    KEEPERS,
    LAST,
    NOTHING_PERSONAL,
    STOCK,
    Document,
    at_field,
    holder,
    noticed,
    office,
    own,
    sees,
    shown,
    span,
    title_of,
)
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

STOCK_TEMPLATE = "console/vital/void.html"
TEMPLATE = "console/vital/loss.html"
FOUND_ON = Field("found_on", Text("发现日期", "Noticed on"), "day", needed=False, hint=Text("留空为现在", "empty: now"))
FOUND_AT = Field("found_at", Text("发现时间", "At"), needed=False, limit=5, hint=Text("如 14:30", "such as 14:30"))
REMARK = Field("remark", Text("说明", "Remark"), "words", needed=False, limit=400, hint=NOTHING_PERSONAL)
WHY = Field(
    "reason",
    Text("作废原因", "Why"),
    "choice",
    choices=[(name, words) for name, words in losses.VOID_REASONS.items() if name != "found"],
)
VOID = (FIRST, LAST, WHY, FOUND_ON, FOUND_AT, REMARK)
LOST = (FIRST, LAST, FOUND_ON, FOUND_AT, REMARK)
PLACES: dict[type[QuanminError], str] = {
    NotHeld: "first",
    OnTheWay: "first",
    Used: "first",
    ReasonUnknown: "last",
    ClockWrong: "found_on",
}
STEPS: dict[str, tuple[Text, Text, Field]] = {
    "police": (
        Text("报警", "Tell the police"),
        Text("已登记报警", "The police was told"),
        Field("receipt", Text("报警回执编号", "Number of the receipt"), limit=80),
    ),
    "notice": (
        Text("登报声明", "Tell the public"),
        Text("已登记登报声明", "The public was told"),
        Field("newspaper", Text("报刊与日期", "Newspaper and day"), limit=120),
    ),
    "write": (
        Text("书面报告", "Report in writing"),
        Text("已登记书面报告", "It was reported in writing"),
        Field("letter", Text("报告文号", "Number of the letter"), limit=80),
    ),
}
WORDS = {
    "create": Text("报失", "reported lost"),
    "police": Text("报警", "told to the police"),
    "notice": Text("登报声明", "told to the public"),
    "write": Text("书面报告", "reported in writing"),
    "find": Text("找回", "found"),
}


def install(face: Face) -> None:
    """Register the pages and their forms."""
    _reports(face)

    @face.page("/vital/losses/{number}", TEMPLATE, roles=STOCK)
    def loss(ask: Ask, number: Document) -> Answer:
        """One loss: the numbers, what was done about it, and what is still owed."""
        document = ask.lake.ledger.get(number, kinds=(losses.LOSS.kind,))
        code = document.data["holder"]
        if not sees(ask, code):
            raise NotYourHolder(holder=code)
        steps = [{"step": one.name, "by": one.actor, "at": one.at, "said": _said(one.data)} for one in document.actions]
        mine = code == own(ask).code and ask.holds(*KEEPERS)
        may = [one.name for one in losses.LOSS.allowed(document.state)] if mine else []
        data = {"document": number, "state": document.state, "holder": code, "steps": steps, "may": may}
        data |= {"ranges": [Span(*one).to_dict() for one in document.data["spans"]]}
        data |= {"owed": [one.to_dict() | {"due": one.due} for one in owed.of(office(ask), number)]}
        title = Text(f"遗失报告 {number}", f"Loss {number}")
        more = {"words": title_of(holder(ask, code)), "forms": STEPS, "step_words": WORDS}
        return shown(title, data, ask, loss_states=losses.LOSS_STATES, **more)

    for step in STEPS:
        _step(face, loss, step)

    @face.form("/vital/losses/{number}/find", (), page=loss, template=TEMPLATE, roles=KEEPERS)
    def find(ask: Ask, _posted: Posted, number: Document) -> Answer:
        """The sheets were found; they are void."""
        losses.find(office(ask), number)
        return Redirect(f"/vital/losses/{number}", Text("已登记找回，该证作废", "They were found and are void"))


def _said(data: Any) -> str:
    return str(next((data[name] for name in ("receipt", "newspaper", "letter", "remark") if data.get(name)), ""))


def _step(face: Face, page: Any, step: str) -> None:
    """The form of a step of a loss."""
    _title, said, asked = STEPS[step]

    @face.form(f"/vital/losses/{{number}}/{step}", (asked,), page=page, template=TEMPLATE, roles=KEEPERS)
    def take(ask: Ask, posted: Posted, number: Document) -> Answer:
        """Report the next step of a loss."""
        losses.step(office(ask), number, step, posted[asked.name])
        return Redirect(f"/vital/losses/{number}", said)


def _reports(face: Face) -> None:
    """The page on which blanks are reported void or lost."""

    @face.page("/vital/stock/report", STOCK_TEMPLATE, roles=KEEPERS)
    def report(ask: Ask) -> Answer:
        """Report blanks of the own store void or lost."""
        mine = own(ask)
        data = {"holder": mine.to_dict(), "void": voided(ask, mine.code)}
        return shown(Text("报废报失", "Void and lost blanks"), data, ask, void=VOID, lost=LOST, words=title_of(mine))

    def void(ask: Ask, posted: Posted, run: Span, at: Any) -> Redirect:
        losses.void(office(ask), own(ask).code, run, posted["reason"], at, posted["remark"] or "")
        return Redirect("/vital/stock/report", Text(f"已作废 {run.size} 张：{run}", f"{run.size} are void: {run}"))

    def lose(ask: Ask, posted: Posted, run: Span, at: Any) -> Redirect:
        made = losses.lose(office(ask), own(ask).code, run, at, posted["remark"] or "")
        return Redirect(
            f"/vital/losses/{made.id}", Text("已报失，须按期报警、登报并书面报告", "Reported lost; the steps are owed")
        )

    _report(face, report, "void", VOID, void)
    _report(face, report, "lose", LOST, lose)


def _report(face: Face, page: Any, name: str, fields: Sequence[Field], act: Callable[..., Redirect]) -> None:
    """A form that reports numbers."""

    @face.form(f"/vital/stock/report/{name}", fields, page=page, template=STOCK_TEMPLATE, roles=KEEPERS)
    def reported(ask: Ask, posted: Posted) -> Answer | Posted:
        """Report numbers of the own store void or lost."""
        run, at = span(posted), noticed(posted, ask.settings.zone)
        for one in (run, at):
            if isinstance(one, Posted):
                return one
        assert isinstance(run, Span)
        try:
            return act(ask, posted, run, at)
        except QuanminError as error:
            return at_field(posted, error, PLACES)


def voided(ask: Ask, *codes: str) -> list[dict[str, Any]]:
    """Void sheets that were not destroyed, by holder."""
    found = losses.voided(office(ask), codes)
    return [{"holder": code, **run.to_dict()} for code in sorted(found) for run in found[code]]
