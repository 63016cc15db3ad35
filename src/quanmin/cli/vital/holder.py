"""`quanmin vital holder`: the authorities and institutions that hold blanks."""

from __future__ import annotations

from typing import Annotated

import typer

from quanmin.cli.output import AsJson, print_json, print_table
from quanmin.cli.vital.office import Code, Under, office
from quanmin.programs.vital import holder as holders
from quanmin.programs.vital.holder import LEVEL_TITLES
from quanmin.programs.vital.office import Holder
from quanmin.text import Text

app = typer.Typer(help="Authorities and institutions that hold blanks. 管理与签发机构。", no_args_is_help=True)


def _print_holders(found: list[Holder], json: bool) -> None:
    if json:
        print_json([one.to_dict() for one in found])
        return
    titles = [Text("代码", "code"), Text("名称", "name"), Text("级别", "level"), Text("区划", "division")]
    titles += [Text("上级", "under"), Text("状态", "state"), Text("签发", "issues")]
    rows = [
        (one.code, one.title, LEVEL_TITLES[one.level], one.region, one.parent, holders.STATES[one.state], one.births)
        for one in found
    ]
    print_table(titles, rows)


@app.command("list")
def list_holders(under: Under = None, json: AsJson = False) -> None:
    """Show holders of blanks. 列出机构。"""
    with office() as here:
        _print_holders(holders.listing(here, under), json)


@app.command("add")
def add_holder(
    code: Code,
    title: Annotated[str, typer.Argument(help="Name. 名称。")],
    level: Annotated[str, typer.Option(help="province, city, county or institution. 级别。")],
    region: Annotated[str, typer.Option(help="Code of its division. 行政区划。")],
    parent: Annotated[str | None, typer.Option(help="Under whom it stands. 上级。", show_default=False)] = None,
    births: Annotated[bool | None, typer.Option(help="Whether it issues. 是否签发。", show_default=False)] = None,
    home_births: Annotated[bool, typer.Option(help="Whether for births at home too. 受理家庭分娩。")] = False,
    json: AsJson = False,
) -> None:
    """Register a holder under another. 登记机构。"""
    with office() as here:
        made = holders.add(here, code, title, level, region, parent, births=births, home_births=home_births)
    _print_holders([made], json)


@app.command("move")
def move_holder(
    code: Code,
    region: Annotated[str, typer.Option(help="Code of its new division. 新区划。")],
    parent: Annotated[str | None, typer.Option(help="Its new authority. 新上级。", show_default=False)] = None,
    json: AsJson = False,
) -> None:
    """Put a holder into another division, perhaps under another authority. 变更区划或上级。"""
    with office() as here:
        made = holders.move(here, code, region, parent)
    _print_holders([made], json)


@app.command("stop")
def stop_holder(code: Code, reason: Annotated[str, typer.Option(help="Why. 原因。")], json: AsJson = False) -> None:
    """Stop a holder: it issues nothing more and gives back what it has. 停止签发。"""
    with office() as here:
        made = holders.stop(here, code, reason)
    _print_holders([made], json)


@app.command("close")
def close_holder(code: Code, json: AsJson = False) -> None:
    """Close a holder that has nothing left. 撤销机构。"""
    with office() as here:
        made = holders.close(here, code)
    _print_holders([made], json)
