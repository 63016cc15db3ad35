"""What a page says to machines: addresses of the record in other forms, and what it is in the words of schema.org."""

from __future__ import annotations

from typing import Any

from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.portal.datasets.told import Told


def links(name: str) -> list[tuple[str, str]]:
    """The record in the forms that programs read: what each is called, and its address."""
    return [
        ("RDF Turtle", f"/datasets/{name}.ttl"),
        ("JSON-LD", f"/datasets/{name}.jsonld"),
        ("RDF/XML", f"/datasets/{name}.rdf"),
        ("Data Package", f"/datasets/{name}/datapackage.json"),
        ("Croissant", f"/datasets/{name}/croissant.json"),
        ("CKAN", f"/api/3/action/package_show?id={name}"),
    ]


def embedded(ask: Ask, told: Told) -> dict[str, Any]:
    """The record as a Dataset of schema.org, for search engines."""
    record, origin = told.record, ask.settings.origin
    said: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": f"{origin}/datasets/{record.name}",
        "name": record.title.get(ask.language),
        "description": record.description.get(ask.language)[:5_000],
        "url": f"{origin}{ask.url(f'/datasets/{record.name}')}",
        "identifier": record.id,
        "creator": {"@type": "Organization", "name": record.publisher.name.get(ask.language)},
        "isAccessibleForFree": record.access.code == "public",
    }
    if record.licence:
        said["license"] = record.licence.iri
    if record.modified:
        said["dateModified"] = record.modified.isoformat()
    return said


def alternates(ask: Ask, path: str) -> dict[str, Any]:
    """The address that a page is known by, and the same in the other language."""
    origin = ask.settings.origin
    return {"canonical": f"{origin}{ask.url(path)}", "title": Text("全民健康数据", "Quanmin health data")}
