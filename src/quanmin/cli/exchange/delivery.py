"""`quanmin exchange send | deliveries | delivery | folder`: what is sent, how far it is, and what somebody does about it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.register import Why
from quanmin.cli.workplace import open_lake, worker
from quanmin.exchange.agreement.errors import NotInForce
from quanmin.exchange.delivery import command, folder
from quanmin.exchange.delivery.manifest import Format
from quanmin.exchange.delivery.outbox import send as send_file
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.opening import opened
from quanmin.exchange.role import OPERATOR
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document
from quanmin.settings import Settings
from quanmin.text import Text

delivery = typer.Typer(help="One delivery: how far it is, and what to do about it. 单次交付。", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="Id of the delivery. 交付编号。", metavar="DELIVERY")]

STATES = {
    "prepared": Text("待发送", "prepared"),
    "sending": Text("发送中", "sending"),
    "sent": Text("已送达，待回执", "sent"),
    "acknowledged": Text("已签收", "acknowledged"),
    "refused": Text("已拒收", "refused"),
    "parked": Text("已搁置", "parked"),
    "stopped": Text("已停止", "stopped"),
    "cancelled": Text("已取消", "cancelled"),
    "recalling": Text("召回中", "recalling"),
    "recalled": Text("已召回", "recalled"),
    "offered": Text("接收中", "offered"),
    "received": Text("已收齐", "received"),
    "accepted": Text("已接收", "accepted"),
}


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("send")(send)
    app.command("deliveries")(deliveries)
    app.command("folder")(tend)
    app.add_typer(delivery, name="delivery")


def send(
    agreement: Annotated[str, typer.Argument(help="Id of the agreement. 协议编号。")],
    file: Annotated[Path, typer.Argument(help="File to deliver. 要交付的文件。", exists=True, dir_okay=False)],
    answers: Annotated[
        str | None, typer.Option(help="Feedback or delivery that it corrects. 所更正的反馈或交付编号。")
    ] = None,
    json: AsJson = False,
) -> None:
    """Deliver a file under an agreement; the node sends it. 按协议交付文件。"""
    actor = worker(OPERATOR)
    with opened(Settings()) as node:
        form: Format = "csv" if file.suffix.lower() == ".csv" else "as_sent"
        content: Any = "correction" if answers else "file"
        made = send_file(
            node, _terms(node, agreement), file, content, file=file.name, form=form, answers=answers, actor=actor.id
        )
    _tell(made, json)


def _terms(node: Node, agreement: str) -> Terms:
    """The terms in force that an id names; NotInForce."""
    for one in node.agreements.all():
        if agreement in (one.id, one.cited):
            return one
    raise NotInForce(agreement=agreement[:40])


def deliveries(
    agreement: Annotated[str | None, typer.Option(help="Of one agreement. 只列某一协议。")] = None,
    state: Annotated[str | None, typer.Option(help=f"{', '.join(STATES)}. 只列某一状态。")] = None,
    json: AsJson = False,
) -> None:
    """List what was sent and what came in. 交付清单。"""
    worker(OPERATOR)
    with open_lake() as lake:
        rows = command.listing(lake, agreement, state)
    if json:
        print_json(rows)
        return
    titles = [Text("交付", "delivery"), Text("方向", "direction"), Text("协议", "agreement"), Text("序号", "event")]
    titles += [Text("内容", "content"), Text("文件", "file"), Text("状态", "state")]
    titles += [Text("接受", "accepted"), Text("隔离", "quarantined")]
    names = ("delivery", "direction", "agreement", "event", "content", "file", "state", "accepted", "quarantined")
    print_table(titles, [[_shown(name, row[name]) for name in names] for row in rows])


def _shown(name: str, value: Any) -> Any:
    if name == "direction":
        return Text("发出", "out") if value == "out" else Text("收到", "in")
    return STATES[value] if name == "state" else value


@delivery.command("show")
def show(number: Id, json: AsJson = False) -> None:
    """Show a delivery and everything that happened to it. 交付详情与经过。"""
    worker(OPERATOR)
    with open_lake() as lake:
        document = command.find(lake, number)
    told = command.told(document) | {"receipt": document.data.get("receipt")}
    steps = command.timeline(document)
    if json:
        print_json(told | {"timeline": steps})
        return
    print_table(
        [Text("项目", "item"), Text("内容", "value")],
        [(name, _shown(name, value)) for name, value in told.items() if name not in ("error", "receipt")],
    )
    titles = [Text("时间", "time"), Text("动作", "action"), Text("操作者", "actor"), Text("原因", "code")]
    print_table(titles, [(one["at"], one["action"], one["actor"], one["code"]) for one in steps])


@delivery.command("retry")
def retry(number: Id, json: AsJson = False) -> None:
    """Send what is parked or stopped again. 重试。"""
    actor = worker(OPERATOR)
    with open_lake() as lake:
        _tell(command.retry(lake, number, actor.id), json)


@delivery.command("resend")
def resend(number: Id, reason: Why, json: AsJson = False) -> None:
    """Send what was sent again, byte for byte. 原样重发。"""
    actor = worker(OPERATOR)
    with open_lake() as lake:
        _tell(command.resend(lake, number, reason, actor.id), json)


@delivery.command("park")
def park(number: Id, reason: Why, json: AsJson = False) -> None:
    """Leave a delivery until it is retried. 搁置。"""
    actor = worker(OPERATOR)
    with open_lake() as lake:
        _tell(command.park(lake, number, reason, actor.id), json)


@delivery.command("cancel")
def cancel(number: Id, reason: Why, json: AsJson = False) -> None:
    """Give a delivery up that is not under way. 取消。"""
    actor = worker(OPERATOR)
    with open_lake() as lake:
        _tell(command.cancel(lake, number, reason, actor.id), json)


def tend(
    path: Annotated[Path, typer.Argument(help="Folder with to_platform and from_platform. 交换文件夹。")],
    renamed: Annotated[
        bool, typer.Option(help="Files are written as .part and renamed; else a .done ends them. 以改名代替 .done。")
    ] = False,
    every: Annotated[float | None, typer.Option(help="Look again after so many seconds. 每隔若干秒。")] = None,
    json: AsJson = False,
) -> None:
    """Deliver what an agency put into a folder, and put there what is for it. 以文件夹交换。"""
    worker(OPERATOR)
    with opened(Settings()) as node:
        while True:
            done = folder.tend(node, path, renamed)
            if json:
                print_json(done.to_dict())
            else:
                line = Text(
                    f"发出 {done.sent}，已有 {done.known}，拒绝 {done.refused}，取回 {done.brought}",
                    f"{done.sent} sent, {done.known} known, {done.refused} refused, {done.brought} brought",
                )
                out.print(say(line))
            if every is None:
                return
            time.sleep(every)


def _tell(document: Document, json: bool) -> None:
    if json:
        print_json(command.told(document))
    else:
        out.print(f"{document.ref}: {say(STATES[document.state])}")
