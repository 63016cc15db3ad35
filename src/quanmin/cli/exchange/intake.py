"""`quanmin exchange recall|recalls|feedback|dispute|reconcile|reconciliations`: what comes of deliveries, on either side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from quanmin.cli.output import AsJson, deadline, out, print_json, print_table, say
from quanmin.cli.workplace import worker
from quanmin.exchange.intake import case, correction, dispute, healing, kept, recall, reconciliation
from quanmin.exchange.intake import feedback as errors_back
from quanmin.exchange.intake.difference import WORDS, Finding
from quanmin.exchange.intake.errors import NotOfAgreement
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.opening import opened
from quanmin.exchange.role import OPERATOR
from quanmin.exchange.supply import finding
from quanmin.ledger import Document
from quanmin.settings import Settings
from quanmin.text import Text

feedback = typer.Typer(help="Errors of deliveries and their correction. 交付的错误反馈与更正。", no_args_is_help=True)

Delivery = Annotated[str, typer.Argument(help="Id of the delivery. 交付编号。", metavar="DELIVERY")]
Agreement = Annotated[str | None, typer.Option("--agreement", help="Of one agreement. 协议编号。", show_default=False)]


@contextmanager
def _node() -> Iterator[tuple[Node, str]]:
    """The node of this home, and who acts: an operator of the exchange."""
    actor = worker(OPERATOR)
    with opened(Settings()) as node:
        yield node, actor.id


def register(app: typer.Typer) -> None:
    """Put the verbs into `quanmin exchange`."""
    app.add_typer(feedback, name="feedback")
    app.command("recall")(take_back)
    app.command("recalls")(recalls)
    app.command("reconcile")(reconcile)
    app.command("reconciliations")(reconciliations)


def take_back(
    delivery: Delivery,
    reason: Annotated[str, typer.Option(help=f"One of: {', '.join(recall.REASONS)}. 原因代码。")],
    words: Annotated[str, typer.Option(help="In your own words. 说明。")] = "",
    json: AsJson = False,
) -> None:
    """Recall a delivery of this member; repeated until its receiver confirms. 召回已发出的交付。"""
    with _node() as (node, actor):
        _recalls([recall.recall(node, delivery, reason, words, actor)], json)


def recalls(json: AsJson = False) -> None:
    """List the recalls of this member. 召回列表。"""
    with _node() as (node, _):
        _recalls(recall.listing(node), json)


def _recalls(found: list[Document], json: bool) -> None:
    told = [_recall(one) for one in found]
    if json:
        print_json(told)
        return
    titles = [Text("交付", "delivery"), Text("接收方", "receiver"), Text("原因", "reason"), Text("状态", "state")]
    titles += [Text("期限", "due"), Text("已删除行", "rows removed"), Text("已转交", "passed on")]
    rows = [
        (
            one["delivery"],
            one["receiver"],
            recall.REASONS[one["reason"]],
            recall.STATES[one["state"]],
            deadline(recall.CONFIRM.after(document.since)) if one["state"] == "asked" else "",
            one["rows"],
            len(one["passed_on"]),
        )
        for one, document in zip(told, found, strict=True)
    ]
    print_table(titles, rows)


def _recall(one: Document) -> dict[str, Any]:
    confirmed = one.data.get("confirmation", {})
    names = ("agreement", "receiver", "reason")
    return {
        "delivery": one.ref,
        **{name: one.data[name] for name in names},
        "state": one.state,
        "asked": one.at.isoformat(timespec="seconds"),
        "rows": confirmed.get("rows"),
        "passed_on": [*confirmed.get("feedback", ()), *confirmed.get("deliveries", ())],
        "error": one.data.get("error"),
    }


@feedback.command("list")
def listing(agreement: Agreement = None, json: AsJson = False) -> None:
    """What was told this member, and where what it told others stands. 收到与发出的反馈。"""
    with _node() as (node, _):
        came = [one.to_dict() for one in kept.listing(node) if agreement in (None, one.agreement.partition(";")[0])]
        went = correction.progress(node, agreement)
    if json:
        sums = correction.by_agreement(went)
        print_json({"received": came, "sent": [one.to_dict() for one in went], "agreements": sums})
        return
    if came:
        titles = [Text("反馈", "feedback"), Text("答复的交付", "answers"), Text("数据集", "dataset")]
        titles += [Text("新错误", "told"), Text("已办结", "closed"), Text("期限", "due")]
        print_table(
            titles,
            [
                (one["delivery"], one["answers"], one["dataset"], one["told"], one["closed"], one["due_on"])
                for one in came
            ],
        )
    if went:
        titles = [Text("反馈", "feedback"), Text("报送方", "member"), Text("状态", "state"), Text("错误", "told")]
        titles += [Text("待更正", "open"), Text("已更正", "corrected"), Text("有异议", "disputed")]
        titles += [Text("异议成立", "upheld"), Text("已办结", "closed"), Text("期限", "due"), Text("逾期", "overdue")]
        print_table(titles, [_progress(one) for one in went])


def _progress(one: correction.Progress) -> tuple[Any, ...]:
    counts = tuple(getattr(one, name) for name in ("told", *correction.COUNTS))
    due = deadline(one.due) if one.due else ""
    return (one.feedback, one.member, case.STATES[one.state], *counts, due, Text("是", "yes") if one.overdue else "")


@feedback.command()
def show(delivery: Delivery, json: AsJson = False) -> None:
    """The errors that a feedback tells this member: addresses and reasons. 查看收到的反馈。"""
    with _node() as (node, _):
        found = kept.show(node, delivery)
    if json:
        print_json(found.to_dict() | {"lines": list(found.lines)})
        return
    out.print(str(found.folder), markup=False)
    titles = [
        Text("状态", "state"),
        Text("文件", "file"),
        Text("行", "row"),
        Text("主键", "key"),
        Text("数据元", "element"),
    ]
    titles += [Text("代码", "code"), Text("错误", "error"), Text("应如何更正", "expected"), Text("期限", "due")]
    print_table(titles, [_line(line) for line in found.lines])
    if found.more:
        more = Text(
            f"该交付另有 {found.more} 个错误尚未反馈", f"the delivery has {found.more} more errors, not told yet"
        )
        out.print(say(more))


@feedback.command("find")
def look_up(
    delivery: Delivery,
    file: Annotated[Path, typer.Argument(help="CSV or Parquet file of your own rows. 本方数据文件。", metavar="FILE")],
    json: AsJson = False,
) -> None:
    """Find the rows that a feedback tells of in a file of this member, by their key. 在本方文件中查找被反馈的行。"""
    with _node() as (node, _):
        found = finding.find(node, delivery, file)
    if json:
        print_json([one.to_dict() for one in found])
        return
    titles = [Text("文件中的行", "row of the file"), Text("交付中的行", "row delivered")]
    titles += [Text("数据元", "element"), Text("代码", "code")]
    print_table(titles, [(one.row, one.told, one.element, one.code) for one in found])


def _line(line: dict[str, str]) -> tuple[Any, ...]:
    named = (line["file"], line["row"], line["key"], line["element"], line["code"])
    words = (Text(line["title_zh"], line["title_en"]), Text(line["expected_zh"], line["expected_en"]))
    state = Text("待更正", "open") if line["state"] == "open" else Text("已办结", "closed")
    return (state, *named, *words, line["due_on"])


@feedback.command()
def tell(json: AsJson = False) -> None:
    """Send every provider what is new about its deliveries, now. 立即反馈。"""
    with _node() as (node, _):
        found = errors_back.tell_all(node)
    if json:
        print_json(
            [
                {"agreement": one.agreement, "feedback": list(one.feedback), "told": one.told, "closed": one.closed}
                for one in found
            ]
        )
        return
    titles = [Text("协议", "agreement"), Text("反馈", "feedback"), Text("新错误", "told"), Text("已办结", "closed")]
    print_table(titles, [(one.agreement, len(one.feedback), one.told, one.closed) for one in found])


@feedback.command("dispute")
def object_to(
    delivery: Delivery,
    row: Annotated[int, typer.Option(help="Row of the error. 行号。")],
    element: Annotated[str, typer.Option(help="Its element. 数据元。")] = "",
    code: Annotated[str, typer.Option(help="Its code. 错误代码。")] = "",
    reason: Annotated[str, typer.Option(help=f"One of: {', '.join(case.REASONS)}. 原因代码。")] = "other",
    words: Annotated[str, typer.Option(help="In your own words. 说明。")] = "",
) -> None:
    """Tell the sender of a feedback that an error is none. 对错误提出异议。"""
    dispute.reason(reason, case.REASONS)
    with _node() as (node, _):
        answer = dispute.ask(node, delivery, [{"row": row, "element": element, "code": code}], reason, words)
        told = node.sender.refusal(answer) if answer.status >= 400 else {}
    if told:
        out.print(say(Text(str(told["message"]["zh"]), str(told["message"]["en"]))), markup=False)
        raise typer.Exit(1)
    out.print(say(Text("异议已提交", "the dispute was handed in")))


@feedback.command()
def decide(
    number: Annotated[int, typer.Argument(help="Number of the dispute. 异议编号。", metavar="ID")],
    because: Annotated[str, typer.Option(help="Why. 理由。")],
    uphold: Annotated[bool, typer.Option("--uphold/--reject", help="Whether it is right. 成立或不成立。")],
) -> None:
    """Decide a dispute of a provider. 裁定异议。"""
    with _node() as (node, actor):
        done = dispute.decide(node.ledger, number, uphold, because, actor)
    out.print(say(case.DISPUTE_STATES[done.state]))


def reconcile(
    agreement: Agreement = None,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="One day; default: all owed. 日期。")
    ] = None,
    json: AsJson = False,
) -> None:
    """Compare days with the other sides, and do what can be done about differences. 对账。"""
    with _node() as (node, _):
        known = [one for one in node.agreements.all() if agreement in (None, one.id)]
        if agreement is not None and not known:
            raise NotOfAgreement(agreement=agreement, sender=node.member, dataset="-")
        found = []
        for terms in known:
            days = [day.date()] if day else reconciliation.owed(node, terms)
            found += [reconciliation.reconcile(node, terms, one, healing.heal) for one in days]
        _reconciliations(found, json)


def reconciliations(
    days: Annotated[int, typer.Option(help="Of the last days. 最近天数。")] = 31, json: AsJson = False
) -> None:
    """List the days that were compared. 对账列表。"""
    with _node() as (node, _):
        first = reconciliation.today(node) - timedelta(days=days)
        found = [one for one in reconciliation.listing(node) if date.fromisoformat(one.data["day"]) >= first]
        _reconciliations(found, json)


def _reconciliations(found: list[Document], json: bool) -> None:
    if json:
        print_json([{"state": one.state, **one.data} for one in found])
        return
    titles = [Text("协议", "agreement"), Text("日期", "day"), Text("对方", "with"), Text("状态", "state")]
    titles += [Text("差异", "differences"), Text("说明", "what")]
    print_table(titles, [_reconciliation(one) for one in found])


def _reconciliation(one: Document) -> tuple[Any, ...]:
    findings = [Finding(**told) for told in one.data.get("findings", ())]
    words = list(dict.fromkeys(say(WORDS[told.what]) for told in findings))
    named = (one.data["agreement"], one.data["day"], one.data["member"], reconciliation.STATES[one.state])
    return (*named, one.data.get("found", 0), "；".join(words))
