"""Pictures of the base: who covers whom, what is filled, who agrees with whom, how errors go, how far a source is believed.

Each is drawn from a table of `statistics` or from `believed`, so that it shows no more than the table tells.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from quanmin import standards
from quanmin.population.drawing import BLUE, DASHES, INK, PALE, SERIES, Drawing, Sheet, breadth, broadest, shade
from quanmin.text import Language, Text

COVERAGE = Text("各来源覆盖的人口（占库中人数）", "people covered by each source (share of the base)")
COMPLETENESS = Text("各项完整率（占库中人数）", "golden records in which an item is filled (share of the base)")
AGREEMENT = Text("来源两两一致率", "agreement by pair of sources")
TREND = Text(
    "各来源每百条记录的错误（按采集日）", "errors in a hundred records of each source, by the day they were collected"
)
RELIABILITY = Text("各来源可信度：所述正确的估计概率", "how often a source is right about an item, as estimated")
HIDDEN = Text("不公布", "not told")
ALL = Text("全部项目", "all items")
_BAR, _ROW, _TOP = 360, 24, 44
_CELL, _HEIGHT, _SLANT, _SHORT = 58, 26, 0.71, 26


def coverage(table: pa.Table, language: Language) -> Drawing:
    """A bar a source, from the table `coverage`."""
    rows = [(_dataset(row["dataset"], language), row["people_share"], row["people"]) for row in table.to_pylist()]
    return bars(COVERAGE.get(language), rows, language)


def completeness(table: pa.Table, language: Language) -> Drawing:
    """A bar an item, from the table `completeness`."""
    rows = [(_item(row["item"], language), row["filled_share"], row["filled"]) for row in table.to_pylist()]
    return bars(COMPLETENESS.get(language), rows, language)


def agreement(table: pa.Table, language: Language, item: str | None = None) -> Drawing:
    """A cell a pair of sources, from the table `agreement`: of one item, or of all of them by people."""
    both: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in table.to_pylist():
        if item in (None, row["item"]) and row["agree"] is not None:
            for pair in ((row["first"], row["second"]), (row["second"], row["first"])):
                both[pair][0] += row["agree"]
                both[pair][1] += row["both"]
    known = [d for d in standards.catalogue().datasets if any(d == first for first, _ in both)]
    cells = {pair: agree / people for pair, (agree, people) in both.items() if people}
    about = ALL.get(language) if item is None else _item(item, language)
    names = {d: _dataset(d, language) for d in known}
    return matrix(f"{AGREEMENT.get(language)} · {about}", names, names, cells)


def reliability(rows: Iterable[Mapping[str, Any]], language: Language) -> Drawing:
    """A cell an item and source, from `believed`: the strata of people by their statements."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in rows:
        sums[row["item"], row["dataset"]][0] += row["right"] * row["claims"]
        sums[row["item"], row["dataset"]][1] += row["claims"]
    cells = {place: right / claims for place, (right, claims) in sums.items() if claims}
    items = [i.id for i in standards.catalogue().items if any(i.id == item for item, _ in cells)]
    known = [d for d in standards.catalogue().datasets if any(d == dataset for _, dataset in cells)]
    names = {i: _item(i, language) for i in items}
    return matrix(RELIABILITY.get(language), names, {d: _dataset(d, language) for d in known}, cells)


def trend(table: pa.Table, language: Language) -> Drawing:
    """A line a dataset, from the table `trend`: errors in a hundred records, day by day; small counts that are not told lack."""
    found: dict[str, dict[dt.date, list[int]]] = defaultdict(dict)
    for row in table.to_pylist():
        at = found[row["dataset"]].setdefault(row["day"], [0, 0])
        at[0] += row["errors"] or 0
        at[1] = max(at[1], row["records"] or 0)
    shares = {
        _dataset(dataset, language): {day: 100 * wrong / rows for day, (wrong, rows) in sorted(days.items()) if rows}
        for dataset, days in sorted(found.items())
    }
    return lines(TREND.get(language), shares)


def bars(title: str, rows: Sequence[tuple[str, float | None, int | None]], language: Language) -> Drawing:
    """A label, a bar from 0 to 1 and the figures, row by row; None is what is not told."""
    left = broadest([label for label, _, _ in rows]) + 24
    sheet = Sheet(title, max(left + _BAR + 150, breadth(title) * 1.1 + 24), _TOP + _ROW * len(rows) + 12)
    for place, (label, share, count) in enumerate(rows):
        y = _TOP + _ROW * place
        sheet.text(left - 10, y + 13, label, "end")
        sheet.box(left, y + 2, _BAR, 15, "#f0f2f5")
        told = HIDDEN.get(language) if share is None else f"{share:.1%} · {count:,}"
        if share is not None:
            sheet.box(left, y + 2, _BAR * share, 15, BLUE, f"{label}: {told}")
        sheet.text(left + _BAR + 8, y + 14, told)
    return sheet.done()


def matrix(
    title: str, rows: Mapping[str, str], columns: Mapping[str, str], cells: Mapping[tuple[str, str], float]
) -> Drawing:
    """A coloured cell a pair; the colours are spread over what there is, the figures tell."""
    low, high = min(cells.values(), default=0.0), max(cells.values(), default=1.0)
    left, heads = broadest(list(rows.values())) + 24, [_short(name) for name in columns.values()]
    top = _TOP + broadest(heads) * _SLANT + 8
    ends = [left + _CELL * (place + 0.5) + breadth(head) * _SLANT for place, head in enumerate(heads)]
    width = max(left + _CELL * len(columns), *ends, breadth(title) * 1.1) + 24
    sheet = Sheet(title, width, top + _HEIGHT * len(rows) + 16)
    for place, head in enumerate(heads):
        sheet.text(left + _CELL * (place + 0.5), top - 8, head, turn=-45)
    for down, (row, label) in enumerate(rows.items()):
        y = top + _HEIGHT * down
        sheet.text(left - 10, y + 17, label, "end")
        for across, (column, name) in enumerate(columns.items()):
            share, x = cells.get((row, column)), left + _CELL * across
            if share is None:
                sheet.box(x, y, _CELL - 2, _HEIGHT - 2, "#f6f7f9")
                continue
            fill, ink = shade((share - low) / (high - low) if high > low else 1.0)
            sheet.box(x, y, _CELL - 2, _HEIGHT - 2, fill, f"{label} · {name}: {share:.4f}")
            sheet.text(x + _CELL / 2 - 1, y + 16, f"{share:.3f}", "middle", ink)
    return sheet.done()


def lines(title: str, shares: Mapping[str, Mapping[dt.date, float]]) -> Drawing:
    """A line a name over the days, from zero upwards; a name that has one day only is a dot."""
    days = sorted({day for line in shares.values() for day in line})
    most = max((share for line in shares.values() for share in line.values()), default=0.0) or 1.0
    left, wide, high = 60, 460, max(220, 20 * len(shares) + 10)
    sheet = Sheet(title, max(left + wide + 60 + broadest(list(shares)), breadth(title) * 1.1 + 24), _TOP + high + 44)

    def x(day: dt.date) -> float:
        return left + wide * ((day - days[0]).days / (days[-1] - days[0]).days if len(days) > 1 else 0.5)

    def y(share: float) -> float:
        return _TOP + high * (1 - share / most / 1.05)

    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        sheet.line([(left, y(most * part)), (left + wide, y(most * part))], "#e3e6ea")
        sheet.text(left - 8, y(most * part) + 4, f"{most * part:.2f}", "end", PALE)
    for day in _few(days):
        sheet.text(x(day), _TOP + high + 20, day.isoformat(), "middle", PALE)
    for place, (name, line) in enumerate(shares.items()):
        colour, dash = SERIES[place % len(SERIES)], DASHES[place // len(SERIES) % len(DASHES)]
        points = [(x(day), y(share)) for day, share in line.items()]
        if len(points) > 1:
            sheet.line(points, colour, dash, 2)
        for (across, up), (day, share) in zip(points, line.items(), strict=True):
            sheet.dot(across, up, 3.5, colour, f"{name} · {day}: {share:.2f}")
        down = _TOP + 20 * place + 8
        sheet.line([(left + wide + 14, down), (left + wide + 34, down)], colour, dash, 2)
        sheet.text(left + wide + 40, down + 4, name, fill=INK)
    return sheet.done()


def _short(label: str) -> str:
    """A label over a column; a long one is cut, the pointer tells it whole."""
    return label if len(label) <= _SHORT else label[: _SHORT - 1].rstrip() + "…"


def _few(days: Sequence[dt.date]) -> list[dt.date]:
    """The days that are named: at most five, the first and the last among them."""
    step = max((len(days) - 1) / 4, 1)
    return [days[round(step * place)] for place in range(min(len(days), 5))]


def _dataset(name: str, language: Language) -> str:
    """The title of a dataset."""
    known = standards.catalogue().datasets
    return known[name].title.get(language) if name in known else name


def _item(name: str, language: Language) -> str:
    """The title of an item."""
    return next((one.title.get(language) for one in standards.catalogue().items if one.id == name), name)
