"""`quanmin trust`: why somebody may see what, the policies in force, and changing them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from quanmin.cli import facts as fact_commands
from quanmin.cli import reidentify, selfcheck
from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import open_register, operator
from quanmin.ledger import Document, Ledger
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import Actor, audit, explanation, subject
from quanmin.trust.keys import open_store
from quanmin.trust.policy import active, change

app = typer.Typer(help="Who may see what, and why. 谁能看什么、为什么。", no_args_is_help=True)
policy = typer.Typer(help="Changing the policies, by two people. 策略变更（两人办理）。", no_args_is_help=True)
app.add_typer(policy, name="policy")
selfcheck.register(app)
fact_commands.register(app)
app.add_typer(reidentify.app, name="reidentify")

Who = Annotated[str | None, typer.Option("--actor", help="An account, or a role such as clinician. 账户或角色。")]
Region = Annotated[str | None, typer.Option(help="Division of a role, such as 370100. 角色的管辖区域。")]
With = Annotated[
    list[str] | None,
    typer.Option("--with", help=f"A fact that holds: {', '.join(subject.GIVEN)}. 成立的事实。"),
]
OneFactor = Annotated[bool, typer.Option("--one-factor", help="Signed in with one proof only. 仅一种身份证明。")]
Number = Annotated[int, typer.Argument(help="Number of the proposal. 提案编号。")]


@app.command()
def explain(
    who: Who = None,
    purpose: Annotated[str | None, typer.Option(help="The purpose. 用途。")] = None,
    dataset: Annotated[str | None, typer.Option(help="The dataset. 数据集。")] = None,
    element: Annotated[list[str] | None, typer.Option(help="Only this element (again for more). 数据元。")] = None,
    decision: Annotated[str | None, typer.Option(help="A decision of the audit instead. 审计中的决定编号。")] = None,
    region: Region = None,
    facts: With = None,
    one_factor: OneFactor = False,
    json: AsJson = False,
) -> None:
    """Why somebody could (not) see something: policies, facts, and what is missing. 为什么能看或不能看。"""
    if (decision is None) == (who is None or purpose is None or dataset is None):
        raise typer.BadParameter("--actor, --purpose, --dataset; or --decision. 请给出三者，或决定编号。")
    with Ledger.open(Settings()) as ledger:
        if decision is not None:
            found = explanation.of_decision(ledger, decision)
        else:
            actor = _actor(str(who), region, one_factor)
            found = explanation.why(ledger, actor, str(purpose), str(dataset), element or (), subject.given(facts))
        _note(ledger, "explain", purpose=found.purpose, dataset=found.dataset)
    if json:
        print_json(found.to_dict())
        return
    _tell(found)


def _tell(found: explanation.Explanation) -> None:
    facts = [say(explanation.FACTS[name]) for name in found.facts] or ["-"]
    rows = ", ".join(found.rows) or say(Text("全部行", "all rows"))
    out.print(say(Text(f"事实：{'、'.join(facts)}", f"facts: {', '.join(facts)}")), markup=False)
    out.print(say(Text(f"行：{rows}；策略版本 {found.version[:12]}", f"rows: {rows}; policies {found.version[:12]}")))
    titles = [Text("数据元", "element"), Text("结果", "outcome"), Text("理由", "reason"), Text("策略", "policies")]
    titles.append(Text("若有以下事实则可多看", "more with"))
    print_table(titles, [(r.column, r.outcome, r.reason, ", ".join(r.policies), _or(r.would)) for r in found.columns])


def _or(would: tuple[tuple[str, ...], ...]) -> str:
    return " / ".join(" + ".join(say(explanation.FACTS[name]) for name in one) for one in would[:3])


@app.command()
def see(
    who: Who = None,
    region: Region = None,
    facts: With = None,
    one_factor: OneFactor = False,
    json: AsJson = False,
) -> None:
    """What somebody may see, as one table. 某人能看什么。"""
    with Ledger.open(Settings()) as ledger:
        actor = operator() if who is None else _actor(who, region, one_factor)
        rows = explanation.may_see(ledger, actor, subject.given(facts))
        _note(ledger, "see")
    if json:
        print_json(rows)
        return
    titles = [Text("用途", "purpose"), Text("数据集", "dataset"), Text("明文", "clear"), Text("脱敏", "masked")]
    titles += [
        Text("泛化", "generalised"),
        Text("假名", "pseudonymised"),
        Text("不出示", "withheld"),
        Text("行", "rows"),
    ]
    titles.append(Text("义务", "owes"))
    names = ("purpose", "dataset", "clear", "masked", "generalised", "pseudonymised", "withheld")
    print_table(titles, [(*(r[n] for n in names), ", ".join(r["rows"]), ", ".join(r["owes"])) for r in rows])


@app.command()
def policies(json: AsJson = False) -> None:
    """The policies in force, their version, and whether it is signed. 现行策略。"""
    with Ledger.open(Settings()) as ledger:
        rules, signed = active(ledger), change.sound(ledger, open_store(Settings()))
    listed = [
        {"id": p.id, "effect": p.effect, "title": p.title, "rows": p.rows, "owes": list(p.owes)}
        for p in rules.policies.values()
    ]
    if json:
        print_json({"version": rules.version, "signed": signed, "policies": listed, "files": dict(rules.files)})
        return
    known = {None: Text("随程序发布", "as shipped, or not signed"), True: Text("签名有效", "signature holds")}
    state = known.get(signed, Text("签名无效！", "the signature does not hold!"))
    out.print(say(Text(f"版本 {rules.version[:12]}，{state.zh}", f"version {rules.version[:12]}, {state.en}")))
    titles = [
        Text("编号", "id"),
        Text("效果", "effect"),
        Text("说明", "about"),
        Text("行", "rows"),
        Text("义务", "owes"),
    ]
    print_table(titles, [(p["id"], p["effect"], p["title"], p["rows"], ", ".join(p["owes"])) for p in listed])


@policy.command()
def propose(
    folder: Annotated[Path, typer.Argument(help="Folder of *.cedar files: the whole set. 策略文件目录（全套）。")],
    reason: Annotated[str, typer.Option(help="Why. 理由。")],
    json: AsJson = False,
) -> None:
    """Propose a set of policies, checked against the schema; the security administrator does. 提出变更。"""
    files = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.cedar"))}
    with Ledger.open(Settings()) as ledger:
        _document(change.propose(ledger, operator(), files, reason), json)


@policy.command()
def differences(number: Number, json: AsJson = False) -> None:
    """What a proposal changes, why, and the digest to approve. 变更的效果、理由与待批准的摘要。"""
    with Ledger.open(Settings()) as ledger:
        found = change.differences(ledger, number)
        why = change.reason(ledger, operator(), number)
    digest = change.digest(found)
    if json:
        print_json({"digest": digest, "reason": why, "differences": [one._asdict() for one in found]})
        return
    if why is not None:
        out.print(say(Text(f"理由：{why}", f"why: {why}")), markup=False)
    titles = [Text("问", "asked"), Text("放宽", "wider"), Text("原", "before"), Text("新", "after")]
    print_table(titles, [(one.asked, one.wider, _pairs(one.before), _pairs(one.after)) for one in found])
    out.print(say(Text(f"差异 {len(found)} 处，摘要 {digest}", f"{len(found)} differences, digest {digest}")))


def _pairs(side: Any) -> str:
    return "; ".join(f"{name} {value}".strip() for name, value in side.items())


@policy.command()
def approve(
    number: Number,
    digest: Annotated[str, typer.Argument(help="Digest of the differences that were seen. 差异摘要。")],
    json: AsJson = False,
) -> None:
    """Approve what another person proposed. 由另一人批准。"""
    with Ledger.open(Settings()) as ledger:
        _document(change.approve(ledger, operator(), number, digest), json)


@policy.command()
def refuse(
    number: Number,
    because: Annotated[str, typer.Option(help="Why. 理由。")],
    json: AsJson = False,
) -> None:
    """Refuse a proposal. 驳回。"""
    with Ledger.open(Settings()) as ledger:
        _document(change.refuse(ledger, operator(), number, because), json)


@policy.command()
def activate(number: Number, json: AsJson = False) -> None:
    """Put an approved proposal in force at once, signed. 生效并签名。"""
    with Ledger.open(Settings()) as ledger:
        _document(change.activate(ledger, operator(), number, open_store(Settings())), json)


def _document(document: Document, json: bool) -> None:
    told = {"document": document.id, "state": document.state, "version": document.data["version"]}
    if json:
        print_json(told)
        return
    out.print(
        say(
            Text(
                f"提案 {document.id}：{document.state}，版本 {told['version'][:12]}",
                f"proposal {document.id}: {document.state}, version {told['version'][:12]}",
            )
        )
    )


def _actor(name: str, region: str | None, one_factor: bool) -> Actor:
    with open_register() as register:
        return subject.named(register, name, region, one_factor)


def _note(ledger: Ledger, action: str, **fields: str) -> None:
    audit.append(ledger, "trust", operator().id, {"action": action, **fields})
