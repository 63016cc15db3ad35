"""Which classes break the rule: k by distinct persons, l-diversity, t-closeness.

- k-anonymity (Samarati and Sweeney 1998): a class holds at least k persons; k-map: at least k people of the population are in it.
- Distinct and entropy l-diversity (Machanavajjhala et al. 2007, ACM TKDD 1): a class holds at least l values, or the entropy of
  its values is at least log(l). Where persons have several rows, l > 1 also asks that no value is held by all persons of a class.
- t-closeness (Li, Li, Venkatasubramanian 2007, ICDE): the earth mover's distance of a class from the whole release is at most t;
  of equal distance it is half the sum of absolute differences, of ordered values the mean absolute difference of the cumulated
  shares over all values of the release but one.

The whole is the release itself: after classes were left out, the distances of the rest are taken anew, until nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from quanmin.opendata.microdata.coding import Coded, Tally
from quanmin.opendata.microdata.grouping import Codes, Counts, totals
from quanmin.opendata.microdata.plan import Plan

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
CLOSE = 1e-9
CELLS = 1 << 22


@dataclass(frozen=True)
class Cells:
    """The persons of each class and value that occur, of one sensitive column."""

    groups: Codes
    values: Codes
    weights: Counts
    count: int
    size: int

    @classmethod
    def of(cls, tally: Tally, classes: Codes, count: int) -> Cells:
        """Those of a tally."""
        return cls(*tally.by_class(classes, count), count, tally.size)

    def only(self, kept: Mask) -> Cells:
        """Those of the kept classes, which are numbered anew."""
        inside, numbers = kept[self.groups], np.cumsum(kept, dtype=np.int32) - 1
        groups = numbers[self.groups[inside]].astype(np.int32)
        return Cells(groups, self.values[inside], self.weights[inside], int(np.count_nonzero(kept)), self.size)

    def distinct(self) -> Counts:
        """Distinct values of each class."""
        return totals(self.groups, self.count)

    def most(self) -> Counts:
        """Persons with the commonest value of each class."""
        found = np.zeros(self.count, np.int64)
        np.maximum.at(found, self.groups, self.weights)
        return found

    def sums(self) -> Counts:
        """Persons and values of each class."""
        return totals(self.groups, self.count, self.weights)

    def entropy(self) -> Floats:
        """exp of the entropy of each class's values: how many equally frequent values it is worth."""
        share = self.weights / self.sums()[self.groups]
        found: Floats = np.exp(np.bincount(self.groups, weights=-share * np.log(share), minlength=self.count))
        return found

    def distance(self, whole: Floats, ordered: bool) -> Floats:
        """The distance of each class's distribution from `whole`."""
        return self._ordered(whole) if ordered else self._equal(whole)

    def whole(self, kept: Mask) -> Floats:
        """The distribution of the values over the kept classes."""
        inside = kept[self.groups]
        found = np.bincount(self.values[inside], weights=self.weights[inside], minlength=self.size)
        shares: Floats = found / max(found.sum(), 1)
        return shares

    def _equal(self, whole: Floats) -> Floats:
        """Values that a class does not have differ by what the whole has of them."""
        share, all_share = self.weights / self.sums()[self.groups], whole[self.values]
        beyond = np.abs(share - all_share) - all_share
        found: Floats = (np.bincount(self.groups, weights=beyond, minlength=self.count) + whole.sum()) / 2
        return found

    def _ordered(self, whole: Floats) -> Floats:
        found, order = np.zeros(self.count), np.argsort(self.groups, kind="stable")
        groups, values = self.groups[order], self.values[order]
        share = (self.weights / self.sums()[self.groups])[order]
        step = max(CELLS // max(self.size, 1), 1)
        for start in range(0, self.count, step):
            low, high = np.searchsorted(groups, [start, start + step])
            block = np.zeros((min(step, self.count - start), self.size))
            block[groups[low:high] - start, values[low:high]] = share[low:high]
            gaps = np.abs(np.cumsum(block - whole, axis=1))[:, whole > 0]
            found[start : start + step] = gaps.sum(axis=1) / max(gaps.shape[1] - 1, 1)
        return found


@dataclass(frozen=True)
class Verdict:
    """The classes of a node: which occur, which break the rule, and which break what merging classes can only mend (`hard`)."""

    classes: Codes
    count: int
    rows: Counts
    fails: Mask
    hard: Mask

    @cached_property
    def lost(self) -> int:
        """Rows in classes that break the rule."""
        return int(self.rows[self.fails].sum())


def persons(coded: Coded, classes: Codes, count: int) -> Counts:
    """What k is held against: persons of the table, or of the population."""
    if coded.population is not None:
        return totals(classes, count, coded.population)
    return coded.persons(classes, count)


def judge(coded: Coded, plan: Plan, levels: tuple[int, ...], limit: int) -> Verdict:
    """The classes at these levels; beyond `limit` rows in classes that fail for k, the rest is not looked at."""
    classes, count = coded.classes(levels)
    return judged(coded, plan, classes, count, limit)


def judged(coded: Coded, plan: Plan, classes: Codes, count: int, limit: int) -> Verdict:
    """The verdict on given classes."""
    rows = totals(classes, count, coded.weights)
    exists = rows > 0
    alone = coded.population is None and coded.people is None
    hard = exists & ((rows if alone else persons(coded, classes, count)) < plan.k)
    if int(rows[hard].sum()) > limit or not (plan.diversity > 1 or plan.closeness is not None):
        return Verdict(classes, count, rows, hard, hard)
    cells = [Cells.of(tally, classes, count) for tally in coded.values]
    for one in cells if plan.diversity > 1 else ():
        hard = hard | (exists & (one.distinct() < plan.diversity))
    if int(rows[hard].sum()) > limit:
        return Verdict(classes, count, rows, hard, hard)
    fails = hard
    if (
        plan.diversity > 1 and coded.people is not None
    ):  # not hard: two who share no value in two classes may share one in both
        people = coded.persons(classes, count)
        for one in cells:
            fails = fails | (exists & (one.most() >= people))
    if plan.entropy:
        for one in cells:
            fails = fails | (exists & (one.entropy() < plan.diversity - CLOSE))
    if plan.closeness is not None:
        fails = _close(cells, plan, exists & ~fails, rows, limit) | fails
    return Verdict(classes, count, rows, fails, hard)


def _close(cells: list[Cells], plan: Plan, kept: Mask, rows: Counts, limit: int) -> Mask:
    """Leave out what is too far from what is left, until nothing is, or more than `limit` rows are lost: the classes left out."""
    left, whole = kept, int(rows.sum())
    while int(rows[left].sum()) >= whole - limit:
        own = [one.only(left) for one in cells]
        far = np.zeros(int(np.count_nonzero(left)), np.bool_)
        for distance in distances(own, plan, ~far):
            far |= distance > (plan.closeness or 0.0) + CLOSE
        if not far.any():
            break
        left = left.copy()
        left[np.flatnonzero(left)[far]] = False
    return ~left


def distances(cells: list[Cells], plan: Plan, kept: Mask) -> Iterator[Floats]:
    """The distance of each class from the kept ones, for each sensitive column."""
    for name, one in zip(plan.sensitive, cells, strict=True):
        yield one.distance(one.whole(kept), name in plan.ordered)
