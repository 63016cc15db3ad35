"""Cohen's kappa against figures worked out by hand, and of a queue."""

from __future__ import annotations

from typing import Any

import pytest

from quanmin.population.review.agreement import SOURCE, kappa, statistics


def pairs(table: list[list[int]]) -> list[tuple[str, str]]:
    """Pairs of answers from a square table of counts."""
    return [(str(a), str(b)) for a, row in enumerate(table) for b, count in enumerate(row) for _ in range(count)]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([[20, 5], [10, 15]], 0.4),  # observed 0.7, by chance 0.5
        ([[45, 15], [25, 15]], 0.13043478260869565),  # observed 0.6, by chance 0.54
        ([[10, 0], [0, 10]], 1.0),
        ([[0, 10], [10, 0]], -1.0),
        ([[44, 5, 1], [7, 20, 3], [9, 5, 6]], 0.4915254237288136),  # observed 0.7, by chance 0.41
    ],
)
def test_kappa(table: list[list[int]], expected: float) -> None:
    assert kappa(pairs(table)) == pytest.approx(expected, abs=1e-12)


def test_kappa_says_nothing_where_nothing_can_be_said() -> None:
    assert kappa([]) is None
    assert kappa([("same", "same")] * 5) is None


def test_the_figures_of_a_queue(queued: Any, sampling: Any) -> None:
    queued.decide(queued.one("contested"))
    sampling(True)
    first, second = (one["review"] for one in queued.items("double"))
    queued.decide(first, "same")
    queued.decide(first, "different", "second")
    queued.decide(second, "different")
    queued.decide(second, "different", "second")
    by_kind = {one.about: one for one in statistics(queued.lake)}
    assert by_kind["double"].states == {
        "open": 0,
        "decided": 0,
        "confirmed": 0,
        "disputed": 1,
        "closed": 1,
        "lapsed": 0,
    }
    assert (by_kind["double"].pairs, by_kind["double"].agreement, by_kind["double"].kappa) == (2, 0.5, 0.0)
    assert by_kind["contested"].answers == {"same": 1, "different": 0, "unsure": 0}
    assert (by_kind[None].states["closed"], by_kind[None].pairs, by_kind[None].source) == (2, 2, SOURCE)


def test_who_was_unsure_is_no_measure_of_agreement(queued: Any) -> None:
    review = queued.one("contested")
    queued.decide(review, "unsure")
    queued.decide(review, "same", "second")
    assert {one.pairs for one in statistics(queued.lake)} == {0}
