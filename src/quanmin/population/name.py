"""Names: when do two texts name the same person?

From certain to doubtful: equal after normalisation (width, spaces, interpuncts), equal to the name borne before, equal
once variant characters are folded to one representative. `match` is the reference for one pair; `matches` is the same on
columns and is asked only about the few pairs whose raw texts differ.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from quanmin import standards
from quanmin.standards import kernels

Match = Literal["same", "former", "variant", "other"]


@cache
def _representatives() -> dict[str, str]:
    """Each variant character with the one that stands for it."""
    return {variant.character: variant.representative for variant in standards.variants()}


@cache
def _table() -> dict[int, str]:
    """The same for `str.translate`."""
    return {ord(character): representative for character, representative in _representatives().items()}


def normalised(name: str | None) -> str | None:
    """One name as it is compared."""
    return None if name is None else kernels.normalise_name(name)


def folded(name: str | None) -> str | None:
    """One name with variant characters folded, for the doubtful comparison."""
    return None if name is None else kernels.normalise_name(name).translate(_table())


def match(stated: str, holder: str | None, former: str | None) -> Match:
    """How the name that a record states meets the benchmark's name and former name: the reference."""
    if normalised(stated) == normalised(holder):
        return "same"
    if normalised(stated) == normalised(former):
        return "former"
    if folded(stated) in (folded(holder), folded(former)):
        return "variant"
    return "other"


def matches(stated: pa.Array, holder: pa.Array, former: pa.Array) -> pa.Array:
    """`match` on columns; no stated name may be null."""
    names = [kernels.normalise_names(column) for column in (stated, holder, former)]
    folds = [kernels.fold_variants(column, _representatives()) for column in names]
    same, was = (_equal(names[0], other) for other in names[1:])
    variant = pc.or_(*(_equal(folds[0], other) for other in folds[1:]))
    tests = pa.StructArray.from_arrays([same, was, variant], ["same", "former", "variant"])
    return pc.case_when(tests, "same", "former", "variant", "other")


def _equal(left: pa.Array, right: pa.Array) -> pa.Array:
    """Element-wise equality; a null equals nothing."""
    return pc.fill_null(pc.equal(left, right), False)
