"""A reuse as a moderator sees it: approved, returned, refused, taken down."""

from __future__ import annotations

from quanmin.opendata.participation import reuse, words
from quanmin.opendata.participation.role import MODERATOR
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.participation.desk import sub
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.portal.participation.common import Name, more
from quanmin.web.portal.participation.reuses import read_in_blocks, sight
from quanmin.web.view import Answer, Download, Redirect, View

PAGE = "console/participation/reuse.html"
ROLES = (MODERATOR,)
STEPS = {
    "approve": Text("通过并展示", "Approve and show"),
    "return": Text("退回修改", "Return it to be changed"),
    "refuse": Text("不予通过", "Refuse"),
    "take_down": Text("下架", "Take it down"),
}
FORM = (
    Field("step", Text("处理", "Decision"), "choice", choices=list(STEPS.items())),
    Field(
        "reason",
        Text("理由", "Reason"),
        "words",
        needed=False,
        limit=words.SHORT,
        hint=Text("提交人可见；下架的理由公开", "its author reads it; why it was taken down is public"),
    ),
)


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/participation/reuses/{name}", PAGE, roles=ROLES)
    def one(ask: Ask, name: Name) -> Answer:
        """A reuse to decide."""
        found = reuse.find(ask.place.portal, name, ask.who)
        allowed = {action.name for action in reuse.KIND.allowed(found.state)}
        steps = [(step, words_) for step, words_ in STEPS.items() if step in allowed]
        fields = [Field(**{**vars(each), "choices": steps}) if each.name == "step" else each for each in FORM]
        title = Text(found.data["title"], found.data["title"])
        return View(title, sight(ask, found), more(fields=fields, steps=steps, sub=sub(ask)))

    @face.form("/participation/reuses/{name}/decide", FORM, page=one, template=PAGE, roles=ROLES)
    def decide(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Decide it."""
        found = reuse.find(ask.place.portal, name, ask.who)
        reuse.review(ask.place.portal, ask.who, found.id, posted["step"], posted["reason"])
        return Redirect("/participation", Text("已办理", "Done"))

    @face.form("/participation/reuses/{name}/scan", (), page=one, template=PAGE, roles=ROLES)
    def scan(ask: Ask, _posted: Posted, name: Name) -> Answer:
        """Have its package scanned again."""
        reuse.scan_again(ask.place.portal, ask.who, reuse.find(ask.place.portal, name, ask.who).id)
        return Redirect(f"/participation/reuses/{name}")

    @face.file("/participation/reuses/{name}/picture", ["image/webp"], roles=ROLES)
    def picture(ask: Ask, name: Name) -> Answer:
        """The screenshot."""
        place = reuse.picture_of(ask.place.portal, reuse.find(ask.place.portal, name, ask.who))
        return Download(f"{name}.webp", "image/webp", read_in_blocks(place))
