"""A table as distinct tuples of leaf codes with the persons and sensitive values behind each, which is all that a search needs.

A person in several rows counts once in a class. Most persons stand in one tuple only and are a weight of it (`Tally.tuples`);
the others are kept one by one (`Tally.persons`), for only a class can say whether their rows have come together.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.opendata.microdata.errors import MissingColumn, NotCovered, PersonUnknown, ValueUnfit
from quanmin.opendata.microdata.grouping import Codes, Counts, condense, dense, first_rows, group, totals
from quanmin.opendata.microdata.hierarchy import ABSENT, Hierarchy, Ladder, folded
from quanmin.opendata.microdata.plan import Plan
from quanmin.text import Text


@dataclass(frozen=True)
class Tally:
    """Persons by tuple and value (one value, 0, where only persons are counted).

    `tuples`, `values`, `weights`: so many persons with this value in this tuple and nowhere else. `persons`, `places`,
    `held`: a person, a tuple, a value, for whoever has several.
    """

    tuples: Codes
    values: Codes
    weights: Counts
    persons: Codes
    places: Codes
    held: Codes
    size: int

    def by_class(self, classes: Codes, count: int) -> tuple[Codes, Codes, Counts]:
        """(class, value, persons) of each class and value that occur, given the class of each tuple."""
        groups, values, weights = classes[self.tuples], self.values, self.weights
        if len(self.persons):
            own, more, _ = self._extra(classes, count)
            groups, values = np.concatenate([groups, own]), np.concatenate([values, more])
            weights = np.concatenate([weights, np.ones(len(own), np.int64)])
        cells, size = condense([(groups, count), (values, self.size)], len(groups))
        first = first_rows(cells, size)
        return groups[first], values[first], totals(cells, size, weights)

    def count(self, classes: Codes, count: int) -> Counts:
        """Distinct persons of each class; for a tally of one value."""
        found = totals(classes[self.tuples], count, self.weights)
        if len(self.persons):
            own, _, _ = self._extra(classes, count)
            found = found + totals(own, count)
        return found

    def everybody(self) -> int:
        """Distinct persons of the table; for a tally of one value."""
        return int(self.weights.sum()) + len(np.unique(self.persons))

    def _extra(self, classes: Codes, count: int) -> tuple[Codes, Codes, Codes]:
        """(class, value, person) of the persons kept one by one, each once."""
        groups = classes[self.places]
        people = int(self.persons.max()) + 1
        cells, size = condense([(self.persons, people), (groups, count), (self.held, self.size)], len(groups))
        first = first_rows(cells, size)
        return groups[first], self.held[first], self.persons[first]

    def lifted(self, classes: Codes, count: int) -> Tally:
        """The same with classes for tuples."""
        tuples, values, weights = _summed(classes[self.tuples], count, self.values, self.size, self.weights)
        if not len(self.persons):
            return Tally(tuples, values, weights, self.persons, self.places, self.held, self.size)
        places, held, persons = self._extra(classes, count)
        return tallied(persons, places, count, held, self.size, (tuples, values, weights))


def _summed(
    groups: Codes, count: int, values: Codes, size: int, weights: Counts | None = None
) -> tuple[Codes, Codes, Counts]:
    """(group, value, weight) of each group and value that occur."""
    cells, found = condense([(groups, count), (values, size)], len(groups))
    first = first_rows(cells, found)
    return groups[first], values[first], totals(cells, found, weights)


def tallied(
    persons: Codes, places: Codes, count: int, held: Codes, size: int, more: tuple[Codes, Codes, Counts] | None = None
) -> Tally:
    """A tally of distinct (person, tuple, value), with what is summed already."""
    people = int(persons.max(initial=-1)) + 1
    alone = totals(persons, people)[persons] == 1
    groups, values, weights = places[alone], held[alone], np.ones(int(np.count_nonzero(alone)), np.int64)
    if more is not None:
        groups, values = np.concatenate([more[0], groups]), np.concatenate([more[1], values])
        weights = np.concatenate([more[2], weights])
    summed = _summed(groups, count, values, size, weights)
    left, _ = dense(persons[~alone], people)
    return Tally(*summed, left, places[~alone], held[~alone], size)


@dataclass(frozen=True)
class Coded:
    """Distinct tuples: `codes[column][tuple]` at the levels of `base`, `rows` of each, `people` and `values` behind them.

    `people` is None where each row is another person. `population` are the people of the population in each tuple (k-map);
    tuples without a row of the table are of the population alone.
    """

    ladders: tuple[Ladder, ...]
    base: tuple[int, ...]
    codes: tuple[Codes, ...]
    rows: Counts
    people: Tally | None
    values: tuple[Tally, ...]
    population: Counts | None = None

    @property
    def count(self) -> int:
        """How many tuples."""
        return len(self.rows)

    @cached_property
    def total(self) -> int:
        """How many rows."""
        return int(self.rows.sum())

    @property
    def everybody(self) -> int:
        """Distinct persons of the table."""
        return self.total if self.people is None else self.people.everybody()

    def persons(self, classes: Codes, count: int) -> Counts:
        """Distinct persons of each class."""
        return totals(classes, count, self.weights) if self.people is None else self.people.count(classes, count)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """The rows of each tuple, as counting wants them."""
        return self.rows.astype(np.float64)

    @cached_property
    def shares(self) -> tuple[NDArray[np.float64], ...]:
        """The rows of each column's codes."""
        sized = zip(self.codes, self.ladders, self.base, strict=True)
        return tuple(
            np.bincount(own, self.weights, ladder.size(level)).astype(np.float64) for own, ladder, level in sized
        )

    @cached_property
    def _steps(self) -> dict[tuple[int, int], Codes]:
        return {}

    def step(self, column: int, level: int) -> Codes:
        """From a code of a column at its base to that at `level`."""
        if (column, level) not in self._steps:
            codes = self.ladders[column].codes
            found = np.zeros(self.ladders[column].size(self.base[column]), np.int32)
            found[codes[self.base[column]]] = codes[level]
            self._steps[column, level] = found
        return self._steps[column, level]

    @cached_property
    def _kept(self) -> dict[tuple[int, int], Codes]:
        return {}

    def at(self, column: int, level: int) -> Codes:
        """The codes of a column at a level, by tuple."""
        if level == self.base[column]:
            return self.codes[column]
        kept = self._kept.get((column, level))
        if kept is None:
            kept = self.step(column, level)[self.codes[column]]
            if self.count * len(self._kept) < 1 << 26:
                self._kept[column, level] = kept
        return kept

    def classes(self, levels: Sequence[int]) -> tuple[Codes, int]:
        """The class of each tuple at these levels, and a bound on their numbers."""
        sized = [
            (n, level, ladder.size(level)) for n, (level, ladder) in enumerate(zip(levels, self.ladders, strict=True))
        ]
        return group(((self.at(n, level), size) for n, level, size in sized if size > 1), self.count)

    def lifted(self, levels: tuple[int, ...]) -> Coded:
        """The tuples at coarser levels."""
        classes, size = dense(*self.classes(levels))
        first = first_rows(classes, size)
        codes = tuple(self.at(n, level)[first] for n, level in enumerate(levels))
        people = None if self.people is None else self.people.lifted(classes, size)
        values = tuple(tally.lifted(classes, size) for tally in self.values)
        outside = None if self.population is None else totals(classes, size, self.population)
        return Coded(self.ladders, levels, codes, totals(classes, size, self.rows), people, values, outside)

    def spread(self, column: int, level: int) -> NDArray[np.float64]:
        """The loss of each base code of a column at a level, 0 to 1."""
        ladder = self.ladders[column]
        found = np.zeros(ladder.size(self.base[column]))
        found[ladder.codes[self.base[column]]] = ladder.losses[level]
        return found


ORDERED = (pa.types.is_integer, pa.types.is_floating, pa.types.is_temporal)
"""The types of columns that have an order."""


def indices(column: pa.ChunkedArray, name: str) -> tuple[NDArray[np.int32], pa.Array]:
    """A column as places in an array of its distinct values; NULL is one place behind them. Raises ValueUnfit."""
    try:
        column = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
        column = column.unify_dictionaries()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        reason = Text("这种类型没有可比较的值", "values of this type cannot be told apart")
        raise ValueUnfit(element=name, reason=reason) from None
    if column.num_chunks == 0:
        return np.zeros(0, np.int32), pa.array([], column.type.value_type)
    words = column.chunk(0).dictionary
    parts = [_filled(chunk.indices.cast(pa.int32()), len(words)) for chunk in column.chunks]
    return parts[0] if len(parts) == 1 else np.concatenate(parts), words


def _filled(places: pa.Array, null: int) -> NDArray[np.int32]:
    found: NDArray[np.int32] = (pc.fill_null(places, null) if places.null_count else places).to_numpy()
    return found


@dataclass(frozen=True)
class Read:
    """A column read: places in `leaf`, and the leaf of each place (NULL has the last)."""

    ladder: Ladder
    places: Codes
    leaf: Codes


def read(name: str, column: pa.ChunkedArray, hierarchy: Hierarchy) -> Read:
    """A quasi-identifier as leaf codes. Raises NotCovered with how many values, never which."""
    places, words = indices(column, name)
    absent = np.append(words.is_null().to_numpy(zero_copy_only=False), True)
    leaf = np.append(hierarchy.find(words), np.int32(ABSENT))
    leaf[absent] = len(hierarchy.leaves)
    missed = leaf == ABSENT
    used = (
        totals(places, len(leaf))
        if missed.any() or words.null_count or column.null_count
        else np.ones(len(leaf), np.int64)
    )
    nulls = bool((words.null_count or column.null_count) and used[absent].any())
    missed &= used > 0
    if missed.any():
        values, rows = int(np.count_nonzero(missed)), int(used[missed].sum())
        raise NotCovered(element=name, values=values, rows=rows, name=hierarchy.name)
    leaf[leaf == ABSENT] = 0
    return Read(hierarchy.bound(nulls), places, leaf)


def code(table: pa.Table, plan: Plan) -> tuple[Coded, Codes, tuple[Codes, ...]]:
    """A table coded, the tuple of each row, and the code of each row's value in each sensitive column."""
    quasi = table.select(list(plan.quasi))
    if plan.population is not None:
        quasi = pa.concat_tables([quasi, _fitted(plan.population, quasi.schema)])
    ladders, codes, tuples = _tuples(quasi, plan)
    count = len(codes[0])
    population = totals(tuples[table.num_rows :], count) if plan.population is not None else None
    tuples = tuples[: table.num_rows]
    persons = whose(table, plan)
    held = [sensitive(table[name], name, name in plan.ordered) for name in plan.sensitive]
    people = None if persons is None else _tally(persons, tuples, count, np.zeros(len(tuples), np.int32), 1)
    values = tuple(_tally(persons, tuples, count, own, many) for own, many in held)
    base = (0,) * len(ladders)
    coded = Coded(ladders, base, codes, totals(tuples, count), people, values, population)
    return coded, tuples, tuple(own for own, _ in held)


def _tuples(table: pa.Table, plan: Plan) -> tuple[tuple[Ladder, ...], tuple[Codes, ...], Codes]:
    """The quasi-identifiers' hierarchies, the leaf codes of each distinct tuple, and the tuple of each row."""
    with ThreadPoolExecutor(pa.cpu_count()) as pool:
        found = list(pool.map(lambda name: read(name, table[name], plan.quasi[name]), plan.quasi))
    raw, size = condense([(one.places, len(one.leaf)) for one in found], table.num_rows)
    first = first_rows(raw, size)
    leaves = [one.leaf[one.places[first]] for one in found]
    ladders = tuple(one.ladder for one in found)
    groups, count = condense([(leaf, ladder.leaves) for leaf, ladder in zip(leaves, ladders, strict=True)], size)
    heads = first_rows(groups, count)
    same = count == size and np.array_equal(groups, np.arange(size))
    return ladders, tuple(leaf[heads] for leaf in leaves), raw if same else groups[raw]


def _fitted(population: pa.Table, schema: pa.Schema) -> pa.Table:
    """The quasi-identifiers of the population, in the table's types."""
    for name in schema.names:
        if population.column_names.count(name) != 1:
            raise MissingColumn(element=name)
    try:
        return population.select(schema.names).cast(schema)
    except pa.ArrowInvalid:
        reason = Text("总体表中的类型不符", "the population has it in another type")
        raise ValueUnfit(element=", ".join(schema.names), reason=reason) from None


def whose(table: pa.Table, plan: Plan) -> Codes | None:
    """The person of each row as a number; None where each row is another's. Raises PersonUnknown."""
    if plan.person is None:
        return None
    column = table[plan.person]
    if column.null_count:
        raise PersonUnknown(element=plan.person, rows=column.null_count)
    if pa.types.is_integer(column.type):
        ordered = np.sort(column.to_numpy())
        if not (ordered[1:] == ordered[:-1]).any():
            return None
    places, words = indices(column, plan.person)
    return None if len(words) == table.num_rows else places


def sensitive(column: pa.ChunkedArray, name: str, ordered: bool) -> tuple[Codes, int]:
    """The values of a sensitive column as codes (in their order if they have one) and how many; NULL and NaN are one value."""
    if ordered and not any(kind(column.type) for kind in ORDERED):
        raise ValueUnfit(element=name, reason=Text("只有数与日期有顺序", "only numbers and dates have an order"))
    places, words = indices(column, name)
    values = [None if value != value else folded(value) for value in words.to_pylist()] + [None]
    used = totals(places, len(values)) > 0
    kept = {value for value, is_used in zip(values, used, strict=True) if is_used}
    if ordered and None in kept:
        raise ValueUnfit(element=name, reason=Text("有序列不得有空值", "an ordered column has no NULL"))
    ranked = sorted(kept, key=lambda value: (value is not None, str(value)))
    if ordered:
        ranked = [ranked[n] for n in np.argsort(np.array(ranked))]
    place = {value: n for n, value in enumerate(ranked)}
    return np.array([place.get(value, 0) for value in values], np.int32)[places], len(ranked)


def _tally(persons: Codes | None, tuples: Codes, count: int, held: Codes, size: int) -> Tally:
    """The persons of each tuple and value, from those of each row."""
    if persons is None:
        none = np.zeros(0, np.int32)
        return Tally(*_summed(tuples, count, held, size), none, none, none, size)
    people = int(persons.max(initial=-1)) + 1
    cells, found = condense([(persons, people), (tuples, count), (held, size)], len(tuples))
    first = first_rows(cells, found)
    return tallied(persons[first], tuples[first], count, held[first], size)
