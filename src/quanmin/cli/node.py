"""`quanmin node`: this home as a member of the exchange: admitted, joined, served, and asking."""

from __future__ import annotations

import json as jsons
import signal
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from quanmin.cli.output import AsJson, err, out, print_json, print_table, say
from quanmin.cli.workplace import open_lake, worker
from quanmin.exchange.member import enrolment
from quanmin.exchange.node import door
from quanmin.exchange.node.opening import Listener, opened
from quanmin.exchange.request import ask as send
from quanmin.exchange.request import asked
from quanmin.exchange.request.question import Question
from quanmin.exchange.role import OPERATOR
from quanmin.settings import Settings
from quanmin.text import Text

app = typer.Typer(
    help="This home as a node of the exchange. 本机作为交换节点：入网、监听与请求。", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(help="The file. 文件。", metavar="FILE")]
Out = Annotated[Path, typer.Option("--out", help="Where to write it. 写入文件。")]


@app.command()
def found() -> None:
    """Make this installation the platform of an exchange. 把本机设为交换平台。"""
    settings = Settings()
    with open_lake(settings) as lake:
        directory = enrolment.found(lake.ledger, settings, worker(OPERATOR))
    out.print(say(Text(f"平台已就绪：{directory.authority}", f"The platform is ready: {directory.authority}")))


@app.command()
def init(file: Out = Path("enrolment.json")) -> None:
    """Make this node's keys and the file with which it asks to be admitted. 生成密钥与入网申请文件。"""
    settings = Settings()
    enrolment.folder(settings).mkdir(parents=True, exist_ok=True)
    file.write_text(jsons.dumps(enrolment.asked(settings), ensure_ascii=False, indent=1) + "\n", "utf-8")
    door.token(settings)
    out.print(say(Text(f"请把 {file} 交给平台", f"Give {file} to the platform")))


@app.command()
def join(file: File) -> None:
    """Keep what the platform answered. 保存平台的答复，完成入网。"""
    directory = enrolment.join(Settings(), enrolment.read(file))
    count = len(directory.members)
    out.print(say(Text(f"已加入，成员 {count} 个", f"Joined; {count} members")))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen at. 监听地址。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one. 端口。")] = 0,
    local: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the local door. 本地入口端口。", show_default=False)
    ] = None,
) -> None:
    """Listen for the other members until told to stop. 启动交换监听。"""
    settings, over = Settings(), threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_told: over.set())
    where, _, number = (settings.exchange_listen or "").rpartition(":")
    with opened(settings) as node:
        listener = Listener(node, where or host, port or int(number or 0))
        opening = door.Door(node, local) if local is not None else None
        try:
            out.print(listener.origin, soft_wrap=True)
            if opening is not None:
                out.print(opening.origin, soft_wrap=True)
            out.file.flush()
            over.wait()
        finally:
            if opening is not None:
                opening.close()
            listener.close()


@app.command()
def status(json: AsJson = False) -> None:
    """Show this node, the members it knows and the agreements in force. 节点、成员与生效协议。"""
    with opened(Settings()) as node:
        directory = node.directory()
        members = [
            {"member": one.id, "address": one.address, "active": one.active} for one in directory.members.values()
        ]
        agreements = [
            {"agreement": one.cited, "provider": one.provider, "consumer": one.consumer, "mode": one.mode}
            for one in node.agreements.all()
        ]
    told: dict[str, Any] = {"member": node.member, "platform": directory.authority, "directory": directory.at}
    if json:
        print_json({**told, "members": members, "agreements": agreements})
        return
    out.print(f"{node.member} → {directory.authority}", style="bold")
    titles = [Text("成员", "member"), Text("地址", "address"), Text("启用", "active")]
    print_table(titles, [tuple(one.values()) for one in members])
    titles = [Text("协议", "agreement"), Text("提供方", "provider"), Text("使用方", "consumer"), Text("方式", "mode")]
    print_table(titles, [tuple(one.values()) for one in agreements])


@app.command()
def ask(
    agreement: Annotated[str, typer.Argument(help="Id of the agreement. 协议编号。", metavar="AGREEMENT")],
    number: Annotated[str | None, typer.Option(help="A citizen number. 公民身份号码。", show_default=False)] = None,
    name: Annotated[str | None, typer.Option(help="With verify: the name. 姓名（核验）。", show_default=False)] = None,
    file: Annotated[
        Path | None, typer.Option(help="Many keys as JSON: a list of objects. 批量键值。", show_default=False)
    ] = None,
    case: Annotated[str | None, typer.Option(help="Number of the case. 办件号。", show_default=False)] = None,
    operation: Annotated[str | None, typer.Option(help="lookup, query or verify. 操作。", show_default=False)] = None,
) -> None:
    """Ask the provider of an agreement; prints the answer as JSON, with the id a proof is asked for by. 向提供方请求。"""
    question = _question(number, name, file, operation)
    with opened(Settings()) as node:
        answer = send(node, asked(node, agreement), question, case)
    print_json(answer.to_dict())
    if answer.fault is not None:
        err.print(say(Text(f"被拒绝（{answer.fault}）", f"Refused ({answer.fault})")))
        raise typer.Exit(13)


def _question(number: str | None, name: str | None, file: Path | None, operation: str | None) -> Question:
    """The question as it was typed. RequestUnreadable."""
    keys: Any
    if file is not None:
        text = file.read_text("utf-8-sig")
        try:
            keys = jsons.loads(text)
        except ValueError:
            keys = [{"citizen_number": one.strip()} for one in text.splitlines() if one.strip()]
    else:
        keys = [{"citizen_number": number or ""} | ({"name": name} if name is not None else {})]
    chosen = operation or ("verify" if name is not None else "query" if file is not None else "lookup")
    return Question.read(jsons.dumps({"operation": chosen, "keys": keys}).encode())
