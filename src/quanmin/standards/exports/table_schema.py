"""Frictionless Table Schema of a file with the dataset's element names as column titles."""

from __future__ import annotations

from typing import Any

from quanmin.standards.dataset import Dataset
from quanmin.standards.element import Element
from quanmin.standards.exports.codes import codes_of
from quanmin.standards.exports.json_schema import CITIZEN_NUMBER, REGION

_TYPES = {"date": "date", "datetime": "datetime", "integer": "integer", "decimal": "number", "boolean": "boolean"}
_PATTERNS = {"citizen_number": CITIZEN_NUMBER, "region": REGION}


def table_schema(dataset: Dataset) -> dict[str, Any]:
    """The schema. Missing values of one element count for all of them: the format knows no other way."""
    missing = dict.fromkeys(["", *(word for element in dataset.elements for word in element.missing)])
    return {
        "name": dataset.id,
        "title": dataset.title.zh,
        "description": dataset.title.en,
        "fields": [_field(element, dataset) for element in dataset.elements],
        "primaryKey": list(dataset.key),
        "missingValues": list(missing),
    }


def _field(element: Element, dataset: Dataset) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": element.name,
        "title": element.title.zh,
        "description": element.title.en,
        "type": _TYPES.get(element.type, "string"),
    }
    if element.type == "date":
        found["format"] = element.date_formats[0]
    constraints = _constraints(element, dataset)
    return found | ({"constraints": constraints} if constraints else {})


def _constraints(element: Element, dataset: Dataset) -> dict[str, Any]:
    pattern = f"^(?:{element.pattern})$" if element.pattern else _PATTERNS.get(element.type)
    codes = codes_of(dataset, element)
    found = {
        "required": element.required or None,
        "pattern": pattern,
        "minLength": element.min_length,
        "maxLength": element.max_length,
        "minimum": element.minimum,
        "maximum": element.maximum,
        "enum": list(codes) or None,
    }
    return {key: value for key, value in found.items() if value is not None}
