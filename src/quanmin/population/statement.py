"""What became of every record: attached to a person, or set aside with a code."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from quanmin.population import frame
from quanmin.population.plan import Plan
from quanmin.population.tables import ATTACHED


def statements(plan: Plan) -> ir.Table:
    """One row per record of any source."""
    return ibis.union(*(_of(plan, index) for index in range(len(plan.sources))), distinct=False)


def _of(plan: Plan, index: int) -> ir.Table:
    rows = ibis.table(frame.matched_schema(plan, plan.sources[index]), name=f"full_{index}")
    outcome = ibis.ifelse(frame.attached(rows), ibis.literal(ATTACHED), rows["match"])
    dataset = ibis.literal(plan.sources[index].dataset)
    return rows.select("person_key", "_batch", "_row", dataset=dataset, outcome=outcome)
