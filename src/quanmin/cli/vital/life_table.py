"""`quanmin vital lifetable`: a life table from anybody's own rates."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.programs.vital.demography.life_table import LifeTable, life_table
from quanmin.programs.vital.demography.separation import Sex
from quanmin.programs.vital.demography.uncertainty import interval
from quanmin.programs.vital.rate_file import read_rates
from quanmin.text import Text

LEVEL = 0.95
SEXES: dict[Sex, Text] = {
    "male": Text("男", "male"),
    "female": Text("女", "female"),
    "both": Text("男女合计", "both sexes"),
}
KINDS = {"complete": Text("完全寿命表", "complete life table"), "abridged": Text("简略寿命表", "abridged life table")}
LIMITS = [Text("下限", "lower"), Text("上限", "upper")]
ROOM = 96
"""Columns of a terminal that a whole table takes; on a narrower one ax, dx and Lx are left out, which the JSON has."""
SPARED = ("ax", "dx", "Lx")
COLUMNS = {
    **{"ax": ">5.2f", "mx": ".5f", "qx": ".5f", "lx": ">7,.0f", "dx": ">7,.0f", "Lx": ">9,.0f"},
    **{"Tx": ">10,.0f", "ex": ">6.2f"},
}
"""How a column is written: rates to five digits behind the point, people whole, years to two; all standing right."""


def make_life_table(
    file: Annotated[
        Path, typer.Argument(help="CSV: age and mx, or age, deaths and exposure. 年龄别死亡数据。", metavar="FILE")
    ],
    sex: Annotated[
        Sex, typer.Option(help="Whose rates: decides how infants' and children's deaths are spread. 性别。")
    ] = "both",
    json: AsJson = False,
) -> None:
    """Make a life table of one's own rates, with life expectancy and its interval. 编制寿命表，计算期望寿命。"""
    found = read_rates(file)
    table = life_table(found.ages, found.mx, sex, rows=found.lines)
    limits = None if found.deaths is None else interval(table, found.deaths, LEVEL)
    pairs = None if limits is None else list(zip(*(one.tolist() for one in limits), strict=True))
    if json:
        print_json(_document(table, pairs))
        return
    out.print(f"{say(KINDS[table.kind])} · {say(SEXES[sex])}", style="bold", markup=False)
    out.print(_expectancy(table, pairs), markup=False)
    names = _shown(out.width)
    titles = [Text("年龄", "age"), *(Text(name, name) for name in names), *(LIMITS if pairs else [])]
    print_table(titles, _lines(table, pairs, names))


def _document(table: LifeTable, pairs: list[tuple[float, float]] | None) -> dict[str, Any]:
    """The table as one document; limits only where deaths are known."""
    rows = [
        {"age": row.age, "ages": label, **{name: value for name, value in asdict(row).items() if name != "age"}}
        for row, label in zip(table.rows, table.ages.labels, strict=True)
    ]
    for row, pair in zip(rows, pairs or [], strict=pairs is not None):
        row["ex_low"], row["ex_high"] = pair
    low, high = pairs[0] if pairs else (None, None)
    return {
        "sex": table.sex,
        "kind": table.kind,
        "e0": table.e0,
        "interval": {"level": LEVEL, "low": low, "high": high} if pairs else None,
        "rows": rows,
    }


def _expectancy(table: LifeTable, pairs: list[tuple[float, float]] | None) -> str:
    """One line: e(0), and its interval where there is one."""
    told = say(Text(f"出生时期望寿命 {table.e0:.2f} 岁", f"life expectancy at birth {table.e0:.2f} years"))
    if not pairs:
        return told
    low, high = pairs[0]
    return told + say(Text(f"（95% 区间 {low:.2f}–{high:.2f}）", f" (95% interval {low:.2f} to {high:.2f})"))


def _shown(room: int) -> list[str]:
    """The columns that a terminal of so many columns has room for."""
    return [name for name in COLUMNS if room >= ROOM or name not in SPARED]


def _lines(table: LifeTable, pairs: list[tuple[float, float]] | None, names: list[str]) -> list[list[str]]:
    """Rows as people read life tables."""
    found = []
    for place, (row, label) in enumerate(zip(table.rows, table.ages.labels, strict=True)):
        limits = [format(one, COLUMNS["ex"]) for one in pairs[place]] if pairs else []
        found.append([label, *(format(getattr(row, name), COLUMNS[name]) for name in names), *limits])
    return found
