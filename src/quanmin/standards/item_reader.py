"""Reads `items.toml`: the items of the population base, who states them, and what decides between different statements."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path

from quanmin.standards.dataset import Dataset
from quanmin.standards.element import TYPES
from quanmin.standards.errors import (
    DuplicateName,
    UnknownElement,
    UnknownKey,
    UnknownName,
    UnknownType,
    UnknownValueSet,
    WrongShape,
)
from quanmin.standards.item import GROUPS, Claim, Confirmation, Item
from quanmin.standards.source import Source, Table
from quanmin.standards.value_set import ValueSet


def read_items(root: Path, datasets: Mapping[str, Dataset], value_sets: Mapping[str, ValueSet]) -> tuple[Item, ...]:
    """The items in the order of the file; none if there is no file."""
    path = root / "items.toml"
    if not path.exists():
        return ()
    source = Source(path, root)
    source.allow("item")
    for key in source.top.data:
        raise UnknownKey(file=source.name, line=source.line("", 0, key), key=key)
    items: dict[str, Item] = {}
    for table in source.tables("item"):
        item = _item(table, datasets, items)
        if item.values is not None and item.values not in value_sets:
            raise table.error(UnknownValueSet, "values", word=item.values)
        _check_levels(table, item, value_sets)
        items[item.id] = item
    return tuple(items.values())


def _item(table: Table, datasets: Mapping[str, Dataset], items: Container[str]) -> Item:
    claims = tuple(_claim(table, "sources", text, datasets) for text in table.texts("sources"))
    if not claims:
        raise table.error(WrongShape, "sources", expected="a list of dataset/element, the authority's first")
    name = table.take("id", str)
    if name in items:
        raise table.error(DuplicateName, "id", word=name)
    item = Item(
        id=name,
        group=table.word("group", GROUPS),
        title=table.text("title"),
        type=table.word("type", TYPES, kind=UnknownType),
        authority=claims[0].dataset,
        sources=claims,
        values=table.take("values", str, None),
        levels=tuple(tuple(level.split()) for level in table.texts("levels")),
        ended=tuple(_end(table, text, datasets, claims) for text in table.texts("ended")),
        confirmed=tuple(_confirmation(table, text, items, claims) for text in table.texts("confirmed")),
    )
    table.done()
    return item


def _claim(table: Table, key: str, text: str, datasets: Mapping[str, Dataset]) -> Claim:
    """A claim written `dataset/element`."""
    dataset, _, element = text.partition("/")
    if dataset not in datasets:
        raise table.error(UnknownName, key, word=dataset)
    if element not in {known.name for known in datasets[dataset].elements}:
        raise table.error(UnknownElement, key, word=element)
    return Claim(dataset, element)


def _end(table: Table, text: str, datasets: Mapping[str, Dataset], claims: tuple[Claim, ...]) -> Claim:
    """The element of a source that dates the end of what its rows tell."""
    end = _claim(table, "ended", text, datasets)
    if end.dataset not in {claim.dataset for claim in claims}:
        raise table.error(UnknownName, "ended", word=end.dataset)
    if datasets[end.dataset].element(end.element).type != "date":
        raise table.error(WrongShape, "ended", expected="a list of dataset/element, each a date")
    return end


def _confirmation(table: Table, text: str, items: Container[str], claims: tuple[Claim, ...]) -> Confirmation:
    """A source written with the item (one that stands before) by which the benchmark confirms it: `dataset/item`."""
    dataset, _, item = text.partition("/")
    if dataset not in {claim.dataset for claim in claims}:
        raise table.error(UnknownName, "confirmed", word=dataset)
    if item not in items:
        raise table.error(UnknownName, "confirmed", word=item)
    return Confirmation(dataset, item)


def _check_levels(table: Table, item: Item, value_sets: Mapping[str, ValueSet]) -> None:
    """Every code of the item's value set must belong to a level."""
    codes = value_sets[item.values].codes if item.values is not None else ()
    beginnings = tuple(beginning for level in item.levels for beginning in level)
    if item.levels and not (codes and all(code.startswith(beginnings) for code in codes)):
        raise table.error(WrongShape, "levels", expected="the beginnings of every code in `values`, level by level")
