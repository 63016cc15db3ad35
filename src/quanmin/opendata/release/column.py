"""A dimension made of its element: the labels of a table's levels, or the values and the hierarchy of a microdata column.

Every value must be covered: an age below the first group, a code outside of its value set or of all groups, a division that was
never valid is an error with the place of the dimension, unless the recipe takes such values for missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from quanmin.opendata import microdata
from quanmin.opendata.microdata import Hierarchy
from quanmin.opendata.microdata.source import CALENDAR
from quanmin.opendata.release.errors import HierarchyUncovered
from quanmin.opendata.release.recipe import Dimension, Level, Recipe
from quanmin.standards import catalogue
from quanmin.trust.column import known

Labels = tuple[str, ...]
Told = Callable[[Any], Labels | None]
"""The labels of a value, one a column; None where it is not covered."""
OLDEST = 130


def columns(one: Dimension, source: str, values: pa.ChunkedArray) -> dict[str, pa.Array]:
    """The columns of a table's dimension as text, from coarse to fine. HierarchyUncovered."""
    places, words = _distinct(values)
    told = _told(one, source)
    labels = [None if word is None else told(word) for word in words]
    missed = sum(word is not None and label is None for word, label in zip(words, labels, strict=True))
    if missed and one.uncovered == "refuse":
        raise HierarchyUncovered(place=one.place, element=one.element, values=missed)
    made = {}
    for position, name in enumerate(one.columns):
        found = pa.array([None if label is None else label[position] for label in labels], pa.string())
        made[name] = found.take(places)
    return made


def covered(one: Dimension, source: str, values: pa.ChunkedArray) -> pa.Array:
    """Which rows have a value that the generalisation covers, or none at all."""
    places, words = _distinct(values)
    told = _told(one, source)
    return pa.array([word is None or told(word) is not None for word in words]).take(places)


def quasi(one: Dimension, source: str, values: pa.ChunkedArray) -> tuple[pa.Array, Hierarchy]:
    """The column of a microdata dimension and its hierarchy. HierarchyUncovered."""
    column = list(columns(one, source, values).values())[-1]
    if one.form == "region":
        codes = [code for code in column.unique().to_pylist() if code is not None]
        return column, microdata.headed(one.name, codes or ["-"], catalogue().regions.parent)
    if one.form in ("age", "year") and not one.bands:
        numbers = column.cast(pa.int64())
        span = pc.min_max(numbers)
        low, high = span["min"].as_py(), span["max"].as_py()
        return numbers, microdata.numbers(low or 0, high or 0, one.widths or (5, 10, 20))
    value_set = _values(one, source)
    if value_set is not None and not one.groups and one.form == "code":
        return column, microdata.codes(value_set)
    return column, microdata.flat(one.name, [word for word in column.unique().to_pylist() if word is not None] or ["-"])


def _distinct(values: pa.ChunkedArray) -> tuple[pa.Array, list[Any]]:
    """A column as places among its distinct values; the last of these is None."""
    coded = values.combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    words = coded.dictionary.to_pylist()
    return pc.fill_null(coded.indices.cast(pa.int64()), len(words)), [*words, None]


def _told(one: Dimension, source: str) -> Told:
    match one.form:
        case "age":
            return lambda day: _banded(_age(day, one.on), one.bands, OLDEST)
        case "year":
            return lambda value: _banded(value.year if isinstance(value, date) else value, one.bands, 9999)
        case "quarter" | "month":
            return lambda day: (CALENDAR[one.form](day),)
        case "region":
            return _divided(one)
        case "code":
            return _coded(one, _values(one, source))


def _age(day: date, on: date | None) -> int:
    """Whole years on a day; whoever was born on 29 February is a year older on 1 March."""
    assert on is not None  # a recipe without it is refused
    return on.year - day.year - ((on.month, on.day) < (day.month, day.day))


def _banded(number: int, lower: tuple[int, ...], most: int) -> Labels | None:
    if not 0 <= number <= most:
        return None
    if not lower:
        return (str(number),)
    place = sum(number >= each for each in lower) - 1
    if place < 0:
        return None
    if place == len(lower) - 1:
        return (f"{lower[place]}+",)
    first, last = lower[place], lower[place + 1] - 1
    return (str(first) if first == last else f"{first}-{last}",)


def _divided(one: Dimension) -> Told:
    known_regions = catalogue().regions

    def told(code: Any) -> Labels | None:
        sound = known_regions.valid_on(code, one.on) if one.on else known_regions.ever_valid(code)
        if not sound:
            return None
        chain = [code]
        while (above := known_regions.parent(chain[-1])) is not None:
            chain.append(above)
        return tuple(_at(chain, level) for level in one.levels)

    return told


def _at(chain: list[str], level: Level) -> str:
    """The division of a level; a county right below its province is its own city, a city without a county itself."""
    if level == "province":
        return chain[-1]
    city = next((code for code in chain if catalogue().regions.level(code) == "city"), None)
    return chain[0] if level == "county" or city is None else city


def _coded(one: Dimension, value_set: str | None) -> Told:
    if one.groups:
        heading: Mapping[str, str] = {code: name for name, codes in one.groups for code in codes}
        return lambda code: (heading[str(code)],) if str(code) in heading else None
    found = catalogue().value_sets.get(value_set) if value_set else None
    if found is None:
        return lambda code: (str(code).lower() if isinstance(code, bool) else str(code),)
    codes = found.codes
    return lambda code: (str(code),) if str(code) in codes else None


def _values(one: Dimension, source: str) -> str | None:
    about = known(source, one.element)
    return about.values if about is not None else None


def called(recipe: Recipe, name: str) -> Callable[[str], str] | None:
    """What a code of a published column is called (in Chinese, nothing where unknown); None for one that is told in words."""
    one = next((each for each in recipe.dimensions if name in each.columns), None)
    if one is None:
        return None
    if one.form == "region":
        return lambda code: catalogue().regions.name(code, one.on) or ""
    value_set = _values(one, recipe.source)
    found = catalogue().value_sets.get(value_set) if value_set and one.form == "code" and not one.groups else None
    if not found:
        return None
    titles = {code: str(title.zh) for code, title in found.codes.items()}
    return lambda code: titles.get(code, "")
