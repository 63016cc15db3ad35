"""The worker: its noise is the declared one, its loss at most the declared one, its accuracy what it says.

Draws are random. Bounds are fixed such that a right worker fails one run in ten thousand at most; that one with half the noise
fails every one of them is tested beside.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from quanmin.opendata.privacy import Query, worker

RARE = 1e-7
BASE = {"epsilon": "0.5", "person": None}
AGES = {"column": "age", "lower": 0, "upper": 120}
QUERIES: dict[str, dict[str, Any]] = {
    "count": {"statistic": "count"},
    "histogram": {"statistic": "histogram", "column": "age", "categories": [str(one) for one in range(50)]},
    "sum": {"statistic": "sum", **AGES},
    "mean": {"statistic": "mean", **AGES},
    "quantile": {"statistic": "quantile", "share": "0.3", **AGES},
}
GAUSS = {"mechanism": "gaussian", "delta": "1e-7"}


def built(name: str, **more: Any) -> tuple[dict[str, Any], worker.Built]:
    plan = Query.of({**BASE, **QUERIES[name], **more}).plan()
    return plan, worker.build(plan)


def halved(plan: dict[str, Any]) -> worker.Built:
    """The mutant: noise for twice the loss."""
    return worker.build({**plan, "epsilon": 2 * plan["epsilon"]})


def laplace(scale: float, at: np.ndarray) -> np.ndarray:
    """The discrete Laplace distribution (Ghosh, Roughgarden and Sundararajan 2012)."""
    ratio = math.exp(-1 / scale)
    return (1 - ratio) / (1 + ratio) * ratio ** np.abs(at)


def gaussian(scale: float, at: np.ndarray) -> np.ndarray:
    """The discrete Gaussian distribution (Canonne, Kamath and Steinke 2020)."""
    wide = np.arange(-int(40 * scale), int(40 * scale) + 1)
    return np.exp(-(at**2) / (2 * scale**2)) / np.exp(-(wide**2) / (2 * scale**2)).sum()


def fits(draws: np.ndarray, density: Any, scale: float) -> bool:
    """Pearson's test against the declared distribution, tails joined where fewer than ten are expected."""
    reach = next(n for n in range(10_000) if density(scale, np.array([n]))[0] * len(draws) < 10)
    inner = np.arange(-reach + 1, reach)
    expected = density(scale, inner) * len(draws)
    tail = (len(draws) - expected.sum()) / 2
    seen = np.array([(draws <= -reach).sum(), *((draws == one).sum() for one in inner), (draws >= reach).sum()])
    expected = np.array([tail, *expected, tail])
    return bool(((seen - expected) ** 2 / expected).sum() < stats.chi2.ppf(1 - RARE, len(expected) - 1))


@pytest.mark.parametrize(("more", "density"), [({}, laplace), (GAUSS, gaussian)], ids=["laplace", "gaussian"])
@pytest.mark.parametrize("name", ["count", "sum"])
def test_the_noise_has_the_declared_distribution_and_half_of_it_is_noticed(
    name: str, more: dict[str, Any], density: Any
) -> None:
    upper = {"upper": 3} if name == "sum" else {}
    plan, right = built(name, **more, **upper)
    found = np.ones(5, np.int64)

    def draws(of: worker.Built) -> np.ndarray:
        return np.array([of.measurement(found) for _ in range(5_000)]) - 5

    assert fits(draws(right), density, right.scales[0])
    assert not fits(draws(halved(plan)), density, right.scales[0])


def test_every_cell_has_noise_of_its_own() -> None:
    _plan, right = built("histogram")
    found = np.zeros(0, np.int64)
    cells = np.array([right.measurement(found) for _ in range(400)])
    assert fits(cells.ravel(), laplace, right.scales[0])
    correlations = np.corrcoef(cells.T)[np.triu_indices(51, 1)]
    assert abs(correlations).max() < stats.norm.ppf(1 - RARE / len(correlations)) / math.sqrt(400)


@pytest.mark.parametrize("name", QUERIES)
def test_the_declared_scale_follows_from_loss_and_sensitivity(name: str) -> None:
    """Written down anew: scale = sensitivity times rows a person, over the loss (Dwork and Roth 2014, theorem 3.6)."""
    _plan, right = built(name, contributions=3)
    width = 120 if name == "sum" else 60 if name == "mean" else 1
    expected = {
        "count": (3 / 0.5,),
        "histogram": (3 / 0.5,),
        "sum": (3 * width / 0.5,),
        "mean": (3 / 0.25, 3 * width / 0.25),
        "quantile": (2 * 3 * 0.7 * right.unit / 0.5,),
    }[name]
    assert right.scales == pytest.approx(expected, rel=1e-6)
    assert right.loss[0] <= 0.5 and right.loss[1] == 0


@pytest.mark.parametrize("name", ["count", "histogram", "sum", "mean"])
def test_the_gaussian_loss_holds_by_the_exact_formula(name: str) -> None:
    """Balle and Wang 2018, theorem 8, for the continuous Gaussian: the conversion from zCDP is an upper bound of it."""
    _plan, right = built(name, contributions=2, **GAUSS)
    far = {"count": 2.0, "histogram": 2.0, "sum": 240.0, "mean": math.sqrt(2) * 2}[name]
    ratio = far / right.scales[0]
    delta = stats.norm.cdf(ratio / 2 - 0.5 / ratio) - math.exp(0.5) * stats.norm.cdf(-ratio / 2 - 0.5 / ratio)
    assert 1e-9 < delta <= 1e-7
    assert right.loss == (pytest.approx(0.5, abs=1e-6), 1e-7) and right.loss[0] <= 0.5


def least_loss(one: np.ndarray, other: np.ndarray) -> float:
    """A lower bound of epsilon from draws of two neighbours: over thresholds, Clopper and Pearson's bounds of the shares."""
    best = 0.0
    for at in np.unique(np.concatenate([one, other])):
        for a, b in (
            (one >= at, other >= at),
            (one <= at, other <= at),
            (other >= at, one >= at),
            (other <= at, one <= at),
        ):
            low = stats.beta.ppf(RARE, a.sum(), len(a) - a.sum() + 1) if a.any() else 0.0
            high = stats.beta.ppf(1 - RARE, b.sum() + 1, len(b) - b.sum()) if not b.all() else 1.0
            best = max(best, math.log(low / high) if low > 0 else 0.0)
    return best


def test_neighbours_cannot_be_told_apart_better_than_declared() -> None:
    """One person with three rows more or less: what eight thousand draws show is below epsilon, and above it for the mutant."""
    plan, right = built("count", epsilon="1", contributions=3, person="person")
    people = pa.table({"person": [*range(10), *[99] * 20]})
    sets = [worker.values(plan, people), worker.values(plan, people.slice(0, 10))]
    assert [len(one) for one in sets] == [13, 10]

    def seen(of: worker.Built) -> float:
        return least_loss(*(np.array([of.measurement(one) for _ in range(8_000)]) for one in sets))

    assert 0.7 < seen(right) <= 1.0
    assert seen(halved(plan)) > 1.0


@pytest.mark.parametrize("name", QUERIES)
def test_neighbours_of_every_statistic_stay_within_the_loss(name: str) -> None:
    plan, right = built(name, epsilon="1", person="person")
    rows = pa.table({"person": list(range(60)), "value": [float(one % 60) for one in range(60)]})
    more = pa.concat_tables([rows, pa.table({"person": [99] * 7, "value": [1e9] * 7})])
    cells = pa.concat_tables([rows, pa.table({"person": [99] * 7, "value": [5.0] * 7})])
    sets = [worker.values(plan, one) for one in (rows, cells if name == "histogram" else more)]
    assert len(sets[1]) - len(sets[0]) == 1
    place = {"histogram": 5, "mean": 1}.get(name)
    for at in [place] if name != "mean" else [0, 1]:
        draws = [[right.measurement(one) for _ in range(1_500)] for one in sets]
        taken = [np.array([one if at is None else one[at] for one in each]) for each in draws]
        assert least_loss(*(one // 10 if name in ("sum", "mean") else one for one in taken)) <= 1.0


@pytest.mark.parametrize(
    ("name", "more"), [*((one, {}) for one in QUERIES), *((one, GAUSS) for one in QUERIES if one != "quantile")]
)
def test_accuracy_holds_in_95_of_100_answers(name: str, more: dict[str, Any]) -> None:
    plan, right = built(name, **more)
    near, runs = worker.accuracy(plan, right), 2_000  # enough to tell 70 % of a Laplace bound from all of it
    found = np.random.default_rng(3).integers(0, 50, 4_000) - plan.get("shift", 0)
    answers = [right.measurement(found) for _ in range(runs)]
    missed = sum(not _near(name, plan, near, found, one) for one in answers)
    assert missed <= stats.binom.ppf(1 - RARE, runs, worker.MISS)
    if name in ("count", "sum"):
        closer = {"each": int(near["each"] * 0.7) - 1}
        assert sum(not _near(name, plan, closer, found, one) for one in answers) > stats.binom.ppf(1 - RARE, runs, 0.05)


def _near(name: str, plan: dict[str, Any], near: dict[str, int], found: np.ndarray, answer: Any) -> bool:
    if name == "count":
        return abs(answer - len(found)) <= near["each"]
    if name == "sum":
        return abs(answer - found.sum()) <= near["each"]
    if name == "histogram":
        return max(abs(np.array(answer[:-1]) - np.bincount(found, minlength=50))) <= near["all"]
    if name == "mean":
        return abs(answer[0] - len(found)) <= near["count"] and abs(answer[1] - found.sum()) <= near["sum"]
    counts = np.bincount(found, minlength=plan["upper"] + 1)
    below = np.cumsum(counts) - counts
    ranks = (0.7 * below - 0.3 * (len(found) - below - counts)).tolist()
    return abs(ranks[answer]) - min(map(abs, ranks)) <= near["rank"]


def test_odd_values_stop_at_the_bounds_or_are_left_out() -> None:
    plan = Query.of({**BASE, **QUERIES["sum"]}).plan()
    odd = [float("nan"), None, float("inf"), -float("inf"), 1e308, -1e308, 3.4, 3.5, 119.9]
    assert worker.values(plan, pa.table({"value": pa.array(odd, pa.float64())})).tolist() == [120, 0, 120, 0, 3, 4, 120]
    for kind in (pa.uint64(), pa.int64(), pa.decimal128(20, 2), pa.float32(), pa.int8()):
        rows = pa.table({"value": pa.array([None, 7, 121], kind)})
        assert worker.values(plan, rows).tolist() == [7, 120]
    greatest = pa.table({"value": pa.array([2**64 - 1], pa.uint64())})
    assert worker.values(plan, greatest).tolist() == [120]


def test_unknown_categories_are_other_and_a_person_counts_once_in_each() -> None:
    given = {"statistic": "histogram", "epsilon": "1", "column": "sex", "categories": ["1", "2"], "contributions": 3}
    plan = Query.of(given).plan()
    rows = pa.table({"person": [1, 1, 1, 2, 2, 3, None], "value": ["1", "1", "x", "2", None, "2", "1"]})
    assert sorted(worker.values(plan, rows).tolist()) == [0, 1, 1, 2, 2]
    numbers = rows.set_column(1, "value", pa.array([1, 1, 7, 2, None, 2, 1]))
    assert sorted(worker.values(plan, numbers).tolist()) == [0, 1, 1, 2, 2]


@pytest.mark.parametrize("name", QUERIES)
def test_no_rows_are_answered_as_any_others(name: str) -> None:
    """Whether there is anybody is nobody's to know without noise: an empty table is no error."""
    for person in (None, "person"):
        plan, right = built(name, person=person)
        rows = pa.table({"person": pa.array([], pa.int64()), "value": pa.array([], pa.float64())})
        right.measurement(worker.values(plan, rows))
