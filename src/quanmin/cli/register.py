"""What the commands about identity share: secrets that are typed, who is here, and how an answer is shown."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from quanmin.cli.output import deadline, out, print_json, print_table, say
from quanmin.cli.workplace import session_file
from quanmin.ledger import Document
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import Actor, identity
from quanmin.trust.identity.errors import SessionOver

Account = Annotated[str, typer.Argument(help="Name of the account. 账号名。")]
Number = Annotated[int, typer.Argument(help="Number of the document. 文书编号。")]
Until = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day that it counts. 截止日期。")]
Role = Annotated[str, typer.Option(help="Such as physician, statistician. 角色。")]
Place = Annotated[str, typer.Option("--organisation", help="Where it counts. 所在机构。")]
Why = Annotated[str, typer.Option("--reason", help="Why; without anybody's data. 理由，不写个人信息。")]


def secret(zh: str, en: str) -> str:
    """A secret from the prompt, or the next line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(say(Text(zh, en)), hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def token_here() -> str:
    """The token of the session of this terminal; SessionOver."""
    try:
        return session_file(Settings()).read_text("ascii").strip()
    except OSError:
        raise SessionOver() from None


def here(register: identity.Registry) -> Actor:
    """Whoever signed in at this terminal."""
    return identity.authenticate(register, token_here())


def tell(answer: Mapping[str, Any], json: bool) -> None:
    """One thing as JSON, or field by field."""
    if json:
        print_json(dict(answer))
        return
    for name, value in answer.items():
        title = TITLES.get(name, Text(name, name))
        out.print(f"{say(title)}: {'' if value is None else value}", markup=False)


def listed(rows: Sequence[Mapping[str, Any]], names: Sequence[str], json: bool) -> None:
    """Rows as JSON, or a table of some of their columns."""
    if json:
        print_json([dict(row) for row in rows])
        return
    print_table([TITLES[name] for name in names], [[_shown(name, row.get(name)) for name in names] for row in rows])


def _shown(name: str, value: Any) -> Any:
    return deadline(value) if name == "due" else _cell(value)


def _cell(value: Any) -> Any:
    if isinstance(value, Text):
        return say(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value) if value is not None else None


TITLES = {
    "account": Text("账号", "account"),
    "kind": Text("类别", "kind"),
    "organisation": Text("机构", "organisation"),
    "region": Text("行政区划", "region"),
    "parent": Text("上级机构", "parent"),
    "title": Text("名称", "title"),
    "state": Text("状态", "state"),
    "since": Text("自", "since"),
    "shown": Text("姓名", "name"),
    "document": Text("编号", "document"),
    "role": Text("角色", "role"),
    "roles": Text("角色", "roles"),
    "purpose": Text("目的", "purpose"),
    "owner": Text("负责人", "owner"),
    "from": Text("起", "from"),
    "until": Text("止", "until"),
    "serial": Text("序列号", "serial"),
    "at": Text("时间", "at"),
    "ends": Text("到期", "ends"),
    "seen": Text("最近使用", "seen"),
    "methods": Text("方式", "methods"),
    "revoked": Text("吊销", "revoked"),
    "why": Text("原因", "why"),
    "reason": Text("理由", "reason"),
    "due": Text("复核期限", "review due"),
    "overdue": Text("逾期", "overdue"),
    "finding": Text("结论", "finding"),
    "codes": Text("激活码", "activation codes"),
    "half": Text("激活码的一半", "half of the activation code"),
    "seed": Text("验证码种子", "seed of the codes"),
    "address": Text("手机扫码地址", "address for the phone"),
    "assurance": Text("可信等级", "assurance"),
    "mfa": Text("双因素", "two factors"),
    "acting_for": Text("代理", "acting for"),
    "person": Text("当事人假名", "pseudonym"),
    "holder": Text("诊疗方", "holder"),
    "datasets": Text("数据集", "datasets"),
    "number": Text("编号", "number"),
    "key": Text("私钥文件", "key file"),
    "request": Text("申请文件", "request file"),
    "sessions": Text("会话数", "sessions"),
    "disabled": Text("已停用", "disabled"),
}


def described(actor: Actor) -> dict[str, Any]:
    """An actor, as it is shown."""
    named = {"account": actor.id, "kind": actor.kind, "roles": ", ".join(sorted(actor.roles))}
    place = {"organisation": actor.organisation, "region": actor.region}
    return {**named, **place, "assurance": actor.assurance, "mfa": actor.mfa, "acting_for": actor.acting_for}


def tell_document(made: Document, json: bool) -> None:
    """What became of a document."""
    tell({"document": made.id, "account": made.data.get("account"), "state": made.state}, json)
