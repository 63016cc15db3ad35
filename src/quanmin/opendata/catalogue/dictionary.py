"""The dictionary of a dataset's fields, made from its standard: CSVW variables as HealthDCAT-AP Release 8 writes them."""

from __future__ import annotations

from typing import Any

from quanmin.standards import Dataset, Element

_DATATYPES = {
    "date": "date",
    "datetime": "dateTime",
    "integer": "integer",
    "decimal": "decimal",
    "boolean": "boolean",
}
"""Types of a standard that are none of text; codes, regions and numbers of people stay text, or they lose leading zeros."""


def variables(dataset: Dataset) -> dict[str, Any]:
    """The table group of a dataset of the standards: a column an element, with title, datatype and value set."""
    table = {
        "@type": "csvw:Table",
        "csvw:title": dataset.title._asdict(),
        "csvw:column": [_column(element) for element in dataset.elements],
    }
    return {"@type": "csvw:TableGroup", "csvw:table": [table], "dct:conformsTo": f"{dataset.id} {dataset.version}"}


def _column(element: Element) -> dict[str, Any]:
    column: dict[str, Any] = {
        "@type": "csvw:Column",
        "csvw:name": element.name,
        "csvw:title": element.title._asdict(),
        "csvw:datatype": _DATATYPES.get(element.type, "string"),
        "dct:description": f"{element.title.zh} · {element.title.en}",
    }
    if element.values:
        column["quanmin:values"] = element.values
    if element.standard:
        column["dct:identifier"] = element.standard
    return column
