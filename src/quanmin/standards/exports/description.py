"""A dataset as one JSON document in both languages: what `standards show --json` prints."""

from __future__ import annotations

from typing import Any

from quanmin.standards.dataset import Dataset
from quanmin.standards.element import Element
from quanmin.text import Text


def describe(dataset: Dataset) -> dict[str, Any]:
    """Every attribute of the dataset, its elements and its rules; values that are not set are left out."""
    return {
        "id": dataset.id,
        "version": dataset.version,
        "title": _text(dataset.title),
        "area": dataset.area,
        "subsystem": dataset.subsystem,
        "steward": dataset.steward,
        "senders": list(dataset.senders),
        "key": list(dataset.key),
        "person": dataset.person,
        "event_date": dataset.event_date,
        "benchmark": dataset.benchmark,
        "frequency": dataset.frequency,
        "share": dataset.share,
        "open": dataset.open,
        "legal_basis": _text(dataset.legal_basis) if dataset.legal_basis else None,
        "division": dataset.division._asdict() if dataset.division else None,
        "elements": [_element(element) for element in dataset.elements],
        "rules": [
            {
                "id": rule.id,
                "kind": rule.kind,
                "scope": rule.scope,
                "elements": list(rule.elements),
                "severity": rule.severity,
                "code": rule.code,
                "title": _text(rule.title),
            }
            for rule in dataset.rules
        ],
    }


def _element(element: Element) -> dict[str, Any]:
    found = {
        "name": element.name,
        "title": _text(element.title),
        "type": element.type,
        "standard": element.standard,
        "values": element.values,
        "role": element.role,
        "grade": element.grade,
        "required": element.required,
        "pattern": element.pattern,
        "min_length": element.min_length,
        "max_length": element.max_length,
        "minimum": element.minimum,
        "maximum": element.maximum,
        "aliases": list(element.aliases) or None,
        "accepts": list(element.accepts) or None,
        "missing": list(element.missing) or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
