"""Words that repeat (datasets, elements, outcomes, codes) travel through a build as small numbers.

A word of forty bytes in every row costs more than all joins together. Steps write `literal` or `coded`; `spelled` makes the
finished column a dictionary, which a table of the lake stores as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from quanmin.population.frame import CODES, MATCHES
from quanmin.population.plan import Plan
from quanmin.population.tables import ATTACHED, LINKED

if TYPE_CHECKING:
    import ibis.expr.types as ir

TYPE = "int16"
OUTCOMES: tuple[str, ...] = (ATTACHED, *CODES, LINKED)


def words_of(plan: Plan, column: str) -> tuple[str, ...]:
    """The words that a column of the base may hold, in the order of their numbers."""
    sources = plan.sources
    if column == "outcome":
        return OUTCOMES
    if column == "element":
        named = [element for source in sources for element in source.elements]
        return tuple(dict.fromkeys([*named, *(element for s in sources for _, element in s.told.values())]))
    if column == "code":
        return tuple(
            dict.fromkeys([*CODES, "E08", "E09", "E13", *(code for s in sources for code, _ in s.told.values())])
        )
    return tuple(source.dataset for source in sources)


def literal(plan: Plan, column: str, word: str) -> ir.IntegerScalar:
    """A word as its number."""
    import ibis

    return ibis.literal(words_of(plan, column).index(word), TYPE)


def matched(plan: Plan, column: str, match: ir.Value) -> ir.IntegerValue:
    """The code of a `match` that sets a record aside, as the number of its word."""
    words = words_of(plan, column)
    shift = words.index(CODES[0])
    assert words[shift : shift + len(CODES)] == MATCHES[: len(CODES)]
    number: ir.IntegerValue = (match + shift).cast(TYPE)
    return number


def spelled(numbers: pa.ChunkedArray, words: Sequence[str]) -> pa.DictionaryArray:
    """A column of numbers as its words."""
    merged = numbers.cast(pa.int32()).combine_chunks()
    indices = merged if isinstance(merged, pa.Array) else pa.concat_arrays(merged.chunks)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))
