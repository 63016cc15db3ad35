"""A region's population in the years ahead, if rates stay as they are and nobody moves: what would be, not what will."""

from __future__ import annotations

from typing import Any

import numpy as np

from quanmin.programs.vital.demography.fertility import fertility
from quanmin.programs.vital.demography.projection import SEX_RATIO, Step, project
from quanmin.programs.vital.statistic.population import grouped
from quanmin.programs.vital.statistic.tally import FIVE, MOTHERS, Tally

STEPS = 4
"""Of five years each."""


def ahead(tally: Tally) -> list[dict[str, Any]]:
    """A row every five years: `year`, `total`, `young` (0-14), `working` (15-59), `old` (60 and older), and `old_share`.

    Broad ages only, so that no small group is told. Raises NoExposure, AgesShort, NoDenominator.
    """
    women, men = (grouped(tally.end.of(sex), FIVE) for sex in ("2", "1"))
    female, male = tally.tables.get("female"), tally.tables.get("male")
    if female is None or male is None:
        return []
    rates = np.zeros(len(FIVE))
    first = FIVE.index(MOTHERS[0])
    rates[first : first + len(MOTHERS)] = fertility(tally.mothers(), tally.women()).rates
    boys, girls = tally.of_sexes
    step = Step(female, male, rates, boys / girls if boys and girls else SEX_RATIO)
    found = project(women, men, [step] * STEPS)
    rows = []
    for number, people in enumerate(found.female + found.male):
        parts = [float(people[begin:end].sum()) for begin, end in ((0, 3), (3, 12), (12, None))]
        total = sum(parts)
        told = dict(zip(("young", "working", "old"), [round(one) for one in parts], strict=True))
        share = parts[2] / total if total else None
        rows.append({"year": tally.last + 1 + 5 * number, "total": round(total), **told, "old_share": share})
    return rows
