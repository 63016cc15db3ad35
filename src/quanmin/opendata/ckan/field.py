"""The fields of CKAN's search index as conditions of the catalogue, value by value and by ranges."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from quanmin.opendata.catalogue import vocabulary
from quanmin.opendata.catalogue.condition import (
    Always,
    Called,
    Changed,
    Condition,
    Having,
    Identified,
    Not,
    OfType,
)
from quanmin.opendata.catalogue.projection import microseconds
from quanmin.opendata.ckan.errors import SearchWrong
from quanmin.opendata.ckan.package import TYPES
from quanmin.text import Text

FACETS = {
    "organization": "organisation",
    "owner_org": "organisation",
    "groups": "theme",
    "theme": "theme",
    "tags": "tag",
    "res_format": "format",
    "license_id": "licence",
    "access_rights": "access",
    "area": "area",
    "region": "region",
    "year": "year",
}
"""Fields of CKAN, and ours besides, by facet of the catalogue."""
_VOCABULARIES = {"theme": "theme", "format": "file_type", "licence": "licence", "access": "access", "area": "area"}
_FIXED = {"state": "active", "private": "false", "capacity": "public", "entity_type": "package", "site_id": None}
FIELDS = (*FACETS, "id", "name", "type", "dataset_type", "metadata_modified", *_FIXED)
"""Every field that can be asked for."""
_NOW = re.compile(r"NOW((?:[+-]\d{1,5}(?:SECOND|MINUTE|HOUR|DAY|WEEK|MONTH|YEAR)S?)*)(?:/DAY)?")
_STEP = re.compile(r"([+-]\d+)([A-Z]+?)S?(?=[+-]|$)")
_SECONDS = {
    "SECOND": 1,
    "MINUTE": 60,
    "HOUR": 3_600,
    "DAY": 86_400,
    "WEEK": 604_800,
    "MONTH": 2_629_746,
    "YEAR": 31_556_952,
}
_FIRST, _LAST = -(2**62), 2**62
_YEARS = 500


def wrong(zh: str, en: str) -> SearchWrong:
    """The error of a filter."""
    return SearchWrong(part="fq", reason=Text(zh, en))


def unknown(field: str) -> SearchWrong:
    """The error of a field that is not there; it is named only where it looks like one."""
    named = field if re.fullmatch(r"[a-z_]{1,40}", field) else "?"
    allowed = ", ".join(FIELDS)
    return wrong(f"没有字段 {named}；可用：{allowed}", f"no field {named}; there are {allowed}")


def equal(field: str, value: str, beginning: bool = False) -> Condition:
    """The records whose field has a value; with `beginning`, one that begins so."""
    if field in FACETS:
        return Having(FACETS[field], (code(FACETS[field], value) if not beginning else value,), beginning)
    match field:
        case "name":
            return Called((value,), beginning)
        case "id":
            return Identified((value,))
        case "type" | "dataset_type":
            return OfType(TYPES.get(value, value))
        case "metadata_modified":
            return between(field, (value, True), (value, True))
        case _ if field in _FIXED:
            return Always(_FIXED[field] in (None, value.lower()))
    raise unknown(field)


def present(field: str) -> Condition:
    """The records that have the field at all."""
    if field in FACETS:
        return Having(FACETS[field], ("",), True)
    if field in FIELDS:
        return Always()
    raise unknown(field)


def code(facet: str, value: str) -> str:
    """A value as the catalogue has it: of a value set in any case."""
    term = vocabulary(_VOCABULARIES[facet]).find(value) if facet in _VOCABULARIES else None
    return term.code if term else value


def shown(facet: str, value: str) -> str:
    """A value of a facet as CKAN's clients see it, which is what they filter by."""
    return {"format": str.upper, "theme": str.lower}.get(facet, _same)(value)


def _same(value: str) -> str:
    return value


End = tuple[str, bool]
"""An end of a range, and whether it is included; `*` is open."""


def between(field: str, low: End, high: End) -> Condition:
    """The records whose field lies in a range."""
    if field == "metadata_modified":
        start = _FIRST if low[0] == "*" else _moment(low[0], early=True) + (not low[1])
        stop = _LAST if high[0] == "*" else _moment(high[0], early=False) - (not high[1])
        return Changed(start, stop)
    if field == "year":
        return _years(low, high)
    if field not in FIELDS:
        raise unknown(field)
    if low[0] == high[0] == "*":
        return present(field)
    raise wrong(f"字段 {field} 不支持范围", f"the field {field} has no ranges")


def _years(low: End, high: End) -> Condition:
    ends = [one[0] for one in (low, high)]
    if any(one != "*" and not re.fullmatch(r"\d{4}", one) for one in ends):
        raise wrong("年份须为四位数字", "a year has four digits")
    first = int(low[0]) + (not low[1]) if low[0] != "*" else 1_800
    last = int(high[0]) - (not high[1]) if high[0] != "*" else first + _YEARS
    codes = tuple(str(year) for year in range(first, min(last, first + _YEARS) + 1))
    return Having("year", codes) if codes else Not(Always())


def _moment(text: str, *, early: bool) -> int:
    """A moment of Solr: ISO 8601 in UTC or NOW with steps (a month being a twelfth of the mean year); a day is all of it."""
    now = _NOW.fullmatch(text)
    if now is not None:
        at = datetime.now(UTC)
        for number, unit in _STEP.findall(now[1]):
            at = _moved(at, int(number) * _SECONDS[unit])
        at = at.replace(hour=0, minute=0, second=0, microsecond=0) if text.endswith("/DAY") else at
        return microseconds(at)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise wrong("不是 ISO 8601 时间或 NOW", "not a time of ISO 8601 or NOW") from None
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    whole = len(text) <= len("2026-01-01") and not early
    return microseconds(at) + (86_400_000_000 - 1 if whole else 0)


def _moved(at: datetime, seconds: int) -> datetime:
    try:
        return at + timedelta(seconds=seconds)
    except OverflowError:
        raise wrong("时间超出范围", "the time is out of bounds") from None
