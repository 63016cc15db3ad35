"""`quanmin init` and `quanmin synth`: a home to work in, and a simulated province to work on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import open_lake
from quanmin.settings import Settings
from quanmin.text import Text


def init(json: AsJson = False) -> None:
    """Create the home: ledger, lake and the first administrator. 建立运行目录、台账、数据湖和首位管理员。"""
    settings = Settings()
    lake = open_lake(settings)
    answer = {
        "home": str(settings.home),
        "ledger": lake.ledger.engine.dialect.name,
        "lake": settings.lake_root,
        "buckets": settings.buckets,
        "snapshot": lake.snapshot().id,
    }
    if json:
        print_json(answer)
        return
    out.print(say(Text(f"已就绪：{settings.home}", f"Ready: {settings.home}")))


def synth(
    directory: Annotated[Path, typer.Argument(help="Where the files go. 输出目录。")],
    persons: Annotated[int, typer.Option(min=1, help="People alive in the province. 人数。")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes. 随机种子。")] = 2015,
    formats: Annotated[
        Literal["native", "parquet"],
        typer.Option(help="As agencies send, or all Parquet. 各部门实际格式或全部 Parquet。"),
    ] = "native",
    json: AsJson = False,
) -> None:
    """Write a simulated province: one file an agency and dataset, and the truth beside it. 生成模拟省份。"""
    from quanmin import synth as province  # heavy, and no other command needs it

    report = province.write(directory, persons, seed, formats=formats, threads=Settings().threads)
    if json:
        print_json({"directory": str(directory), "records": report.records, "seconds": round(report.seconds, 2)})
        return
    print_table([Text("数据集", "dataset"), Text("行数", "rows")], report.records.items())


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    app.command()(init)
    app.command()(synth)
