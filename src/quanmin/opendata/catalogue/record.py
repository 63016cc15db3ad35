"""A record, typed: what the stored DCAT document says, read once.

The document is what is kept and handed out; this is how the program looks at it. Whatever `validation.check` lets pass can
be read. Codes are those of our value sets, whichever of code and address the document holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from quanmin.opendata.catalogue.validation import moment
from quanmin.opendata.catalogue.vocabulary import Term, vocabulary
from quanmin.text import Text

Document = Mapping[str, Any]

CONTEXT: dict[str, Any] = {
    "adms": "http://www.w3.org/ns/adms#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "healthdcatap": "http://healthdataportal.eu/ns/health#",
    "prov": "http://www.w3.org/ns/prov#",
    "quanmin": "urn:quanmin:terms:",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "dct:title": {"@container": "@language"},
    "dct:description": {"@container": "@language"},
    "dcat:keyword": {"@container": "@language"},
    "foaf:name": {"@container": "@language"},
    "skos:prefLabel": {"@container": "@language"},
    "csvw:title": {"@container": "@language"},
}
"""The JSON-LD context of the stored documents."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An organisation."""

    id: str
    name: Text


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask."""

    name: str
    email: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last; None is open."""

    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Region:
    """A place with its code in GB/T 2260."""

    code: str
    title: Text


@dataclass(frozen=True, slots=True)
class Distribution:
    """One form in which a dataset can be had; `size` in bytes, `checksum` as algorithm and value."""

    id: str
    title: Text
    access_url: str
    download_url: str | None
    format: Term | None
    licence: Term | None
    size: int | None
    checksum: tuple[str, str] | None
    reachable: bool | None


@dataclass(frozen=True, slots=True)
class Variable:
    """One field of the data: name, title, datatype of XML Schema, what it holds, its value set."""

    name: str
    title: Text
    datatype: str
    description: str | None
    values: str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the data come from: agreements of the exchange, sources, the release, and in words."""

    agreements: tuple[str, ...]
    sources: tuple[str, ...]
    release: str | None
    words: Text | None


@dataclass(frozen=True, slots=True)
class Record:
    """A dataset, a series of datasets, or a data service of the catalogue."""

    id: str
    name: str
    type: str
    title: Text
    description: Text
    keywords: Mapping[str, tuple[str, ...]]
    publisher: Agent
    contact: Contact | None
    access: Term
    themes: tuple[Term, ...]
    areas: tuple[Term, ...]
    frequency: Term | None
    periods: tuple[Period, ...]
    regions: tuple[Region, ...]
    issued: date | None
    modified: date | None
    version: str | None
    series: str | None
    origin: Origin
    distributions: tuple[Distribution, ...]
    variables: tuple[Variable, ...]
    endpoint: str | None

    @property
    def licence(self) -> Term | None:
        """The licence of the first distribution that has one."""
        return next((one.licence for one in self.distributions if one.licence), None)

    @property
    def formats(self) -> tuple[Term, ...]:
        """The formats of its distributions, each once."""
        return tuple({one.format.code: one.format for one in self.distributions if one.format}.values())


def read(document: Document) -> Record:
    """The typed reading of a document that `validation.check` lets pass."""
    known = vocabulary("access").find(document["quanmin:access"])
    assert known is not None  # a record without it is refused
    return Record(
        id=document["dct:identifier"],
        name=document["quanmin:name"],
        type=document["@type"],
        title=text(document["dct:title"]),
        description=text(document["dct:description"]),
        keywords={language: tuple(_list(words)) for language, words in (document.get("dcat:keyword") or {}).items()},
        publisher=Agent(document["dct:publisher"]["dct:identifier"], text(document["dct:publisher"]["foaf:name"])),
        contact=_contact(document),
        access=known,
        themes=_terms(document, "dcat:theme", "theme"),
        areas=_terms(document, "quanmin:area", "area"),
        frequency=next(iter(_terms(document, "dct:accrualPeriodicity", "frequency")), None),
        periods=tuple(_period(one) for one in _list(document.get("dct:temporal"))),
        regions=tuple(_region(one) for one in _list(document.get("dct:spatial"))),
        issued=moment(document.get("dct:issued")),
        modified=moment(document.get("dct:modified")),
        version=_word(document.get("dcat:version")),
        series=_word(document.get("dcat:inSeries")),
        origin=_origin(document),
        distributions=tuple(_distribution(one) for one in _list(document.get("dcat:distribution"))),
        variables=tuple(_variables(document)),
        endpoint=next(iter(_list(document.get("dcat:endpointURL"))), None),
    )


def text(said: Mapping[str, str] | None) -> Text:
    """A map from language to text as a text; a language that is missing is told in the other one."""
    said = said or {}
    first = next((one for one in said.values() if one), "")
    return Text(said.get("zh") or first, said.get("en") or first)


def _list(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _words(value: Any) -> tuple[str, ...]:
    return tuple(one for one in _list(value) if isinstance(one, str))


def _terms(document: Document, key: str, name: str) -> tuple[Term, ...]:
    found = (vocabulary(name).find(one) for one in _list(document.get(key)))
    return tuple(term for term in found if term is not None)


def _contact(document: Document) -> Contact | None:
    for one in _list(document.get("dcat:contactPoint")):
        if isinstance(one, Mapping):
            return Contact(
                str(one.get("vcard:fn", "")), _word(one.get("vcard:hasEmail")), _word(one.get("vcard:hasURL"))
            )
    return None


def _period(one: Mapping[str, Any]) -> Period:
    return Period(moment(one.get("dcat:startDate")), moment(one.get("dcat:endDate")))


def _region(one: Mapping[str, Any]) -> Region:
    label = text(one.get("skos:prefLabel"))
    code = one["dct:identifier"]
    return Region(code, Text(label.zh or code, label.en or code))


def _origin(document: Document) -> Origin:
    words = document.get("dct:provenance")
    return Origin(
        _words(document.get("quanmin:agreement")),
        _words(document.get("dct:source")),
        _word(document.get("quanmin:release")),
        text(words) if isinstance(words, Mapping) and set(words) <= {"zh", "en"} else None,
    )


def _distribution(one: Mapping[str, Any]) -> Distribution:
    checksum, reachable = one.get("spdx:checksum"), one.get("quanmin:reachable")
    download = _list(one.get("dcat:downloadURL"))
    return Distribution(
        id=one["dct:identifier"],
        title=text(one.get("dct:title")),
        access_url=_list(one["dcat:accessURL"])[0],
        download_url=download[0] if download else None,
        format=next(iter(_terms(one, "dct:format", "file_type")), None),
        licence=next(iter(_terms(one, "dct:license", "licence")), None),
        size=one.get("dcat:byteSize"),
        checksum=(checksum["spdx:algorithm"], checksum["spdx:checksumValue"]) if checksum else None,
        reachable=reachable if isinstance(reachable, bool) else None,
    )


def _variables(document: Document) -> Iterator[Variable]:
    """The columns of every table of every table group; what is not one is passed over."""
    for group in _list(document.get("healthdcatap:hasVariables")):
        for table in _list(group.get("csvw:table")) if isinstance(group, Mapping) else ():
            for column in _list(table.get("csvw:column")) if isinstance(table, Mapping) else ():
                if isinstance(column, Mapping) and isinstance(column.get("csvw:name"), str):
                    yield _variable(column)


def _variable(column: Mapping[str, Any]) -> Variable:
    title = column.get("csvw:title")
    return Variable(
        name=column["csvw:name"],
        title=text(title) if isinstance(title, Mapping) else Text(str(title or ""), str(title or "")),
        datatype=str(column.get("csvw:datatype", "string")),
        description=_word(column.get("dct:description")),
        values=_word(column.get("quanmin:values")),
    )
