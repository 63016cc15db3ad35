"""`quanmin exchange agreement`: from draft to force, at the platform and at any node (over HTTP)."""

from __future__ import annotations

import json as plain
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from quanmin.cli import workplace
from quanmin.cli.output import AsJson, deadline, out, print_json, print_table, say
from quanmin.exchange.agreement import copy, remote
from quanmin.exchange.agreement.catalogue import SHARE_WORDS, catalogue
from quanmin.exchange.agreement.errors import TermsUnreadable
from quanmin.exchange.agreement.standing import Standing
from quanmin.exchange.agreement.statement import Statement
from quanmin.exchange.agreement.workflow import STATES
from quanmin.exchange.member.directory import kept
from quanmin.exchange.member.enrolment import folder
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.opening import opened
from quanmin.settings import Settings
from quanmin.text import Text

app = typer.Typer(help="Agreements between agencies: draft, review, sign, suspend. 共享协议。", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="Id of the agreement. 协议编号。", metavar="ID")]
File = Annotated[Path, typer.Argument(help="Terms, TOML or JSON. 条款文件。", metavar="FILE")]
Reason = Annotated[str, typer.Option(help="Why. 理由。")]
Changes = Annotated[
    Path | None, typer.Option("--change", help="Fields written anew, TOML or JSON. 变更文件。", show_default=False)
]
LARGEST = 1 << 20
"""Bytes that a file of terms may have."""


@contextmanager
def _node() -> Iterator[Node]:
    workplace.worker()
    with opened(Settings()) as node:
        yield node


def _fields(path: Path | None) -> dict[str, Any]:
    """The fields of a file; TermsUnreadable."""
    if path is None:
        return {}
    try:
        with path.open("rb") as stream:
            text = stream.read(LARGEST + 1).decode("utf-8-sig")
        found = plain.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise TermsUnreadable(reason=error.strerror or type(error).__name__) from None
    except ValueError:
        raise TermsUnreadable(reason=path.suffix.removeprefix(".") or "TOML") from None
    if not isinstance(found, dict) or len(text) > LARGEST:
        raise TermsUnreadable(reason="no object")
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def _told(stated: Statement, due: datetime | None = None) -> dict[str, Any]:
    return stated.to_dict() | {"id": stated.terms.id, "due": due.isoformat() if due else None}


def _print(stated: Statement, json: bool, due: datetime | None = None) -> None:
    if json:
        print_json(_told(stated, due))
        return
    terms = stated.terms
    out.print(
        f"{terms.cited} · {say(Text(terms.title_zh, terms.title_en))} · {say(STATES[stated.state])}", style="bold"
    )
    where = "; ".join(f"{name}: {' '.join(codes)}" for name, codes in terms.where.items())
    rows: list[tuple[Text, str]] = [
        (Text("提供方", "provider"), terms.provider),
        (Text("使用方", "consumer"), terms.consumer),
        (Text("数据集", "dataset"), terms.dataset),
        (Text("数据项", "elements"), " ".join(terms.elements)),
        (Text("行范围", "rows"), " ".join((terms.region or "-", where))),
        (Text("用途", "purpose"), terms.purpose),
        (Text("法律依据", "legal basis"), terms.legal_basis),
        (Text("方式", "mode"), " ".join((terms.mode, *terms.operations))),
        (Text("频率", "frequency"), terms.frequency),
        *(((Text("数据格式", "form of rows"), terms.form),) if terms.supplies else ()),
        (Text("有效期", "days"), f"{terms.starts} – {terms.until}"),
        (Text("签署", "signed by"), " ".join(sorted(one.member for one in stated.signatures.values()))),
        *(((Text("理由", "reason"), stated.reason),) if stated.reason else ()),
        *(((Text("办理期限", "due"), deadline(due)),) if due else ()),
    ]
    print_table([Text("栏目", "column"), Text("内容", "content")], rows)


def _step(agreement: str, name: str, json: bool, told: Mapping[str, Any] | None = None) -> None:
    with _node() as node:
        stated = remote.step(node, agreement, name, told)
    _print(stated, json)


@app.command()
def draft(
    file: File,
    request: Annotated[bool, typer.Option("--request", help="Hand it in at once. 同时提交。")] = False,
    json: AsJson = False,
) -> None:
    """Draft an agreement from a file of terms. 起草协议。"""
    told = _fields(file)
    with _node() as node:
        stated = remote.draft(node, told, request)
    _print(stated, json)


@app.command()
def change(agreement: Id, file: File, json: AsJson = False) -> None:
    """Write fields of a draft anew. 修改草案。"""
    _step(agreement, "change", json, {"changes": _fields(file)})


@app.command()
def request(agreement: Id, json: AsJson = False) -> None:
    """Hand a draft in. 提交申请。"""
    _step(agreement, "request", json)


@app.command()
def review(agreement: Id, json: AsJson = False) -> None:
    """Pass a request on to its provider; what is shared without conditions is granted. 主管部门审核。"""
    _step(agreement, "review", json)


@app.command()
def answer(agreement: Id, changes: Changes = None, json: AsJson = False) -> None:
    """Grant what was asked for, or less. 提供方答复。"""
    _step(agreement, "answer", json, {"changes": _fields(changes)})


@app.command()
def refuse(agreement: Id, reason: Reason, json: AsJson = False) -> None:
    """Refuse, with a reason. 不予共享并说明理由。"""
    _step(agreement, "refuse", json, {"reason": reason})


@app.command()
def sign(agreement: Id, json: AsJson = False) -> None:
    """Sign the terms with this member's key; with both signatures they are in force. 签署。"""
    with _node() as node:
        stated = remote.sign(node, agreement)
    _print(stated, json)


@app.command()
def withdraw(agreement: Id, json: AsJson = False) -> None:
    """Take back what was asked for. 撤回。"""
    _step(agreement, "withdraw", json)


@app.command()
def suspend(agreement: Id, reason: Reason, json: AsJson = False) -> None:
    """Stop everything under it, at once. 暂停。"""
    _step(agreement, "suspend", json, {"reason": reason})


@app.command()
def resume(agreement: Id, json: AsJson = False) -> None:
    """Lift a suspension. 恢复。"""
    _step(agreement, "resume", json)


@app.command()
def revoke(agreement: Id, reason: Reason, json: AsJson = False) -> None:
    """End it for good. 撤销。"""
    _step(agreement, "revoke", json, {"reason": reason})


@app.command()
def revise(agreement: Id, changes: Changes = None, json: AsJson = False) -> None:
    """Draft the next version; this one stays in force until that one is. 修订。"""
    _step(agreement, "revise", json, {"changes": _fields(changes)})


@app.command("list")
def listing(
    state: Annotated[list[str] | None, typer.Option(help="Only these states. 状态。")] = None,
    json: AsJson = False,
) -> None:
    """List the agreements in which this member takes part. 列出协议。"""
    if set(state or ()) - set(STATES):
        raise typer.BadParameter(f"--state: {', '.join(STATES)}. 可用的值如上。")
    with _node() as node:
        found = [one for one in remote.courses(node) if not state or one[0].state in state]
    if json:
        print_json([_told(*one) for one in found])
        return
    titles = [Text("编号", "agreement"), Text("名称", "title"), Text("提供方", "provider"), Text("使用方", "consumer")]
    titles += [Text("数据集", "dataset"), Text("状态", "state"), Text("有效期至", "until"), Text("办理期限", "due")]
    print_table(titles, [_line(*one) for one in found])


def _line(stated: Statement, due: datetime | None) -> tuple[str, ...]:
    terms = stated.terms
    title = say(Text(terms.title_zh, terms.title_en))
    sides = (terms.provider, terms.consumer, terms.dataset)
    return (terms.cited, title, *sides, say(STATES[stated.state]), str(terms.until), deadline(due) if due else "")


@app.command()
def show(
    agreement: Id,
    version: Annotated[int | None, typer.Option(help="Another than the newest. 版本。", show_default=False)] = None,
    json: AsJson = False,
) -> None:
    """Show an agreement. 查看协议。"""
    with _node() as node:
        stated, due = remote.course(node, agreement, version)
    _print(stated, json, due)


@app.command()
def refresh(json: AsJson = False) -> None:
    """Fetch this node's copies from the platform. 获取协议副本。"""
    with _node() as node:
        changed = copy.refresh(node) if node.settings.exchange_platform is not None else 0
    if json:
        print_json({"changed": changed})
    else:
        out.print(say(Text("已更新 {n} 份", "{n} changed").format(n=changed)))


@app.command("catalogue")
def shown(
    share: Annotated[str | None, typer.Option(help="Only of this share type. 共享类型。", show_default=False)] = None,
    json: AsJson = False,
) -> None:
    """The sharing catalogue: datasets, share types, legal basis, agreements in force. 共享目录。"""
    if share is not None and share not in SHARE_WORDS:
        raise typer.BadParameter(f"--share: {', '.join(SHARE_WORDS)}. 可用的值如上。")
    settings = Settings()
    with workplace.open_lake(settings) as lake:
        standing = Standing(lake.ledger, settings).every()
    found = [one for one in catalogue(_authority(settings), standing) if share in (None, one.share)]
    if json:
        print_json([one.to_dict() for one in found])
        return
    titles = [Text("标识", "id"), Text("名称", "title"), Text("共享", "share"), Text("法律依据", "legal basis")]
    titles += [Text("提供方", "providers"), Text("数据项", "elements"), Text("现行协议", "agreements")]
    rows = [
        (
            one.id,
            say(one.title),
            say(SHARE_WORDS[one.share]),
            say(one.legal_basis) if one.legal_basis else "",
            " ".join(one.providers),
            str(len(one.elements)),
            " ".join(one.agreements),
        )
        for one in found
    ]
    print_table(titles, rows)


def _authority(settings: Settings) -> str:
    """The member that is the platform; where this home knows of none, itself."""
    known = kept(folder(settings))
    return known.authority if known is not None else settings.member
