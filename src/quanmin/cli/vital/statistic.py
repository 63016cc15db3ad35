"""`quanmin vital measure`, `statistics`, `pyramid`, `report` and `publish`: vital statistics of a region."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quanmin import trust
from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import open_lake, operator, situation, worker
from quanmin.lake import Lake
from quanmin.population import PERSON_COLUMNS
from quanmin.population.tables import PERSON
from quanmin.settings import Settings
from quanmin.text import Language, Text

Region = Annotated[str, typer.Argument(help="Six-digit code of a division, 000000 for the nation. 区划代码。")]
Year = Annotated[int, typer.Argument(help="The year, or the last one of --years. 年份。")]
Years = Annotated[int, typer.Option(help="1, 3 or 5 years together. 合计年数。")]
Purpose = Annotated[
    str, typer.Option(help="Why the figures are read; decides whether small counts are told. 使用目的。")
]
Case = Annotated[str | None, typer.Option(help="Case or request number, where the purpose asks for one. 案号。")]


def register(app: typer.Typer) -> None:
    """Add the commands to `quanmin vital`."""
    for command in (measure, statistics, pyramid, report, publish):
        app.command()(command)


def measure(json: AsJson = False) -> None:
    """Count the base, the certificates of births and deaths, and pupils anew. 汇总生命统计。"""
    from quanmin.programs.vital import statistic

    worker()
    made = statistic.measure(open_lake())
    if json:
        print_json(made.to_dict())
        return
    words = Text(
        f"{made.people:,} 人，出生 {made.births:,}，死亡 {made.deaths:,}，入学儿童 {made.pupils:,}，{made.seconds:.1f} 秒",
        f"{made.people:,} people, {made.births:,} births, {made.deaths:,} deaths, {made.pupils:,} pupils, {made.seconds:.1f} s",
    )
    out.print(say(words))


def statistics(
    region: Region,
    year: Year,
    years: Years = 1,
    purpose: Purpose = "statistics",
    case: Case = None,
    json: AsJson = False,
) -> None:
    """Show the figures of a region and year with what they are made of. 一地一年的生命统计。"""
    from quanmin.programs.vital import statistic
    from quanmin.programs.vital.statistic.figure import MARKS

    lake = open_lake()
    found = statistic.year(lake, _decision(lake, purpose, case), region, year, years)
    if json:
        print_json(found.to_dict())
        return
    out.print(f"{say(found.name)} {found.basis.period}", style="bold")
    titles = [Text("指标", "figure"), Text("数值", "value"), Text("单位", "unit"), Text("下限", "lower")]
    titles += [Text("上限", "upper"), Text("分子", "numerator"), Text("分母", "denominator"), Text("标注", "marks")]
    rows = []
    for one in found.figures:
        marks = "; ".join(say(MARKS[mark]) for mark in one.marks)
        numbers = (one.low, one.high, one.numerator, one.denominator)
        rows.append((one.title, one.value, one.unit, *numbers, marks))
    print_table(titles, rows)


def pyramid(
    region: Region, year: Year, purpose: Purpose = "statistics", case: Case = None, json: AsJson = False
) -> None:
    """Show the population by age and sex at the end of a year. 人口金字塔。"""
    from quanmin.programs.vital import statistic

    lake = open_lake()
    found = statistic.year(lake, _decision(lake, purpose, case), region, year)
    rows = found.tables["pyramid"]
    if json:
        print_json({"region": region, "year": year, "snapshot": found.basis.snapshot, "rows": rows})
        return
    titles = [Text("年龄", "age"), Text("男", "male"), Text("女", "female")]
    hidden = Text("不公布", "not told")
    print_table(titles, [(row["age"], *(_side(row[sex], hidden) for sex in ("male", "female"))) for row in rows])


def _side(count: int | None, hidden: Text) -> int | Text:
    return hidden if count is None else count


def report(
    region: Region,
    year: Year,
    output: Annotated[Path, typer.Option("-o", "--output", help="The PDF to write. 输出文件。")],
    years: Years = 1,
    language: Annotated[str | None, typer.Option(help="zh or en; default: the installation's. 语言。")] = None,
    purpose: Purpose = "statistics",
    case: Case = None,
    json: AsJson = False,
) -> None:
    """Write the yearly report of a region as PDF. 生命统计年报。"""
    from quanmin.programs.vital import statistic
    from quanmin.programs.vital.statistic.report import report as pressed

    if language not in (None, "zh", "en"):
        raise typer.BadParameter("zh, en")
    lake, tongue = open_lake(), _tongue(language)
    found = statistic.year(lake, _decision(lake, purpose, case), region, year, years)
    content = pressed(found, tongue, day=lake.ledger.now().date())
    output.write_bytes(content)
    if json:
        print_json({"file": str(output), "bytes": len(content), "region": region, "period": found.basis.period})
        return
    out.print(say(Text(f"已写入 {output}（{len(content):,} 字节）", f"Wrote {output} ({len(content):,} bytes)")))


def publish(region: Region, year: Year, years: Years = 1, json: AsJson = False) -> None:
    """Publish figures, life tables and leading causes of a region as open datasets. 发布为开放数据。"""
    from quanmin.opendata import Portal, vital_statistics

    actor, lake = worker(), open_lake()
    made = vital_statistics.publish(lake, Portal(lake.settings, lake.ledger), region, year, years, actor.id)
    if json:
        print_json(made)
        return
    print_table([Text("数据集", "dataset"), Text("行数", "rows")], [(one["record"], one["rows"]) for one in made])


def _tongue(language: str | None) -> Language:
    if language is None:
        return Settings().language
    return "zh" if language == "zh" else "en"


def _decision(lake: Lake, purpose: str, case: str | None) -> trust.Decision:
    actor = operator()
    known = situation(lake, actor, purpose)
    return trust.decide(lake.ledger, actor, purpose, PERSON, PERSON_COLUMNS, case, known)
