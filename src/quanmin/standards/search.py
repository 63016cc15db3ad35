"""Searching a catalogue: datasets, elements, value sets, their codes, and regions, by words or codes in either language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from quanmin.standards.contents import Catalogue
from quanmin.standards.dataset import Dataset
from quanmin.standards.element import Element
from quanmin.standards.region import Level, Region, RegionTable
from quanmin.standards.value_set import ValueSet
from quanmin.text import Text


class Place(NamedTuple):
    """An element where it stands."""

    dataset: Dataset
    element: Element


class Code(NamedTuple):
    """A code where it stands."""

    values: ValueSet
    code: str
    title: Text


def datasets(catalogue: Catalogue, text: str = "") -> list[Dataset]:
    """The datasets whose id, title or steward holds the text."""
    return [one for one in catalogue.datasets.values() if _holds(text, (one.id, *one.title, one.steward))]


def elements(catalogue: Catalogue, text: str = "") -> list[Place]:
    """The elements whose name, title, standard identifier, alias or value set holds the text, by name and dataset."""
    every = (Place(dataset, element) for dataset in catalogue.datasets.values() for element in dataset.elements)
    found = [one for one in every if _holds(text, _words(one.element))]
    return sorted(found, key=lambda one: (one.element.name, one.dataset.id))


def value_sets(catalogue: Catalogue, text: str = "") -> list[ValueSet]:
    """The value sets whose name or title holds the text, by name."""
    found = [one for one in catalogue.value_sets.values() if _holds(text, (one.name, *one.title))]
    return sorted(found, key=lambda one: one.name)


def codes(values: ValueSet, text: str = "") -> list[Code]:
    """The codes of a value set that begin with the text, or whose title holds it."""
    begin = _folded(text)
    return [
        Code(values, code, title)
        for code, title in values.codes.items()
        if _folded(code).startswith(begin) or _holds(text, title)
    ]


def regions(table: RegionTable, text: str = "", day: date | None = None, level: Level | None = None) -> list[Region]:
    """The regions whose code begins with the text or whose name holds it; with `day` those that hold then, else all that were."""
    begin = text.strip()
    return [
        row
        for row in table.rows
        if (level is None or row.level == level)
        and (row.code.startswith(begin) or _holds(text, (row.name,)))
        and (day is None or table.on(row.code, day) is row)
    ]


def users(catalogue: Catalogue, values: ValueSet) -> list[Place]:
    """The elements that hold codes of a value set."""
    return [one for one in elements(catalogue) if one.element.values == values.name]


def _words(element: Element) -> Iterator[str]:
    yield from (element.name, *element.title, element.standard or "", element.values or "", *element.aliases)


def _holds(text: str, words: Iterable[str]) -> bool:
    sought = _folded(text)
    return not sought or any(sought in _folded(word) for word in words)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
