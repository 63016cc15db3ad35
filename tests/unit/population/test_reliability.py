"""How far sources are believed: the fixed point against a plain Dawid-Skene, and what is known of the worlds it is shown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from quanmin.population import reliability as subject
from quanmin.population.reliability import NOBODY, Judges, Pattern, Reliability, Trusted

VALUES = 30


class World:
    """People with a true value each, and sources that state it with known reliability; one may copy an earlier one."""

    def __init__(
        self,
        right: list[float],
        people: int = 40_000,
        copies: Mapping[int, tuple[int, float]] | None = None,
        speaks: float = 0.7,
        seed: int = 1,
    ) -> None:
        chance = np.random.default_rng(seed)
        self.truth = chance.integers(0, VALUES, people)
        self.said = np.full((people, len(right)), -1)
        for source, share in enumerate(right):
            wrong = (self.truth + chance.integers(1, VALUES, people)) % VALUES
            value = np.where(chance.random(people) < share, self.truth, wrong)
            if copies and source in copies:
                other, how_often = copies[source]
                value = np.where(
                    (chance.random(people) < how_often) & (self.said[:, other] >= 0), self.said[:, other], value
                )
            self.said[:, source] = np.where(chance.random(people) < speaks, value, -1)
        self.patterns = [pattern_of(row) for row in self.said.tolist()]

    @property
    def counts(self) -> dict[Pattern, int]:
        return dict(Counter(self.patterns))

    def right(self, judges: Judges) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Whether each person's decided value is the true one, and the probability it was given (people somebody spoke of)."""
        verdicts = {pattern: judges.decide(pattern) for pattern in self.counts}
        decided = [(person, verdicts[pattern]) for person, pattern in enumerate(self.patterns)]
        spoken = [(person, verdict) for person, verdict in decided if verdict.winner != NOBODY]
        right = np.array([self.said[person, v.winner] == self.truth[person] for person, v in spoken])
        return right, np.array([v.probability for _, v in spoken])


def pattern_of(claims: list[int]) -> Pattern:
    return tuple(NOBODY if claim < 0 else claims.index(claim) for claim in claims)


def judged(world: World) -> Judges:
    datasets = [f"source_{n}" for n in range(world.said.shape[1])]
    return subject.judged(subject.ranked(VALUES, datasets), world.counts)


def test_known_reliabilities_are_recovered_in_each_stratum() -> None:
    right = [0.9, 0.97, 0.8, 0.95]
    judges = judged(World(right, people=200_000))
    for first, stratum in enumerate(
        judges.strata[:2]
    ):  # two sources alone cannot tell who errs: there the rank decides
        for place in range(first, len(right)):
            assert stratum.right[place] == pytest.approx(right[place], abs=0.02)
    assert judges.strata[0].right == pytest.approx(right, abs=0.004)


def test_it_decides_better_than_rank_and_majority() -> None:
    world = World([0.9, 0.97, 0.8, 0.95])
    right, _ = world.right(judged(world))
    spoken = (world.said >= 0).any(axis=1)
    by_rank = np.array([next((c for c in row if c >= 0), -1) for row in world.said.tolist()]) == world.truth
    majority = np.array(
        [Counter(c for c in row if c >= 0).most_common(1)[0][0] if max(row) >= 0 else -1 for row in world.said.tolist()]
    )
    assert right.mean() > max(by_rank[spoken].mean(), (majority == world.truth)[spoken].mean()) + 0.005


def test_it_says_how_sure_it_is() -> None:
    world = World([0.9, 0.97, 0.8, 0.95], people=400_000, speaks=1.0)
    right, chances = world.right(judged(world))
    for low, high in ((0.5, 0.9), (0.9, 0.99), (0.99, 1.0001)):
        inside = (chances >= low) & (chances < high)
        assert inside.sum() > 200
        assert chances[inside].mean() == pytest.approx(right[inside].mean(), abs=0.02)


def test_a_copy_is_detected_and_counts_for_less() -> None:
    copying = judged(World([0.9, 0.85, 0.85, 0.9, 0.95], copies={2: (1, 0.8)}, people=100_000)).strata[0]
    assert copying.copied[2][1] > 0.5
    independent = [
        share for place, row in enumerate(copying.copied) for other, share in enumerate(row) if (place, other) != (2, 1)
    ]
    assert max(independent) < 0.1
    alone, together = (NOBODY, NOBODY, 2, NOBODY, NOBODY), (NOBODY, 1, 1, NOBODY, NOBODY)
    free = Trusted(VALUES, copying.datasets, copying.right, ((), (0.0,), (0.0, 0.0), (0.0,) * 3, (0.0,) * 4))
    assert copying.chances(alone) == free.chances(alone)
    assert copying.chances(together)[1] < free.chances(together)[1]


def test_the_more_trusted_source_wins_where_agreement_cannot_tell() -> None:
    """Two registers share the old address of everybody who moved; of them a permit speaks too."""
    counts = {(NOBODY, 1, 1): 15_000, (0, 1, 1): 500, (0, 0, 0): 3_500}
    judges = subject.judged(subject.ranked(1000, ["permit", "register", "insurer"]), counts)
    assert judges.decide((0, 1, 1)).winner == 0
    assert judges.decide((NOBODY, 1, 1)).winner == 1


def plain(counts: Mapping[Pattern, int], start: Trusted, rounds: int) -> list[float]:
    """Dawid and Skene person by person, without copies: the reference."""
    people = [pattern for pattern, number in counts.items() for _ in range(number)]
    right = list(start.right)
    for _ in range(rounds):
        correct, claims = [subject.STRENGTH * r for r in start.right], [subject.STRENGTH] * len(right)
        for pattern in people:
            heads = {head for head in pattern if head != NOBODY}
            likely = {}
            for head in heads:
                chance = 1.0
                for place, other in enumerate(pattern):
                    if other != NOBODY:
                        chance *= right[place] if other == head else (1 - right[place]) / (start.values - 1)
                likely[head] = chance
            nobody = math.prod((1 - right[p]) / (start.values - 1) for p, head in enumerate(pattern) if head != NOBODY)
            whole = sum(likely.values()) + (start.values - len(heads)) * nobody
            for place, head in enumerate(pattern):
                if head != NOBODY:
                    correct[place] += likely[head] / whole
                    claims[place] += 1
        right = [min(max(c / n, subject.LEAST), subject.MOST) for c, n in zip(correct, claims, strict=True)]
    return right


def test_the_counts_give_what_every_person_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "ROUNDS", 6)
    monkeypatch.setattr(subject, "CLOSE", -1.0)
    world = World([0.9, 0.8, 0.95], people=800)
    start = Trusted(VALUES, ("a", "b", "c"), (0.98, 0.95, 0.95), ((), (0.0,), (0.0, 0.0)), (0, 0, 0))
    found = subject._settled(start, start, world.counts)
    assert found.right == pytest.approx(plain(world.counts, start, 6), abs=1e-9)


def test_without_records_the_rank_decides() -> None:
    judges = subject.ranked(VALUES, ["a", "b", "c"])
    assert judges.decide((0, 1, 1)).winner == 0
    assert judges.decide((NOBODY, NOBODY, NOBODY)) == (NOBODY, 0.0)
    assert subject.judged(judges, {}).strata[0].right == pytest.approx((0.98, 0.95, 0.95))


def test_chances_are_shares_of_a_whole() -> None:
    trusted = judged(World([0.9, 0.8, 0.7])).strata[0]
    for pattern in ((0, 0, 0), (0, 1, 1), (0, 1, 2), (0, NOBODY, 2)):
        chances = trusted.chances(pattern)
        assert 0 < sum(chances.values()) <= 1 and set(chances) == set(pattern) - {NOBODY}
    assert trusted.chances((0, 0, 0))[0] > trusted.chances((0, 0, NOBODY))[0] > trusted.chances((0, NOBODY, NOBODY))[0]


def test_a_table_of_it_gives_the_same_back() -> None:
    made = Reliability(
        {"place": judged(World([0.9, 0.8, 0.95], copies={2: (1, 0.9)})), "day": subject.ranked(1000, ["x"])}
    )
    again = subject.from_table(subject.to_table(made))
    assert again == made and again.digest == made.digest
    assert Reliability({"day": subject.ranked(1000, ["x"])}).digest != made.digest


def test_other_claimants_are_taken_over_by_name() -> None:
    judges = judged(World([0.9, 0.8, 0.95]))
    fewer = judges.of(VALUES, ["source_2", "new", "source_0"])
    assert fewer.datasets == ("source_2", "new", "source_0")
    assert fewer.strata[0].right == (judges.strata[2].right[2], subject.OTHERS, judges.strata[2].right[0])
    assert fewer.strata[1] == subject.prior(VALUES, ["source_2", "new", "source_0"], 1)
    assert judges.of(VALUES, judges.datasets) is judges
