"""The conformance test of rows: text in, typed values and broken rules out.

`check_chunk` is the fast one, over columns; `check_row` the plain one, over one row; generated tests hold them together. Rules of
scope batch and dataset need more rows than a chunk has: whoever has the batch asks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.dataset import Dataset
from quanmin.standards.identity import citizen_number
from quanmin.standards.reading import read_columns
from quanmin.standards.rules import ValueSetRule
from quanmin.standards.value import UNREADABLE, parse_value
from quanmin.standards.value_set import ValueSet


class Checked(NamedTuple):
    """What the test of a chunk found, row by row.

    `text` is what was tested and `typed` has a column an element; a text that could not be read is null there. Both hold
    codes as dictionaries, which are cheap to store. `rejected` marks rows that broke a rule of severity reject. `failing`
    has the mask of each rule that failed somewhere. `person_key` is int64, null where the number of the person is unusable,
    and None if the dataset is not about persons.
    """

    text: pa.Table
    typed: pa.Table
    rejected: Mask
    failing: dict[str, Mask]
    person_key: pa.Array | None


class Row(dict[str, Any]):
    """Typed values of one row; `unreadable` names the elements whose text could not be read."""

    unreadable: frozenset[str] = frozenset()
    today: date | None = None


@dataclass(frozen=True)
class RowCheck:
    """What the plain test of a row found: typed values, the ids of broken rules, and the person's key."""

    row: Row
    failing: tuple[str, ...]
    rejected: bool
    person_key: int | None


def check_chunk(dataset: Dataset, text: pa.Table, today: date | None = None) -> Checked:
    """Test a chunk: `text` has a string column an element name; a column that it lacks is missing in every row."""
    columns = read_columns(dataset.elements, text, value_sets_of(dataset), today)
    rejected, failing = columns.none(), {}
    for rule in dataset.rules:
        if rule.scope != "row":
            continue
        mask = rule.mask(columns)
        if mask.any():
            failing[rule.id] = mask
            if rule.severity == "reject":
                rejected |= mask
    typed = pa.table({element.name: columns.compact(element.name) for element in dataset.elements})
    return Checked(_compact(text, columns), typed, rejected, failing, _person_key(dataset, columns))


def check_row(dataset: Dataset, text: Mapping[str, str | None], today: date | None = None) -> RowCheck:
    """Test one row, without cleverness: `text` maps element names to texts."""
    row, unreadable, values = Row(), set(), value_sets_of(dataset)
    for element in dataset.elements:
        value = parse_value(element, text.get(element.name), values.get(element.name))
        row[element.name] = None if value is UNREADABLE else value
        if value is UNREADABLE:
            unreadable.add(element.name)
    row.unreadable, row.today = frozenset(unreadable), today or date.today()
    broken = [rule for rule in dataset.rules if rule.scope == "row" and rule.fails(row)]
    number = row[dataset.person] if dataset.person else None
    key = citizen_number.encode(number) if number else None
    return RowCheck(row, tuple(rule.id for rule in broken), any(rule.severity == "reject" for rule in broken), key)


def value_sets_of(dataset: Dataset) -> dict[str, ValueSet]:
    """The value set of each coded element, as its rule holds it."""
    return {rule.element: rule.values for rule in dataset.rules if isinstance(rule, ValueSetRule)}


def flags_of(checked: Checked, dataset: Dataset, rows: Mask) -> pa.Array:
    """For the chosen rows, the ids of the warn rules they broke, separated by one space; null where none."""
    warned = [
        (rule.id, checked.failing[rule.id][rows])
        for rule in dataset.rules
        if rule.severity == "warn" and rule.id in checked.failing
    ]
    return joined_ids(warned, int(rows.sum()))


def reasons_of(checked: Checked, dataset: Dataset, rows: Mask) -> pa.Array:
    """For the chosen rows, the ids of all rules they broke, separated by one space; null where none."""
    broken = [(rule.id, checked.failing[rule.id][rows]) for rule in dataset.rules if rule.id in checked.failing]
    return joined_ids(broken, int(rows.sum()))


def joined_ids(masks: list[tuple[str, Mask]], rows: int) -> pa.Array:
    """Rule ids of each row, joined; each distinct combination of rules is written once."""
    if not masks or not any(mask.any() for _, mask in masks):
        return pa.nulls(rows, pa.string())
    bits = np.packbits(np.stack([mask for _, mask in masks], axis=1), axis=1)
    distinct, places = np.unique(bits, axis=0, return_inverse=True)
    patterns = np.unpackbits(distinct, axis=1, count=len(masks)).astype(bool)
    texts = [" ".join(masks[place][0] for place in np.flatnonzero(pattern)) or None for pattern in patterns]
    return pa.array(texts, pa.string()).take(pa.array(places.reshape(-1)))


def _compact(text: pa.Table, columns: Columns) -> pa.Table:
    names = text.column_names
    found = [columns.spelled(name) if name in columns else None for name in names]
    arrays = [text.column(name) if one is None else one for name, one in zip(names, found, strict=True)]
    return pa.table(arrays, names=names)


def _person_key(dataset: Dataset, columns: Columns) -> pa.Array | None:
    return None if dataset.person is None else columns.numbers(dataset.person).person_key
