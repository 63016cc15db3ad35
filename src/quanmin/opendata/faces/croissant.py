"""A dataset as Croissant 1.0: its table as one file and one set of records, so that a learner loads it by its address.

Source: MLCommons, Croissant Format Specification 1.0. Parquet is preferred to CSV: its codes are text in the file itself, where a
reader of CSV guesses and takes the zeros from `010`.
"""

from __future__ import annotations

from typing import Any

from quanmin.opendata.catalogue.record import Distribution, Record
from quanmin.opendata.faces.errors import NotATable
from quanmin.opendata.faces.issuer import Issuer
from quanmin.opendata.faces.schema_org import LONGEST
from quanmin.opendata.faces.table import sha256, table
from quanmin.text import Language

CONFORMS = "http://mlcommons.org/croissant/1.0"
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataBiases": "cr:dataBiases",
    "dataCollection": "cr:dataCollection",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context of the specification, inline."""
_TYPES = {
    "integer": "sc:Integer",
    "decimal": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "dateTime": "sc:Date",
}
_ENCODINGS = {"parquet": "application/x-parquet", "csv": "text/csv"}


def croissant(record: Record, issuer: Issuer, language: Language) -> dict[str, Any]:
    """The description; NotATable where there is no Parquet or CSV to download, or its fields or checksum are not known."""
    found = table(record, ("parquet", "csv"))
    if found is None or not record.variables or sha256(found) is None:
        raise NotATable(name=record.name)
    licence = found.licence or record.licence
    said = {
        "@context": CONTEXT | {"@language": language},
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        "@id": issuer.page(record.name),
        "name": record.name,
        "alternateName": record.title.get(language),
        "description": record.description.get(language)[:LONGEST],
        "url": issuer.page(record.name),
        "license": licence.iri if licence else None,
        "creator": {"@type": "sc:Organization", "name": record.publisher.name.get(language)},
        "publisher": {"@type": "sc:Organization", "name": record.publisher.name.get(language)},
        "datePublished": (record.issued or record.modified) and str(record.issued or record.modified),
        "dateModified": record.modified and record.modified.isoformat(),
        "version": record.version,
        "keywords": list(record.keywords.get(language, ())) or None,
        "inLanguage": language,
        "citeAs": citation(record, issuer, language),
        "distribution": [_file(found, issuer)],
        "recordSet": [_records(record, found, language)],
    }
    return {name: value for name, value in said.items() if value is not None}


def citation(record: Record, issuer: Issuer, language: Language) -> str:
    """How the dataset is cited: who, when, what, which version, where (ISO 690)."""
    day = record.modified or record.issued
    who = f"{record.publisher.name.get(language)} ({day.year})" if day else record.publisher.name.get(language)
    version = f", {record.version}" if record.version else ""
    return f"{who}. {record.title.get(language)}{version}. {issuer.page(record.name)}"


def _file(one: Distribution, issuer: Issuer) -> dict[str, Any]:
    assert one.format is not None and one.download_url is not None
    said = {
        "@type": "cr:FileObject",
        "@id": f"file-{one.id}",
        "name": f"file-{one.id}",
        "description": one.format.title.en,
        "contentUrl": issuer.absolute(one.download_url),
        "contentSize": f"{one.size} B" if one.size is not None else None,
        "encodingFormat": _ENCODINGS[one.format.code],
        "sha256": sha256(one),
    }
    return {name: value for name, value in said.items() if value is not None}


def _records(record: Record, one: Distribution, language: Language) -> dict[str, Any]:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"rows/{variable.name}",
            "name": variable.name,
            "description": variable.title.get(language) or variable.name,
            "dataType": _TYPES.get(variable.datatype, "sc:Text"),
            "source": {"fileObject": {"@id": f"file-{one.id}"}, "extract": {"column": variable.name}},
        }
        for variable in record.variables
    ]
    return {"@type": "cr:RecordSet", "@id": "rows", "name": "rows", "description": "", "field": fields}
