"""The yearly report of a region: its figures, tables, charts and notes as sections, set as PDF by `document`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from quanmin.charts import COUNT, HIDDEN, NUMBER, SHARE, Column, Figure, Table, Unit, exact, same
from quanmin.programs.vital.document.report import report as pressed
from quanmin.programs.vital.document.section import Heading, Listing, NewPage, Paragraph, Picture, Section
from quanmin.programs.vital.statistic.chart import charts
from quanmin.programs.vital.statistic.figure import MARKS, Counted, Mark
from quanmin.programs.vital.statistic.scalar import SEX_TITLES
from quanmin.programs.vital.statistic.tables import TITLES
from quanmin.programs.vital.statistic.year import VitalYear, named
from quanmin.text import Language, Text

TITLE = Text("{name} {period} 年生命统计年报", "Vital statistics of {name}, {period}")
_AGE, _DEATHS, _RATE = Text("年龄", "age"), Text("死亡数", "deaths"), Unit("number", 2)
_SHORT: dict[Mark, Text] = {
    "small": Text("不公布", "not told"),
    "uncertain": Text("慎用", "with care"),
    "none": Text("无法计算", "not computed"),
    "provisional": Text("暂定", "provisional"),
}
CHAPTERS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (Text("人口", "Population"), ("pyramid", "ahead")),
    (Text("出生", "Births"), ("months", "fertility", "orders")),
    (Text("死亡与死因", "Deaths and their causes"), ("heat", "leading")),
    (Text("预期寿命", "Life expectancy"), ("survival",)),
    (Text("登记完整性", "Completeness of registration"), ("balance",)),
    (Text("下级区划", "Divisions below"), ("areas",)),
)
"""Chapters and the charts in them."""


def report(found: VitalYear, language: Language, *, day: date, publisher: Text | None = None) -> bytes:
    """The PDF of a year, dated `day`; the same figures, language and day give the same bytes. Raises CharacterMissing."""
    title = TITLE.format(name=found.name, period=found.basis.period)
    footer = Text(f"快照 {found.basis.snapshot}", f"snapshot {found.basis.snapshot}")
    return pressed(
        title,
        list(sections(found)),
        language,
        day=day,
        subtitle=found.basis.base,
        publisher=publisher or Text("", ""),
        footer=footer,
        contents=True,
    )


def sections(found: VitalYear) -> Iterator[Section]:
    """What the report is made of, in order."""
    drawn = charts(found)
    yield Heading(Text("主要数字", "Main figures"))
    yield Paragraph(_preface(found))
    yield Listing(Text("主要数字", "Main figures"), figures(found))
    for title, names in CHAPTERS:
        there = [drawn[name] for name in names if name in drawn]
        tables = list(_tables(found, names))
        if not there and not tables:
            continue
        yield Heading(title)
        yield from (Picture(chart, 0.8) for chart in there)
        yield from tables
    yield NewPage()
    yield Heading(Text("来源与说明", "Sources and notes"))
    yield Listing(Text("每个数字的来源", "What each figure is made of"), sources(found))


def _preface(found: VitalYear) -> Text:
    least, few = found.basis.minimum, MARKS["uncertain"]
    zh = f"统计期：{found.basis.period}。人口基数：{found.basis.base.zh}。"
    en = f"Period: {found.basis.period}. Population: {found.basis.base.en}."
    if least:
        zh += f"小于 {least} 的计数不公布（*），年龄组合并到每格足够为止。"
        en += f" Counts below {least} are not told (*); ages are joined until each cell has enough."
    return Text(f"{zh}“慎用”：{few.zh}。", f"{en} With care: {few.en}.")


def figures(found: VitalYear) -> Table:
    """The figures with limits, numerators and denominators."""
    columns = (
        Column(Text("指标", "figure")),
        Column(Text("数值", "value"), NUMBER),
        Column(Text("单位", "unit")),
        Column(Text("95% 区间", "limits, 95 %")),
        Column(Text("分子 / 分母", "numerator / denominator")),
        Column(Text("标注", "marks")),
    )
    return Table(columns, tuple(_line(one) for one in found.figures))


def _line(one: Counted) -> tuple[Text | Figure, ...]:
    value: Figure = HIDDEN if "small" in one.marks else one.value
    limits = same("" if one.low is None or one.high is None else f"{exact(one.low)} – {exact(one.high)}")
    marks = [_SHORT[mark] for mark in one.marks if mark != "small"]
    told = Text("、".join(mark.zh for mark in marks), ", ".join(mark.en for mark in marks))
    parts = [exact(part) for part in (one.numerator, one.denominator) if part is not None]
    return one.title, value, one.unit, limits, same(" / ".join(parts)), told


def sources(found: VitalYear) -> Table:
    """Source tables and notes of each figure."""
    columns = (Column(Text("指标", "figure")), Column(Text("来源表", "sources")), Column(Text("说明", "notes")))
    rows = tuple(
        (
            one.title,
            same(", ".join(one.sources)),
            Text("；".join(note.zh for note in one.notes), "; ".join(note.en for note in one.notes)),
        )
        for one in found.figures
    )
    return Table(columns, rows)


def _tables(found: VitalYear, names: tuple[str, ...]) -> Iterator[Listing]:
    """The tables of a chapter."""
    if "leading" in names and found.tables.get("leading_causes"):
        yield Listing(TITLES["leading_causes"], leading(found.tables["leading_causes"]))
        yield Listing(TITLES["deaths_by_age"], by_age(found.tables["deaths_by_age"]))
    if "survival" in names and found.tables.get("life_tables"):
        yield Listing(TITLES["life_tables"], life_table(found.tables["life_tables"]))
    if "areas" in names and found.tables["areas"]:
        yield Listing(TITLES["areas"], areas(found))


def leading(rows: list[dict[str, Any]]) -> Table:
    """Leading causes with rank, share, rate, years gained and lost."""
    columns = (
        Column(Text("顺位", "rank")),
        Column(Text("死因", "cause")),
        Column(_DEATHS, COUNT),
        Column(Text("占比", "share"), SHARE),
        Column(Text("1/10万", "per 100,000"), _RATE),
        Column(Text("去死因寿命增加（年）", "years gained without it"), _RATE),
        Column(Text("寿命损失年", "years of life lost"), COUNT),
    )
    return Table(columns, tuple(_cause(row) for row in rows))


def _cause(row: dict[str, Any]) -> tuple[Text | Figure, ...]:
    rank, lost = same(row["rank"] or "–"), row["years_lost"]
    count = HIDDEN if row["suppressed"] else row["deaths"]
    return rank, row["title"], count, row["share"], row["rate"], row["gain"], round(lost) if lost is not None else None


def by_age(rows: list[dict[str, Any]]) -> Table:
    """Deaths and rates by age and sex."""
    sexes = ("male", "female")
    columns = [Column(_AGE)]
    for sex in sexes:
        word = SEX_TITLES["male" if sex == "male" else "female"]
        columns.append(Column(Text(f"{word.zh} 死亡数", f"{word.en}, deaths"), COUNT))
        columns.append(Column(Text(f"{word.zh} ‰", f"{word.en}, per 1,000"), _RATE))
    lines = [(same(row["age"]), *(row[name] for sex in sexes for name in (sex, f"{sex}_rate"))) for row in rows]
    return Table(tuple(columns), tuple(lines))


def life_table(rows: list[dict[str, Any]]) -> Table:
    """The life tables of each sex, one below the other."""
    columns = (
        Column(Text("性别", "sex")),
        Column(_AGE),
        Column(_DEATHS, COUNT),
        Column(same("qx"), Unit("number", 5)),
        Column(same("lx"), COUNT),
        Column(same("Lx"), COUNT),
        Column(same("ex"), _RATE),
        Column(Text("95% 区间", "limits, 95 %")),
    )
    lines = tuple(
        (
            SEX_TITLES[row["sex"]],
            same(f"{row['age']}+" if row["width"] is None else str(row["age"])),
            *(row["deaths"], row["qx"], round(row["lx"]), round(row["Lx"]), row["ex"]),
            same(f"{row['low']:.2f} – {row['high']:.2f}"),
        )
        for row in rows
    )
    return Table(columns, lines)


def areas(found: VitalYear) -> Table:
    """The divisions below with their counts and rates."""
    columns = (
        Column(Text("区划", "division")),
        Column(Text("人口", "people"), COUNT),
        Column(Text("出生", "births"), COUNT),
        Column(Text("死亡", "deaths"), COUNT),
        Column(Text("出生率 ‰", "births per 1,000"), _RATE),
        Column(Text("死亡率 ‰", "deaths per 1,000"), _RATE),
        Column(Text("预期寿命", "life expectancy"), _RATE),
    )
    end = date(found.last, 12, 31)
    names = ("people", "births", "deaths", "birth_rate", "death_rate", "e0")

    def cell(row: dict[str, Any], name: str) -> Figure:
        value: Figure = row[name]
        return HIDDEN if value is None and row["suppressed"] else value

    lines = tuple((named(row["region"], end), *(cell(row, name) for name in names)) for row in found.tables["areas"])
    return Table(columns, lines)
