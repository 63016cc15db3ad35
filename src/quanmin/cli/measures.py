"""`quanmin measures`: the indicators, their definitions and their figures."""

from __future__ import annotations

from typing import Annotated

import typer

from quanmin import measures as stage
from quanmin import standards, trust
from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import open_lake, operator, situation, worker
from quanmin.lake import Lake
from quanmin.lake.cluster import EngineName
from quanmin.measures.document import definition
from quanmin.population import PERSON_COLUMNS
from quanmin.population.tables import PERSON
from quanmin.standards.indicator import UNITS
from quanmin.text import Text
from quanmin.trust.errors import AccessDenied

app = typer.Typer(help="Indicators: definitions and figures. 指标。", no_args_is_help=True)

PURPOSE = "statistics"
Name = Annotated[str, typer.Argument(help="Indicator, as `quanmin measures list` names it. 指标标识。")]


@app.command("list")
def listed(json: AsJson = False) -> None:
    """List the indicators of the catalogue. 指标目录。"""
    found = stage.catalogue()
    if json:
        print_json([definition(standards.catalogue(), name) for name in found])
        return
    titles = [Text("指标", "indicator"), Text("名称", "title"), Text("单位", "unit"), Text("维度", "dimensions")]
    rows = [(name, one.title, UNITS[one.unit].title, ", ".join(one.dimensions)) for name, one in found.items()]
    print_table(titles, rows)


@app.command()
def show(name: Name, json: AsJson = False) -> None:
    """Show what an indicator counts and over what. 指标定义。"""
    one = stage.indicator(name)
    told = definition(standards.catalogue(), name)
    if json:
        print_json(told)
        return
    out.print(
        say(Text(f"{one.title.zh}（{name}，版本 {one.version}）", f"{one.title.en} ({name}, version {one.version})"))
    )
    out.print(say(one.definition))
    out.print(say(one.notes))
    out.print(one.source)
    titles = [
        Text("边", "side"),
        Text("度量", "measure"),
        Text("表", "table"),
        Text("汇总", "aggregate"),
        Text("条件", "condition"),
    ]
    print_table(
        titles,
        [
            (side["side"], side["title"], side["table"], f"{side['aggregate']} {side['element'] or ''}", side["when"])
            for side in told["sides"]
        ],
    )


@app.command()
def compute(
    names: Annotated[
        list[str] | None, typer.Argument(help="Indicators; all if none is named. 指标，缺省为全部。")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Compute everything, not only what changed. 全量计算。")] = False,
    engine: Annotated[
        EngineName, typer.Option(help="Where it is counted: here, or on the cluster of QUANMIN_SPARK. 计算引擎。")
    ] = "duckdb",
    json: AsJson = False,
) -> None:
    """Compute the figures; only periods with changed rows unless --full. 计算指标。"""
    worker()
    report = stage.compute(open_lake(), names or None, full=full, engine=engine)
    if json:
        print_json(report.to_dict())
        return
    out.print(
        say(
            Text(
                f"计算指标 {len(report.computed)} 个，期间 {report.periods:,} 个，数值 {report.figures:,} 个，"
                f"未变 {len(report.unchanged)} 个，{report.seconds:.1f} 秒",
                f"{len(report.computed)} indicators computed in {report.periods:,} periods, {report.figures:,} figures; "
                f"{len(report.unchanged)} unchanged; {report.seconds:.1f} s",
            )
        )
    )
    if report.missing:
        titles = [Text("未计算的指标", "not computed"), Text("尚缺的表", "for want of")]
        print_table(titles, [(name, ", ".join(tables)) for name, tables in report.missing.items()])


def _decide(lake: Lake) -> None:
    """Figures of the base are for whoever may have statistics of all of it; the decision is in the audit. AccessDenied."""
    actor = operator()
    known = situation(lake, actor, PURPOSE)
    made = trust.decide(lake.ledger, actor, PURPOSE, PERSON, PERSON_COLUMNS, None, known)
    if not made.allowed or made.rows is not None:
        raise AccessDenied(purpose=PURPOSE, dataset=PERSON, reason=made.reason)


@app.command()
def figures(
    name: Name,
    region: Annotated[str | None, typer.Option(help="Code of a division; 000000 is the nation. 区划代码。")] = None,
    period: Annotated[str | None, typer.Option(help="2015, 2015-Q1 or 2015-03. 期间。")] = None,
    level: Annotated[
        str | None, typer.Option(help="nation, province, city or county; nation without --region. 层级。")
    ] = None,
    json: AsJson = False,
) -> None:
    """Show figures with numerator, denominator, 95 % interval and marks; no numbers of few people. 指标数值，小数目不显示。"""
    lake = open_lake()
    _decide(lake)
    wanted = "nation" if level is None and region is None else level
    found = stage.figures(lake, name, region=region, period=period, level=wanted)
    if json:
        print_json([one.to_dict() for one in found])
        return
    titles = [Text("期间", "period"), Text("区划", "division"), Text("分类", "categories"), Text("分子", "numerator")]
    titles += [
        Text("分母", "denominator"),
        Text("数值", "value"),
        Text("下限", "lower"),
        Text("上限", "upper"),
        Text("标记", "marks"),
    ]
    print_table(
        titles,
        [
            (
                one.period,
                one.region,
                ", ".join(f"{key} {value}" for key, value in one.categories.items()),
                one.numerator,
                one.denominator,
                one.value,
                one.lower,
                one.upper,
                ", ".join(say(stage.MARK_TITLES[mark]) for mark in one.marks),
            )
            for one in found
        ],
    )
