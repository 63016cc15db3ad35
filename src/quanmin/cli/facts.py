"""`quanmin trust care | consent | agreement`: the facts that decisions ask about. A person's number is typed, not an argument."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from quanmin.cli.output import AsJson, out, print_json, say
from quanmin.cli.register import Number, Until, Why, listed, secret
from quanmin.cli.workplace import operator
from quanmin.ledger import Document, Ledger
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import Actor
from quanmin.trust.circumstance import CONSENTED, Circumstances

care = typer.Typer(help="Who treats whom, until when. 诊疗关系。", no_args_is_help=True)
consent = typer.Typer(help="What a person agrees to, or takes back. 本人的同意与撤回。", no_args_is_help=True)
agreement = typer.Typer(help="What an organisation may use, and for what. 数据使用协议。", no_args_is_help=True)

Purpose = Annotated[str, typer.Argument(help=f"{', '.join(CONSENTED)}. 用途。")]

STATES = {
    "open": Text("有效", "open"),
    "given": Text("已同意", "given"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "proposed": Text("待确认", "proposed"),
    "in_force": Text("有效", "in force"),
    "refused": Text("已驳回", "refused"),
    "ended": Text("已终止", "ended"),
    "over": Text("已到期", "over"),
}


def register(app: typer.Typer) -> None:
    """Add the groups."""
    for name, group in {"care": care, "consent": consent, "agreement": agreement}.items():
        app.add_typer(group, name=name)


@contextmanager
def _facts() -> Iterator[tuple[Circumstances, Actor]]:
    """The facts of this home, and whoever signed in."""
    settings, actor = Settings(), operator()
    with Ledger.open(settings) as ledger:
        yield Circumstances.open(ledger, settings), actor


def _number() -> str:
    return secret("公民身份号码", "citizen number")


def _tell(made: Document, json: bool) -> None:
    if json:
        print_json({"document": made.id, "state": made.state})
        return
    state = STATES[made.state]
    out.print(say(Text(f"第 {made.id} 号：{state.zh}", f"document {made.id}: {state.en}")), markup=False)


def _list(rows: Sequence[Mapping[str, Any]], names: Sequence[str], json: bool) -> None:
    listed(rows if json else [{**row, "state": STATES[row["state"]]} for row in rows], names, json)


@care.command("open")
def open_care(
    until: Until,
    who: Annotated[
        str | None, typer.Option("--for", help="Account that treats; default: one's organisation. 诊疗账号。")
    ] = None,
    json: AsJson = False,
) -> None:
    """Write down that somebody is under treatment; asks for the number. 登记诊疗关系。"""
    with _facts() as (facts, actor):
        _tell(facts.open_care(actor, _number(), until.date(), who), json)


@care.command("end")
def end_care(number: Number, reason: Why, json: AsJson = False) -> None:
    """End a relation at once. 终止诊疗关系。"""
    with _facts() as (facts, actor):
        _tell(facts.end_care(actor, number, reason), json)


@care.command("list")
def list_care(json: AsJson = False) -> None:
    """List relations of one's own and of one's organisation; no person is named. 诊疗关系清单，不含当事人。"""
    with _facts() as (facts, actor):
        _list(facts.cares(actor), ("document", "holder", "until", "state"), json)


@consent.command("give")
def give_consent(purpose: Purpose, json: AsJson = False) -> None:
    """Agree to a purpose, for oneself or one's ward; asks for the number. 同意。"""
    with _facts() as (facts, actor):
        _tell(facts.consent(actor, _number(), purpose), json)


@consent.command("withdraw")
def withdraw_consent(purpose: Purpose, json: AsJson = False) -> None:
    """Take a consent back: from now on the purpose sees the person no more; asks for the number. 撤回同意。"""
    with _facts() as (facts, actor):
        _tell(facts.consent(actor, _number(), purpose, given=False), json)


@consent.command("list")
def list_consents(json: AsJson = False) -> None:
    """List what oneself (or the ward acted for) agreed to; no person is named. 本人的同意清单。"""
    with _facts() as (facts, actor):
        _list(facts.consents(actor), ("document", "purpose", "since", "state"), json)


@agreement.command("propose")
def propose_agreement(
    organisation: Annotated[str, typer.Argument(help="Who may use it. 机构代号。")],
    purpose: Annotated[str, typer.Argument(help="What for. 用途。")],
    dataset: Annotated[list[str], typer.Option(help="Dataset, or linked.person (again for more). 数据集。")],
    until: Until,
    json: AsJson = False,
) -> None:
    """Propose that an organisation may use datasets; the system administrator. 提出协议。"""
    with _facts() as (facts, actor):
        _tell(facts.propose_agreement(actor, organisation, purpose, dataset, until.date()), json)


@agreement.command("confirm")
def confirm_agreement(number: Number, json: AsJson = False) -> None:
    """Confirm what another proposed; the security administrator. 确认协议。"""
    with _facts() as (facts, actor):
        _tell(facts.confirm_agreement(actor, number), json)


@agreement.command("refuse")
def refuse_agreement(number: Number, reason: Why, json: AsJson = False) -> None:
    """Refuse a proposal; the security administrator. 驳回协议。"""
    with _facts() as (facts, actor):
        _tell(facts.refuse_agreement(actor, number, reason), json)


@agreement.command("end")
def end_agreement(number: Number, reason: Why, json: AsJson = False) -> None:
    """End an agreement at once; the security administrator. 终止协议。"""
    with _facts() as (facts, actor):
        _tell(facts.end_agreement(actor, number, reason), json)


@agreement.command("list")
def list_agreements(json: AsJson = False) -> None:
    """List the agreements of one's organisation; all for the administrators. 协议清单。"""
    with _facts() as (facts, actor):
        _list(facts.agreements(actor), ("document", "organisation", "purpose", "datasets", "until", "state"), json)
