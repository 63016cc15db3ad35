"""What a page says to machines: the addresses of the record in other forms."""

from __future__ import annotations


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
