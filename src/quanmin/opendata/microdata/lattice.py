"""The best full-domain generalisation: one level for each column, the least loss of all that hold the rule. Exact.

Every combination of levels is a node. Its loss (NCP) without suppression is a sum over columns, so a lower bound of all nodes is
one outer sum. Classes only merge when a level rises, hence the rows that fail for k or distinct l only grow when it falls:

- a node that loses too many rows takes all finer nodes with it;
- a node that holds raises the bound of all finer nodes: what fails here fails there, and a lost row costs 1.

A dive from the coarsest node finds a good one first; then the coarsest node that may still be better is asked, until there is
none. As fine levels die, tuples are merged to the finest levels that live. (Compare Kohlmayer et al. 2012, "Flash": there nodes
are classified all; here a bound leaves most of them alone.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.typing import NDArray

from quanmin.opendata.microdata.coding import Coded
from quanmin.opendata.microdata.errors import NothingHolds, TooManyCombinations
from quanmin.opendata.microdata.plan import Plan
from quanmin.opendata.microdata.rule import Mask, Verdict, judge

Levels = tuple[int, ...]
Floats = NDArray[np.float64]
Shares = list[Floats]
NODES = 20_000_000
LEAST_GAIN = 1e-12


@dataclass
class Search:
    """The state of a search: `bound` by node (infinite where the rule cannot hold), the best node and its loss."""

    coded: Coded
    plan: Plan
    limit: int
    bound: Floats = field(init=False)
    best: Levels | None = None
    loss: float = np.inf
    checks: int = 0

    def __post_init__(self) -> None:
        self.weights = self._weights()
        self.bound = _outer(self.weights, 0.0)

    @property
    def top(self) -> Levels:
        """The coarsest node."""
        return tuple(size - 1 for size in self.bound.shape)

    def run(self) -> Levels:
        """The best node. Raises NothingHolds if there is none."""
        whole = self.coded
        self._dive()
        while (node := self._next()) is not None:
            self.ask(node)
        if self.best is None:
            lost = judge(self.coded, self.plan, self.top, self.coded.total).lost
            raise NothingHolds(limit=f"{self.plan.suppress:.1%}", least=lost, rows=self.coded.total)
        self.coded = whole
        return self._finest(self.best)

    def _finest(self, node: Levels) -> Levels:
        """Of nodes with the same loss one that generalises less, where a level says no less than the one below."""
        for column, own in enumerate(self.weights):
            while node[column] > 0 and own[node[column]] - own[node[column] - 1] <= LEAST_GAIN:
                finer = (*node[:column], node[column] - 1, *node[column + 1 :])
                verdict = judge(self.coded, self.plan, finer, self.limit)
                if verdict.lost > self.limit or self._loss(finer, verdict) > self.loss + LEAST_GAIN:
                    break
                node = finer
        return node

    def ask(self, node: Levels) -> bool:
        """Look at a node: keep it if it is the best, and tell the finer ones what follows. Whether it may be used."""
        self.checks += 1
        verdict = judge(self.coded, self.plan, node, self.limit)
        below = tuple(slice(0, level + 1) for level in node)
        hard = int(verdict.rows[verdict.hard].sum())
        if hard > self.limit:
            self.bound[below] = np.inf
            return False
        if hard:
            sharper = _outer(self._weights(self._lost(verdict, verdict.hard)), hard / self.coded.total, node)
            np.maximum(self.bound[below], sharper, out=self.bound[below])
        loss = float(self.bound[node]) if verdict.fails is verdict.hard else self._loss(node, verdict)
        self.bound[node] = np.inf
        if verdict.lost > self.limit:
            return False
        if loss < self.loss - LEAST_GAIN:
            self.best, self.loss = node, loss
        return True

    def _lost(self, verdict: Verdict, fails: Mask) -> Shares:
        """The rows of each column's codes that are in failing classes."""
        gone = np.flatnonzero(fails[verdict.classes])
        weights = self.coded.weights[gone]
        return [
            np.bincount(codes[gone], weights, ladder.size(level)).astype(np.float64)
            for codes, ladder, level in zip(self.coded.codes, self.coded.ladders, self.coded.base, strict=True)
        ]

    def _loss(self, node: Levels, verdict: Verdict) -> float:
        """The loss of a node, what it loses included."""
        weights = self._weights(self._lost(verdict, verdict.fails))
        return (
            sum(float(own[level]) for own, level in zip(weights, node, strict=True)) + verdict.lost / self.coded.total
        )

    def _weights(self, lost: Shares | None = None) -> list[Floats]:
        """What each column adds to the loss at each level, of the rows that are not lost; 0 below the base."""
        found, scale = [], self.coded.total * len(self.coded.ladders)
        for n, (share, ladder) in enumerate(zip(self.coded.shares, self.coded.ladders, strict=True)):
            kept, start = share if lost is None else share - lost[n], self.coded.base[n]
            own = [float(kept @ self.coded.spread(n, level)) / scale for level in range(start, ladder.height)]
            found.append(np.array([0.0] * start + own))
        return found

    def _dive(self) -> None:
        """From the coarsest node down by the step that gains most, as long as the rule holds."""
        node, open_ = self.top, set(range(len(self.top)))
        if not self.ask(node):
            return
        while open_ := {n for n in open_ if node[n] > 0}:
            column = max(open_, key=lambda n: self.weights[n][node[n]] - self.weights[n][node[n] - 1])
            finer = (*node[:column], node[column] - 1, *node[column + 1 :])
            if np.isfinite(self.bound[finer]) and self.ask(finer):
                node = finer
            else:
                open_.discard(column)

    def _next(self) -> Levels | None:
        """The coarsest node that may be better than the best; the tuples are merged first if that saves much."""
        alive = np.argwhere(self.bound < self.loss - LEAST_GAIN)
        if not len(alive):
            return None
        self._lift(tuple(int(level) for level in alive.min(axis=0)))
        heights = alive.sum(axis=1)
        coarsest = alive[heights == heights.max()]
        bounds = self.bound[tuple(coarsest.T)]
        return tuple(int(level) for level in coarsest[int(bounds.argmin())])

    def _lift(self, floor: Levels) -> None:
        if floor != self.coded.base and all(a >= b for a, b in zip(floor, self.coded.base, strict=True)):
            self.coded = self.coded.lifted(floor)


def _outer(weights: Sequence[Floats], more: float, node: Levels | None = None) -> Floats:
    """The sum of the columns' weights for every node (at or below `node`)."""
    parts = [own if node is None else own[: node[n] + 1] for n, own in enumerate(weights)]
    found = np.full((1,) * len(parts), more)
    for n, own in enumerate(parts):
        found = found + own.reshape([-1 if axis == n else 1 for axis in range(len(parts))])
    return found


@dataclass(frozen=True)
class Found:
    """The best levels, their loss (NCP, 0 to 1), and how many nodes were looked at."""

    levels: Levels
    loss: float
    checks: int


def search(coded: Coded, plan: Plan) -> Found:
    """The best levels. Raises NothingHolds, TooManyCombinations."""
    nodes = prod(ladder.height for ladder in coded.ladders)
    if nodes > NODES:
        raise TooManyCombinations(count=nodes, limit=NODES)
    limit = int(plan.suppress * coded.total + 1e-9)
    found = Search(coded, plan, limit)
    return Found(found.run(), found.loss, found.checks)
