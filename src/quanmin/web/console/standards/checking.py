"""The conformance test of a file, by anybody of the staff: every rule asked of every row, and nothing of the file stays."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from quanmin import standards
from quanmin.collect import Report
from quanmin.collect.refused import titles
from quanmin.collect.upload import Uploads
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.collect import form_file, transfer
from quanmin.web.console.collect.sending import FILE, datasets
from quanmin.web.console.standards.said import SUB
from quanmin.web.errors import NotYourPage
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, View

TEMPLATE = "console/standards/check.html"
BACK = "/standards/check"


def fields(_ask: Ask) -> list[Field]:
    """What is asked for beside the file."""
    return [Field("dataset", Text("数据集", "Dataset"), "choice", choices=datasets()), FILE]


def install(face: Face) -> None:
    """Register the page, its form and the way of the bytes."""
    transfer.install(face, "/standards/uploads/", BACK)

    @face.page("/standards/check", TEMPLATE)
    def check(ask: Ask) -> Answer:
        """Try a file against a dataset without sending it."""
        _staff(ask)
        return View(Text("试验文件", "Check a file"), {"report": None}, {"fields": fields(ask)[:1], "sub": SUB})

    @face.form("/standards/check", fields, page=check, template=TEMPLATE)
    def try_out(ask: Ask, posted: Posted) -> Answer:
        """Ask every rule of every row of a file that was uploaded, and delete it."""
        _staff(ask)
        uploads = Uploads(ask.settings)
        upload = uploads.whole(ask.who.id, posted["upload"])
        try:
            report = ask.home.check(posted["dataset"], upload.path)
        finally:
            uploads.remove(ask.who.id, upload.id)
        title = Text("试验结果", "Result of the check")
        return View(title, {"report": _told(report)}, {"fields": fields(ask)[:1], "sub": SUB})

    @face.stream("/standards/uploads/check", "POST", back=BACK)
    async def try_whole(ask: Ask) -> Response:
        """Upload and try a file in one form."""
        _staff(ask)
        return await form_file.submit(face, ask, "/standards/check")


def _staff(ask: Ask) -> None:
    """NotYourPage for those who only come for themselves."""
    if ask.who.kind in ("patient", "participant"):
        raise NotYourPage(roles="staff")


def _told(report: Report) -> dict[str, Any]:
    """The report with the words of its rules, the worst first."""
    words, known = titles(report.dataset), standards.catalogue().dataset(report.dataset)
    rules = [rule | {"title": words.get(rule["id"])} for rule in report.rules]
    rules.sort(key=lambda one: (one["severity"] != "reject", -one["failed"]))
    missing = [{"name": name, "title": known.element(name).title} for name in report.missing_columns]
    return report.to_dict() | {"rules": rules, "missing_columns": missing, "title": known.title}
