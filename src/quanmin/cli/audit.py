"""`quanmin audit`: heads, verification, export, proofs, search, alarms, and a person's own record of access."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from quanmin.cli import flag
from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import open_register, operator, worker
from quanmin.errors import QuanminError
from quanmin.ledger import Ledger
from quanmin.population import inquiry
from quanmin.settings import Settings
from quanmin.standards.identity import citizen_number
from quanmin.text import Text
from quanmin.trust import Actor, Pseudonyms, audit
from quanmin.trust.audit import heads as noting
from quanmin.trust.audit.errors import StampRefused, StampUnavailable
from quanmin.trust.colleague import Colleagues
from quanmin.trust.errors import AuditBroken
from quanmin.trust.identity import Registry, account, duty, looker

app = typer.Typer(help="The audit log: who did what, and the proof that it stands. 审计日志。", no_args_is_help=True)
app.add_typer(flag.app, name="flag")

_PSEUDONYM = re.compile(r"[0-9a-f]{24}|[0-9a-f]{32}")

Since = Annotated[datetime | None, typer.Option(help="From this time (UTC). 起始时间（UTC）。")]
Until = Annotated[datetime | None, typer.Option(help="Before this time (UTC). 截止时间（UTC）。")]
PublicKey = Annotated[Path | None, typer.Option("--public-key", help="Default: keys/audit.pub in the home. 公钥文件。")]


@app.command()
def verify(
    export: Annotated[Path | None, typer.Option(help="An exported log; default: this ledger. 导出的日志。")] = None,
    public_key: PublicKey = None,
    head: Annotated[Path | None, typer.Option(help="A head noted earlier. 先前记下的树头。")] = None,
    roots: Annotated[
        Path | None, typer.Option(help="Roots of time stamps (PEM); default: of the settings. 时间戳根证书。")
    ] = None,
    json: AsJson = False,
) -> None:
    """Verify every entry, the tree, the signed heads and time stamps; exit 12 when something fails. 核验审计日志。"""
    settings = Settings()
    trusted = audit.Roots.read(roots, settings.timestamp_policy) if roots else audit.Roots.of(settings)
    noted = noting.read(head) if head else None
    public = audit.Ed25519Public.read(public_key) if public_key else None
    if export:
        report = audit.check(export, public, noted, max(settings.threads, 1), trusted)
        verdict, covered, stamps = report.verdict, report.covered, report.stamps
    else:
        own = settings.home / "keys" / "audit.pub"
        public = public or (audit.Ed25519Public.read(own) if own.exists() else None)
        with Ledger.open(settings) as ledger:
            verdict, covered = audit.verify(ledger, noted or audit.noted(settings), public, trusted), None
            stamps = audit.stamps(ledger, trusted)
    _tell(verdict, covered, stamps, json)
    if not verdict.sound:
        raise AuditBroken(sequence=verdict.sequence, kind=verdict.damage)


def _tell(verdict: audit.Verdict, covered: int | None, stamps: Sequence[audit.Stamped], json: bool) -> None:
    if json:
        shown = [one._asdict() for one in stamps]
        print_json({**verdict._asdict(), "sound": verdict.sound, "covered": covered, "stamps": shown})
        return
    if verdict.damage is None:
        out.print(say(Text(f"{verdict.entries:,} 条全部相符", f"all {verdict.entries:,} entries hold")))
    else:
        place = f"{verdict.sequence}" + (f"–{verdict.until}" if verdict.until else "")
        kind = audit.DAMAGE[verdict.damage]
        out.print(say(Text(f"第 {place} 条：{kind.zh}", f"entry {place}: {kind.en}")))
    if covered is not None:
        out.print(say(Text(f"已签树头覆盖至第 {covered:,} 条", f"signed heads vouch for entries up to {covered:,}")))
    if verdict.backwards:
        places = ", ".join(map(str, verdict.backwards))
        out.print(say(Text(f"时间倒退：第 {places} 条", f"time runs backwards at entries {places}")))
    for one in stamps:
        out.print(say(_timed(one)))


def _timed(one: audit.Stamped) -> Text:
    """What a time stamp proves, or why it proves nothing."""
    if one.at is not None:
        at = f"{one.at:%Y-%m-%d %H:%M:%S} UTC"
        return Text(
            f"前 {one.size:,} 条在 {at} 已存在（时间戳）",
            f"the first {one.size:,} entries existed at {at} (time stamp)",
        )
    if one.flaw == "unchecked":
        return Text(
            f"前 {one.size:,} 条的时间戳未核验：没有根证书",
            f"the time stamp over the first {one.size:,} entries was not checked: no roots",
        )
    return Text(
        f"前 {one.size:,} 条的时间戳不成立（{one.flaw}）",
        f"the time stamp over the first {one.size:,} entries does not hold ({one.flaw})",
    )


@app.command()
def head(
    every: Annotated[
        int | None, typer.Option(min=1, help="Only if the newest is older than so many minutes. 间隔分钟数。")
    ] = None,
    stamp: Annotated[bool, typer.Option("--stamp", help="Have it stamped with the time. 加盖时间戳。")] = False,
    json: AsJson = False,
) -> None:
    """Sign the log as it stands; keep what is printed elsewhere. 签发树头，请另处保存。"""
    settings = Settings()
    if stamp:
        audit.required(settings)
    with Ledger.open(settings) as ledger:
        if every is None:
            signed: audit.SignedHead | None = audit.sign(ledger, settings)
        else:
            signed = audit.due(ledger, settings, timedelta(minutes=every)) or audit.noted(settings)
        failed = _stamp(ledger, settings, signed) if stamp and signed else None
        document = {**signed.document(), **(_proven(ledger, settings, signed) if stamp else {})} if signed else {}
    if json:
        print_json(document)
    else:
        print_table([Text("项", "item"), Text("值", "value")], [(name, str(value)) for name, value in document.items()])
    if failed is not None:
        raise failed


def _stamp(ledger: Ledger, settings: Settings, signed: audit.SignedHead) -> QuanminError | None:
    """Have a head stamped that is not yet; what went wrong is told after the head, which is kept anyway."""
    if audit.token(ledger, signed) is not None:
        return None
    try:
        answer, _ = audit.ask(signed, settings)
    except (StampUnavailable, StampRefused) as error:
        return error
    audit.keep_token(ledger, signed, answer)
    return None


def _proven(ledger: Ledger, settings: Settings, signed: audit.SignedHead) -> dict[str, str]:
    """The time stamp that is kept with a head, and the time it proves."""
    token, roots = audit.token(ledger, signed), audit.Roots.of(settings)
    if token is None or roots is None:
        return {}
    stamp = roots.check(token, signed.message())
    return {"stamped": stamp.at.isoformat(), "policy": stamp.policy, "token": base64.b64encode(token).decode()}


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="A new file (NDJSON). 新文件。")],
    json: AsJson = False,
) -> None:
    """Write the whole log with its heads into a file that can be verified elsewhere. 导出审计日志。"""
    settings, reader = Settings(), _reader()
    with Ledger.open(settings) as ledger:
        _note(ledger, reader, "export")
        signed = audit.sign(ledger, settings)
        count = audit.export(ledger, file)
    if json:
        print_json({"file": str(file), "entries": count, "head": signed.document()})
        return
    out.print(say(Text(f"已导出 {count:,} 条", f"{count:,} entries exported")))


@app.command()
def prove(
    sequence: Annotated[int, typer.Argument(help="Number of the entry. 条目编号。")],
    json: AsJson = False,
) -> None:
    """Prove one entry to be in the log: its line, the path, and the signed head they lead to. 证明某条在日志中。"""
    settings = Settings()
    with Ledger.open(settings) as ledger:
        signed = audit.noted(settings)
        if signed is None or signed.size < sequence:
            signed = audit.sign(ledger, settings)
        proof = audit.prove(ledger, sequence, signed.size)
    document = {"proof": proof.document(), "head": signed.document(), "holds": proof.holds(signed.root)}
    if json:
        print_json(document)
        return
    out.print(proof.line, markup=False)
    steps = len(proof.path)
    held = Text(
        f"{steps} 步通向已签树头（{signed.size} 条）", f"{steps} steps lead to the signed head over {signed.size}"
    )
    broken = Text("与已签树头不符", "it does not lead to the signed head")
    out.print(say(held if document["holds"] else broken))


@app.command()
def search(
    actor: Annotated[str | None, typer.Option(help="Who acted. 操作人。")] = None,
    person: Annotated[str | None, typer.Option(help="Pseudonym of the person concerned. 当事人假名。")] = None,
    purpose: Annotated[str | None, typer.Option(help="Purpose. 用途。")] = None,
    event: Annotated[str | None, typer.Option(help="Kind of event. 事件类别。")] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="So many at most, the newest first. 条数上限。")] = 100,
    json: AsJson = False,
) -> None:
    """Entries by who, whom, when, why and what; the search itself is an entry, too. 检索审计日志。"""
    if person is not None and not _PSEUDONYM.fullmatch(person):
        raise typer.BadParameter("--person takes a pseudonym of the audit. --person 须为审计假名。")
    reader = _reader()
    with Ledger.open(Settings()) as ledger:
        found = audit.search(
            ledger,
            actor=actor,
            person=person,
            purpose=purpose,
            event=event,
            since=_utc(since),
            until=_utc(until),
            limit=limit,
        )
        _note(ledger, reader, "search", [person] if person else [])
    if json:
        print_json([{"sequence": one.sequence, "at": one.at, **one.fields} for one in found])
        return
    names = ("event", "actor", "purpose", "dataset")
    titles = [Text("事件", "event"), Text("操作人", "actor"), Text("用途", "purpose"), Text("数据集", "dataset")]
    rows = [[str(one.sequence), str(one.at), *(one.fields.get(name) for name in names)] for one in found]
    print_table([Text("编号", "entry"), Text("时间", "time"), *titles], rows)


@app.command()
def alarms(since: Since = None, until: Until = None, json: AsJson = False) -> None:
    """Bulk and night reads, denials, colleagues, flags, guesses, clocks; by default of the last day. 审计告警。"""
    settings, reader = Settings(), _reader()
    with Ledger.open(settings) as ledger:
        end = _utc(until) or ledger.now().astimezone(UTC)
        facts = Colleagues.open(ledger, settings)
        found = audit.alarms(ledger, _utc(since) or end - timedelta(days=1), end, facts)
        _note(ledger, reader, "alarms")
    if json:
        print_json([alarm._asdict() for alarm in found])
        return
    titles = [
        Text("告警", "alarm"),
        Text("操作人", "actor"),
        Text("起", "from"),
        Text("止", "to"),
        Text("数量", "amount"),
    ]
    print_table(titles, [[one.title, one.actor, str(one.first), str(one.last), one.amount] for one in found])


@app.command()
def mine(
    number: Annotated[str, typer.Argument(help="Citizen number. 公民身份号码。")],
    json: AsJson = False,
) -> None:
    """Who read what of a person, when and why; the person is told no accounts. 谁在何时为何查阅过本人信息。"""
    settings, key = Settings(), inquiry.key_of(number)
    reader = _reader(key)
    with Ledger.open(settings) as ledger:
        pseudonym = Pseudonyms.open(settings, "audit").of(key)
        found = audit.of_person(ledger, pseudonym, Colleagues.open(ledger, settings))
        _note(ledger, reader, "mine", [pseudonym])
        whole = duty.AUDIT in reader.roles or reader.session is None
        told = looker.told(Registry.open(ledger, settings), reader, () if whole else found)
    if json:
        print_json([one._asdict() for one in (found if whole else told)])
    elif whole:
        _show(found)
    else:
        _tell_own(told)


def _tell_own(found: Sequence[looker.Looker]) -> None:
    """What a citizen is told."""
    titles = [Text("条目", "entry"), Text("时间", "time"), Text("机构", "organisation"), Text("角色", "roles")]
    titles += [Text("姓名", "name"), Text("用途", "purpose"), Text("数据集", "dataset"), Text("列", "columns")]
    own = say(Text("本人", "yourself"))
    rows: list[list[Any]] = [
        [
            str(one.entry),
            str(one.at),
            one.title,
            ", ".join(one.roles),
            own if one.own else one.name,
            one.purpose,
            one.dataset,
            ", ".join(one.columns),
        ]
        for one in found
    ]
    print_table(titles, rows)


def _show(found: Sequence[audit.Access]) -> None:
    titles = [Text("时间", "time"), Text("谁", "who"), Text("角色", "roles"), Text("机构", "organisation")]
    titles += [Text("用途", "purpose"), Text("数据集", "dataset"), Text("列", "columns")]
    rows: list[list[Any]] = [
        [
            str(one.at),
            one.actor,
            ", ".join(one.roles),
            one.organisation,
            one.purpose,
            one.dataset,
            ", ".join(one.columns),
        ]
        for one in found
    ]
    print_table(titles, rows)


def _reader(key: int | None = None) -> Actor:
    """Who reads the audit: its administrator; of one person's record that person, too, or the guardian. RoleMissing."""
    actor = operator()
    if key is not None and actor.session is not None:
        with open_register() as register:
            subject = account.subject_of(register, str(citizen_number.decode(key)))
        if subject in (actor.subject, actor.acting_for):
            return actor
    return worker("audit_administrator")


def _note(ledger: Ledger, reader: Actor, action: str, persons: Sequence[str] = ()) -> None:
    """A look into the audit is an entry of it."""
    audit.append(ledger, "audit", reader.id, {"action": action, "persons": list(persons)})


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
