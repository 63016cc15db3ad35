"""One's own part: the public name, notices, and everything that one handed in."""

from __future__ import annotations

from typing import Any

from quanmin.ledger import Document
from quanmin.opendata.participation import application, discussion, name, notice, paper, report, request, reuse
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.portal.participation.common import more, records
from quanmin.web.view import Answer, Redirect, View

TITLE = Text("我的参与", "My participation")
PARTICIPATION = "portal/participation/mine.html"
MANY = 50
WHOSE: tuple[notice.Whose, ...] = ("account",)
KINDS: dict[str, tuple[Text, str, dict[str, Text]]] = {
    reuse.KIND.kind: (Text("应用成果", "Reuse"), "/reuses/{name}", reuse.STATES),
    request.KIND.kind: (Text("数据需求", "Request for data"), "/requests/{id}", request.STATES),
    discussion.KIND.kind: (Text("讨论", "Discussion"), "/discussions/{id}", discussion.STATES),
    report.KIND.kind: (Text("错误报告", "Error report"), "/reports/{id}", report.STATES),
    application.KIND.kind: (Text("数据申请", "Application for data"), "/my/participation", application.STATES),
}
STEPS: dict[str, Text] = {
    "create": Text("新提交", "handed in"),
    "submit": Text("提交审核", "submitted for review"),
    "approve": Text("已通过并展示", "approved and shown"),
    "return": Text("退回修改", "returned to be changed"),
    "refuse": Text("未通过", "refused"),
    "take_down": Text("已下架", "taken down"),
    "infected": Text("安全扫描发现问题", "the scanner found something"),
    "answer": Text("机构已答复", "answered by the organisation"),
    "post": Text("有新发言", "something new was said"),
    "plan": Text("已列入计划", "planned"),
    "publish": Text("已发布数据集", "a dataset is published"),
    "decline": Text("不予提供", "declined"),
    "route": Text("转来的需求", "given to you"),
    "close": Text("已关闭", "closed"),
    "reopen": Text("重新打开", "opened again"),
    "hide": Text("已屏蔽", "hidden"),
    "hide_post": Text("发言已屏蔽", "a post is hidden"),
    "confirm": Text("已确认", "confirmed"),
    "correct": Text("已更正", "corrected"),
    "reject": Text("核实无误", "not an error"),
    "grant": Text("已批准", "granted"),
    "revoke": Text("已撤销", "revoked"),
}
NAME = (
    Field(
        "name",
        Text("公开名称", "Public name"),
        limit=40,
        hint=Text("2–20 个字符；不必也不宜用真名", "2-20 characters; it need not and should not be your real one"),
    ),
)
SEEN = (Field("upto", Text("通知", "Notice"), "hidden", limit=12),)


def path(one: Document) -> str:
    """Where a document is on the portal."""
    return KINDS[one.kind][1].format(name=one.data.get("name"), id=one.id)


def notices(ask: Ask, whose: tuple[notice.Whose, ...]) -> list[dict[str, Any]]:
    """Notices with what they are about."""
    found = notice.of(ask.lake.ledger, ask.who, whose)[:MANY]
    known = {one.id: one for one in ask.lake.ledger.several([each.document for each in found])}
    return [
        {
            "id": each.id,
            "document": each.document,
            "kind": known[each.document].kind,
            "kind_title": KINDS[known[each.document].kind][0],
            "title": known[each.document].data.get("title"),
            "name": known[each.document].data.get("name"),
            "path": path(known[each.document]),
            "step": STEPS.get(each.step, Text(each.step, each.step)),
            "at": each.at,
            "seen": each.seen is not None,
        }
        for each in found
        if each.document in known
    ]


def mine(ask: Ask) -> Answer:
    """My public name, my notices, and what I handed in."""
    ledger = ask.lake.ledger
    with ledger.reading() as connection:
        shown = name.of(connection, ask.who.id)
    found = paper.page(ledger, tuple(KINDS), author=ask.who.id, size=MANY).documents
    rows = [_row(ask, one) for one in found]
    data = {"name": shown, "notices": notices(ask, WHOSE), "rows": rows}
    fields = [Field(**{**vars(one), "value": shown}) for one in NAME]
    return View(TITLE, data, more(name_fields=fields, official=ask.holds("portal_moderator", "data_publisher")))


def _row(ask: Ask, one: Document) -> dict[str, Any]:
    kind, _, states = KINDS[one.kind]
    state = application.state(ask.lake.ledger, one) if one.kind == application.KIND.kind else one.state
    row = {"document": one.id, "kind": one.kind, "kind_title": kind, "path": path(one), "at": one.at}
    row |= {
        "title": one.data.get("title"),
        "state": state,
        "state_title": states[state],
        "reason": one.data.get("reason"),
        "until": one.data.get("until") if one.state == "granted" else None,
    }
    if one.kind in (application.KIND.kind, report.KIND.kind):
        row["datasets"] = records(ask, paper.filing(ask.lake.ledger, one.id).about)
    return row


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/my/participation", PARTICIPATION)
    def participation(ask: Ask) -> Answer:
        """My public name, my notices, and what I handed in."""
        return mine(ask)

    @face.form("/my/participation/name", NAME, page=participation, template=PARTICIPATION)
    def choose(ask: Ask, posted: Posted) -> Answer:
        """Be called so in public from now on."""
        name.choose(ask.lake.ledger, ask.who, posted["name"])
        return Redirect("/my/participation", Text("公开名称已保存", "That is your public name from now on"))

    @face.form("/my/participation/seen", SEEN, page=participation, template=PARTICIPATION)
    def seen(ask: Ask, posted: Posted) -> Answer:
        """Mark the notices as seen."""
        upto = posted["upto"]
        notice.seen(ask.lake.ledger, ask.who, WHOSE, int(upto) if upto.isascii() and upto.isdigit() else 0)
        return Redirect("/my/participation")
