"""Figures as they are asked for: those of an indicator, with the words that go with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from quanmin import standards
from quanmin.lake import Lake
from quanmin.measures.change import STAGE
from quanmin.measures.errors import BadPeriod, NoFigures, NoSuchDivision, UnknownIndicator
from quanmin.measures.figure import FIGURE, MARKS, Mark
from quanmin.measures.period import parse_period
from quanmin.standards import Catalogue
from quanmin.standards.indicator import Indicator
from quanmin.standards.region import NATION


@dataclass(frozen=True)
class Figure:
    """One figure. `value` is None where there is no denominator; `lower` and `upper` are its 95 % interval, where it has one.

    Where few people stand behind it and the question was not for whole figures, no number of it is told.
    """

    indicator: str
    version: str
    period: str
    period_start: date
    period_end: date
    level: str
    region: str
    categories: dict[str, str]
    numerator: float | None
    denominator: float | None
    value: float | None
    lower: float | None
    upper: float | None
    marks: tuple[Mark, ...]
    sources: int
    computed_at: datetime

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return dict(vars(self)) | {"marks": list(self.marks)}


def catalogue(of: Catalogue | None = None) -> dict[str, Indicator]:
    """The indicators of the catalogue by id."""
    return dict((of or standards.catalogue()).indicators.indicators)


def indicator(name: str, of: Catalogue | None = None) -> Indicator:
    """The indicator of this id; UnknownIndicator if there is none."""
    found = catalogue(of).get(name)
    if found is None:
        raise UnknownIndicator(indicator=name)
    return found


def figures(
    lake: Lake,
    name: str,
    region: str | None = None,
    period: str | None = None,
    categories: dict[str, str] | None = None,
    today: date | None = None,
    of: Catalogue | None = None,
    level: str | None = None,
    whole: bool = False,
) -> list[Figure]:
    """The figures of an indicator, by period, division and categories; of one division, level, period or category if named.

    Figures whose period has not settled by `today` are marked as provisional. Those marked `small` have no numbers unless the
    `whole` figures are asked for, as a further computation does; what others tell about them is for the release of a table to
    see to (`opendata`). Raises UnknownIndicator, NoFigures, BadPeriod, NoSuchDivision.
    """
    known = of or standards.catalogue()
    indicator(name, known)
    if period is not None and parse_period(period) is None:
        raise BadPeriod(period=period)
    if region is not None and region != NATION and not known.regions.ever_valid(region):
        raise NoSuchDivision(region=region)
    asked = {"indicator": name, "region": region, "period": period, "level": level}
    tests = {column: value for column, value in asked.items() if value is not None}
    with lake.session(STAGE) as session:
        if not session.exists(FIGURE):
            raise NoFigures(indicator=name)
        where = " AND ".join(f"f.{column} = ?" for column in tests)
        parsed = None if period is None else parse_period(period)
        buckets = None if parsed is None else [parsed.bucket]
        query = (
            f"SELECT * EXCLUDE (bucket, period_kind, definition) FROM {session.relation(FIGURE, buckets)} AS f "
            f"WHERE {where} ORDER BY period_start, period, region, level, categories"
        )
        found = session.connection.execute(query, list(tests.values()))
        columns = [one[0] for one in found.description]
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    told = list(_told(rows, today or date.today(), whole))
    if not told and region is None and period is None and level is None:
        raise NoFigures(indicator=name)
    return [one for one in told if not categories or categories.items() <= one.categories.items()]


_NUMBERS = ("numerator", "denominator", "value", "lower", "upper")


def _told(rows: list[dict[str, Any]], today: date, whole: bool) -> Iterator[Figure]:
    for row in rows:
        settles, words = row.pop("settles_on"), row.pop("marks").split()
        if settles >= today:
            words.append("provisional")
        if "small" in words and not whole:
            row |= dict.fromkeys(_NUMBERS)
        categories = json.loads(row.pop("categories"))
        marks = tuple(mark for mark in MARKS if mark in words)
        yield Figure(**row, categories=categories, marks=marks)
