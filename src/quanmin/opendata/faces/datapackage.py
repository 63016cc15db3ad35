"""A dataset as a Data Package (Frictionless Data, version 2): its table with the types of its fields, and its other files.

Source: Data Package 2.0 (datapackage.org). The table is one resource, in CSV where there is one: the same rows in three formats
are not three tables. Types come from the dictionary of the record; a code is a string, and keeps its zeros.
"""

from __future__ import annotations

from typing import Any

from quanmin.opendata.catalogue.record import Distribution, Record, Variable
from quanmin.opendata.faces.errors import NotATable
from quanmin.opendata.faces.issuer import Issuer
from quanmin.opendata.faces.table import sha256, table
from quanmin.text import Language

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES = {"integer": "integer", "decimal": "number", "boolean": "boolean", "date": "date", "dateTime": "datetime"}


def datapackage(record: Record, issuer: Issuer, language: Language) -> dict[str, Any]:
    """The descriptor; NotATable where nothing can be downloaded."""
    found = table(record, ("csv", "tsv", "parquet", "xlsx", "json", "ndjson"))
    files = [one for one in record.distributions if one.download_url and _sort(one) != "table"]
    resources = [_resource(one, issuer, language) for one in files]
    if found is not None:
        resources.insert(0, _resource(found, issuer, language) | _typed(found, record.variables, language))
    if not resources:
        raise NotATable(name=record.name)
    licences = {one.licence.iri: one.licence for one in record.distributions if one.licence}
    said = {
        "$schema": PROFILE,
        "id": issuer.page(record.name),
        "name": record.name,
        "title": record.title.get(language),
        "description": record.description.get(language),
        "homepage": issuer.page(record.name),
        "version": record.version,
        "created": (record.issued or record.modified) and f"{record.issued or record.modified}T00:00:00Z",
        "keywords": list(record.keywords.get(language, ())) or None,
        "licenses": [{"name": one.code, "path": iri, "title": one.title.get(language)} for iri, one in licences.items()]
        or None,
        "contributors": [{"title": record.publisher.name.get(language), "roles": ["publisher"]}],
        "resources": resources,
    }
    return {name: value for name, value in said.items() if value is not None}


def _sort(one: Distribution) -> str | None:
    return one.format.text("sort") if one.format else None


def _resource(one: Distribution, issuer: Issuer, language: Language) -> dict[str, Any]:
    assert one.download_url is not None
    checksum = sha256(one)
    said = {
        "name": one.id.lower(),
        "title": one.title.get(language) or None,
        "path": issuer.absolute(one.download_url),
        "format": one.format.code if one.format else None,
        "mediatype": one.format.text("media") if one.format else None,
        "bytes": one.size,
        "hash": f"sha256:{checksum}" if checksum else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _typed(one: Distribution, variables: tuple[Variable, ...], language: Language) -> dict[str, Any]:
    """What makes a file a table; the names of the columns stand in its first row."""
    assert one.format is not None
    said: dict[str, Any] = {"type": "table"}
    if one.format.code in ("csv", "tsv"):
        said |= {"encoding": "utf-8"}
    if variables:
        said["schema"] = {"fields": [_field(variable, language) for variable in variables], "missingValues": [""]}
    return said


def _field(variable: Variable, language: Language) -> dict[str, str]:
    said = {
        "name": variable.name,
        "type": _TYPES.get(variable.datatype, "string"),
        "title": variable.title.get(language),
    }
    return {name: value for name, value in said.items() if value}
