"""A record as schema.org `Dataset`, for the page that shows it; and how it is put there safely.

Source: schema.org/Dataset; Google, Structured data for datasets (a description of 50 to 5,000 characters).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from quanmin.opendata.catalogue.record import Distribution, Period, Record
from quanmin.opendata.faces.issuer import Issuer
from quanmin.text import Language

LONGEST = 5_000
_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def schema_org(record: Record, origin: str | Issuer, language: Language) -> dict[str, Any]:
    """The description in a language; `origin` is the beginning of addresses, or who issues the catalogue."""
    issuer = origin if isinstance(origin, Issuer) else Issuer(origin)
    licence = record.licence
    said = {
        "@context": "https://schema.org/",
        "@type": "DataFeed" if record.type == "dcat:DataService" else "Dataset",
        "@id": issuer.page(record.name),
        "url": issuer.page(record.name),
        "identifier": record.id,
        "name": record.title.get(language),
        "alternateName": record.title.get("en" if language == "zh" else "zh"),
        "description": record.description.get(language)[:LONGEST],
        "inLanguage": language,
        "keywords": list(record.keywords.get(language, ())) or None,
        "license": licence.iri if licence else None,
        "creator": _organization(record, language),
        "publisher": _organization(record, language),
        "datePublished": record.issued and record.issued.isoformat(),
        "dateModified": record.modified and record.modified.isoformat(),
        "version": record.version,
        "isAccessibleForFree": record.access.code in ("public", "registered"),
        "conditionsOfAccess": record.access.title.get(language),
        "temporalCoverage": [_interval(one) for one in record.periods] or None,
        "spatialCoverage": [_place(one.title.get(language), one.code) for one in record.regions] or None,
        "variableMeasured": [_variable(one.name, one.title.get(language)) for one in record.variables] or None,
        "distribution": [_download(one, issuer) for one in record.distributions] or None,
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "@id": f"{issuer.origin}/catalog",
            "name": issuer.title.get(language),
            "url": f"{issuer.origin}/{language}/datasets",
        },
    }
    return {name: value for name, value in said.items() if value is not None}


def script(said: Mapping[str, Any]) -> str:
    """A document as the text of a `<script type="application/ld+json">`: nothing in it can end the script."""
    return json.dumps(said, ensure_ascii=False).translate(_UNSAFE)


def _organization(record: Record, language: Language) -> dict[str, str]:
    return {"@type": "Organization", "name": record.publisher.name.get(language), "identifier": record.publisher.id}


def _interval(period: Period) -> str:
    """ISO 8601, open ends as `..`."""
    return "/".join(end.isoformat() if end else ".." for end in (period.start, period.end))


def _place(name: str, code: str) -> dict[str, Any]:
    return {"@type": "Place", "name": name, "identifier": code}


def _variable(name: str, title: str) -> dict[str, str]:
    return {"@type": "PropertyValue", "name": name, "description": title or name}


def _download(one: Distribution, issuer: Issuer) -> dict[str, Any]:
    said = {
        "@type": "DataDownload",
        "name": one.title.en or None,
        "contentUrl": issuer.absolute(one.download_url or one.access_url),
        "encodingFormat": one.format.text("media") if one.format else None,
        "contentSize": f"{one.size} B" if one.size is not None else None,
        "sha256": one.checksum[1] if one.checksum and one.checksum[0].casefold() == "sha256" else None,
        "license": one.licence.iri if one.licence else None,
    }
    return {name: value for name, value in said.items() if value is not None}
