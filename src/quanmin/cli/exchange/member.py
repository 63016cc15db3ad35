"""`quanmin exchange member`: who takes part, as the platform's register has it: admitted, suspended, keys, addresses."""

from __future__ import annotations

import json as jsons
from pathlib import Path
from typing import Annotated, Any

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import worker
from quanmin.exchange.member import directory as directories
from quanmin.exchange.member import enrolment, register
from quanmin.exchange.member.errors import EnrolmentRefused
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory, Key, Member
from quanmin.exchange.node.errors import NotJoined
from quanmin.exchange.role import OPERATOR
from quanmin.ledger import Document, Ledger
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import Actor

app = typer.Typer(help="Members of the exchange. 交换体系的成员。", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A member, such as civil_affairs. 成员代码。", metavar="MEMBER")]
Reason = Annotated[str, typer.Option(help="Why, in your own words. 理由。")]
_STATES = {True: Text("在用", "admitted"), False: Text("已暂停", "suspended")}


@app.command()
def admit(
    file: Annotated[Path, typer.Argument(help="enrolment.json of the node. 节点的入网申请文件。")],
    to: Annotated[Path, typer.Option(help="Where to write the answer. 答复文件。")] = Path("membership.json"),
    anew: Annotated[bool, typer.Option("--anew", help="It lost the keys it had. 成员已丢失原有密钥。")] = False,
    json: AsJson = False,
) -> None:
    """Admit a member, or renew its keys and certificate; compare the fingerprints it tells first. 登记成员或更新其密钥与证书。"""
    settings, actor = _platform()
    with Ledger.open(settings) as ledger:
        answer = enrolment.admit(ledger, settings, actor, enrolment.read(file), anew)
    try:
        to.write_text(jsons.dumps(answer, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise EnrolmentRefused(reason=f"{to.name}: {type(error).__name__}") from error
    member = directories.read(answer["directory"]).member(answer["member"])
    if json:
        print_json({"file": str(to), **_told(member)})
        return
    out.print(
        say(Text(f"已登记 {member.id}，请将 {to} 交回该节点", f"Admitted {member.id}; give {to} back to that node"))
    )
    _keys(member)


@app.command("list")
def listing(json: AsJson = False) -> None:
    """List the members, as this home knows them. 列出成员。"""
    found = _directory()
    if json:
        print_json([_told(one) for one in found.members.values()])
        return
    titles = [Text("成员", "member"), Text("名称", "name"), Text("地址", "address"), Text("状态", "state")]
    titles += [Text("密钥", "keys"), Text("平台", "platform")]
    rows = [
        (one.id, Text(one.title_zh, one.title_en), one.address, _STATES[one.active], len(_valid(one)), mark)
        for one in found.members.values()
        for mark in ("*" if one.id == found.authority else "",)
    ]
    print_table(titles, rows)


@app.command()
def show(name: Name, json: AsJson = False) -> None:
    """Show a member with its keys. 显示成员及其密钥。"""
    member = _directory().member(name)
    if json:
        print_json(_told(member))
        return
    state = _STATES[member.active]
    out.print(say(Text(f"{member.id} {member.title_zh}：{state.zh}", f"{member.id} {member.title_en}: {state.en}")))
    out.print(member.address or say(Text("无地址，自行取件", "no address: it fetches")))
    _keys(member)


@app.command()
def suspend(name: Name, reason: Reason, json: AsJson = False) -> None:
    """Suspend a member: nothing of it is taken from now on. 暂停成员。"""
    _changed(name, "suspend", json, reason=reason)


@app.command()
def readmit(name: Name, json: AsJson = False) -> None:
    """Let a suspended member take part again. 恢复成员。"""
    _changed(name, "readmit", json)


@app.command()
def leave(name: Name, reason: Reason, json: AsJson = False) -> None:
    """Let a member go for good; it may be admitted anew. 成员退出。"""
    _changed(name, "leave", json, reason=reason)


@app.command()
def address(
    name: Name,
    origin: Annotated[str | None, typer.Argument(help="https://host:port; none: it fetches. 地址。")] = None,
    json: AsJson = False,
) -> None:
    """Change where a member's node is reached. 更改成员节点地址。"""
    settings, actor = _platform()
    with Ledger.open(settings) as ledger:
        _answer(register.move(ledger, actor, name, origin), json)


@app.command("revoke-key")
def revoke_key(
    key: Annotated[str, typer.Argument(help="Its id, such as civil_affairs/signature/1. 密钥编号。", metavar="KEY")],
    json: AsJson = False,
) -> None:
    """Revoke a key of a member: what it signs from now on is refused. 吊销成员的密钥。"""
    settings, actor = _platform()
    with Ledger.open(settings) as ledger:
        _answer(register.revoke_key(ledger, actor, key), json)


def _platform() -> tuple[Settings, Actor]:
    """The home, which must be the platform's, and who acts. NotJoined, RoleMissing."""
    settings = Settings()
    if settings.exchange_platform is not None:
        raise EnrolmentRefused(reason="not the platform")
    return settings, worker(OPERATOR)


def _directory() -> Directory:
    settings = Settings()
    worker(OPERATOR)
    if settings.exchange_platform is not None:
        held = directories.kept(enrolment.folder(settings))
        if held is None:
            raise NotJoined()
        return held
    with Ledger.open(settings) as ledger:
        own = enrolment.own(settings)
        return register.directory(ledger, HomeIdentity.open(settings), settings.exchange_origin, own)


def _changed(name: str, action: str, json: bool, **data: Any) -> None:
    settings, actor = _platform()
    with Ledger.open(settings) as ledger:
        _answer(register.change(ledger, actor, name, action, **data), json)


def _answer(document: Document, json: bool) -> None:
    if json:
        print_json({"state": document.state, **_told(register.member_of(document))})
        return
    out.print(say(Text(f"{document.ref}：{document.state}", f"{document.ref}: {document.state}")))


def _valid(member: Member) -> list[Key]:
    return [one for one in member.keys if one.revoked is None]


def _keys(member: Member) -> None:
    titles = [Text("密钥", "key"), Text("算法", "algorithm"), Text("公钥", "open half"), Text("自", "since")]
    titles += [Text("吊销于", "revoked")]
    rows = [(one.id, one.algorithm, one.public, one.since, one.revoked) for one in member.keys]
    print_table(titles, rows)


def _told(member: Member) -> dict[str, Any]:
    keys = [
        {
            "id": one.id,
            "use": one.use,
            "algorithm": one.algorithm,
            "public": one.public,
            "since": one.since.isoformat(),
            "revoked": one.revoked and one.revoked.isoformat(),
        }
        for one in member.keys
    ]
    titles = {"title": {"zh": member.title_zh, "en": member.title_en}, "address": member.address}
    return {
        "member": member.id,
        **titles,
        "active": member.active,
        "keys": keys,
        "certificates": list(member.certificates),
    }
