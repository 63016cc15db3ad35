"""Rates from what is published: both parts suppressed and rounded first, the rate after (O2)."""

from __future__ import annotations

import pyarrow as pa

from quanmin.opendata.disclosure.errors import RowsUnfit
from quanmin.opendata.disclosure.protect import STAR, Protected
from quanmin.text import Text


def rate(numerator: Protected, denominator: Protected, per: int = 1000) -> pa.Table:
    """A published rate a cell: `numerator`, `denominator` and `rate` (per so many, one decimal), a star where either part is one.

    Both tables have the same dimensions and profile: one base for the whole report. A cell that the numerator lacks has none.
    """
    if numerator.profile != denominator.profile or _levels(numerator) != _levels(denominator):
        raise RowsUnfit(
            column="rate", reason=Text("两表的维度与规则集须相同", "both tables have the same dimensions and profile")
        )
    levels = _levels(denominator)
    counts = {tuple(row[level] for level in levels): row["persons"] for row in numerator.table.to_pylist()}
    zero = "0" if numerator.profile.zeros == "shown" else STAR
    rows = []
    for row in denominator.table.to_pylist():
        labels = {level: row[level] for level in levels}
        above, below = counts.get(tuple(labels.values()), zero), row["persons"]
        hidden = STAR in (above, below) or below == "0"
        told = STAR if hidden else f"{int(above) / int(below) * per:.1f}"
        rows.append({**labels, "numerator": above, "denominator": below, "rate": told})
    return pa.Table.from_pylist(
        rows, pa.schema([(name, pa.string()) for name in [*levels, "numerator", "denominator", "rate"]])
    )


def _levels(one: Protected) -> list[str]:
    return [level for axis in one.cells.axes for level in axis.levels]
