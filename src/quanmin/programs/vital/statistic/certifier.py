"""Whoever certifies deaths: the share of causes that say too little, and of certificates that came late."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from quanmin import standards, trust
from quanmin.lake import Lake
from quanmin.population.inquiry import reading_of
from quanmin.programs.vital.death import quality
from quanmin.programs.vital.demography.ratio import share
from quanmin.programs.vital.statistic.errors import RegionUnknown
from quanmin.programs.vital.statistic.gate import Certified, Gate
from quanmin.programs.vital.statistic.hiding import hidden
from quanmin.standards.region import NATION

FEW = 20
"""A share of fewer deaths than this is marked: one certificate more or less moves it by five points."""
Row = dict[str, Any]


def certifiers(lake: Lake, decision: trust.Decision, region: str, year: int) -> list[Row]:
    """A row an institution, most deaths first: `institution` (None: not stated), `deaths`, `unusable`, `late` and their shares.

    `classes` counts the classes of `death.quality`; `few` marks a share of few deaths. A small count is None and `suppressed`.
    Raises RegionUnknown, NotMeasured, NotReadable, NotBuilt.
    """
    day = date(year, 12, 31)
    if region != NATION and not standards.catalogue().regions.valid_on(region, day):
        raise RegionUnknown(region=region, day=day)
    reading = reading_of(lake, decision)
    gate = Gate(reading.lake, reading.decision, reading.snapshot)
    found, minimum = gate.certified(region, day)
    return rated([one for one in found if one.year == year], minimum)


def rated(found: list[Certified], minimum: int) -> list[Row]:
    """The rows of counts."""
    by = defaultdict[str | None, list[Certified]](list)
    for one in found:
        by[one.institution].append(one)
    rows = [_row(institution, some, minimum) for institution, some in by.items()]
    rows.sort(key=lambda row: (-row["deaths"], row["institution"] or ""))
    for name in ("deaths", "unusable", "late"):
        for row, off in zip(rows, hidden([row[name] for row in rows], minimum).tolist(), strict=True):
            row["hide"] |= off
    told = [_told(row) for row in rows]
    return sorted(told, key=lambda row: (row["suppressed"], -(row["deaths"] or 0), row["institution"] or ""))


def _row(institution: str | None, some: list[Certified], minimum: int) -> Row:
    classes = {one.id: 0 for one in quality.classes()} | {quality.UNCODED: 0}
    for one in some:
        if one.kind != quality.USABLE:
            classes[one.kind] += one.deaths
    deaths, late = sum(one.deaths for one in some), sum(one.deaths for one in some if one.late)
    unusable = sum(classes.values())
    small = any(0 < count < minimum for part in (unusable, late) for count in (part, deaths - part))
    return {
        "institution": institution,
        "deaths": deaths,
        "unusable": unusable,
        "late": late,
        "classes": classes if not any(0 < count < minimum for count in classes.values()) else None,
        "hide": small,
    }


def _told(row: Row) -> Row:
    """A row as it is told."""
    deaths, hide = row["deaths"], row.pop("hide")
    row |= {"few": deaths < FEW, "suppressed": hide}
    if hide:
        return row | {"deaths": None, "unusable": None, "late": None, "classes": None} | dict.fromkeys(_SHARES)
    return row | {one: share(one, row[one.removesuffix("_share")], deaths).value for one in _SHARES}


_SHARES = ("unusable_share", "late_share")
