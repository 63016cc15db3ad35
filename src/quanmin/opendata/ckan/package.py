"""A record as a package of CKAN: the view of a document that `describing` reads back without loss.

What CKAN has a field for stands there; every other part of the document is an extra under its own name, as it stands when it is
a text and as JSON otherwise. Texts in both languages stand in `title_translated` and the like (as ckanext-fluent names them),
and once more in the installation's language where CKAN expects one text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from quanmin.opendata.catalogue import Document, Term, vocabulary
from quanmin.text import LANGUAGES, Language

EXTRAS = "quanmin:extras"
"""Where extras of CKAN are kept that are no part of a DCAT document."""
TYPES = {"dataset": "dcat:Dataset", "series": "dcat:DatasetSeries", "service": "dcat:DataService"}
MAPPED = frozenset(
    (
        "@context",
        "@type",
        "dct:identifier",
        "quanmin:name",
        "dct:title",
        "dct:description",
        "dcat:keyword",
        "dct:publisher",
        "quanmin:access",
        "dcat:theme",
        "dcat:contactPoint",
        "dct:license",
        "dcat:version",
        "dcat:landingPage",
        "dcat:distribution",
        EXTRAS,
    )
)
"""Parts of a document that have a field in CKAN."""
MARK = "~"
"""Between the id of a record and that of a distribution, in the id of a resource; no id holds it."""


@dataclass(frozen=True)
class Look:
    """In which way packages are shown: the language of single texts, and the address of this portal."""

    language: Language
    origin: str

    def one(self, said: Any) -> str:
        """The text of a map from language to text, in the language or else the other one."""
        said = said if isinstance(said, Mapping) else {}
        return said.get(self.language) or next((text for text in said.values() if text), "")

    def url(self, address: str) -> str:
        """An address of this portal as others reach it."""
        return self.origin + address if address.startswith("/") else address


@dataclass(frozen=True)
class Standing:
    """When a record was published first and last, and whether it is only a draft."""

    created: datetime
    changed: datetime
    draft: bool = False


def resource_id(record: str, distribution: str) -> str:
    """The id of a distribution among all resources."""
    return f"{record}{MARK}{distribution}"


def package(document: Document, standing: Standing, look: Look) -> dict[str, Any]:
    """The package of a record."""
    record, tags = document["dct:identifier"], keywords(document)
    licence = licence_of(document)
    resources = [
        resource(one, document, place, look) for place, one in enumerate(listed(document.get("dcat:distribution")))
    ]
    publisher = organisation(document["dct:publisher"], look)
    groups = [group(term, look) for term in _terms(document, "dcat:theme", "theme")]
    return {
        "id": record,
        "name": document["quanmin:name"],
        "title": look.one(document["dct:title"]),
        "title_translated": dict(document["dct:title"]),
        "notes": look.one(document["dct:description"]),
        "notes_translated": dict(document["dct:description"]),
        "type": next(name for name, of in TYPES.items() if of == document["@type"]),
        "state": "draft" if standing.draft else "active",
        "private": standing.draft,
        "access_rights": _code("access", document["quanmin:access"]),
        "owner_org": publisher["id"],
        "organization": publisher,
        "groups": groups,
        "tags": [tag(word) for word in tags],
        "keywords": {name: list(listed(words)) for name, words in (document.get("dcat:keyword") or {}).items()},
        "license_id": licence.code if licence else None,
        "license_title": licence.title.get(look.language) if licence else None,
        "license_url": licence.iri if licence else None,
        "isopen": bool(licence and licence.holds("open")),
        "version": document.get("dcat:version"),
        "url": look.url(landing(document)),
        "author": None,
        "author_email": None,
        **_contact(document),
        "extras": list(extras(document)),
        "resources": resources,
        "num_resources": len(resources),
        "num_tags": len(tags),
        "metadata_created": moment(standing.created),
        "metadata_modified": moment(standing.changed),
        "relationships_as_object": [],
        "relationships_as_subject": [],
    }


def moment(at: datetime) -> str:
    """A time as CKAN writes it: UTC, and not saying so."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def resource(one: Mapping[str, Any], document: Document, place: int, look: Look) -> dict[str, Any]:
    """The resource of a distribution."""
    record = document["dct:identifier"]
    term = vocabulary("file_type").find(first(one.get("dct:format")))
    licence = vocabulary("licence").find(first(one.get("dct:license")))
    checksum = one.get("spdx:checksum") or {}
    address = str(first(one.get("dcat:downloadURL")) or first(one["dcat:accessURL"]))
    kept = {key: value for key, value in one.items() if key not in (*_DISTRIBUTION, TABLE)}
    return {
        "id": resource_id(record, one["dct:identifier"]),
        "package_id": record,
        "position": place,
        "name": look.one(one.get("dct:title")) or one["dct:identifier"],
        "name_translated": dict(one.get("dct:title") or {}),
        "description": look.one(one.get("dct:description")),
        "description_translated": dict(one.get("dct:description") or {}),
        "url": look.url(address),
        "access_url": look.url(str(first(one["dcat:accessURL"]))),
        "url_type": "upload" if address.startswith("/files/") else None,
        "format": term.code.upper() if term else "",
        "mimetype": term.text("media") if term else None,
        "size": one.get("dcat:byteSize"),
        "hash": checksum.get("spdx:checksumValue", ""),
        "hash_algorithm": checksum.get("spdx:algorithm"),
        "license_id": licence.code if licence else None,
        "created": one.get("dct:issued"),
        "last_modified": one.get("dct:modified"),
        "state": "active",
        "resource_type": None,
        "datastore_active": table_of(one, document) is not None,
        "extras": [{"key": key, "value": _said(value)} for key, value in sorted(kept.items())],
    }


_DISTRIBUTION = frozenset(
    (
        "dct:identifier",
        "dct:title",
        "dct:description",
        "dcat:accessURL",
        "dcat:downloadURL",
        "dct:format",
        "dct:license",
        "dcat:byteSize",
        "spdx:checksum",
        "dct:issued",
        "dct:modified",
    )
)


TABLE = "quanmin:table"
"""The part of a distribution that names the file of its table, where the distribution itself is none."""
_TABULAR = ("parquet", "csv", "tsv", "xlsx", "json")


def table_of(one: Mapping[str, Any], document: Document) -> str | None:
    """The SHA-256 of the table that holds the rows of a distribution.

    It is the distribution itself, the table made of it, or that of the dataset, of which it is another form.
    """
    if isinstance(one.get(TABLE), str):
        return str(one[TABLE])
    if _file(one) is None or _format(one) not in _TABULAR:
        return None
    if _format(one) == "parquet":
        return _file(one)
    there = [each for each in listed(document.get("dcat:distribution")) if TABLE not in each]
    return next((_file(each) for each in there if _format(each) == "parquet" and _file(each)), None)


def _format(one: Mapping[str, Any]) -> str | None:
    term = vocabulary("file_type").find(first(one.get("dct:format")))
    return term.code if term else None


def _file(one: Mapping[str, Any]) -> str | None:
    """The SHA-256 of a distribution that lies here."""
    address = str(first(one.get("dcat:downloadURL")) or "")
    return address.removeprefix("/files/").partition(".")[0] if address.startswith("/files/") else None


def organisation(agent: Mapping[str, Any], look: Look) -> dict[str, Any]:
    """An organisation as it stands in a package."""
    title = look.one(agent["foaf:name"])
    named = {"id": agent["dct:identifier"], "name": agent["dct:identifier"], "title": title}
    fixed = {"type": "organization", "description": "", "image_url": "", "is_organization": True}
    return {
        **named,
        "title_translated": dict(agent["foaf:name"]),
        **fixed,
        "approval_status": "approved",
        "state": "active",
    }


def group(term: Term, look: Look) -> dict[str, Any]:
    """A theme as a group."""
    title, name = term.title.get(look.language), term.code.lower()
    return {
        "id": name,
        "name": name,
        "title": title,
        "display_name": title,
        "title_translated": term.title._asdict(),
        "description": "",
        "image_display_url": "",
    }


def tag(word: str) -> dict[str, Any]:
    """A keyword as a tag."""
    return {"id": word, "name": word, "display_name": word, "state": "active", "vocabulary_id": None}


def keywords(document: Document) -> list[str]:
    """The keywords of a document, each once."""
    said = document.get("dcat:keyword") or {}
    return list(dict.fromkeys(word for name in LANGUAGES for word in listed(said.get(name))))


def licence_of(document: Document) -> Term | None:
    """The licence of a dataset: its own, else the first that a distribution has."""
    given = [
        document.get("dct:license"),
        *(one.get("dct:license") for one in listed(document.get("dcat:distribution"))),
    ]
    return next((term for one in given if (term := vocabulary("licence").find(first(one)))), None)


def landing(document: Document) -> str:
    """The page of a dataset."""
    said = first(document.get("dcat:landingPage"))
    return said if isinstance(said, str) else f"/datasets/{document['quanmin:name']}"


def extras(document: Document) -> Iterable[dict[str, str]]:
    """What CKAN has no field for, by name."""
    found = {key: _said(value) for key, value in document.items() if key not in MAPPED}
    found |= document.get(EXTRAS) or {}
    yield from ({"key": key, "value": found[key]} for key in sorted(found))


def _said(value: Any) -> str:
    """A part of a document as a text: itself, or JSON where it is no text or could be taken for JSON."""
    if isinstance(value, str) and not _json(value):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def part(text: str) -> Any:
    """A part of a document as an extra says it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def listed(value: Any) -> list[Any]:
    """The members of a list, or the one thing that stands in its stead."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def first(value: Any) -> Any:
    """The first of several, or the one; None where there is none."""
    return next(iter(listed(value)), None)


def _terms(document: Document, key: str, name: str) -> list[Term]:
    found = (vocabulary(name).find(one) for one in listed(document.get(key)))
    return [term for term in found if term is not None]


def _code(name: str, value: object) -> str | None:
    term = vocabulary(name).find(value)
    return term.code if term else None


def _contact(document: Document) -> dict[str, Any]:
    said = first(document.get("dcat:contactPoint"))
    said = said if isinstance(said, Mapping) else {}
    names = {"maintainer": "vcard:fn", "maintainer_email": "vcard:hasEmail", "maintainer_url": "vcard:hasURL"}
    return {field: said.get(key) for field, key in names.items()}
