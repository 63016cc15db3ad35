"""What is open: by source, code and age; and the errors of one source with their addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Query

from quanmin.charts import Bar, BarChart
from quanmin.population import EXPECTED
from quanmin.population.outstanding import AGES
from quanmin.standards import catalogue
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.areas import OPERATOR
from quanmin.web.face import Face
from quanmin.web.form import Posted
from quanmin.web.view import Answer, Redirect, View

ROLES = (*OPERATOR, "administrator")
PAGES = [
    ("/feedback", Text("未结错误", "Open errors")),
    ("/feedback/letters", Text("反馈", "Letters")),
    ("/feedback/claims", Text("更正申请", "Requests of citizens")),
    ("/feedback/reports", Text("公众报告的错误", "Errors that the public reported")),
]
SOURCE = "console/feedback/source.html"
Source = Annotated[str, Path(max_length=60, pattern="^[a-z_]+(_[0-9]{6})?$")]
Word = Annotated[str, Query(max_length=80)]
Number = Annotated[int, Query(ge=1, le=1_000_000)]


def called(source: str) -> Text:
    """What whoever sent the rows is called."""
    return catalogue().called(source)


def install(face: Face) -> None:
    """Register the pages and the form."""

    @face.page("/feedback", "console/feedback/standing.html", roles=ROLES)
    def standing(ask: Ask) -> Answer:
        """The open errors of all sources."""
        found = ask.home.letters.standing()
        words = {"called": called, "codes": catalogue().error_codes, "ages": AGES, "pages": PAGES}
        return View(Text("反馈", "Feedback"), found, {**words, "chart": _chart(found) if found["sources"] else None})

    @face.page("/feedback/sources/{source}", SOURCE, roles=ROLES)
    def errors(
        ask: Ask,
        source: Source,
        dataset: Word = "",
        code: Word = "",
        late: Annotated[bool, Query()] = False,
        page: Number = 1,
    ) -> Answer:
        """The open errors of a source, with the addresses of the rows."""
        found = ask.home.letters.errors(source, dataset=dataset, code=code, late=late, number=page)
        chosen = {"dataset": dataset, "code": code, "late": late}
        words = {"called": called, "codes": catalogue().error_codes, "expected": EXPECTED, "pages": PAGES}
        agency = catalogue().body(source)
        sent = [one for one in catalogue().datasets.values() if agency is not None and one.steward == agency.kind]
        more = {**words, "datasets": {one.id: one.title for one in catalogue().datasets.values()}, "own": sent}
        return View(called(source), {**found, **chosen}, more)

    @face.form("/feedback/sources/{source}/prepare", (), page=errors, template=SOURCE, roles=ROLES)
    def prepare(ask: Ask, _posted: Posted, source: Source) -> Answer:
        """Prepare feedback for the source from what is open now."""
        made = ask.home.letters.prepare(source)
        return Redirect(f"/feedback/letters/{made['letter']}", Text("反馈已备好", "The feedback is prepared"))


def _chart(found: Mapping[str, Any]) -> BarChart:
    rows = tuple(Bar(called(one["source"]), one["errors"]) for one in found["sources"])
    return BarChart(
        Text("各单位未结错误", "Open errors by source"), rows, item=Text("单位", "source"), value=Text("错误", "errors")
    )
