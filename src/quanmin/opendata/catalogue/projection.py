"""What search knows of a record: the row of a list, the texts to be found in, the values to be counted and sorted by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from quanmin.opendata.catalogue import quality
from quanmin.opendata.catalogue.folding import fold
from quanmin.opendata.catalogue.record import Record
from quanmin.opendata.catalogue.validation import TYPES
from quanmin.text import Text

FACETS = ("organisation", "theme", "area", "tag", "format", "licence", "access", "region", "year", "series")
"""What lists are narrowed and counted by."""

TITLE, NAMED, FIELD, PROSE = 3, 2, 1, 0
"""Where a term stands: in the title; in keywords, organisation or region; in a field's name; in the description."""

SUMMARY = 200
"""Characters of a description that a list shows at most."""
KEY_BYTES = 48
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet."""

    facet: str
    code: str
    title: Text


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as it is indexed; `keys` sorts by its title in Chinese and in English.

    `modified` is the day of its data, `changed` the moment at which its record was published (microseconds since 1970, UTC).
    """

    id: str
    row: dict[str, Any]
    texts: tuple[tuple[int, str], ...]
    values: tuple[Value, ...]
    modified: int
    changed: int
    kind: int
    keys: tuple[bytes, bytes]


def project(record: Record, today: date, at: datetime = EPOCH) -> Entry:
    """The entry of a record, published `at`, on a day (its quality depends on whether an update is late)."""
    modified = record.modified or record.issued
    return Entry(
        id=record.id,
        row=_row(record, today),
        texts=tuple((place, folded) for place, text in _texts(record) if (folded := fold(text))),
        values=tuple(dict.fromkeys(_values(record))),
        modified=modified.toordinal() if modified else 0,
        changed=microseconds(at),
        kind=TYPES.index(record.type),
        keys=(title_key(record.title.zh), title_key(record.title.en)),
    )


def microseconds(at: datetime) -> int:
    """A moment as whole microseconds since the beginning of 1970, UTC."""
    return (at - EPOCH) // timedelta(microseconds=1)


def title_key(title: str) -> bytes:
    """What a title is sorted by: its beginning in GB 18030, where the common characters stand in the order of pinyin."""
    return fold(title).strip().encode("gb18030", "replace")[:KEY_BYTES]


def _row(record: Record, today: date) -> dict[str, Any]:
    return {
        "id": record.id,
        "name": record.name,
        "type": record.type.removeprefix("dcat:"),
        "title": record.title._asdict(),
        "summary": {"zh": record.description.zh[:SUMMARY], "en": record.description.en[:SUMMARY]},
        "organisation": {"id": record.publisher.id, "title": record.publisher.name._asdict()},
        "themes": [one.code for one in record.themes],
        "areas": [one.code for one in record.areas],
        "regions": [one.code for one in record.regions],
        "formats": [one.code for one in record.formats],
        "licence": record.licence.code if record.licence else None,
        "access": record.access.code,
        "frequency": record.frequency.code if record.frequency else None,
        "issued": record.issued.isoformat() if record.issued else None,
        "modified": record.modified.isoformat() if record.modified else None,
        "version": record.version,
        "series": record.series,
        "quality": quality.assess(record, today).score,
    }


def _texts(record: Record) -> Iterator[tuple[int, str]]:
    yield from ((TITLE, title) for title in dict.fromkeys(record.title))
    named = [*record.publisher.name, *(one for each in record.regions for one in each.title)]
    named += [word for words in record.keywords.values() for word in words]
    yield NAMED, "\n".join(dict.fromkeys(named))
    fields = [part for one in record.variables for part in (one.name, *one.title)]
    yield FIELD, "\n".join(dict.fromkeys(fields))
    prose = [*record.description, *(title for one in record.distributions for title in one.title)]
    yield PROSE, "\n".join(dict.fromkeys(prose))


def _values(record: Record) -> Iterator[Value]:
    yield Value("organisation", record.publisher.id, record.publisher.name)
    yield from (Value("theme", one.code, one.title) for one in record.themes)
    yield from (Value("area", one.code, one.title) for one in record.areas)
    yield from (Value("tag", word, Text(word, word)) for words in record.keywords.values() for word in words)
    yield from (Value("format", one.code, one.title) for one in record.formats)
    if record.licence:
        yield Value("licence", record.licence.code, record.licence.title)
    yield Value("access", record.access.code, record.access.title)
    yield from (Value("region", one.code, one.title) for one in record.regions)
    day = record.modified or record.issued
    if day:
        yield Value("year", str(day.year), Text(str(day.year), str(day.year)))
    if record.series:
        yield Value("series", record.series, Text(record.series, record.series))
