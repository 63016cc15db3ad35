"""Who is this? People by name, birth, sex, region and address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quanmin.population.find import LIMIT, MATCHES, MOST, birth_of, item_of
from quanmin.standards import catalogue
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.population import handle
from quanmin.web.console.population.handle import Subject
from quanmin.web.console.population.pages import FORMS, pages, words
from quanmin.web.console.population.person import CASE, purposes
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, View

TEMPLATE = "console/population/find.html"
LISTED = ("citizen_number", "name", "sex", "birth_date", "birth_place", "registered_address", "residence", "death_date")
"""The items of the base by which people are told apart in the list, as far as they are shown."""

NAME = Field(
    "name",
    Text("姓名", "Name"),
    needed=False,
    limit=60,
    hint=Text("可用曾用名或拼音", "also a former one or in pinyin"),
)
SOUND = Field("sound", Text("包括同音字", "Also names that sound alike"), "yes", needed=False)
BORN = Field(
    "born",
    Text("出生日期或年份", "Birth date or year"),
    needed=False,
    limit=10,
    hint=Text("1949-12-31 或 1949", "1949-12-31 or 1949"),
)
REGION = Field("region", Text("出生地代码前缀", "Beginning of the birth place's code"), needed=False, limit=6)
ADDRESS = Field("address", Text("地址的一部分", "Part of the address"), needed=False, limit=60)
MANY = Field("limit", Text("人数上限", "People at most"), "number", needed=False, limit=3, value=LIMIT)


def fields(ask: Ask) -> Sequence[Field]:
    """What people can be found by."""
    values = catalogue().value_sets[str(item_of("sex").values)]
    sexes = list(values.codes.items())
    sex = Field("sex", Text("性别", "Sex"), "choice", needed=False, choices=sexes)
    return (NAME, SOUND, BORN, sex, REGION, ADDRESS, MANY, purposes(ask.home.population.aims().searches), CASE)


def install(face: Face) -> None:
    """Register the page and its form."""

    @face.page("/population/find", TEMPLATE)
    def search(ask: Ask) -> Answer:
        """The form to find people with."""
        return View(Text("查找", "Find"), {"people": None}, _more(ask))

    @face.form("/population/find", fields, page=search, template=TEMPLATE)
    def found(ask: Ask, posted: Posted) -> Answer:
        """The people who fit."""
        sought = {name: posted[name] for name in ("name", "sex", "region", "address")}
        asked = {"purpose": posted["purpose"], "case": posted["case"]}
        limit = min(max(posted["limit"] or LIMIT, 1), MOST)
        people = ask.home.population.find(
            **sought, **birth_of(posted["born"]), sound=posted["sound"], limit=limit, **asked
        )
        handles = [
            handle.give(ask, Subject(one["person"], posted["purpose"], posted["case"])) if one["person"] else None
            for one in people
        ]
        more = {"posted": posted, "failed": "find", "handles": handles}
        return View(Text("查找", "Find"), {"people": list(people)}, {**_more(ask), **more})


def _more(ask: Ask) -> dict[str, Any]:
    titles = {one.id: one.title for one in catalogue().items}
    told = {
        "matches": MATCHES,
        "listed": [(one, titles[one]) for one in LISTED],
        "handles": [],
        "forms": FORMS,
        "words": words(),
    }
    return {"fields": fields(ask), "pages": pages(ask.home.population.aims()), **told}
