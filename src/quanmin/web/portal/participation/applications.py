"""Applying for data that are given on application, and one's own applications."""

from __future__ import annotations

from quanmin.opendata.participation import application, dataset, words
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.portal.participation.common import Name, Number, more, told
from quanmin.web.portal.participation.mine import PARTICIPATION, mine
from quanmin.web.view import Answer, Redirect, View

TITLE = Text("申请使用数据", "Apply for data")
FORM = "portal/participation/application_form.html"
FIELDS = (
    Field(
        "who",
        application.WHO,
        limit=words.TITLE,
        hint=Text("只有数据发布机构可见，加密保存", "only the publisher reads it; kept encrypted"),
    ),
    Field("purpose", application.PURPOSE, "words", limit=words.LONG),
    Field(
        "use",
        application.USE,
        "words",
        limit=words.LONG,
        hint=Text(
            "在哪里处理、谁能接触、如何保管与销毁", "where it is worked on, who sees it, how it is kept and deleted"
        ),
    ),
    Field("until", Text("使用到", "Until"), "day"),
    Field("accepted", Text("同意使用条款", "I accept the terms"), "yes", needed=False),
)


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/datasets/{name}/apply", FORM)
    def new(ask: Ask, name: Name) -> Answer:
        """Apply for the data of a dataset."""
        record = dataset.named(ask.place.portal, name)
        data = {"dataset": told(record), "applies": record.access.code == "application", "terms": application.TERMS}
        return View(TITLE, data, more(fields=FIELDS))

    @face.form("/datasets/{name}/apply/add", FIELDS, page=new, template=FORM)
    def add(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Hand it to the publisher."""
        form = application.Form(**{key: posted[key] for key in application.Form._fields})
        application.apply(ask.place.portal, ask.who, name, form)
        return Redirect("/my/participation", Text("申请已提交", "The application is handed in"))

    @face.form("/my/applications/{document}/withdraw", (), page=lambda ask, document: mine(ask), template=PARTICIPATION)
    def withdraw(ask: Ask, _posted: Posted, document: Number) -> Answer:
        """Take one's own application back, or give up what was granted."""
        application.withdraw(ask.place.portal, ask.who, document)
        return Redirect("/my/participation", Text("已撤回", "Taken back"))
