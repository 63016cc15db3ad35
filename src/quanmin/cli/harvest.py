"""`quanmin harvest`: records of other portals, taken into the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from quanmin.cli.output import AsJson, deadline, out, print_json, print_table, say
from quanmin.cli.workplace import worker
from quanmin.ledger import Ledger
from quanmin.opendata import Portal, harvest
from quanmin.opendata.catalogue import RULES
from quanmin.settings import Settings
from quanmin.text import Language, Text
from quanmin.trust import audit

app = typer.Typer(help="Take in the catalogues of other portals. 收割其他平台的目录。", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the source. 来源名称。")]


@contextmanager
def _portal(action: str, name: str | None = None) -> Iterator[tuple[Portal, str]]:
    """The portal of this home, and who acts; what changes something is noted."""
    actor, settings = worker(), Settings()
    with Ledger.open(settings) as ledger:
        if name is not None:
            audit.append(ledger, "harvest", actor.id, {"action": action, "source": name})
        yield Portal(settings, ledger), actor.id


@app.command()
def add(
    name: Name,
    address: Annotated[str, typer.Argument(help="http(s) address, or a file. 地址或文件。")],
    kind: Annotated[str, typer.Option("--format", help=f"{', '.join(harvest.FORMATS)}. 格式。")] = "dcat",
    publisher: Annotated[str, typer.Option(help="Code of the publisher, where records name none. 发布机构代码。")] = "",
    zh: Annotated[str, typer.Option(help="Its Chinese name. 机构中文名。")] = "",
    en: Annotated[str, typer.Option(help="Its English name. 机构英文名。")] = "",
    access: Annotated[str, typer.Option(help="Access, where records say none. 缺省开放属性。")] = "public",
    language: Annotated[str, typer.Option(help="zh or en: of words without a language. 缺省语言。")] = "zh",
    theme: Annotated[str | None, typer.Option(help="Theme, where records say none, as HEAL. 缺省主题。")] = None,
    json: AsJson = False,
) -> None:
    """Make a source known. 登记来源。"""
    where = address if "://" in address else Path(address).resolve().as_uri()
    spoken: Any = language
    given = harvest.Source(
        name, where, kind, publisher or name, Text(zh or en or name, en or zh or name), access, spoken, theme
    )
    with _portal("add", given.checked().name) as (portal, actor):
        made = harvest.add(portal.ledger, given, actor)
    _tell([made], json)


@app.command()
def run(
    name: Name,
    accept_empty: Annotated[
        bool, typer.Option("--accept-empty", help="Withdraw all where the source is empty. 来源为空时全部撤回。")
    ] = False,
    json: AsJson = False,
) -> None:
    """Harvest a source now. 立即收割。"""
    with _portal("run") as (portal, _actor):
        known = harvest.get(portal.ledger, name)
        report = harvest.run(portal.catalogue, known, local=True, accept_empty=accept_empty)
    _report(report.to_dict(), json)


@app.command("list")
def list_sources(json: AsJson = False) -> None:
    """The sources and what became of their last run. 来源与最近一次收割。"""
    with _portal("list") as (portal, _actor):
        found = harvest.sources(portal.ledger)
    _tell(found, json)


@app.command()
def report(name: Name, json: AsJson = False) -> None:
    """The report of the last run of a source. 最近一次收割的报告。"""
    with _portal("report") as (portal, _actor):
        known = harvest.get(portal.ledger, name)
    _report(dict(known.report or {}), json)


@app.command()
def stop(name: Name, json: AsJson = False) -> None:
    """Ask a source no more; its records stay. 停用来源，已收割的记录保留。"""
    with _portal("stop", name) as (portal, actor):
        made = harvest.stop(portal.ledger, name, actor)
    _tell([made], json)


def _tell(found: list[harvest.Known], json: bool) -> None:
    rows = [
        {
            "source": one.source.name,
            "address": one.source.address,
            "format": one.source.format,
            "state": one.state,
            "report": one.report,
        }
        for one in found
    ]
    if json:
        print_json(rows)
        return
    titles = [
        Text("来源", "source"),
        Text("格式", "format"),
        Text("地址", "address"),
        Text("最近", "last run"),
        Text("新增", "added"),
    ]
    titles += [Text("撤回", "gone"), Text("拒收", "refused")]
    print_table(titles, (_line(one) for one in found))


def _line(one: harvest.Known) -> list[object]:
    last = one.report or {}
    counts: list[object] = [last.get("added"), len(last["gone"]) if last else None, last.get("refusals")]
    return [
        one.source.name,
        harvest.FORMATS[one.source.format],
        one.source.address,
        deadline(datetime.fromisoformat(last["at"])) if last else "",
        *counts,
    ]


_COUNTS = {
    "pages": Text("页", "pages"),
    "read": Text("读取", "read"),
    "added": Text("新增", "added"),
    "changed": Text("变更", "changed"),
    "unchanged": Text("未变", "unchanged"),
    "held": Text("本地已撤回", "withdrawn here"),
    "refusals": Text("拒收", "refused"),
}


def _report(said: dict[str, Any], json: bool) -> None:
    if json or not said:
        print_json(said)
        return
    words = [f"{say(title)} {said[name]:,}" for name, title in _COUNTS.items()]
    out.print(" · ".join([*words, f"{say(Text('撤回', 'gone'))} {len(said['gone']):,}"]))
    if said["error"]:
        spoken: Language = Settings().language
        out.print(said["error"]["message"][spoken])
    if said["refused"]:
        titles = [
            Text("源标识", "identifier there"),
            Text("位置", "place"),
            Text("规则", "rule"),
            Text("说明", "what it says"),
        ]
        print_table(
            titles, ([one["original"], one["path"], one["rule"], _rule(one["rule"])] for one in said["refused"])
        )


def _rule(code: str) -> Text:
    return next((title for known, title in RULES.values() if known == code), Text("", ""))
