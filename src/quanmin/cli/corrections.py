"""`quanmin feedback corrections | answer`: what people say is wrong about them, and what its source answered."""

from __future__ import annotations

from typing import Annotated

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import open_lake, operator
from quanmin.population import correction
from quanmin.text import Text


def register(app: typer.Typer) -> None:
    """Add the commands to the group."""
    app.command()(corrections)
    app.command()(answer)


def corrections(
    source: Annotated[str | None, typer.Option(help="Only those for one agency. 只列一个单位的。")] = None,
    json: AsJson = False,
) -> None:
    """List what people asked to have corrected and is not answered yet, the oldest first. 待答复的更正申请。"""
    found = correction.standing(open_lake().ledger, operator(), source)
    if json:
        print_json(found)
        return
    titles = [Text("编号", "request"), Text("来源", "source"), Text("数据集", "dataset"), Text("项目", "item")]
    titles += [Text("状态", "state"), Text("截止", "due"), Text("本人的说明", "the person's words")]
    rows = [
        [
            one["document"],
            one["source_title"],
            one["dataset_title"],
            one["title"],
            one["state_title"],
            one["due"],
            one["claim"],
        ]
        for one in found
    ]
    print_table(titles, rows)


def answer(
    document: Annotated[int, typer.Argument(help="Number of the request. 申请编号。")],
    outcome: Annotated[correction.Outcome, typer.Option(help="What the source did. 来源的处理。")],
    words: Annotated[str, typer.Option(help="What the source says, for the person to read. 答复内容。")],
    json: AsJson = False,
) -> None:
    """Write down what the source answered; the person reads it under "my record". 登记来源的答复。"""
    done = correction.answer(open_lake().ledger, operator(), document, outcome, words)
    if json:
        print_json({"document": done.id, "state": done.state})
        return
    out.print(say(Text(f"申请 {done.id}：已答复", f"Request {done.id}: answered")), markup=False)
