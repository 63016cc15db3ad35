"""Something to see in a demonstration: reuses, requests with answers and a discussion on whatever the catalogue has."""

from __future__ import annotations

import io
from datetime import timedelta

from PIL import Image, ImageDraw

from quanmin.ledger import Ledger
from quanmin.opendata.catalogue import Query, Record
from quanmin.opendata.participation import dataset, discussion, name, report, request, reuse
from quanmin.opendata.portal import Portal
from quanmin.trust import Actor, local_administrator

PEOPLE = {"u-demo-lin": "林间小路", "u-demo-mo": "数据小墨"}


def show(portal: Portal) -> dict[str, int]:
    """Hand some things in as two made-up participants and decide them; how many of each. Nothing without an open dataset."""
    found = portal.catalogue.search(Query(filters={"access": ("public",)}, rows=2))
    records = [dataset.named(portal, row["name"]) for row in found.rows]
    if not records:
        return {}
    lin, mo = (_somebody(portal.ledger, account, shown) for account, shown in PEOPLE.items())
    reuses = [_reuse(portal, lin, record, at) for at, record in enumerate(records)]
    reuse.recommend(portal, mo, reuses[0], True)
    _requests(portal, lin, mo, records[0])
    _talk(portal, lin, records[0])
    return {"reuses": len(reuses), "requests": 3, "discussions": 1, "reports": 1}


def _somebody(ledger: Ledger, account: str, shown: str) -> Actor:
    """A made-up participant; there is no account behind it, so nobody can sign in as it."""
    made = Actor(
        account, frozenset({"participant"}), kind="participant", assurance=2, mfa=True, session="demonstration"
    )
    name.choose(ledger, made, shown)
    return made


def _reuse(portal: Portal, actor: Actor, record: Record, at: int) -> str:
    """A reuse that is shown."""
    words = f"用“{record.title.zh}”制作的{('查询应用', '图表文章')[at % 2]}，可按年份和地区查看。"
    sort = ("application", "visualization")[at % 2]
    title = f"{('一查便知', '一图读懂')[at % 2]}：{record.title.zh}"[:100]
    draft = reuse.Draft(title, words, sort, "health", f"https://example.org/reuse/{record.name}", [record.name])
    made = reuse.propose(portal, actor, draft)
    reuse.add_picture(portal, actor, made.id, screenshot(at), "应用首页：条形图与筛选栏")
    reuse.submit(portal, actor, made.id)
    reuse.review(portal, local_administrator(), made.id, "approve")
    return str(made.data["name"])


def screenshot(at: int) -> bytes:
    """A picture that looks like a page with a chart."""
    sheet = Image.new("RGB", (960, 540), "#f7f9fc")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, 960, 64), fill=("#0b5cad", "#1b6e4f")[at % 2])
    pen.rectangle((24, 96, 220, 510), fill="#e6ecf3")
    for row in range(6):
        pen.rectangle((44, 120 + row * 60, 200, 144 + row * 60), fill="#c7d3e0")
    for bar in range(10):
        tall = 60 + (bar * 37 + at * 53) % 320
        pen.rectangle((270 + bar * 66, 490 - tall, 314 + bar * 66, 490), fill=("#2f7ed8", "#3aa17e")[at % 2])
    pen.line((256, 490, 936, 490), fill="#4a5568", width=3)
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def _requests(portal: Portal, lin: Actor, mo: Actor, record: Record) -> None:
    """One that is answered, one that is declined with its reason, one that waits; by whoever holds the home."""
    official = local_administrator()
    wishes = (
        request.Wish("按乡镇分列的数据", "了解本地情况", "年份、乡镇、人数", record.name),
        request.Wish("逐人的明细", "训练模型", "出生日期、诊断", record.name),
        request.Wish("更早年份的数据", "看二十年的变化", "年份、地区、人数", record.name),
    )
    made = [request.ask(portal, lin, one) for one in wishes]
    soon = portal.ledger.now().date() + timedelta(days=90)
    plan = request.Reply("plan", "乡镇人口较少的将合并后发布。", soon)
    request.answer(portal, official, made[0].id, plan)
    request.answer(portal, official, made[1].id, request.Reply("decline", "逐人数据涉及个人信息，不予公开。"))
    for one in (made[0], made[2]):
        request.vote(portal, mo, one.id, True)


def _talk(portal: Portal, lin: Actor, record: Record) -> None:
    """A discussion that waits, and an error report that is confirmed."""
    discussion.begin(
        portal, lin, record.name, "统计口径", "人数是常住人口还是户籍人口？\n参见 https://example.org/notes"
    )
    finding = report.Finding("description", "说明中的更新频率与实际不符。")
    made = report.send(portal, lin, record.name, finding)
    report.answer(portal, local_administrator(), made.id, "confirm")
