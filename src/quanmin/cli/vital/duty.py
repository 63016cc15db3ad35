"""`quanmin vital overdue|offline|check`: what is owed, what comes in files, and what must hold of all numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quanmin.cli.output import AsJson, deadline, out, print_json, print_table, say
from quanmin.cli.vital.office import Code, Under, office
from quanmin.programs.vital import invariant, offline, owed
from quanmin.text import Text


def register(app: typer.Typer) -> None:
    """Add the commands to `quanmin vital`."""
    app.command("overdue")(overdue)
    app.command("offline")(take_file)
    app.command("check")(check)


def overdue(
    under: Under = None,
    every: Annotated[bool, typer.Option("--open", help="What is not due yet, too. 含未到期。")] = False,
    json: AsJson = False,
) -> None:
    """Show what a holder and all under it owe. 逾期事项。"""
    with office() as here:
        found = owed.listing(here, under, overdue=not every)
    if json:
        print_json([one.to_dict() for one in found])
        return
    titles = [Text("机构", "holder"), Text("事项", "what"), Text("关于", "about"), Text("期限", "due")]
    print_table(
        titles, [(one.holder, owed.WHAT[one.what], one.ref or one.document, deadline(one.due)) for one in found]
    )


def take_file(
    code: Code,
    file: Annotated[Path, typer.Argument(help="One JSON document a line. 行为文件。", metavar="FILE")],
    json: AsJson = False,
) -> None:
    """Do what an institution without a line tells in a file. 导入离线文件。"""
    with office() as here:
        report = offline.take(here, code, file)
    if json:
        print_json(report.to_dict())
    else:
        told = Text(
            f"完成 {report.done} 行，先前已完成 {report.repeated} 行，拒绝 {len(report.refused)} 行",
            f"{report.done} lines done, {report.repeated} done before, {len(report.refused)} refused",
        )
        out.print(say(told), markup=False)
        print_table([Text("行", "line"), Text("原因", "why")], [(one.line, one.message) for one in report.refused])
    if report.refused:
        raise typer.Exit(10)


def check(json: AsJson = False) -> None:
    """Count anew what must hold of all numbers and certificates. 核验不变量。"""
    with office() as here:
        found = invariant.check(here)
    if json:
        print_json([one.to_dict() for one in found])
    elif not found:
        out.print(say(Text("全部成立", "all of it holds")), markup=False)
    else:
        titles = [Text("规则", "rule"), Text("位置", "where")]
        print_table(titles, [(invariant.RULES[one.rule], one.address) for one in found])
    if found:
        raise typer.Exit(15)
