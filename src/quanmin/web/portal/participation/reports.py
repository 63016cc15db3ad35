"""Error reports on a dataset: sent, and what becomes of each, in public."""

from __future__ import annotations

from typing import Any

from quanmin.ledger import Document
from quanmin.opendata.participation import dataset, paper, report, words
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.portal.participation.common import PLAIN, Name, Number, PageNumber, author, lines, more, records, told
from quanmin.web.view import Answer, Redirect, View

NEW, ALL = Text("报告数据错误", "Report an error"), Text("错误报告", "Error reports")
PAGE, FORM, LIST = (f"portal/participation/{one}.html" for one in ("report", "report_form", "reports"))
STEPS = {
    "create": Text("收到", "received"),
    "confirm": Text("确认", "confirmed"),
    "correct": Text("更正", "corrected"),
    "reject": Text("核实无误", "not an error"),
    "withdraw": Text("撤回", "taken back"),
    "hide": Text("屏蔽", "hidden"),
}


def fields(ask: Ask) -> list[Field]:
    """What is asked of a report on the dataset of the address."""
    name = ask.request.path_params.get("name", "")
    known = report.fields(dataset.named(ask.place.portal, name))
    choice = [Field("field", Text("数据项", "Field"), "choice", needed=False, choices=known)] if known else []
    return [
        Field("sort", Text("类型", "What kind"), "choice", choices=list(report.SORTS.items())),
        *choice,
        Field("row", Text("哪一行", "Which row"), needed=False, limit=words.TITLE),
        Field("code", Text("哪个代码", "Which code"), needed=False, limit=words.TITLE),
        Field("words", Text("有什么不对", "What is wrong"), "words", limit=words.LONG, hint=PLAIN),
    ]


def sight(ask: Ask, one: Document) -> dict[str, Any]:
    """A report as it is told; of a hidden one only why remains."""
    by, mine = author(ask, one.id)
    hidden = one.state in ("hidden", "withdrawn")
    steps = [
        {"step": STEPS[step.name], "at": step.at, "text": step.data.get("reason") or step.data.get("version")}
        for step in one.actions
        if step.name != "create"
    ]
    due = next((action.due for action in report.KIND.allowed(one.state) if action.due is not None), None)
    told = {key: None if hidden else one.data[key] for key in ("field", "row", "code", "words")}
    return {
        "document": one.id,
        **told,
        "sort_title": report.SORTS[one.data["sort"]],
        "state": one.state,
        "state_title": report.STATES[one.state],
        "at": one.at,
        "by": by,
        "mine": mine,
        "due": due.after(one.since) if due else None,
        "steps": steps,
        "version": one.data.get("version"),
        "datasets": records(ask, paper.filing(ask.lake.ledger, one.id).about),
        "going": one.state in ("received", "confirmed"),
    }


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/datasets/{name}/reports", LIST, signed=False)
    def every(ask: Ask, name: Name, page: PageNumber = 1) -> Answer:
        """All error reports on a dataset."""
        record = dataset.named(ask.place.portal, name)
        found = paper.page(ask.lake.ledger, (report.KIND.kind,), report.SHOWN, record=record.id, number=page)
        data = {"dataset": told(record), **lines(ask, found, report.STATES)}
        return View(ALL, data, more(sorts=report.SORTS))

    @face.page("/datasets/{name}/report", FORM)
    def new(ask: Ask, name: Name) -> Answer:
        """Report an error of a dataset."""
        return View(NEW, {"dataset": told(dataset.named(ask.place.portal, name))}, more(fields=fields(ask)))

    @face.form("/datasets/{name}/report/add", fields, page=new, template=FORM)
    def add(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Send it, in public."""
        said = {key: posted.values.get(key) for key in ("field", "row", "code")}
        finding = report.Finding(posted["sort"], posted["words"], **said)
        made = report.send(ask.place.portal, ask.who, name, finding)
        return Redirect(f"/reports/{made.id}", Text("已转数据发布机构", "It is with the publisher"))

    @face.page("/reports/{document}", PAGE, signed=False)
    def one(ask: Ask, document: Number) -> Answer:
        """An error report and what became of it."""
        found = report.get(ask.place.portal, document)
        return View(Text(f"错误报告 {document}", f"Error report {document}"), sight(ask, found), more())

    @face.form("/reports/{document}/withdraw", (), page=one, template=PAGE)
    def withdraw(ask: Ask, _posted: Posted, document: Number) -> Answer:
        """Take one's own back."""
        report.withdraw(ask.place.portal, ask.who, document)
        return Redirect(f"/reports/{document}", Text("已撤回", "Taken back"))
