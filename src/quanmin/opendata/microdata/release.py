"""From a table and a recipe to the table that may be opened, with what was measured on it, or to a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.opendata.microdata import lattice, mondrian
from quanmin.opendata.microdata.coding import Coded, code
from quanmin.opendata.microdata.errors import NothingHolds, RecipeInvalid, TooFewPersons
from quanmin.opendata.microdata.grouping import Codes, Counts, condense, first_rows, totals
from quanmin.opendata.microdata.plan import Plan
from quanmin.opendata.microdata.report import LOCAL, Report, measured
from quanmin.opendata.microdata.rule import Mask, Verdict, judge
from quanmin.text import Text

Told = tuple[Codes, list[str | None]]
Method = Literal["lattice", "mondrian"]


@dataclass(frozen=True)
class Anonymised:
    """The table that may be opened, the level of each quasi-identifier (empty for Mondrian), and the report."""

    table: pa.Table
    levels: Mapping[str, int]
    report: Report


@dataclass(frozen=True)
class _Rows:
    """The rows of a table: the tuple of each, and the code of its value in each sensitive column."""

    table: pa.Table
    plan: Plan
    tuples: Codes
    held: tuple[Codes, ...]


def anonymise(table: pa.Table, plan: Plan, method: Method = "lattice") -> Anonymised:
    """The release of `table` by `plan`: every class holds the rule by distinct persons, or an error says why there is none.

    Quasi-identifiers become text columns of labels (dictionaries), sensitive and harmless ones stay, the person column is left
    out. Rows of classes that fail are left out; the others stand in order of their class and sensitive values, so that the
    order of the table tells nothing. Raises IdentifierInRecipe, UndeclaredColumn, MissingColumn, NotCovered,
    PersonUnknown, ValueUnfit, TooFewPersons, NothingHolds, TooManyCombinations, RecipeInvalid.
    """
    plan.check(table)
    coded, tuples, held = code(table, plan)
    persons = coded.everybody if coded.population is None else int(coded.population.sum())
    if not coded.total or persons < plan.k:
        raise TooFewPersons(persons=persons if coded.total else 0, k=plan.k)
    rows = _Rows(table, plan, tuples, held)
    if method == "lattice":
        return _by_lattice(coded, rows)
    if method == "mondrian":
        return _by_mondrian(coded, rows)
    raise RecipeInvalid(reason=Text("没有这种方法", "there is no such method"))


def _by_lattice(coded: Coded, rows: _Rows) -> Anonymised:
    plan = rows.plan
    found = lattice.search(coded, plan)
    node = found.levels
    verdict = judge(coded, plan, node, coded.total)
    kept = (verdict.rows > 0) & ~verdict.fails
    if not kept.any():
        _refuse(coded, plan, verdict)
    levels = dict(zip(plan.quasi, node, strict=True))
    classes = (verdict.classes, verdict.count)
    report = measured(coded, plan, classes, kept, "lattice", levels, found.loss, found.checks)
    first = first_rows(*classes)
    columns = {
        name: (coded.at(n, node[n])[first], coded.ladders[n].labels(node[n])) for n, name in enumerate(plan.quasi)
    }
    return Anonymised(_table(rows, columns, verdict.classes, kept), levels, report)


def _by_mondrian(coded: Coded, rows: _Rows) -> Anonymised:
    plan = rows.plan
    found = mondrian.split(coded, plan)
    kept = np.ones(found.count, np.bool_)
    warnings = () if found.count == 1 else (LOCAL,)
    classes = (found.classes, found.count)
    report = measured(coded, plan, classes, kept, "mondrian", {}, found.loss, found.rounds, warnings)
    columns = dict(zip(plan.quasi, found.told, strict=True))
    return Anonymised(_table(rows, columns, found.classes, kept), {}, report)


def _refuse(coded: Coded, plan: Plan, verdict: Verdict) -> None:
    raise NothingHolds(limit=f"{plan.suppress:.1%}", least=verdict.lost, rows=coded.total)


def _table(rows: _Rows, columns: Mapping[str, Told], classes: Codes, kept: Mask) -> pa.Table:
    """The released rows: `columns` gives the label of each class in each quasi-identifier, `classes` the class of each tuple.

    Classes follow one another, so a quasi-identifier is each class's label, so many times.
    """
    own = classes[rows.tuples]
    sizes = np.where(kept, totals(own, len(kept)), 0)
    others = [name for name in rows.table.column_names if name not in columns and name != rows.plan.person]
    order = _order(own, kept, rows.held) if others else np.zeros(0, np.int64)
    found = {}
    for name in rows.table.column_names:
        if name in columns:
            found[name] = _labels(columns[name], sizes)
        elif name in others:
            found[name] = _plain(rows.table[name], order)
    return pa.table(found)


def _order(classes: Codes, kept: Mask, held: Sequence[Codes]) -> NDArray[np.int64]:
    """The rows of kept classes by class and sensitive values; the same on every machine."""
    inside = np.flatnonzero(kept[classes])
    columns = [(classes[inside], len(kept)), *((own[inside], int(own.max(initial=0)) + 1) for own in held)]
    key, size = condense(columns, len(inside))
    order = np.argsort(key.astype(np.uint16), kind="stable")  # sixteen bits are sorted in linear time
    if size > 1 << 16:
        order = order[np.argsort((key >> 16).astype(np.uint16)[order], kind="stable")]
    return inside[order]


def _labels(told: Told, sizes: Counts) -> pa.Array:
    """A column of the label of each class, as many times as the class has rows; a dictionary without NULL."""
    codes, words = told
    found = np.repeat(codes.astype(np.min_scalar_type(-max(len(words), 1))), sizes)
    known = pa.array([word for word in words if word is not None], pa.string())
    if None not in words:
        return pa.DictionaryArray.from_arrays(pa.array(found), known)
    absent = words.index(None)
    mask = found == absent
    found -= (found > absent).astype(found.dtype)
    return pa.DictionaryArray.from_arrays(pa.array(np.where(mask, 0, found).astype(found.dtype), mask=mask), known)


def _plain(column: pa.ChunkedArray, order: NDArray[np.int64]) -> pa.ChunkedArray:
    """The kept rows of a column; a dictionary is made anew, for it would still hold what was left out."""
    if not pa.types.is_dictionary(column.type):
        return column.take(pa.array(order))
    return column.take(pa.array(order)).cast(column.type.value_type).dictionary_encode()
