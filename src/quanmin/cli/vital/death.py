"""`quanmin vital death`: edits on certificates, underlying causes with their reasons, quality of causes, activity after death."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import open_lake, operator, worker
from quanmin.errors import exit_code
from quanmin.ledger import Ledger
from quanmin.programs.vital.death import activity as after
from quanmin.programs.vital.death import icd
from quanmin.programs.vital.death import quality as measured
from quanmin.programs.vital.death.desk import Desk
from quanmin.programs.vital.death.examination import choose, examine
from quanmin.programs.vital.death.form import Deadline
from quanmin.programs.vital.death.selection import WHY
from quanmin.programs.vital.death.workflow import CASE_STATES, STATES
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import Actor

app = typer.Typer(help="Deaths and their causes. 死亡与死因。", no_args_is_help=True)

File = Annotated[
    Path, typer.Argument(help="Certificates in the form of health.death; nothing is stored. 死亡证明文件。")
]
Number = Annotated[str, typer.Argument(help="Number of the certificate. 证明编号。", metavar="NUMBER")]


@app.command()
def check(
    file: File,
    days: Annotated[int, typer.Option(min=1, help="Days from death to filling in. 填报期限（天）。")] = 15,
    working: Annotated[bool, typer.Option("--working", help="Count working days. 按工作日计。")] = False,
    json: AsJson = False,
) -> None:
    """Hold every certificate of a file against the edits; exit 10 when one is refused. 逐份检查死亡证明。"""
    today = dt.datetime.now(ZoneInfo(Settings().zone)).date()
    report = examine(file, today, Deadline(days, working))
    if json:
        print_json(report.to_dict())
    else:
        titles = [Text("行", "row"), Text("处理", "severity"), Text("数据元", "element"), Text("死因行", "line")]
        titles += [Text("规则", "rule"), Text("含义", "meaning")]
        found = [(one.row, one.finding) for one in report.findings]
        print_table(titles, [(row, f.severity, f.element, f.line, f.rule, f.title) for row, f in found])
        counts = report.read, report.refused, report.questioned
        words = Text("读 {0:,} 份，拒绝 {1:,}，存疑 {2:,}", "{0:,} read, {1:,} refused, {2:,} questioned")
        out.print(say(Text(words.zh.format(*counts), words.en.format(*counts))), style="bold")
    if not report.passed:
        raise typer.Exit(exit_code("invalid"))


@app.command()
def select(file: File, json: AsJson = False) -> None:
    """Select the underlying cause of every certificate of a file, with the reasons. 选定根本死因。"""
    rows = list(choose(file))
    decided = sum(one.selection.code is not None for one in rows)
    if json:
        queued = len(rows) - decided
        told = [one.to_dict() for one in rows]
        print_json({"file": file.name, "read": len(rows), "selected": decided, "queued": queued, "rows": told})
        return
    titles = [Text("行", "row"), Text("填报", "stated"), Text("根本死因", "underlying"), Text("名称", "title")]
    table = []
    for one in rows:
        code, doubt = one.selection.code, one.selection.queued
        why = " ".join(step.rule for step in one.selection.steps) if doubt is None else say(WHY[doubt.why])
        table.append((one.row, one.stated, code, icd.title(code) if code else None, why))
    print_table([*titles, Text("依据", "reasons")], table)
    words = Text("{0:,} 份，按规则选定 {1:,}，交编码员 {2:,}", "{0:,} read, {1:,} selected by rules, {2:,} for a coder")
    counts = len(rows), decided, len(rows) - decided
    out.print(say(Text(words.zh.format(*counts), words.en.format(*counts))), style="bold")


@app.command()
def quality(
    by: Annotated[str, typer.Option(help="region, institution_code, certifier_code, … 按何统计。")] = "region",
    json: AsJson = False,
) -> None:
    """Tell the share of ill-defined and unusable causes of the deaths in the lake. 死因质量。"""
    worker()
    rows = measured.measure(open_lake(), by)
    total = measured.whole(rows)
    if json:
        titled = {name: measured.title(name) for name in total.classes}
        print_json({"by": by, "titles": titled, "all": total.to_dict(), "rows": [one.to_dict() for one in rows]})
        return
    titles = [Text(by, by), Text("死亡", "deaths"), Text("不可用", "unusable"), Text("占比", "share")]
    titles += [measured.title(name) for name in total.classes]
    lines = [(one.of, one.deaths, one.unusable, one.share, *one.classes.values()) for one in [*rows, total]]
    print_table(titles, lines)


@app.command()
def activity(json: AsJson = False) -> None:
    """Find activity after death and keep it for the feedback to its senders. 死后业务活动。"""
    worker()
    report = after.look(open_lake())
    if json:
        print_json(report.to_dict())
        return
    print_table([Text("数据集", "dataset"), Text("条数", "records")], list(report.found.items()))


@app.command()
def queue(json: AsJson = False) -> None:
    """Show the certificates that wait for a coder, since no rule decides their underlying cause. 编码队列。"""
    with _desk() as (desk, _):
        found = desk.queue()
    told = [
        {"number": one.ref, "state": one.state, "since": one.since.isoformat(), "why": one.data.get("why")}
        for one in found
    ]
    if json:
        print_json(told)
        return
    titles = [Text("证明编号", "number"), Text("状态", "state"), Text("原因", "why")]
    print_table(titles, [(one.ref, CASE_STATES[one.state], WHY[one.data["why"]]) for one in found])


@app.command()
def take(number: Number, json: AsJson = False) -> None:
    """Take a certificate from the queue, so that nobody else does. 领取。"""
    with _desk() as (desk, actor):
        made = desk.take(number, actor.id, actor)
    _print_case(number, CASE_STATES[made.state], json)


@app.command()
def code(
    number: Number,
    cause: Annotated[str, typer.Argument(help="Underlying cause, ICD-10. 根本死因编码。", metavar="CODE")],
    reason: Annotated[str, typer.Option(help="Why. 依据。")],
    json: AsJson = False,
) -> None:
    """Decide a certificate that one has taken. 编码。"""
    with _desk() as (desk, actor):
        made = desk.decide(number, cause, reason, actor.id, actor)
    _print_case(number, STATES[made.state], json)


@contextmanager
def _desk() -> Iterator[tuple[Desk, Actor]]:
    """The desk, with whoever is at the keyboard; the ledger asks for the coder's role."""
    actor, settings = operator(), Settings()
    with Ledger.open(settings) as ledger:
        yield Desk(ledger, zone=settings.zone), actor


def _print_case(number: str, state: Text, json: bool) -> None:
    if json:
        print_json({"number": number, "state": state.en})
    else:
        out.print(f"{number} · {say(state)}", markup=False)
