"""Mondrian: classes split at the median of their widest quasi-identifier as long as both halves hold the rule.

Local recoding (LeFevre, DeWitt, Ramakrishnan 2006, ICDE). Numbers and dates are split anywhere and told as ranges; a column with
a hierarchy is split between the children of the lowest label that covers the class, which stand side by side. All classes of a
round are split at once. Nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from quanmin.opendata.microdata.coding import Coded
from quanmin.opendata.microdata.errors import NothingHolds, RecipeInvalid
from quanmin.opendata.microdata.grouping import Codes, dense, totals
from quanmin.opendata.microdata.hierarchy import ALL, Ladder
from quanmin.opendata.microdata.plan import Plan
from quanmin.opendata.microdata.rule import Cells, Mask, distances, judged
from quanmin.text import Text

Floats = NDArray[np.float64]
Told = tuple[Codes, list[str | None]]
CUTS = 2
"""At either end of the child in which the median lies."""


@dataclass(frozen=True)
class Split:
    """The class of each tuple, and of each column the label of each class with the labels; `loss` is NCP."""

    classes: Codes
    count: int
    told: tuple[Told, ...]
    loss: float
    rounds: int


def split(coded: Coded, plan: Plan) -> Split:
    """Split until nothing can be. Raises NothingHolds if the whole table does not hold the rule, RecipeInvalid for k-map."""
    if coded.population is not None:
        raise RecipeInvalid(reason=Text("k-map 只用于全域泛化", "k-map is for full-domain generalisation only"))
    state = _State(coded, plan)
    if state.fails(np.zeros(coded.count, np.int32), 1).any():
        raise NothingHolds(limit="0.0%", least=coded.total, rows=coded.total)
    rounds = 0
    while state.round():
        rounds += 1
    told, losses = zip(*(state.told(n) for n in range(len(coded.ladders))), strict=True)
    rows = totals(state.classes, state.count, coded.rows)
    loss = float(sum(rows @ own for own in losses)) / (coded.total * len(losses))
    return Split(state.classes, state.count, told, loss, rounds)


@dataclass
class _State:
    """The class of each tuple; of each class and column the span of leaves, its loss, and how many cuts broke the rule."""

    coded: Coded
    plan: Plan
    classes: Codes = field(init=False)
    count: int = 1

    def __post_init__(self) -> None:
        shape = (1, len(self.coded.ladders))
        self.classes = np.zeros(self.coded.count, np.int32)
        self.tried = np.zeros(shape, np.int8)
        self.low, self.high, self.width = np.zeros(shape, np.int32), np.zeros(shape, np.int32), np.zeros(shape)
        self.children = [_children(ladder) for ladder in self.coded.ladders]
        self._measure(np.ones(1, np.bool_))

    def fails(self, classes: Codes, count: int) -> Mask:
        """Which classes break the rule; the whole is the table, for nothing is left out."""
        plan = replace(self.plan, closeness=None)
        found = judged(self.coded, plan, classes, count, self.coded.total).fails
        if self.plan.closeness is not None:
            cells = [Cells.of(tally, classes, count) for tally in self.coded.values]
            with np.errstate(invalid="ignore"):  # a number without a class has no distribution
                for distance in distances(cells, self.plan, np.ones(count, np.bool_)):
                    found = found | (distance > self.plan.closeness)
        return found

    def round(self) -> bool:
        """Try the next cut of every class; whether any class still had one."""
        widths = np.where(self.tried >= CUTS, 0.0, self.width)
        chosen = widths.argmax(axis=1)
        active = widths.max(axis=1) > 0.0
        if not active.any():
            return False
        right = np.zeros(self.coded.count, np.bool_)
        for n in range(len(self.coded.ladders)):
            mine = active & (chosen == n)
            if mine.any():
                self._cut(n, mine, right)
        proposed = self.classes * 2 + right
        both = totals(proposed, 2 * self.count).reshape(-1, 2).min(axis=1) > 0
        broken = self.fails(proposed, 2 * self.count).reshape(-1, 2).any(axis=1)
        good = active & both & ~broken
        self.tried[active & ~good, chosen[active & ~good]] += 1
        self._take(proposed, good)
        return True

    def _take(self, proposed: Codes, good: Mask) -> None:
        """Split the classes that may be."""
        if not good.any():
            return
        merged = np.where(good[self.classes], proposed, self.classes * 2)
        used = np.zeros(2 * self.count, np.bool_)
        used[merged] = True
        parents = np.repeat(np.arange(self.count), 2)[used]
        fresh = good[parents]
        self.tried = np.where(fresh[:, None], np.int8(0), self.tried[parents])
        self.low, self.high, self.width = self.low[parents], self.high[parents], self.width[parents]
        self.classes, self.count = dense(merged, 2 * self.count)
        self._measure(fresh)

    def _measure(self, fresh: Mask) -> None:
        """The lowest and highest leaf of these classes in each column, and the loss of the label."""
        inside = np.flatnonzero(fresh[self.classes])
        groups = self.classes[inside]
        for n, ladder in enumerate(self.coded.ladders):
            low, high = np.full(self.count, ladder.leaves, np.int32), np.zeros(self.count, np.int32)
            np.minimum.at(low, groups, self.coded.codes[n][inside])
            np.maximum.at(high, groups, self.coded.codes[n][inside])
            self.low[fresh, n], self.high[fresh, n] = low[fresh], high[fresh]
            self.width[fresh, n] = _loss(ladder, low[fresh], high[fresh])

    def _cut(self, column: int, mine: Mask, right: Mask) -> None:
        """Mark the tuples right of the cut, in the classes of `mine`."""
        codes = self.coded.codes[column]
        low, high = self.low[:, column], self.high[:, column]
        inside = np.flatnonzero(mine[self.classes])
        groups, own = self.classes[inside], codes[inside]
        middle = self._median(groups, own, self.coded.rows[inside])
        start, stop = self._child(column, middle)
        first = self.tried[:, column] == 0
        last = np.where((first & (stop < high)) | (start <= low), stop, start - 1)
        right[inside] = own > last[groups]

    def _median(self, groups: Codes, codes: Codes, rows: NDArray[np.int64]) -> Codes:
        """The leaf in which half of a class's rows are reached."""
        order = np.argsort(groups.astype(np.int64) * (int(codes.max()) + 1) + codes)
        sums, own = np.cumsum(rows[order]), groups[order]
        ends = np.cumsum(totals(groups, self.count, rows))
        sizes = totals(groups, self.count, rows)
        place = np.searchsorted(sums, ends - sizes + (sizes + 1) // 2)
        found = np.zeros(self.count, np.int32)
        found[own] = codes[order][np.minimum(place[own], len(order) - 1)]
        return found

    def _child(self, column: int, middle: Codes) -> tuple[Codes, Codes]:
        """First and last leaf of the part in which `middle` lies: itself on a range, else a child of what covers the class."""
        ladder = self.coded.ladders[column]
        if ladder.hierarchy.ranges:
            return middle, middle
        level = np.maximum(cover(ladder, self.low[:, column], self.high[:, column]) - 1, 0)
        starts, stops = self.children[column]
        return starts[level, middle], stops[level, middle]

    def told(self, column: int) -> tuple[Told, Floats]:
        """The label of each class, and its loss."""
        ladder = self.coded.ladders[column]
        spans = self.low[:, column].astype(np.int64) * ladder.leaves + self.high[:, column]
        found, which = np.unique(spans, return_inverse=True)
        words = list(_words(ladder, found // ladder.leaves, found % ladder.leaves))
        place: dict[str | None, int] = {word: n for n, word in enumerate(dict.fromkeys(words))}
        codes = np.array([place[word] for word in words], np.int32)[which]
        return (codes, list(place)), self.width[:, column]


def _words(ladder: Ladder, low: NDArray[np.integer], high: NDArray[np.integer]) -> Iterator[str | None]:
    """The label of each span of leaves."""
    if not ladder.hierarchy.ranges:
        every = [ladder.labels(level) for level in range(ladder.height)]
        for level, leaf in zip(cover(ladder, low, high).tolist(), low.tolist(), strict=True):
            yield every[level][ladder.codes[level][leaf]]
        return
    words = ladder.labels(0)
    for a, b, torn in zip(low.tolist(), high.tolist(), _torn(ladder, low, high).tolist(), strict=True):
        yield ALL if torn else words[a] if a == b else f"{words[a]}..{words[b]}"


def _loss(ladder: Ladder, low: Codes, high: Codes) -> Floats:
    """The loss of each span of leaves, 0 to 1."""
    found: Floats
    if ladder.hierarchy.ranges:
        found = np.where(_torn(ladder, low, high), 1.0, (high - low) / max(ladder.leaves - 1, 1))
    else:
        found = np.stack(ladder.losses)[cover(ladder, low, high), low]
    return found


def cover(ladder: Ladder, low: NDArray[np.integer], high: NDArray[np.integer]) -> NDArray[np.int64]:
    """The lowest level at which two leaves, and so all between them, are one."""
    same = np.stack([codes[low] == codes[high] for codes in ladder.codes])
    found: NDArray[np.int64] = same.argmax(axis=0)
    return found


def _torn(ladder: Ladder, low: NDArray[np.integer], high: NDArray[np.integer]) -> Mask:
    """Whether a range would join NULL with values."""
    found: Mask = (low < high) & (high == ladder.leaves - 1) & ladder.nulls
    return found


def _children(ladder: Ladder) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """For each level and leaf the first and last leaf under the same label."""
    starts, stops = [], []
    for codes in ladder.codes:
        at = np.flatnonzero(np.diff(codes, prepend=-1))
        run = np.searchsorted(at, np.arange(len(codes)), side="right") - 1
        starts.append(at[run])
        stops.append(np.append(at[1:], len(codes))[run] - 1)
    return np.stack(starts).astype(np.int32), np.stack(stops).astype(np.int32)
