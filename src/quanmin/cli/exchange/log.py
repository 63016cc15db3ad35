"""`quanmin exchange log` and `quanmin exchange proof`: what was said, that it stands, and proofs of it for others."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import or_, select

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import worker
from quanmin.exchange.log import archive, check, proof
from quanmin.exchange.log.errors import NotLogged
from quanmin.exchange.log.line import entry as read
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.known import Known
from quanmin.exchange.member.member import Directory
from quanmin.exchange.node.errors import NotJoined
from quanmin.ledger import Ledger
from quanmin.ledger.exchange import ExchangeLogRow
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import audit
from quanmin.trust.errors import AuditBroken

app = typer.Typer(help="The log of messages: list, show, verify, archive. 报文日志。", no_args_is_help=True)

_T = ExchangeLogRow


@app.command("list")
def listing(
    peer: Annotated[str | None, typer.Option(help="Of this member only. 仅该成员。")] = None,
    delivery: Annotated[str | None, typer.Option(help="Of this delivery only. 仅该批次。")] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many at most, the newest first. 条数上限。")] = 50,
    json: AsJson = False,
) -> None:
    """Messages, the newest first. 列出报文。"""
    worker("audit_administrator")
    query = select(_T.entry).order_by(_T.sequence.desc()).limit(limit)
    if peer is not None:
        query = query.where(or_(_T.sender == peer, _T.receiver == peer))
    if delivery is not None:
        query = query.where(_T.delivery == delivery)
    with Ledger.open(Settings()) as ledger, ledger.reading() as connection:
        found = [read(row.entry) for row in connection.execute(query)]
    if json:
        print_json([_document(number, one) for number, one in found])
        return
    titles = [Text("序号", "no."), Text("时间", "time"), Text("方向", "direction"), Text("类别", "kind")]
    titles += [Text("报文", "message"), Text("发送", "from"), Text("接收", "to"), Text("协议", "agreement")]
    rows = [
        (str(n), str(e.at), e.direction, e.kind, e.message, e.sender, e.receiver, e.agreement or "", e.fault or "")
        for n, e in found
    ]
    print_table([*titles, Text("拒绝", "fault")], rows)


@app.command()
def show(name: Annotated[str, typer.Argument(help="Id of a message. 报文编号。")], json: AsJson = False) -> None:
    """What the log has of a message. 查看报文的记录。"""
    worker("audit_administrator")
    query = select(_T.entry, _T.link).where(_T.message == name).order_by(_T.sequence)
    with Ledger.open(Settings()) as ledger, ledger.reading() as connection:
        found = [{**_document(*read(row.entry)), "link": row.link.hex()} for row in connection.execute(query)]
    if not found:
        raise NotLogged(name=name[:96])
    if json:
        print_json(found)
        return
    for one in found:
        print_table([Text("项", "item"), Text("值", "value")], [(key, str(value)) for key, value in one.items()])


@app.command()
def verify(
    files: Annotated[list[Path] | None, typer.Argument(help="Archived days; default: this ledger. 归档文件。")] = None,
    json: AsJson = False,
) -> None:
    """Verify every line, link, batch and signature, and the audit under them; exit 12 when one fails. 核验报文日志。"""
    if files:
        made = archive.verify(files)
        if json:
            print_json([one._asdict() for one in made])
        else:
            text = Text(f"第 {made[0].first}–{made[-1].last} 条相符", f"entries {made[0].first}–{made[-1].last} hold")
            out.print(say(text))
        return
    settings = Settings()
    with Ledger.open(settings) as ledger:
        found = check.verify(ledger, _directory(ledger, settings))
        own = settings.home / "keys" / "audit.pub"
        public = audit.Ed25519Public.read(own) if own.exists() else None
        under = audit.verify(ledger, audit.noted(settings), public, audit.Roots.of(settings))
    if json:
        print_json({**found._asdict(), "sound": found.sound and under.sound, "audit": under._asdict()})
    else:
        _tell(found)
    check.refuse(found)
    if not under.sound:
        raise AuditBroken(sequence=under.sequence, kind=under.damage)


def _tell(found: check.Verdict) -> None:
    text = Text(
        f"{found.entries:,} 条、{found.batches:,} 批相符",
        f"{found.entries:,} entries and {found.batches:,} batches hold",
    )
    if found.damage is not None:
        kind, place = check.DAMAGE[found.damage], f"{found.sequence}" + (f"–{found.until}" if found.until else "")
        text = Text(f"第 {place} 条：{kind.zh}", f"entry {place}: {kind.en}")
    out.print(say(text))


@app.command()
def export(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="A day (UTC). 日期（UTC）。")],
    file: Annotated[Path, typer.Argument(help="A new file (NDJSON). 新文件。")],
    json: AsJson = False,
) -> None:
    """Write a day of the log into a file that verifies elsewhere. 归档一日的日志。"""
    actor = worker("audit_administrator")
    with Ledger.open(Settings()) as ledger:
        wanted: date = day.replace(tzinfo=UTC).date()
        fields = {"action": "exchange.archive", "persons": [], "day": wanted.isoformat()}
        audit.append(ledger, "audit", actor.id, fields)
        made = archive.export(ledger, wanted, file)
    if json:
        print_json({"file": str(file), **made._asdict()})
        return
    out.print(say(Text(f"第 {made.first}–{made.last} 条已归档", f"entries {made.first}–{made.last} are archived")))


def prove(
    name: Annotated[str, typer.Argument(help="Id of a message or of a delivery. 报文或批次编号。")],
    file: Annotated[Path | None, typer.Option("--out", help="A new file; default: standard output. 新文件。")] = None,
    json: AsJson = False,
) -> None:
    """Make a proof that others can check with public keys alone. 生成举证文件。"""
    actor, settings = worker("audit_administrator"), Settings()
    with Ledger.open(settings) as ledger:
        content = proof.prove(ledger, settings, _known(ledger, settings), name)
        audit.append(ledger, "audit", actor.id, {"action": "exchange.proof", "persons": [], "subject": name})
    if file is None:
        sys.stdout.buffer.write(content)
        return
    archive.put(file, [content])
    if json:
        print_json({"file": str(file), "bytes": len(content)})
        return
    out.print(say(Text(f"举证文件 {file}，{len(content):,} 字节", f"the proof is in {file}, {len(content):,} bytes")))


def _known(ledger: Ledger, settings: Settings) -> Directory:
    return Known(ledger, settings, HomeIdentity.open(settings))()


def _directory(ledger: Ledger, settings: Settings) -> Directory | None:
    """The directory of a home that takes part; without one signatures are not checked."""
    try:
        return _known(ledger, settings)
    except NotJoined:
        return None


def _document(number: int, one: Any) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in one.__dataclass_fields__ if name != "body"}
    return {"sequence": number, **told, "base": one.base.decode("ascii", "replace"), "signature": one.signature.hex()}
