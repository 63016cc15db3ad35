"""The definition of an indicator as a JSON document: every side down to its tables and conditions."""

from __future__ import annotations

from typing import Any

from quanmin.measures.errors import UnknownIndicator
from quanmin.standards import Catalogue
from quanmin.standards.indicator import UNITS, Dimension, Indicators, Measure
from quanmin.text import Text


def definition(catalogue: Catalogue, name: str) -> dict[str, Any]:
    """Everything that defines an indicator; UnknownIndicator if there is none of this id."""
    known = catalogue.indicators
    one = known.indicators.get(name)
    if one is None:
        raise UnknownIndicator(indicator=name)
    words = {
        key: getattr(one, key) for key in ("id", "version", "title", "definition", "notes", "source", "area", "kind")
    }
    numbers = {key: getattr(one, key) for key in ("factor", "direction", "small", "uncertain", "settles", "calendar")}
    unit = {"unit": one.unit, "unit_title": UNITS[one.unit].title, "periods": list(one.periods)}
    sides = [*_sides(known, "numerator", one.numerator), *_sides(known, "denominator", one.denominator)]
    dimensions = [_dimension(known.dimensions[each], each in one.totals) for each in one.dimensions]
    return words | unit | numbers | {"digest": known.digest(name), "sides": sides, "dimensions": dimensions}


def _sides(known: Indicators, side: str, name: str | None) -> list[dict[str, Any]]:
    """The measures over tables of one side."""
    if name is None:
        return []
    return [
        {"side": side, "times": times} | _measure(known.measures[part]) for part, times in known.parts(name).items()
    ]


def _measure(one: Measure) -> dict[str, Any]:
    keys = ("id", "title", "kind", "table", "aggregate", "element", "when", "date", "since", "until", "region")
    return {key: getattr(one, key) for key in keys} | {"age": list(one.age), "by": dict(one.by)}


def _dimension(one: Dimension, totals: bool) -> dict[str, Any]:
    bands = [one.band(place) for place in range(len(one.bands))]
    told = [{"code": each.code, "title": each.title, "when": each.when} for each in one.categories]
    categories = told or [{"code": code, "title": Text(code, code), "when": ""} for code in bands]
    return {"id": one.id, "title": one.title, "totals": totals, "categories": categories}
