"""JSON Schema (2020-12) of one row as it is sent: an object whose keys are element names."""

from __future__ import annotations

from typing import Any

from quanmin.standards.dataset import Dataset
from quanmin.standards.element import Element
from quanmin.standards.exports.codes import codes_of

CITIZEN_NUMBER = r"^([0-9]{17}[0-9Xx]|[0-9]{15})$"
REGION = r"^[0-9]{6}$"

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "code": {"type": "string"},
    "citizen_number": {"type": "string", "pattern": CITIZEN_NUMBER},
    "region": {"type": "string", "pattern": REGION},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "boolean": {"type": "boolean"},
}


def json_schema(dataset: Dataset) -> dict[str, Any]:
    """The schema. What it cannot say (check digits, agreement between elements) stands under `x-quanmin-rules`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:quanmin:{dataset.id}:{dataset.version}",
        "title": dataset.title.en,
        "description": dataset.title.zh,
        "type": "object",
        "properties": {element.name: _property(element, dataset) for element in dataset.elements},
        "required": [element.name for element in dataset.elements if element.required],
        "additionalProperties": False,
        "x-quanmin-key": list(dataset.key),
        "x-quanmin-rules": [
            {"id": rule.id, "kind": rule.kind, "elements": list(rule.elements), "severity": rule.severity}
            for rule in dataset.rules
        ],
    }


def _property(element: Element, dataset: Dataset) -> dict[str, Any]:
    found: dict[str, Any] = {"title": element.title.en, "description": element.title.zh} | _TYPES[element.type]
    if element.pattern is not None:
        found["pattern"] = f"^(?:{element.pattern})$"
    for key, value in (
        ("minLength", element.min_length),
        ("maxLength", element.max_length),
        ("minimum", element.minimum),
        ("maximum", element.maximum),
        ("x-quanmin-values", element.values),
        ("x-quanmin-standard", element.standard),
    ):
        if value is not None:
            found[key] = value
    codes = codes_of(dataset, element)
    if codes:
        found["enum"] = list(codes)
    return found | {"x-quanmin-grade": element.grade, "x-quanmin-role": element.role}
