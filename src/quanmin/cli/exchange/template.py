"""`quanmin exchange template`: the items of the study's sharing table, and agreements drafted from them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.exchange.template import template, templates, terms
from quanmin.exchange.template.table import markdown
from quanmin.exchange.template.template import MARK_WORDS
from quanmin.exchange.terms import Form
from quanmin.text import Text, document

app = typer.Typer(
    help="Items of the sharing table, ready to become agreements. 共享目录条目（协议模板）。", no_args_is_help=True
)

Number = Annotated[int, typer.Argument(help="Number of the item in the table. 条目编号。", metavar="NUMBER")]


@app.command("list")
def listing(
    json: AsJson = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="The table of the manual. 手册中的表格。")] = False,
) -> None:
    """List the items. 列出条目。"""
    if json:
        print_json([document(one.to_dict()) for one in templates()])
    elif as_markdown:
        typer.echo(markdown(), nl=False)
    else:
        titles = [Text("编号", "no."), Text("共享信息", "item"), Text("提供方", "provider"), Text("使用方", "consumer")]
        titles += [
            Text("交换方式", "mode"),
            Text("频率", "frequency"),
            Text("数据集", "dataset"),
            Text("出处", "source"),
        ]
        print_table(
            titles,
            [
                (
                    one.number,
                    one.title,
                    one.provider,
                    one.consumer,
                    one.mode_words,
                    one.frequency_words,
                    one.dataset,
                    MARK_WORDS[one.source],
                )
                for one in templates()
            ],
        )


@app.command()
def show(number: Number, json: AsJson = False) -> None:
    """Show an item. 查看条目。"""
    one = template(number)
    if json:
        print_json(document(one.to_dict()))
        return
    out.print(f"{one.number} · {say(one.title)}", style="bold")
    rows: list[tuple[Text, str]] = [
        (Text("出处", "source"), say(MARK_WORDS[one.source])),
        (Text("提供方", "provider"), one.provider),
        (Text("使用方", "consumer"), one.consumer),
        (Text("数据集", "dataset"), one.dataset),
        (Text("数据项", "elements"), " ".join(one.elements)),
        (Text("反馈数据项", "items given back"), say(one.returned)),
        (Text("使用业务", "business use"), say(one.use)),
        (Text("用途", "purpose"), one.purpose),
        (Text("交换方式", "mode"), say(one.mode_words)),
        (Text("交换频率", "frequency"), say(one.frequency_words)),
        (Text("法律依据", "legal basis"), say(one.legal_basis)),
        *((Text("原表", "printed"), f"{cell}: {text}") for cell, text in one.printed.items()),
        *(((Text("说明", "note"), say(one.note)),) if one.note else ()),
    ]
    print_table([Text("栏目", "column"), Text("内容", "content")], rows)


@app.command()
def draft(
    number: Number,
    starts: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day. 起始日期。")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day. 终止日期。")],
    agreement: Annotated[str, typer.Option("--id", help="Id of the agreement. 协议编号。")],
    authority: Annotated[str, typer.Option(help="The member that reviews. 审核方。")] = "health",
    provider: Annotated[str | None, typer.Option(help="Another provider. 另定提供方。", show_default=False)] = None,
    consumer: Annotated[str | None, typer.Option(help="Another consumer. 另定使用方。", show_default=False)] = None,
    form: Annotated[Form, typer.Option(help="Of rows that are pushed. 推送数据的格式。")] = "parquet",
    file: Annotated[Path | None, typer.Option("--file", help="Write it there. 写入文件。", show_default=False)] = None,
) -> None:
    """The terms of an item as a JSON document, to be changed and then drafted as an agreement. 由条目生成协议条款。"""
    made = terms(
        template(number),
        starts.date(),
        until.date(),
        agreement,
        authority=authority,
        provider=provider,
        consumer=consumer,
        form=form,
    )
    if file is None:
        print_json(made.to_dict())
    else:
        file.write_bytes(made.text() + b"\n")
        out.print(str(file))
