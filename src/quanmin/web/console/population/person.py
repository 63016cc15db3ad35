"""A person by number: the golden record, what each source says, the history, the identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path

from quanmin.population.review.side import MARKS
from quanmin.standards import catalogue
from quanmin.text import Text
from quanmin.trust.purpose import PURPOSES
from quanmin.web.ask import Ask
from quanmin.web.console.population import handle
from quanmin.web.console.population.handle import Subject
from quanmin.web.console.population.pages import FORMS, pages, words
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, View

Handle = Annotated[str, Path(max_length=handle.LONGEST)]
TEMPLATE = "console/population/person.html"

TABS = (
    ("", Text("金记录", "Golden record")),
    ("/sources", Text("各来源", "What each source says")),
    ("/history", Text("历史", "History")),
    ("/identifiers", Text("标识号", "Identifiers")),
)

CASE = Field(
    "case",
    Text("办件号", "Case number"),
    needed=False,
    limit=60,
    hint=Text("有办件号时可见的更多；不填个人信息", "more is shown with one; nobody's data here"),
)
NUMBER = Field("number", Text("公民身份号码", "Citizen number"), limit=30)


def purposes(names: Sequence[str]) -> Field:
    """The choice among the purposes that a post leaves."""
    choices = [(one, PURPOSES[one].title) for one in names]
    return Field("purpose", Text("用途", "Purpose"), "choice", choices=choices, value=names[0] if names else None)


def fields(ask: Ask) -> Sequence[Field]:
    """What is asked for a look-up."""
    return (NUMBER, purposes(ask.home.population.aims().persons), CASE)


def told(ask: Ask, subject: Subject) -> View:
    """The golden record of somebody."""
    found = ask.home.population.look(*subject)
    return View(
        Text("金记录", "Golden record"), found, {**tabs(ask, subject, 0), "datasets": _datasets()}, template=TEMPLATE
    )


def tabs(ask: Ask, subject: Subject, place: int) -> dict[str, Any]:
    """The pages of somebody, each under the handle, the one at a place being shown; and how forms of values are named."""
    at = f"/population/person/{handle.give(ask, subject)}"
    return {
        "tabs": [(at + end, title, one == place) for one, (end, title) in enumerate(TABS)],
        "forms": FORMS,
        "words": words(),
    }


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/population", "console/population/desk.html")
    def desk(ask: Ask) -> Answer:
        """The base: how it stands, and whom to look up."""
        home = ask.home.population
        found = {"snapshot": ask.place.snapshot(), **home.standing()}
        aims = home.aims()
        return View(Text("人口库", "Population"), found, {"fields": fields(ask), "aims": aims, "pages": pages(aims)})

    @face.form("/population/person", fields, page=desk, template="console/population/desk.html")
    def look(ask: Ask, posted: Posted) -> Answer:
        """Look somebody up by number; the golden record, as the purpose shows it."""
        return told(ask, Subject(posted["number"], posted["purpose"], posted["case"]))

    @face.page("/population/person", "console/population/desk.html")
    def again(ask: Ask) -> Answer:
        """The same page, for whoever changes the language or comes back to the address of the form."""
        return desk(ask)

    @face.page("/population/person/{subject}", TEMPLATE)
    def person(ask: Ask, subject: Handle) -> Answer:
        """The golden record of somebody who was looked up."""
        return told(ask, handle.take(ask, subject))

    @face.page("/population/person/{subject}/sources", "console/population/sources.html")
    def sources(ask: Ask, subject: Handle) -> Answer:
        """What each source says, beside the golden record."""
        who = handle.take(ask, subject)
        found = ask.home.population.statements(*who)
        return View(Text("各来源所述", "What each source says"), found, {**tabs(ask, who, 1), "marks": MARKS})

    @face.page("/population/person/{subject}/history", "console/population/history.html")
    def history(ask: Ask, subject: Handle) -> Answer:
        """Every change of the golden record, and every record that spoke of the person."""
        who = handle.take(ask, subject)
        return View(
            Text("历史", "History"), ask.home.population.history(*who), {**tabs(ask, who, 2), "datasets": _datasets()}
        )

    @face.page("/population/person/{subject}/identifiers", "console/population/identifiers.html")
    def identifiers(ask: Ask, subject: Handle) -> Answer:
        """The numbers that the person goes by."""
        who = handle.take(ask, subject)
        found = ask.home.population.identifiers(*who)
        return View(Text("标识号", "Identifiers"), found, {**tabs(ask, who, 3), "datasets": _datasets()})


def _datasets() -> dict[str, Text]:
    return {one.id: one.title for one in catalogue().datasets.values()}
