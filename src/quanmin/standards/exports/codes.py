"""The codes of an element, found through the rule that enforces them."""

from __future__ import annotations

from collections.abc import Mapping

from quanmin.standards.dataset import Dataset
from quanmin.standards.element import Element
from quanmin.standards.value_set import ValueSet
from quanmin.text import Text


def codes_of(dataset: Dataset, element: Element) -> Mapping[str, Text]:
    """Code and titles; empty for an element without a value set."""
    for rule in dataset.rules:
        values = getattr(rule, "values", None)
        if rule.elements[0] == element.name and isinstance(values, ValueSet):
            return values.codes
    return {}
