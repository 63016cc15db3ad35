"""`quanmin trust reidentify`: from pseudonyms back to people, by two of them, for a case."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.register import Number
from quanmin.cli.workplace import operator, worker
from quanmin.ledger import Document, Ledger
from quanmin.settings import Settings
from quanmin.standards.identity import citizen_number
from quanmin.text import Text
from quanmin.trust import Actor, reidentification
from quanmin.trust.reidentification import APPROVES, ASKS

app = typer.Typer(help="From pseudonyms back to people, by two people. 假名还原（两人办理）。", no_args_is_help=True)

STATES = {
    "asked": Text("待批准", "asked"),
    "approved": Text("已批准", "approved"),
    "refused": Text("已驳回", "refused"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "opened": Text("已还原", "opened"),
    "over": Text("已逾期", "over"),
}


@contextmanager
def _desk(role: str | None = None) -> Iterator[tuple[Settings, Ledger, Actor]]:
    """Ledger and actor, once the actor is known to have the role (None: one of the two)."""
    if role is None:
        role = APPROVES if APPROVES in operator().roles else ASKS
    settings, actor = Settings(), worker(role)
    with Ledger.open(settings) as ledger:
        yield settings, ledger, actor


def _tell(made: Document, json: bool) -> None:
    if json:
        print_json({"document": made.id, "state": made.state, "pseudonyms": len(made.data["pseudonyms"])})
        return
    state, much = STATES[made.state], len(made.data["pseudonyms"])
    said = Text(f"第 {made.id} 号：{state.zh}，假名 {much} 个", f"document {made.id}: {state.en}, pseudonyms: {much}")
    out.print(say(said), markup=False)


@app.command()
def ask(
    purpose: Annotated[str, typer.Argument(help="Purpose for which the pseudonyms were made. 假名的用途。")],
    case: Annotated[str, typer.Option(help="Case number. 案号。")],
    reason: Annotated[str, typer.Option(help="Why; without anybody's data. 理由，不写个人信息。")],
    file: Annotated[
        Path | None, typer.Argument(help="Pseudonyms, one a line; default: standard input. 假名文件。", exists=True)
    ] = None,
    json: AsJson = False,
) -> None:
    """Ask for the people behind pseudonyms. 申请还原。"""
    with _desk(ASKS) as (_, ledger, actor):
        text = sys.stdin.read() if file is None else file.read_text("utf-8-sig", errors="replace")
        asked = [line.strip() for line in text.splitlines() if line.strip()]
        _tell(reidentification.ask(ledger, actor, purpose, asked, case, reason), json)


@app.command()
def approve(number: Number, json: AsJson = False) -> None:
    """Approve what another asked; it can be opened for seven days. 由另一人批准，七日内有效。"""
    with _desk(APPROVES) as (_, ledger, actor):
        _tell(reidentification.approve(ledger, number, actor), json)


@app.command()
def refuse(
    number: Number,
    because: Annotated[str, typer.Option(help="Why; without anybody's data. 理由，不写个人信息。")],
    json: AsJson = False,
) -> None:
    """Refuse what another asked. 驳回。"""
    with _desk(APPROVES) as (_, ledger, actor):
        _tell(reidentification.refuse(ledger, number, actor, because), json)


@app.command()
def withdraw(number: Number, json: AsJson = False) -> None:
    """Take one's own request back, approved or not. 撤回申请。"""
    with _desk(ASKS) as (_, ledger, actor):
        _tell(reidentification.withdraw(ledger, number, actor), json)


@app.command("open")
def open_people(number: Number, json: AsJson = False) -> None:
    """Show pseudonym and citizen number, this once, to whoever asked. 还原，仅出示一次。"""
    with _desk(ASKS) as (settings, ledger, actor):
        found = reidentification.reidentify(settings, ledger, number, actor)
    rows = [(pseudonym, citizen_number.decode(key)) for pseudonym, key in found.items()]
    if json:
        print_json([{"pseudonym": pseudonym, "citizen_number": shown} for pseudonym, shown in rows])
        return
    print_table([Text("假名", "pseudonym"), Text("公民身份号码", "citizen number")], rows)


@app.command("list")
def list_requests(json: AsJson = False) -> None:
    """List the requests, without pseudonyms. 申请清单，不含假名。"""
    with _desk() as (_, ledger, _actor):
        rows = reidentification.listing(ledger)
    if json:
        print_json(rows)
        return
    titles = [Text("编号", "document"), Text("用途", "purpose"), Text("案号", "case"), Text("理由", "reason")]
    titles += [Text("假名数", "pseudonyms"), Text("申请人", "asked by"), Text("止", "until"), Text("状态", "state")]
    names = ("document", "purpose", "case", "reason", "pseudonyms", "by", "until")
    print_table(titles, [(*(row[name] for name in names), STATES[row["state"]]) for row in rows])
