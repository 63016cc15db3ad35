"""k^m-anonymity of sets, such as the diagnoses of a person: whoever knows up to m items of somebody finds at least k persons.

Terrovitis, Mamoulis, Kalnis 2008, "Privacy-preserving anonymization of set-valued data" (VLDB): items are generalised along
their hierarchy for everybody alike, from single items to combinations of m. Where a heading would only say `*`, the item is left
out. Of the items of a combination that too few share, the one is changed whose change costs least: a heuristic, but k^m holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.opendata.microdata.coding import indices, read
from quanmin.opendata.microdata.errors import (
    MissingColumn,
    PersonUnknown,
    RecipeInvalid,
    TooFewPersons,
    TooManyCombinations,
    UndeclaredColumn,
)
from quanmin.opendata.microdata.grouping import Codes, Counts, condense, first_rows, totals
from quanmin.opendata.microdata.hierarchy import Hierarchy, Ladder
from quanmin.text import Text

GONE = -1
COMBINATIONS = 100_000_000


@dataclass(frozen=True)
class Sets:
    """One row a person with the list of what is told, in order of the lists; `told` is the label of each item, None if left out.

    `loss` is the mean over all items of all persons of (leaves covered - 1) / (leaves - 1), an item left out counts 1.
    """

    table: pa.Table
    told: Mapping[str, str | None]
    persons: int
    k: int
    m: int
    loss: float


def anonymise_sets(table: pa.Table, person: str, item: str, hierarchy: Hierarchy, k: int, m: int) -> Sets:
    """Make every combination of at most `m` items that occurs one of at least `k` persons.

    A row is a person and an item; NULL is no item, a person without items has an empty list. Raises RecipeInvalid,
    UndeclaredColumn, MissingColumn, NotCovered, PersonUnknown, TooFewPersons, TooManyCombinations.
    """
    _check(table, person, item, k, m)
    own, words = indices(table[person], person)
    persons = len(words)
    if persons < k:
        raise TooFewPersons(persons=persons, k=k)
    found = read(item, table[item], hierarchy)
    leaf = found.leaf[found.places]
    stated = leaf < len(hierarchy.leaves)
    cut = _Cut(hierarchy.bound(nulls=False), *_distinct(own[stated], leaf[stated], persons, len(hierarchy.leaves)))
    for size in range(1, m + 1):
        while cut.mend(size, k):
            pass
    labels = cut.labels()
    told = {str(leaf): labels[place] for place, leaf in enumerate(hierarchy.leaves)}
    return Sets(_lists(cut, labels, persons, item), told, persons, k, m, cut.loss())


def _check(table: pa.Table, person: str, item: str, k: int, m: int) -> None:
    if k < 2 or m < 1:
        raise RecipeInvalid(reason=Text("k 至少为 2，m 至少为 1", "k is at least 2, m at least 1"))
    for name in (person, item):
        if table.column_names.count(name) != 1:
            raise MissingColumn(element=name)
    strange = [name for name in table.column_names if name not in (person, item)]
    if strange:
        raise UndeclaredColumn(count=len(strange), element=strange[0])
    if table[person].null_count:
        raise PersonUnknown(element=person, rows=table[person].null_count)


@dataclass
class _Cut:
    """The level at which each leaf is told (GONE: not at all), and each person's leaves, once each."""

    ladder: Ladder
    persons: Codes
    leaves: Codes

    def __post_init__(self) -> None:
        self.levels = np.zeros(self.ladder.leaves, np.int32)
        self.used = totals(self.leaves, self.ladder.leaves)
        sizes = [self.ladder.size(level) for level in range(self.ladder.height)]
        self.offsets = np.cumsum([0, *sizes])
        self.codes, self.losses = np.stack(self.ladder.codes), np.stack(self.ladder.losses)

    @property
    def nodes(self) -> Codes:
        """What each leaf is told as: a number over all labels of all levels, GONE where it is not."""
        everyone = np.arange(self.ladder.leaves)
        node = self.codes[self.levels, everyone] + self.offsets[self.levels]
        return np.where(self.levels == GONE, GONE, node).astype(np.int32)

    def items(self) -> tuple[Codes, Codes]:
        """(person, node) of what is told, each once, by person and node."""
        node = self.nodes[self.leaves]
        kept = node != GONE
        return _distinct(self.persons[kept], node[kept], int(self.persons.max(initial=0)) + 1, int(self.offsets[-1]))

    def mend(self, size: int, k: int) -> bool:
        """Change an item of each combination of `size` that fewer than k share; whether there was any."""
        rare = rare_combinations(*self.items(), size, k)
        changed: set[int] = set()
        costs = {node: self._costs(node)[0] for node in np.unique(rare).tolist()}  # of nodes that are not touched yet
        for combination in rare.tolist():
            if changed.isdisjoint(combination):
                changed |= self._change(min(combination, key=lambda node: (costs[node], node)))
        return len(rare) > 0

    def _below(self, node: int) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.nodes == node
        return found

    def _costs(self, node: int) -> tuple[float, bool]:
        """What the cheaper change of a node costs, and whether that is to generalise it."""
        mine = self._below(node)
        out = float((self.used * (1 - self._now()))[mine].sum())
        level = int(self.levels[mine][0])
        if level + 1 >= self.ladder.height - 1:
            return out, False
        under = self._siblings(mine, level)
        up = float((self.used * (self.losses[level + 1] - self._now()))[under].sum())
        return (up, True) if up <= out else (out, False)

    def _siblings(self, mine: NDArray[np.bool_], level: int) -> NDArray[np.bool_]:
        """The leaves that are told, at a finer level, under the parent of a node."""
        parent = self.codes[level + 1][mine][0]
        found: NDArray[np.bool_] = (self.codes[level + 1] == parent) & (self.levels >= 0) & (self.levels <= level)
        return found

    def _change(self, node: int) -> set[int]:
        """Generalise a node or leave it out; the nodes that were touched."""
        mine = self._below(node)
        level, (_, up) = int(self.levels[mine][0]), self._costs(node)
        touched = self._siblings(mine, level) if up else mine
        before = set(self.nodes[touched].tolist())
        self.levels[touched] = level + 1 if up else GONE
        return before

    def _now(self) -> NDArray[np.float64]:
        """The loss of each leaf as it is told."""
        found: NDArray[np.float64] = self.losses[self.levels, np.arange(self.ladder.leaves)]
        return np.where(self.levels == GONE, 1.0, found)

    def loss(self) -> float:
        """The mean loss of all items."""
        return float((self.used * self._now()).sum() / max(self.used.sum(), 1))

    def labels(self) -> list[str | None]:
        """What each leaf is told as."""
        words = [self.ladder.labels(level) for level in range(self.ladder.height)]
        levels = self.levels.tolist()
        return [None if level == GONE else words[level][self.codes[level, leaf]] for leaf, level in enumerate(levels)]


def _distinct(persons: Codes, values: Codes, many: int, size: int) -> tuple[Codes, Codes]:
    cells, count = condense([(persons, many), (values, size)], len(persons))
    first = first_rows(cells, count)
    return persons[first], values[first]


def rare_combinations(persons: Codes, values: Codes, size: int, k: int) -> NDArray[np.int32]:
    """The combinations of `size` distinct values that occur with fewer than k persons, one a row, the rarest first.

    (person, value) are distinct and in order. Raises TooManyCombinations.
    """
    stop = np.searchsorted(persons, persons, side="right")
    last, trail = np.arange(len(persons)), [values]
    for _ in range(size - 1):
        more = stop[last] - last - 1
        whole = int(more.sum())
        if whole > COMBINATIONS:
            raise TooManyCombinations(count=whole, limit=COMBINATIONS)
        ends = np.cumsum(more)
        step = np.arange(whole) - np.repeat(ends - more, more)
        trail = [np.repeat(one, more) for one in trail]
        last = np.repeat(last, more) + 1 + step
        trail.append(values[last])
    many = int(values.max(initial=-1)) + 1
    cells, count = condense([(one, many) for one in trail], len(last))
    support: Counts = totals(cells, count)
    first = first_rows(cells, count)
    rare = np.flatnonzero(support < k)
    rare = rare[np.argsort(support[rare], kind="stable")]
    return np.stack([one[first[rare]] for one in trail], axis=1) if len(rare) else np.zeros((0, size), np.int32)


def _lists(cut: _Cut, labels: list[str | None], persons: int, item: str) -> pa.Table:
    """The told labels of each person as a list, in order of the lists, so that the order of persons tells nothing."""
    owner, nodes = cut.items()
    word = dict(zip(cut.nodes.tolist(), labels, strict=True))
    lists: list[list[str]] = [[] for _ in range(persons)]
    for person, node in zip(owner.tolist(), nodes.tolist(), strict=True):
        lists[person].append(word[node] or "")
    return pa.table({item: pa.array(sorted(sorted(one) for one in lists), pa.list_(pa.string()))})
