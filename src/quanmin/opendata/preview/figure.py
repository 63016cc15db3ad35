"""A chart of a table, where it has a dimension of time or of region and one figure for each of its places.

Nothing is added up: rates must not be. Where a place has several figures they are told apart by one further column, and where
that is not enough there is no chart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from quanmin.charts import COUNT, HIDDEN, NUMBER, PROVINCES, Chart, Figure, LineChart, Series, TileMap, Unit, same
from quanmin.opendata.preview.look import Rows
from quanmin.opendata.preview.table import columns_of
from quanmin.text import Text

SERIES = 6
"""Lines of a chart at most."""
PLACES = 400
_YEAR, _MONTH, _DAY = (
    re.compile(r"(19|20)\d\d"),
    re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])"),
    re.compile(r"\d{4}-\d\d-\d\d"),
)
_NUMBER = re.compile(r"[+-]?(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,15})?")
_STAR = "*"


def figure(rows: Rows, titles: Mapping[str, Text], title: Text) -> Chart | None:
    """The chart of a table that is known wholly; None where it has none. `titles` are those of its columns."""
    if rows.more or not rows.rows:
        return None
    columns = dict(columns_of(rows))
    time = next((name for name, values in columns.items() if _is_time(values)), None)
    region = next((name for name, values in columns.items() if _is_region(values)), None)
    measures = [name for name, values in columns.items() if name not in (time, region) and _is_measure(values)]
    if not measures:
        return None
    measure = measures[-1]
    others = [name for name in columns if name not in (time, region, measure) and name not in measures]
    called = titles.get(measure, same(measure))
    if time is not None:
        split = next((by for by in [None, *others, region] if _tells(columns, time, by)), time)
        return _lines(columns, time, measure, split, titles, title) if split != time else None
    if region is not None and len(set(columns[region])) == len(rows.rows):
        told = tuple((code[:2], _figure(value)) for code, value in zip(columns[region], columns[measure], strict=True))
        return TileMap(title, told, _unit(columns[measure]), called)
    return None


def _lines(
    columns: Mapping[str, Sequence[str]],
    time: str,
    measure: str,
    split: str | None,
    titles: Mapping[str, Text],
    title: Text,
) -> Chart:
    called = titles.get(measure, same(measure))
    names = columns[split] if split else [""] * len(columns[time])
    held: dict[str, list[tuple[date | int, Figure]]] = {}
    for name, at, value in zip(names, columns[time], columns[measure], strict=True):
        held.setdefault(name, []).append((_moment(at), _figure(value)))
    series = tuple(Series(_name(name) if split else called, tuple(points)) for name, points in held.items())
    return LineChart(title, series, _unit(columns[measure]), titles.get(time, same(time)), called)


def _tells(columns: Mapping[str, Sequence[str]], time: str, by: str | None) -> bool:
    """Whether a column (none: nothing) tells apart what stands at the same time, in few enough lines."""
    if by is None:
        return len(set(columns[time])) == len(columns[time])
    names = set(columns[by])
    return len(names) <= SERIES and len(set(zip(columns[time], columns[by], strict=True))) == len(columns[time])


def _is_time(values: Sequence[str]) -> bool:
    kinds = (_YEAR, _MONTH, _DAY)
    return (
        1 < len(set(values)) <= PLACES
        and any(all(kind.fullmatch(one) for one in values) for kind in kinds)
        and all(_dated(one) for one in values)
    )


def _dated(value: str) -> bool:
    try:
        return bool(_moment(value))
    except ValueError:
        return False


def _moment(value: str) -> date | int:
    if _YEAR.fullmatch(value):
        return int(value)
    return date.fromisoformat(value if len(value) == 10 else f"{value}-01")


def _is_region(values: Sequence[str]) -> bool:
    """Codes of provinces (GB/T 2260), of two digits or of six."""
    return len(set(values)) > 1 and all(_province(one) is not None for one in values)


def _province(code: str) -> str | None:
    short = code[:2] if len(code) == 2 or (len(code) == 6 and code.endswith("0000")) else ""
    return short if short in PROVINCES else None


def _is_measure(values: Sequence[str]) -> bool:
    """Numbers, of which some may be hidden or lacking; codes that begin with a zero are none."""
    told = [one for one in values if one not in ("", _STAR)]
    return bool(told) and all(_NUMBER.fullmatch(one) and not re.match(r"0\d", one) for one in told)


def _unit(values: Sequence[str]) -> Unit:
    return NUMBER if any("." in one for one in values) else COUNT


def _figure(value: str) -> Figure:
    if value == _STAR:
        return HIDDEN
    return None if value == "" else float(value.replace(",", ""))


def _name(value: str) -> Text:
    known = PROVINCES.get(_province(value) or "")
    return known.name if known else same(value or "–")
