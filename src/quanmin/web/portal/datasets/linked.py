"""What a page says to machines: the addresses of the record in other forms."""

from __future__ import annotations

from quanmin.opendata.catalogue import Record


def links(record: Record) -> list[tuple[str, str]]:
    """The record in the forms that programs read: what each is called, and its address."""
    name, found = record.name, []
    if record.type == "dcat:Dataset":
        found = [
            ("Data Package", f"/datasets/{name}/datapackage.json"),
            ("Croissant", f"/datasets/{name}/croissant.json"),
        ]
    return [
        ("RDF Turtle", f"/datasets/{name}.ttl"),
        ("JSON-LD", f"/datasets/{name}.jsonld"),
        ("RDF/XML", f"/datasets/{name}.rdf"),
        *found,
        ("CKAN", f"/api/3/action/package_show?id={name}"),
    ]
