"""可信度: how far each source is to be believed about each item, estimated from how the sources agree.

A source states the true value of an item with probability `right`, else one of the other `values - 1` values, each alike
(the one-coin model of Dawid and Skene 1979, "Maximum likelihood estimation of observer error-rates using the EM algorithm",
Applied Statistics 28, with many values). Then the value v of a person weighs

    weight(v) = product over the sources that state v of  right / (1 - right) * (values - 1),

a value that nobody states weighs 1, and the probability of v is its share of all weights. `right` is the fixed point of
"the share of a source's statements that are probably true", started from and drawn to the authority's rank (a beta prior).

Sources are not always independent. Of two that state the same value, the less trusted one counts only so far as it does not
copy the other (Dong, Berti-Equille and Srivastava 2009, "Integrating conflicting data: the role of source dependence",
VLDB): `copied` is the share of its wrong statements that it has in common with the other, beyond what chance explains.

How often a source errs depends on whom it speaks of: a register of residents seldom does, but about people who moved, of
whom the residence permits speak too, often. So everything is estimated for each stratum of people by itself: those of whom
the same source is the most trusted to speak.

When two sources agree against the authority, they are right, or they share an error (an old address, an old employer);
agreement alone cannot tell which. The rank does: all but the most trusted are taken for copies of each other until their
errors are seen to differ.

Where only two sources ever speak, nothing can tell which one errs when they differ: there the rank alone decides, and the
probability is as good as the prior.

Nothing of this needs the people: only which sources agree with which. A person's claims about an item make an agreement
pattern, and there are few thousand patterns in a nation, so that one pass counts them and all iteration is over the counts.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from quanmin.population.plan import Fact, Plan
from quanmin.population.tables import RELIABILITY_SCHEMA

AUTHORITY, OTHERS, STRENGTH = 0.98, 0.95, 50.0
"""The prior: how often the first source of an item is right, how often another is, and how many statements that is worth."""
LEAST, MOST = 0.02, 0.9999
"""Bounds of `right`: nobody is taken for always or never right."""
ROUNDS, CLOSE, COPIES = 100, 1e-7, 3
ALIKE = 20.0
"""The prior of `copied`: so many wrong statements, all in common with another source that is not the authority."""

NOBODY = -1
Pattern = tuple[int, ...]
"""For each claimant the first claimant that states the same value, -1 where it states nothing."""


class Verdict(NamedTuple):
    """What a pattern decides: the most trusted claimant of the winning value (-1: nobody claims), and its probability."""

    winner: int
    probability: float


@dataclass(frozen=True)
class Trusted:
    """The claimants of one item in order of trust: `right` of each, and `copied[j][i]`, what j copies from an earlier i."""

    values: int
    datasets: tuple[str, ...]
    right: tuple[float, ...]
    copied: tuple[tuple[float, ...], ...]
    claims: tuple[int, ...] = ()

    def of(self, datasets: Sequence[str], first: int) -> Trusted:
        """The same for these claimants in their order; one that was never counted is believed by its rank."""
        known = {dataset: place for place, dataset in enumerate(self.datasets)}
        fresh = prior(self.values, datasets, first)
        places = [known.get(dataset) for dataset in datasets]

        def share(copier: int | None, other: int | None) -> float:
            return self.copied[copier][other] if copier is not None and other is not None and other < copier else 0.0

        right = tuple(fresh.right[at] if place is None else self.right[place] for at, place in enumerate(places))
        copied = tuple(tuple(share(place, other) for other in places[:at]) for at, place in enumerate(places))
        claims = tuple(0 if place is None else self.claims[place] for place in places)
        return Trusted(self.values, tuple(datasets), right, copied, claims)

    def weights(self, pattern: Pattern) -> dict[int, float]:
        """The logarithm of the weight of each value, by the first claimant that states it."""
        weights: dict[int, float] = {}
        for place, head in enumerate(pattern):
            if head == NOBODY:
                continue
            own = 1.0
            for other in range(head, place):
                if pattern[other] == head:
                    own *= 1.0 - self.copied[place][other]
            right = self.right[place]
            weights[head] = weights.get(head, 0.0) + own * math.log(right / (1.0 - right) * (self.values - 1))
        return weights

    def chances(self, pattern: Pattern) -> dict[int, float]:
        """The probability of each value that is stated; the rest belongs to values that nobody states."""
        weights = self.weights(pattern)
        top = max([0.0, *weights.values()])
        shares = {head: math.exp(weight - top) for head, weight in weights.items()}
        whole = sum(shares.values()) + max(self.values - len(shares), 0) * math.exp(-top)
        return {head: share / whole for head, share in shares.items()}

    def decide(self, pattern: Pattern) -> Verdict:
        """The most probable value; of equals the one of the most trusted claimant."""
        chances = self.chances(pattern)
        if not chances:
            return Verdict(NOBODY, 0.0)
        winner = min(chances, key=lambda head: (-round(chances[head], 12), head))
        return Verdict(winner, chances[winner])


@dataclass(frozen=True)
class Judges:
    """The claimants of one item: `strata[i]` holds for the people of whom claimant i is the most trusted to speak."""

    strata: tuple[Trusted, ...]

    @property
    def datasets(self) -> tuple[str, ...]:
        """The claimants in order of trust."""
        return self.strata[0].datasets if self.strata else ()

    def of(self, values: int, datasets: Sequence[str]) -> Judges:
        """The same for these claimants in their order."""
        if tuple(datasets) == self.datasets:
            return self
        known = dict(zip(self.datasets, self.strata, strict=True))
        fresh = ranked(values, datasets)
        strata = [
            known[d].of(datasets, place) if d in known else fresh.strata[place] for place, d in enumerate(datasets)
        ]
        return Judges(tuple(strata))

    def decide(self, pattern: Pattern) -> Verdict:
        """The most probable value."""
        first = next((place for place, head in enumerate(pattern) if head != NOBODY), NOBODY)
        return Verdict(NOBODY, 0.0) if first == NOBODY else self.strata[first].decide(pattern)


@dataclass(frozen=True)
class Reliability:
    """The claimants of every item."""

    items: Mapping[str, Judges]

    def of(self, plan: Plan, fact: Fact) -> Judges:
        """The claimants that a plan has."""
        datasets = claimants(plan, fact)
        found = self.items.get(fact.item)
        return ranked(fact.values, datasets) if found is None else found.of(fact.values, datasets)

    @property
    def digest(self) -> str:
        """A short name: another reliability decides otherwise."""
        return hashlib.sha256(repr(sorted(self.items.items())).encode()).hexdigest()[:12]


def claimants(plan: Plan, fact: Fact) -> tuple[str, ...]:
    """The datasets that state an item, the most trusted first; `number` stands for what the citizen number says itself."""
    known = [dataset for dataset in fact.claims if dataset in plan.by_dataset]
    return tuple(dataset for dataset in known if fact.item in plan.by_dataset[dataset].values)


def prior(values: int, datasets: Sequence[str], first: int = 0) -> Trusted:
    """The claimants of an item as their rank alone makes them, for the people of whom `first` is the most trusted to speak."""
    right = tuple(AUTHORITY if place == first else OTHERS for place in range(len(datasets)))
    alike = tuple(tuple(float(other > first) for other in range(place)) for place in range(len(datasets)))
    return Trusted(values, tuple(datasets), right, alike, (0,) * len(datasets))


def ranked(values: int, datasets: Sequence[str]) -> Judges:
    """All strata as the rank alone makes them."""
    return Judges(tuple(prior(values, datasets, first) for first in range(len(datasets))))


def by_rank(plan: Plan) -> Reliability:
    """What is believed before anything was counted."""
    judges = {fact.item: ranked(fact.values, claimants(plan, fact)) for fact in plan.stated}
    return Reliability({item: found for item, found in judges.items() if found.strata})


def estimate(plan: Plan, counts: Mapping[str, Mapping[Pattern, int]]) -> Reliability:
    """The reliability of every source about every item, from the number of people of each pattern."""
    return Reliability({item: judged(judges, counts.get(item, {})) for item, judges in by_rank(plan).items.items()})


def judged(start: Judges, counts: Mapping[Pattern, int]) -> Judges:
    """The fixed point of each stratum."""
    split: list[dict[Pattern, int]] = [{} for _ in start.strata]
    for pattern, people in sorted(counts.items()):  # in one order, so that sums are the same to the last digit
        first = next((place for place, head in enumerate(pattern) if head != NOBODY), NOBODY)
        if first != NOBODY:
            split[first][pattern] = people
    return Judges(tuple(estimated(stratum, part) for stratum, part in zip(start.strata, split, strict=True)))


def estimated(start: Trusted, counts: Mapping[Pattern, int]) -> Trusted:
    """The fixed point for one stratum: who is right, then who copies, and again."""
    found = _settled(start, start, counts)
    for _ in range(COPIES):
        found = _settled(start, _copiers(start, found, counts), counts)
    return found


def _settled(start: Trusted, trusted: Trusted, counts: Mapping[Pattern, int]) -> Trusted:
    """Iterate `right` until it stays."""
    claims, prior_right = np.zeros(len(start.right)), np.array(start.right)
    for pattern, people in counts.items():
        claims += people * (np.array(pattern) != NOBODY)
    for _ in range(ROUNDS):
        correct = STRENGTH * prior_right
        for pattern, people in counts.items():
            chances = trusted.chances(pattern)
            correct += people * np.array([chances.get(head, 0.0) for head in pattern])
        right = np.clip(correct / (STRENGTH + claims), LEAST, MOST)
        moved = float(np.abs(right - np.array(trusted.right)).max(initial=0.0))
        counted = tuple(int(number) for number in claims)
        trusted = Trusted(trusted.values, trusted.datasets, tuple(map(float, right)), trusted.copied, counted)
        if moved < CLOSE:
            break
    return trusted


def _copiers(start: Trusted, trusted: Trusted, counts: Mapping[Pattern, int]) -> Trusted:
    """What each claimant copies from earlier ones: wrong statements in common, beyond chance, over its wrong statements."""
    size = len(trusted.right)
    common, both, wrong = (np.zeros((size, size)) for _ in range(3))
    for pattern, people in counts.items():
        chances = trusted.chances(pattern)
        for place in range(size):
            for other in range(place):
                if NOBODY in (pattern[place], pattern[other]):
                    continue
                both[place, other] += people
                mistaken = people * (1.0 - chances[pattern[place]])
                wrong[place, other] += mistaken
                if pattern[place] == pattern[other]:
                    common[place, other] += mistaken
    copied = []
    for place in range(size):
        row = []
        for other in range(place):
            expected = (
                both[place, other] * (1 - trusted.right[place]) * (1 - trusted.right[other]) / (trusted.values - 1)
            )
            beyond = common[place, other] - expected + ALIKE * start.copied[place][other]
            row.append(min(max(beyond / (wrong[place, other] + ALIKE), 0.0), 1.0))
        copied.append(tuple(map(float, row)))
    return Trusted(trusted.values, trusted.datasets, trusted.right, tuple(copied), trusted.claims)


def to_table(reliability: Reliability) -> pa.Table:
    """One row a stratum and source (`other` is null), and one a copier and the source it copies (`right` is null)."""
    rows: list[dict[str, object]] = []
    for item, judges in reliability.items.items():
        for first, trusted in enumerate(judges.strata):
            for place, dataset in enumerate(trusted.datasets):
                at = {"item": item, "first": trusted.datasets[first], "dataset": dataset, "rank": place}
                right = {"right": trusted.right[place], "claims": trusted.claims[place]}
                rows.append({**at, "values": trusted.values, **right})
                rows += [
                    {**at, "values": trusted.values, "other": trusted.datasets[other], "copied": share}
                    for other, share in enumerate(trusted.copied[place])
                    if share
                ]
    return pa.Table.from_pylist(rows, RELIABILITY_SCHEMA)


def from_table(table: pa.Table) -> Reliability:
    """What `to_table` wrote."""
    rows = sorted(table.to_pylist(), key=lambda row: (row["item"], row["rank"]))
    strata: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        strata.setdefault((row["item"], row["first"]), []).append(row)
    items: dict[str, Judges] = {}
    for item in dict.fromkeys(row["item"] for row in rows):
        datasets = tuple(dict.fromkeys(row["dataset"] for row in rows if row["item"] == item))
        items[item] = Judges(tuple(_stratum(datasets, strata[item, first]) for first in datasets))
    return Reliability(items)


def _stratum(datasets: tuple[str, ...], rows: list[dict[str, Any]]) -> Trusted:
    own = {row["dataset"]: row for row in rows if row["other"] is None}
    copied = {(row["dataset"], row["other"]): row["copied"] for row in rows if row["other"] is not None}
    return Trusted(
        own[datasets[0]]["values"],
        datasets,
        tuple(own[dataset]["right"] for dataset in datasets),
        tuple(tuple(copied.get((d, o), 0.0) for o in datasets[:place]) for place, d in enumerate(datasets)),
        tuple(own[dataset]["claims"] for dataset in datasets),
    )
