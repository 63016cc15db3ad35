"""The steps of a build as SQL text: compiled once from the Ibis expressions, run for every bucket.

An expression compiles in milliseconds, but there are dozens of them and many buckets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from quanmin.population import discrepancy, frame
from quanmin.population.plan import Plan

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Program:
    """SQL per step; lists run over the plan's sources, the benchmark first."""

    rows: tuple[str, ...]
    dead: str | None
    told: str


def program_of(plan: Plan) -> Program:
    """The program of a plan."""
    return _compiled(repr(plan), _Held(plan))


class _Held:
    """Carries a plan, which holds mappings and cannot be hashed, past the cache's key."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)


@lru_cache(maxsize=16)
def _compiled(_name: str, held: _Held) -> Program:
    plan = held.plan
    every = range(len(plan.sources))

    return Program(
        rows=tuple(sql(frame.projected(plan, i)) for i in every),
        dead=sql(discrepancy.dead(plan)) if plan.death else None,
        told=sql(discrepancy.told(plan)),
    )


def sql(expression: ir.Table) -> str:
    """The expression as text."""
    import ibis

    return str(ibis.to_sql(expression, dialect="duckdb", pretty=False))
