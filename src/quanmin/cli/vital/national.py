"""`quanmin vital national`: the national register of birth certificates."""

from __future__ import annotations

from typing import Annotated

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.progress import Bar
from quanmin.cli.workplace import open_lake, worker
from quanmin.programs.vital import national as register
from quanmin.text import Text

app = typer.Typer(help="The national register of birth certificates. 全国出生医学证明台账。", no_args_is_help=True)


@app.command()
def check(
    period: Annotated[
        str | None, typer.Option(help="A year or a month (2024, 2024-05); default: all that came. 期间。")
    ] = None,
    json: AsJson = False,
) -> None:
    """Test every number and every rule; the findings go into measured.certificate_finding. 逐号检查全部规则。"""
    asked = register.period(period) if period is not None else None
    worker()
    with Bar("certificates") as bar:
        found = register.check(open_lake(), asked, progress=lambda done, total: bar(0, done, total))
    if json:
        print_json(found.to_dict())
        return
    actions = sum(found.read.values())
    out.print(
        say(
            Text(
                f"{actions:,} 条记录，{found.certificates:,} 份已签发，发现 {found.total:,} 条，{found.seconds:.1f} 秒",
                f"{actions:,} records, {found.certificates:,} certificates, {found.total:,} findings, {found.seconds:.1f} s",
            )
        )
    )
    titles = [Text("规则", "rule"), Text("问题", "what is wrong"), Text("条数", "rows")]
    titles += [Text("首例：数据集", "first: dataset"), Text("批次", "batch"), Text("行", "row")]
    rows = [
        (rule.id, rule.title, found.counts[rule.id], *found.examples[rule.id][0].address)
        for rule in register.RULES
        if found.counts[rule.id]
    ]
    print_table(titles, rows)


@app.command()
def rules(json: AsJson = False) -> None:
    """The rules that are tested, in words. 规则一览。"""
    if json:
        print_json([{"rule": rule.id, "title": rule.title} for rule in register.RULES])
        return
    print_table([Text("规则", "rule"), Text("违反时", "when it is broken")], [(r.id, r.title) for r in register.RULES])
