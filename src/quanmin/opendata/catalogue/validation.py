"""What a record must be: every rule with the place where it is broken.

The stored record is a DCAT document (DCAT-AP 3.0.1 and HealthDCAT-AP Release 8 terms, as JSON-LD with prefixes); texts are
maps from language to text. Mandatory there: title and description of a dataset, an access address of a distribution,
algorithm and value of a checksum. A title, name or keyword with a tag or a control character is refused, not cleaned: what
is cleaned quietly reads otherwise than its publisher saw it. Descriptions may hold any visible text and are escaped
wherever they are shown.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from quanmin.opendata.catalogue.errors import RecordInvalid
from quanmin.opendata.catalogue.vocabulary import vocabulary
from quanmin.text import LANGUAGES, Text

TYPES = ("dcat:Dataset", "dcat:DatasetSeries", "dcat:DataService")
NAME = re.compile(r"[a-z0-9_-]{2,100}")
ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
DEPTH = 50  # levels of a record, parts that no rule knows among them
TITLE_LIMIT, DESCRIPTION_LIMIT, MANY = 500, 100_000, 1_000

_HALF = re.compile("[\ud800-\udfff]")
_TAG = re.compile(r"<\s*[/!?a-zA-Z]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_CONTROL_IN_PROSE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

RULES: dict[str, tuple[str, Text]] = {
    "shape": ("C01", Text("结构不符", "not of the expected shape")),
    "missing": ("C02", Text("缺少必填项", "a mandatory part is missing")),
    "type": ("C03", Text("记录类型未知", "an unknown type of record")),
    "name": ("C04", Text("名称须为 2–100 个 a-z、0-9、- 或 _", "a name is 2-100 of a-z, 0-9, - and _")),
    "language": ("C05", Text("语言须为 zh 或 en", "a language is zh or en")),
    "length": ("C06", Text("过长", "too long")),
    "tag": ("C07", Text("不得含 HTML 标记", "no HTML tags here")),
    "control": ("C08", Text("不得含控制字符", "no control characters here")),
    "code": ("C09", Text("代码不在值域内", "a code outside of its value set")),
    "date": ("C10", Text("日期有误", "not a date")),
    "order": ("C11", Text("起止颠倒", "the end is before the start")),
    "address": ("C12", Text("地址有误（仅限 http、https 或站内路径）", "not an http or https address or a path here")),
    "number": ("C13", Text("数值有误", "not a whole number of 0 or more")),
    "repeated": ("C14", Text("标识重复", "an identifier is given twice")),
    "id": ("C15", Text("标识有误", "not an identifier")),
    "json": ("C16", Text("不能存为 JSON，或层次过深", "cannot be kept as JSON, or is nested too deep")),
}
"""Rule, its stable code and what it says."""


class Problem(NamedTuple):
    """One rule that a record breaks, and where: `path` is a JSON pointer (RFC 6901)."""

    record: str
    path: str
    rule: str
    code: str
    title: Text


class Place(NamedTuple):
    """A part of a record with its path."""

    path: str
    value: object

    def at(self, key: str | int) -> Place:
        """The part below; its value is None where there is none."""
        step = str(key).replace("~", "~0").replace("/", "~1")
        below = self.value.get(key) if isinstance(self.value, Mapping) else None
        if isinstance(self.value, list) and isinstance(key, int):
            below = self.value[key]
        return Place(f"{self.path}/{step}", below)

    def each(self) -> Iterator[Place]:
        """The members of a list, or the one thing that stands in its stead; nothing where there is nothing."""
        if isinstance(self.value, list):
            yield from (self.at(number) for number in range(min(len(self.value), MANY + 1)))
        elif self.value is not None:
            yield self


Found = Iterator[tuple[str, str]]


def problems(document: object) -> list[Problem]:
    """Every rule that the document breaks, in its order; empty for a good one. Never raises."""
    if not isinstance(document, Mapping):
        return [_problem("?", "", "shape")]
    record = document.get("dct:identifier")
    name = record if isinstance(record, str) and ID.fullmatch(record) else "?"
    found = [_problem(name, path, rule) for path, rule in _record(Place("", document))]
    return found if found or _keepable(document) else [_problem(name, "", "json")]


def _keepable(document: object) -> bool:
    """Whether it is JSON as it will be written: known types, finite numbers, whole characters, not too deep."""
    waiting: list[tuple[object, int]] = [(document, 0)]
    while waiting:
        value, depth = waiting.pop()
        below: list[object] = []
        if isinstance(value, Mapping):
            below = [*value, *value.values()]
            sound = all(isinstance(key, str) for key in value)
        elif isinstance(value, list):
            below, sound = value, True
        elif isinstance(value, str):
            sound = not _HALF.search(value)
        else:
            sound = value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
        if not sound or depth > DEPTH:
            return False
        waiting += [(one, depth + 1) for one in below]
    return True


def check(document: object) -> None:
    """RecordInvalid unless the document keeps every rule."""
    found = problems(document)
    if found:
        first = found[0]
        error = RecordInvalid(record=first.record, count=len(found), path=first.path or "/", rule=first.code)
        error.problems = found
        raise error


def _problem(record: str, path: str, rule: str) -> Problem:
    return Problem(record, path, rule, *RULES[rule])


def _record(place: Place) -> Found:
    if place.at("@type").value not in TYPES:
        yield "/@type", "type"
    yield from _id(place.at("dct:identifier"))
    name = place.at("quanmin:name").value
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield "/quanmin:name", "name"
    yield from _texts(place.at("dct:title"), TITLE_LIMIT, prose=False, needed=True)
    yield from _texts(place.at("dct:description"), DESCRIPTION_LIMIT, prose=True, needed=True)
    yield from _keywords(place.at("dcat:keyword"))
    yield from _agent(place.at("dct:publisher"), needed=True)
    yield from _coded(place)
    yield from _dated(place)
    yield from _places(place.at("dct:spatial"))
    if place.at("@type").value == "dcat:DataService":
        yield from _addresses(place.at("dcat:endpointURL"), needed=True)
    yield from _distributions(place.at("dcat:distribution"))


def _id(place: Place) -> Found:
    value = place.value
    if not isinstance(value, str):
        yield place.path, "missing" if value is None else "shape"
    elif not ID.fullmatch(value):
        yield place.path, "id"


def _texts(place: Place, limit: int, *, prose: bool, needed: bool = False) -> Found:
    """A map from language to text, at least one of them not blank."""
    if place.value is None:
        if needed:
            yield place.path, "missing"
        return
    if not isinstance(place.value, Mapping):
        yield place.path, "shape"
        return
    for language in place.value:
        if language not in LANGUAGES:
            yield place.at(str(language)).path, "language"
        else:
            yield from _text(place.at(language), limit, prose=prose)
    if needed and not any(isinstance(text, str) and text.strip() for text in place.value.values()):
        yield place.path, "missing"


def _text(place: Place, limit: int, *, prose: bool) -> Found:
    text = place.value
    if not isinstance(text, str):
        yield place.path, "shape"
        return
    if len(text) > limit:
        yield place.path, "length"
        return
    if (_CONTROL_IN_PROSE if prose else _CONTROL).search(text):
        yield place.path, "control"
    if not prose and _TAG.search(text):
        yield place.path, "tag"


def _keywords(place: Place) -> Found:
    if place.value is None:
        return
    if not isinstance(place.value, Mapping):
        yield place.path, "shape"
        return
    for language in place.value:
        if language not in LANGUAGES:
            yield place.at(str(language)).path, "language"
            continue
        members = list(place.at(language).each())
        if len(members) > MANY:
            yield place.at(language).path, "length"
            continue
        for one in members:
            yield from _text(one, 100, prose=False)


def _agent(place: Place, *, needed: bool = False) -> Found:
    if place.value is None:
        if needed:
            yield place.path, "missing"
        return
    if not isinstance(place.value, Mapping):
        yield place.path, "shape"
        return
    yield from _id(place.at("dct:identifier"))
    yield from _texts(place.at("foaf:name"), TITLE_LIMIT, prose=False, needed=True)


_CODED = (("dcat:theme", "theme"), ("quanmin:area", "area"), ("dct:accrualPeriodicity", "frequency"))


def _coded(place: Place) -> Found:
    access = place.at("quanmin:access")
    if vocabulary("access").find(access.value) is None:
        yield access.path, "missing" if access.value is None else "code"
    for key, name in _CODED:
        yield from _codes(place.at(key), name)


def _codes(place: Place, name: str) -> Found:
    for one in place.each():
        if vocabulary(name).find(one.value) is None:
            yield one.path, "code"


def _dated(place: Place) -> Found:
    for key in ("dct:issued", "dct:modified"):
        yield from _date(place.at(key))
    for one in place.at("dct:temporal").each():
        if not isinstance(one.value, Mapping):
            yield one.path, "shape"
            continue
        ends = [one.at("dcat:startDate"), one.at("dcat:endDate")]
        wrong = [fault for end in ends for fault in _date(end)]
        yield from wrong
        start, end = (moment(part.value) for part in ends)
        if not wrong and start and end and end < start:
            yield one.path, "order"


def _date(place: Place) -> Found:
    if place.value is not None and moment(place.value) is None:
        yield place.path, "date"


def moment(value: object) -> date | None:
    """The day of an ISO 8601 date or time, a year or a month being its first day; None if it is none."""
    if not isinstance(value, str):
        return None
    padded = value + "-01-01"[3 * value.count("-") :] if len(value) in (4, 7) else value
    try:
        return datetime.fromisoformat(padded).date()
    except ValueError:
        return None


def _places(place: Place) -> Found:
    for one in place.each():
        if not isinstance(one.value, Mapping):
            yield one.path, "shape"
            continue
        yield from _id(one.at("dct:identifier"))
        yield from _texts(one.at("skos:prefLabel"), TITLE_LIMIT, prose=False)


def _addresses(place: Place, *, needed: bool = False) -> Found:
    if place.value is None and needed:
        yield place.path, "missing"
    for one in place.each():
        if not _is_address(one.value):
            yield one.path, "address"


def _is_address(value: object) -> bool:
    if not isinstance(value, str) or len(value) > 2_000 or re.search(r"[\s<>\"\x00-\x1f\\]", value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    if not parts.scheme and not parts.netloc:
        return value.startswith("/") and not value.startswith("//")
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _distributions(place: Place) -> Found:
    seen: set[str] = set()
    members = list(place.each())
    if len(members) > MANY:
        yield place.path, "length"
        return
    for one in members:
        if not isinstance(one.value, Mapping):
            yield one.path, "shape"
            continue
        yield from _distribution(one)
        number = one.at("dct:identifier")
        if isinstance(number.value, str) and number.value in seen:
            yield number.path, "repeated"
        seen.add(str(number.value))


def _distribution(place: Place) -> Found:
    yield from _id(place.at("dct:identifier"))
    yield from _texts(place.at("dct:title"), TITLE_LIMIT, prose=False)
    yield from _texts(place.at("dct:description"), DESCRIPTION_LIMIT, prose=True)
    yield from _addresses(place.at("dcat:accessURL"), needed=True)
    yield from _addresses(place.at("dcat:downloadURL"))
    yield from _codes(place.at("dct:format"), "file_type")
    yield from _codes(place.at("dct:license"), "licence")
    for key in ("dct:issued", "dct:modified"):
        yield from _date(place.at(key))
    size = place.at("dcat:byteSize")
    if size.value is not None and (type(size.value) is not int or size.value < 0):
        yield size.path, "number"
    checksum = place.at("spdx:checksum")
    if checksum.value is not None:
        for key in ("spdx:algorithm", "spdx:checksumValue"):
            if not isinstance(checksum.at(key).value, str):
                yield checksum.at(key).path, "missing"


def new_id() -> str:
    """An identifier for a new record (UUID, version 4)."""
    return str(uuid.uuid4())
