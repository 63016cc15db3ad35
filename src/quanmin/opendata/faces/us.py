"""A record and the catalogue as DCAT-US 3.0 (`/data.json`), which has one language a text.

Source: GSA, DCAT-US 3.0, JSON Schema definitions of `catalog`, `dataset`, `distribution`. A record without a mailbox, which the
standard wants of every dataset, is written without one: an address is not invented.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from quanmin.opendata.catalogue.record import Distribution, Document, Record, read
from quanmin.opendata.faces.issuer import Issuer
from quanmin.opendata.faces.part import mailto, scheme
from quanmin.text import Language, Text

STANDARD = "https://resources.data.gov/dcat-us/3.0.0/definitions/catalog"
FREQUENCIES = {
    "CONT": "continuous",
    "UPDATE_CONT": "continuous",
    "DAILY": "daily",
    "WEEKLY_3": "threeTimesAWeek",
    "WEEKLY_2": "semiweekly",
    "WEEKLY": "weekly",
    "MONTHLY_3": "threeTimesAMonth",
    "BIWEEKLY": "biweekly",
    "MONTHLY_2": "semimonthly",
    "MONTHLY": "monthly",
    "BIMONTHLY": "bimonthly",
    "QUARTERLY": "quarterly",
    "ANNUAL_3": "threeTimesAYear",
    "ANNUAL_2": "semiannual",
    "ANNUAL": "annual",
    "BIENNIAL": "biennial",
    "TRIENNIAL": "triennial",
    "QUADRENNIAL": "R/P4Y",
    "QUINQUENNIAL": "R/P5Y",
    "DECENNIAL": "R/P10Y",
    "1MIN": "R/PT1M",
    "5MIN": "R/PT5M",
    "10MIN": "R/PT10M",
    "15MIN": "R/PT15M",
    "30MIN": "R/PT30M",
    "HOURLY": "R/PT1H",
    "BIHOURLY": "R/PT2H",
    "TRIHOURLY": "R/PT3H",
    "DAILY_2": "R/PT12H",
    "AS_NEEDED": "asNeeded",
    "IRREG": "irregular",
    "NOT_PLANNED": "notPlanned",
    "NEVER": "notPlanned",
    "UNKNOWN": "unknown",
}


def catalogue(documents: Iterable[Document], issuer: Issuer, language: Language) -> Iterator[bytes]:
    """`data.json`, in pieces: the datasets one after another."""
    head = {
        "@id": f"{issuer.origin}/catalog",
        "@type": "Catalog",
        "title": issuer.title.get(language),
        "description": issuer.description.get(language),
        "publisher": {"@type": "Organization", "name": issuer.name.get(language)},
        "homepage": {"@type": "Document", "title": issuer.title.get(language), "accessURL": f"{issuer.origin}/"},
        "language": [language],
        "conformsTo": {"@type": "Standard", "title": "DCAT-US 3.0", "identifier": STANDARD},
    }
    opened = json.dumps(head, ensure_ascii=False)[:-1]
    yield f'{opened}, "dataset": ['.encode()
    services: list[str] = []
    first = True
    for document in documents:
        said = json.dumps(described(document, issuer, language), ensure_ascii=False)
        if document["@type"] == "dcat:DataService":
            services.append(said)
        elif document["@type"] == "dcat:Dataset":
            yield (said if first else f",\n{said}").encode()
            first = False
    yield f'], "service": [{", ".join(services)}]}}\n'.encode()


def described(document: Document, issuer: Issuer, language: Language) -> dict[str, Any]:
    """One dataset or service."""
    record = read(document)
    said = {
        "@id": issuer.page(record.name),
        "@type": record.type.removeprefix("dcat:"),
        "identifier": {"@type": "Identifier", "notation": record.id} if record.type == "dcat:Dataset" else record.id,
        "title": record.title.get(language),
        "description": record.description.get(language),
        "publisher": {
            "@type": "Organization",
            "name": record.publisher.name.get(language),
            "notation": [record.publisher.id],
        },
        "contactPoint": _contact(record, issuer),
        "keyword": list(record.keywords.get(language, ())) or None,
        "theme": [_concept(one.iri, one.title, one.code, language) for one in record.themes] or None,
        "landingPage": {
            "@type": "Document",
            "title": record.title.get(language),
            "accessURL": issuer.page(record.name),
        },
        "accessRights": record.access.title.get(language),
    }
    more = _service(record, issuer) if record.type == "dcat:DataService" else _dataset(record, issuer, language)
    return {name: value for name, value in (said | more).items() if value is not None}


def _service(record: Record, issuer: Issuer) -> dict[str, Any]:
    return {"endpointURL": [issuer.absolute(record.endpoint or "")]}


def _dataset(record: Record, issuer: Issuer, language: Language) -> dict[str, Any]:
    periods = [one for one in record.periods if one.start or one.end]
    return {
        "issued": record.issued and record.issued.isoformat(),
        "modified": record.modified and record.modified.isoformat(),
        "version": record.version,
        "accrualPeriodicity": FREQUENCIES.get(record.frequency.code) if record.frequency else None,
        "temporal": [_period(one.start, one.end) for one in periods] or None,
        "spatial": [{"@type": "Location", "prefLabel": one.title.get(language)} for one in record.regions] or None,
        "provenance": [record.origin.words.get(language)] if record.origin.words else None,
        "distribution": [_distribution(record, one, issuer, language) for one in record.distributions] or None,
    }


def _contact(record: Record, issuer: Issuer) -> dict[str, Any] | None:
    contact = record.contact if record.contact and record.contact.email else issuer.contact
    if contact is None or contact.email is None:
        return None
    return {"@type": "Kind", "fn": contact.name or contact.email, "hasEmail": mailto(contact.email)}


def _concept(iri: str, title: Text, code: str, language: Language) -> dict[str, Any]:
    inside = {"@id": scheme(iri), "@type": "ConceptScheme", "title": scheme(iri).rsplit("/", 1)[-1]}
    return {"@id": iri, "@type": "Concept", "prefLabel": title.get(language), "notation": [code], "inScheme": inside}


def _period(start: Any, end: Any) -> dict[str, Any]:
    said = {"startDate": start and start.isoformat(), "endDate": end and end.isoformat()}
    return {"@type": "PeriodOfTime"} | {name: value for name, value in said.items() if value}


def _distribution(record: Record, one: Distribution, issuer: Issuer, language: Language) -> dict[str, Any]:
    said = {
        "@id": f"{issuer.page(record.name)}#distribution-{one.id}",
        "@type": "Distribution",
        "title": one.title.get(language) or None,
        "accessURL": issuer.absolute(one.access_url),
        "downloadURL": issuer.absolute(one.download_url) if one.download_url else None,
        "format": one.format.title.en if one.format else None,
        "mediaType": one.format.text("media") if one.format else None,
        "byteSize": str(one.size) if one.size is not None else None,
        "license": one.licence.iri if one.licence else None,
        "checksum": _checksum(one),
    }
    return {name: value for name, value in said.items() if value is not None}


def _checksum(one: Distribution) -> dict[str, str] | None:
    if one.checksum is None:
        return None
    return {"@type": "Checksum", "algorithm": one.checksum[0], "checksumValue": one.checksum[1]}
