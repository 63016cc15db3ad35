"""What a decision does to a column of Arrow values."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from quanmin.trust.decision import Column
from quanmin.trust.generalisation import coarser, precision
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
    """A date loses its day or month, a region its county or city, a code its last digits; the rest is masked."""
    date, region = precision(column.coarse)
    match column.form:
        case "date" if pa.types.is_temporal(values.type):
            return pc.floor_temporal(values, unit=date)
        case "region":
            kept = pc.utf8_slice_codeunits(values, 0, region)
            return pc.binary_join_element_wise(kept, "0" * (6 - region), "")
        case "code" if column.values is not None:
            table = coarser(column.values)
            text = values.cast(pa.string())
            known = pc.index_in(text, value_set=pa.array(list(table), pa.string()), skip_nulls=True)
            found = pc.take(pa.array(list(table.values()), pa.string()), known)
            return pc.if_else(pc.is_valid(found), found, mask("code", text))
        case _:
            return mask(column.form, values)
