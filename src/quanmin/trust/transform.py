"""What a decision does to a column of Arrow values."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from quanmin.trust.decision import Column
from quanmin.trust.mask import mask
from quanmin.trust.pseudonym import Pseudonyms


def transform(column: Column, values: pa.Array, pseudonyms: Pseudonyms) -> pa.Array | None:
    """The values as the reader gets them; None when the column is withheld."""
    match column.outcome:
        case "clear":
            return values
        case "masked":
            return mask(column.form, values)
        case "generalised":
            return generalise(column, values)
        case "pseudonymised":
            return pseudonyms.array(values)
        case "withheld":
            return None


def generalise(column: Column, values: pa.Array) -> pa.Array:
    """A date becomes 1 January of its year, a region its prefecture; what has no coarser form is masked."""
    match column.form:
        case "date" if pa.types.is_temporal(values.type):
            return pc.floor_temporal(values, unit="year")
        case "region":
            return pc.binary_join_element_wise(pc.utf8_slice_codeunits(values, 0, 4), "00", "")
        case _:
            return mask(column.form, values)
