"""`quanmin exchange push | schedule | events | inbox | peers`: what is supplied from the lake and when, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import worker
from quanmin.exchange.agreement.errors import NotInForce
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.opening import opened
from quanmin.exchange.role import OPERATOR
from quanmin.exchange.supply import chain, event, heartbeat, inbox, schedule
from quanmin.exchange.terms import Terms
from quanmin.settings import Settings
from quanmin.text import Text

schedules = typer.Typer(help="When rows are supplied. 供数计划。", no_args_is_help=True)
Agreement = Annotated[str, typer.Argument(help="Id of the agreement. 协议编号。", metavar="AGREEMENT")]
FREQUENCIES = {
    "realtime": Text("实时", "real time"),
    "daily": Text("每日", "daily"),
    "weekly": Text("每周", "weekly"),
    "monthly": Text("每月", "monthly"),
    "quarterly": Text("每季", "quarterly"),
    "yearly": Text("每年", "yearly"),
    "on_request": Text("按需", "on request"),
}


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("push")(push)
    app.add_typer(schedules, name="schedule")
    app.command("events")(events)
    app.command("inbox")(take_out)
    app.command("peers")(peers)


def _terms(node: Node, agreement: str) -> Terms:
    """The terms in force that an id names; NotInForce."""
    for one in node.agreements.all():
        if agreement in (one.id, one.cited):
            return one
    raise NotInForce(agreement=agreement[:40])


def push(
    agreement: Agreement,
    full: Annotated[bool, typer.Option("--full", help="Everything, not what changed. 全量。")] = False,
    json: AsJson = False,
) -> None:
    """Supply rows now: as the provider, or by asking the provider as the consumer. 立即供数，或请求提供方供数。"""
    actor = worker(OPERATOR)
    with opened(Settings()) as node:
        terms = _terms(node, agreement)
        if terms.consumer == node.member:
            told = event.ask(node, terms, "/deliveries/requests", {"content": "full" if full else "change"})
        else:
            made = schedule.push(node, terms, full, actor=actor.id)
            assert made is not None  # an empty delivery is made too
            told = {"delivery": made.ref, **{name: made.data["manifest"][name] for name in ("content", "rows")}}
    if json:
        print_json(told)
    elif "error" in told:
        out.print(say(Text(f"对方拒绝：{told['error'].get('code')}", f"refused: {told['error'].get('code')}")))
    else:
        out.print(say(Text(f"交付 {told['delivery']}", f"delivery {told['delivery']}")))
    if "error" in told:
        raise typer.Exit(1)


@schedules.command("list")
def listing(json: AsJson = False) -> None:
    """List what this member supplies, and when next. 供数计划列表。"""
    worker(OPERATOR)
    with opened(Settings()) as node:
        found = [_planned(node, one) for one in node.agreements.all() if schedule.supplied(node, one)]
    if json:
        print_json(found)
        return
    titles = [
        Text("协议", "agreement"),
        Text("接收方", "consumer"),
        Text("数据集", "dataset"),
        Text("频率", "frequency"),
    ]
    titles += [Text("上次交付", "last"), Text("签收至快照", "acknowledged"), Text("下次", "next")]
    names = ("agreement", "consumer", "dataset", "frequency", "last", "acknowledged", "next")
    rows = [[one[name] if one[name] is not None else "" for name in names] for one in found]
    print_table(titles, [[*row[:3], FREQUENCIES[row[3]], *row[4:]] for row in rows])


def _planned(node: Node, terms: Terms) -> dict[str, Any]:
    sent = chain.sent(node.ledger, terms.id)
    base = schedule.baseline(sent)
    due = schedule.next_moment(terms, node.ledger.now(), ZoneInfo(node.settings.zone))
    return {
        "agreement": terms.cited,
        "consumer": terms.consumer,
        "dataset": terms.dataset,
        "frequency": terms.frequency,
        "content": terms.content,
        "last": sent[-1].data["manifest"]["made"] if sent else None,
        "acknowledged": base.snapshot if base else None,
        "owed": schedule.owed(node, terms, sent),
        "next": due.astimezone(ZoneInfo(node.settings.zone)).isoformat(timespec="minutes") if due else None,
    }


def events(
    agreement: Agreement,
    resend: Annotated[bool, typer.Option("--resend", help="Ask for what is missing. 请求重发缺失部分。")] = False,
    json: AsJson = False,
) -> None:
    """Event numbers of an agreement: what this member sent, and what is missing from the other side. 事件序号。"""
    worker(OPERATOR)
    with opened(Settings()) as node:
        terms = _terms(node, agreement)
        peer = terms.provider if node.member == terms.consumer else terms.consumer
        [known] = [one for one in heartbeat.peers(node) if one["member"] == peer]
        missing = known["missing"].get(terms.id, [])
        told: dict[str, Any] = {"agreement": terms.cited, "missing": missing}
        told["sent"] = [{"event": number, "delivery": name} for number, name in event.events(node, terms.id)]
        if resend:
            told["asked"] = [
                event.ask(node, terms, "/events/resend", {"from": first, "to": until}) for first, until in missing
            ]
    if json:
        print_json(told)
        return
    print_table(
        [Text("序号", "event"), Text("交付", "delivery")], [(one["event"], one["delivery"]) for one in told["sent"]]
    )
    ranges = ", ".join(f"{first}-{until}" for first, until in missing) or "-"
    out.print(say(Text(f"缺失：{ranges}", f"missing: {ranges}")))


def take_out(
    agreement: Agreement,
    target: Annotated[Path, typer.Option("--out", help="Parquet file to write. 输出的 Parquet 文件。")],
    json: AsJson = False,
) -> None:
    """Write the rows that this member has under an agreement now. 导出协议下的当前数据。"""
    worker(OPERATOR)
    with opened(Settings()) as node:
        count, snapshot = inbox.write(node, agreement.partition(";")[0], target)
    if json:
        print_json({"agreement": agreement, "rows": count, "snapshot": snapshot})
    else:
        out.print(say(Text(f"{count} 行，对方快照 {snapshot}", f"{count} rows, the provider's snapshot {snapshot}")))


def peers(json: AsJson = False) -> None:
    """List the other members: when they were heard, their clocks, what is missing of them. 对方节点状态。"""
    worker(OPERATOR)
    with opened(Settings()) as node:
        found = heartbeat.peers(node)
    if json:
        print_json(found)
        return
    titles = [
        Text("成员", "member"),
        Text("最近心跳", "heard"),
        Text("超时", "late"),
        Text("时钟差（秒）", "clock apart, s"),
    ]
    titles += [Text("时钟告警", "clock alarm"), Text("缺失", "missing"), Text("错误", "error")]
    yes, no = Text("是", "yes"), ""
    rows = [
        (
            one["member"],
            one["heard"] or "",
            yes if one["late"] else no,
            one["apart"] if one["apart"] is not None else "",
            yes if one["clock"] else no,
            sum(until - first + 1 for ranges in one["missing"].values() for first, until in ranges),
            one["error"] or "",
        )
        for one in found
    ]
    print_table(titles, rows)
