"""The sources that speak JSON: DCAT-US data.json, CKAN's `package_search`, a Data Package."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from quanmin.opendata.faces.us import FREQUENCIES
from quanmin.opendata.harvest.fetch import Page
from quanmin.opendata.harvest.found import Batch, Broken, Found, access, code, distribution, texts, whole, words
from quanmin.text import Language

ACCEPT = "application/json"
_FREQUENCY = {name.casefold(): ours for ours, name in reversed(FREQUENCIES.items())} | {
    "r/p1y": "ANNUAL",
    "r/p1m": "MONTHLY",
    "r/p3m": "QUARTERLY",
    "r/p1w": "WEEKLY",
    "r/p7d": "WEEKLY",
    "r/p1d": "DAILY",
    "annually": "ANNUAL",
    "continual": "CONT",
}


def document(page: Page) -> Any:
    """The JSON of a page; Broken."""

    def refuse(_word: str) -> Any:
        raise Broken("a number that is none")

    try:
        return json.loads(page.body.decode("utf-8-sig"), parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise Broken(f"line {error.lineno}") from None
    except UnicodeDecodeError as error:
        raise Broken(f"no UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise Broken("nested too deep") from None
    except ValueError as error:
        raise error if isinstance(error, Broken) else Broken("a number that is too long") from None


def data_json(page: Page, language: Language) -> Batch:
    """The datasets of a data.json; Broken."""
    said = document(page)
    many = said.get("dataset") if isinstance(said, Mapping) else said
    if not isinstance(many, list):
        raise Broken("no list of datasets")
    spoken = next(iter(_list(said.get("language"))), "") if isinstance(said, Mapping) else ""
    tongue: Language = "en" if str(spoken).lower().startswith("en") else language
    return Batch([_dataset(one, page.address, tongue) if isinstance(one, Mapping) else Found("", {}) for one in many])


def _dataset(one: Mapping[str, Any], base: str, language: Language) -> Found:
    identifier = one.get("identifier")
    original = (
        _word(identifier.get("notation") or identifier.get("@id"))
        if isinstance(identifier, Mapping)
        else _word(identifier)
    )
    publisher = one.get("publisher")
    name = _word(publisher.get("name")) if isinstance(publisher, Mapping) else None
    landing = one.get("landingPage")
    page = _word(landing.get("accessURL") if isinstance(landing, Mapping) else landing)
    parts = {
        "@type": "dcat:Dataset",
        "dct:title": texts(_word(one.get("title")), language),
        "dct:description": texts(_word(one.get("description")), language),
        "dcat:keyword": {language: words(_list(one.get("keyword")))} if words(_list(one.get("keyword"))) else None,
        "dct:publisher": {"name": texts(name, language), "id": None} if name else None,
        "quanmin:access": access(one.get("accessLevel"), one.get("accessRights")),
        "dcat:theme": words(code("theme", _label(each)) for each in _list(one.get("theme"))),
        "dct:accrualPeriodicity": _FREQUENCY.get(str(one.get("accrualPeriodicity", "")).casefold()),
        "dct:issued": _word(one.get("issued")),
        "dct:modified": _word(one.get("modified")),
        "dcat:version": _word(one.get("version")),
        "dct:temporal": _periods(one.get("temporal")),
        "dcat:contactPoint": _contact(next(iter(_list(one.get("contactPoint"))), None)),
        "dct:source": [urljoin(base, page)] if page else None,
        "dcat:distribution": [
            _us_distribution(each, number, base, one.get("license"), page)
            for number, each in enumerate(_list(one.get("distribution")), 1)
            if isinstance(each, Mapping)
        ],
    }
    return Found(original or "", whole(parts))


def _label(theme: Any) -> Any:
    return theme.get("@id") or theme.get("prefLabel") if isinstance(theme, Mapping) else theme


def _periods(said: Any) -> list[dict[str, str]]:
    made = []
    for one in _list(said):
        if isinstance(one, str) and "/" in one:
            start, _, end = one.partition("/")
            made.append(whole({"dcat:startDate": start.strip(" .") or None, "dcat:endDate": end.strip(" .") or None}))
        elif isinstance(one, Mapping):
            made.append(whole({"dcat:startDate": one.get("startDate"), "dcat:endDate": one.get("endDate")}))
    return made


def _contact(said: Any) -> dict[str, str] | None:
    if not isinstance(said, Mapping):
        return None
    email = (_word(said.get("hasEmail")) or "").removeprefix("mailto:")
    return whole({"vcard:fn": _word(said.get("fn")), "vcard:hasEmail": email or None}) or None


def _us_distribution(one: Mapping[str, Any], number: int, base: str, licence: Any, page: str | None) -> dict[str, Any]:
    download, where = _word(one.get("downloadURL")), _word(one.get("accessURL"))
    named = _word(one.get("license")) or _word(licence)
    known = code("licence", named)
    size = one.get("byteSize")
    digits = str(size) if isinstance(size, int | str) and str(size).isascii() and str(size).isdigit() else ""
    address = where or download or page
    return distribution(
        number,
        dcat__accessURL=urljoin(base, address) if address else None,
        dcat__downloadURL=urljoin(base, download) if download else None,
        dct__format=code("file_type", one.get("mediaType"), one.get("format")),
        dct__license=known,
        dct__rights=named if named and not known else None,
        dcat__byteSize=int(digits) if 0 < len(digits) < 19 else None,
        spdx__checksum=_checksum(one.get("checksum")),
    )


def _checksum(said: Any) -> dict[str, str] | None:
    if not isinstance(said, Mapping):
        return None
    algorithm, value = _word(said.get("algorithm")), _word(said.get("checksumValue"))
    return {"spdx:algorithm": algorithm, "spdx:checksumValue": value} if algorithm and value else None


def ckan(page: Page, language: Language) -> tuple[Batch, int]:
    """A page of `package_search` and how many there are in all; Broken."""
    said = document(page)
    result = said.get("result") if isinstance(said, Mapping) and said.get("success") is True else None
    many = result.get("results") if isinstance(result, Mapping) else None
    if not isinstance(result, Mapping) or not isinstance(many, list) or type(result.get("count")) is not int:
        raise Broken("no answer of package_search")
    return Batch(
        [_package(one, page.address, language) if isinstance(one, Mapping) else Found("", {}) for one in many]
    ), result["count"]


def _package(one: Mapping[str, Any], base: str, language: Language) -> Found:
    organization = one.get("organization")
    name = _word(organization.get("title")) if isinstance(organization, Mapping) else None
    known = organization.get("name") if isinstance(organization, Mapping) else None
    tags = words(tag.get("name") for tag in _list(one.get("tags")) if isinstance(tag, Mapping))
    about = _word(one.get("notes")) or _word(one.get("title"))
    parts = {
        "@type": "dcat:Dataset",
        "dct:title": texts(_word(one.get("title")) or _word(one.get("name")), language),
        "dct:description": texts(about, language),
        "dcat:keyword": {language: tags} if tags else None,
        "dct:publisher": {"name": texts(name, language), "id": _word(known)} if name else None,
        "quanmin:access": access(one.get("access_rights")) or ("closed" if one.get("private") is True else None),
        "dcat:theme": words(
            code("theme", g.get("name"), g.get("title")) for g in _list(one.get("groups")) if isinstance(g, Mapping)
        ),
        "dct:issued": _word(one.get("metadata_created")),
        "dct:modified": _word(one.get("metadata_modified")),
        "dcat:version": _word(one.get("version")),
        "dct:source": [urljoin(base, _word(one.get("url")) or f"/dataset/{one.get('name')}")],
        "dcat:distribution": [
            distribution(
                number,
                dct__title=texts(_word(each.get("name")), language),
                dcat__accessURL=urljoin(base, str(each["url"])) if _word(each.get("url")) else None,
                dcat__downloadURL=urljoin(base, str(each["url"]))
                if each.get("url_type") == "upload" and _word(each.get("url"))
                else None,
                dct__format=code("file_type", each.get("mimetype"), each.get("format")),
                dct__license=code("licence", one.get("license_id"), one.get("license_url")),
                dcat__byteSize=each["size"] if type(each.get("size")) is int and each["size"] >= 0 else None,
            )
            for number, each in enumerate(_list(one.get("resources")), 1)
            if isinstance(each, Mapping)
        ],
    }
    return Found(_word(one.get("id")) or "", whole(parts))


def package(page: Page, language: Language) -> Batch:
    """The one dataset of a Data Package; Broken."""
    said = document(page)
    if not isinstance(said, Mapping) or not isinstance(said.get("resources"), list):
        raise Broken("no Data Package")
    licences = [
        _word(one.get("path")) or _word(one.get("name"))
        for one in _list(said.get("licenses"))
        if isinstance(one, Mapping)
    ]
    publisher = next(
        (_word(one.get("title")) for one in _list(said.get("contributors")) if isinstance(one, Mapping)), None
    )
    resources = [one for one in said["resources"] if isinstance(one, Mapping)]
    fields = next((one for one in map(_schema, resources) if one), [])
    parts = {
        "@type": "dcat:Dataset",
        "dct:title": texts(_word(said.get("title")) or _word(said.get("name")), language),
        "dct:description": texts(
            _word(said.get("description")) or _word(said.get("title")) or _word(said.get("name")), language
        ),
        "dcat:keyword": {language: words(_list(said.get("keywords")))} if words(_list(said.get("keywords"))) else None,
        "dct:publisher": {"name": texts(publisher, language), "id": None} if publisher else None,
        "dct:issued": _word(said.get("created")),
        "dcat:version": _word(said.get("version")),
        "dct:source": [_word(said.get("homepage")) or page.address] if page.address.startswith("http") else None,
        "healthdcatap:hasVariables": _fields(fields, language),
        "dcat:distribution": [
            _resource(one, number, page.address, licences, language) for number, one in enumerate(resources, 1)
        ],
    }
    return Batch([Found(_word(said.get("id")) or _word(said.get("name")) or "", whole(parts))])


_KINDS = {"integer": "integer", "number": "decimal", "boolean": "boolean", "date": "date", "datetime": "dateTime"}


def _schema(resource: Mapping[str, Any]) -> list[Any]:
    schema = resource.get("schema")
    return _list(schema.get("fields")) if isinstance(schema, Mapping) else []


def _fields(said: list[Any], language: Language) -> dict[str, Any] | None:
    columns = [
        {
            "@type": "csvw:Column",
            "csvw:name": one["name"],
            "csvw:title": {language: _word(one.get("title")) or one["name"]},
            "csvw:datatype": _KINDS.get(str(one.get("type")), "string"),
        }
        for one in said
        if isinstance(one, Mapping) and _word(one.get("name"))
    ]
    return (
        {"@type": "csvw:TableGroup", "csvw:table": [{"@type": "csvw:Table", "csvw:column": columns}]}
        if columns
        else None
    )


def _resource(
    one: Mapping[str, Any], number: int, base: str, licences: list[str | None], language: Language
) -> dict[str, Any]:
    path = one.get("path")
    first = _word(path[0] if isinstance(path, list) and path else path)
    digest = re.fullmatch(r"(sha256:)?([0-9a-fA-F]{64})", str(one.get("hash", "")))
    size = one.get("bytes")
    return distribution(
        number,
        dct__title=texts(_word(one.get("title")) or _word(one.get("name")), language),
        dcat__accessURL=urljoin(base, first) if first else None,
        dcat__downloadURL=urljoin(base, first) if first else None,
        dct__format=code("file_type", one.get("mediatype"), one.get("format")),
        dct__license=code("licence", *licences),
        dcat__byteSize=size if type(size) is int and size >= 0 else None,
        spdx__checksum={"spdx:algorithm": "sha256", "spdx:checksumValue": digest[2].lower()} if digest else None,
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
