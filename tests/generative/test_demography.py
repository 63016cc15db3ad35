"""Life tables and projections made by arrays beside plain ones made age by age, on whatever rates there may be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.errors import QuanminError
from quanmin.programs.vital.demography import AgeGroups, life_table, life_tables
from quanmin.programs.vital.demography.age import groups
from quanmin.programs.vital.demography.projection import Step, project
from quanmin.programs.vital.demography.separation import Sex

SEXES: tuple[Sex, ...] = ("male", "female", "both")
RATE = st.one_of(st.just(0.0), st.floats(1e-7, 0.05), st.floats(0.05, 3.0))
AGES = st.one_of(
    st.integers(1, 40).map(AgeGroups.complete), st.integers(1, 20).map(lambda groups: AgeGroups.abridged(5 * groups))
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[AgeGroups, list[list[float]], list[Sex]]:
    """Some tables of the same ages; the open group of each has deaths."""
    ages = draw(AGES)
    rates = st.lists(RATE, min_size=len(ages) - 1, max_size=len(ages) - 1)
    rows = draw(st.lists(st.tuples(rates, st.floats(1e-3, 2.0)), min_size=1, max_size=4))
    sexes = draw(st.lists(st.sampled_from(SEXES), min_size=len(rows), max_size=len(rows)))
    return ages, [[*closed, last] for closed, last in rows], sexes


def young(m0: float, sex: Sex) -> tuple[float, float]:
    """a(0) and the a of 1-4 (Preston, Heuveline & Guillot 2001, table 3.3)."""
    if sex == "both":
        (zero, one), (other_zero, other_one) = young(m0, "male"), young(m0, "female")
        return (zero + other_zero) / 2, (one + other_one) / 2
    if sex == "male":
        return (0.330, 1.352) if m0 >= 0.107 else (0.045 + 2.684 * m0, 1.651 - 2.816 * m0)
    return (0.350, 1.361) if m0 >= 0.107 else (0.053 + 2.800 * m0, 1.522 - 1.518 * m0)


def factor(ages: AgeGroups, m: list[float], sex: Sex, place: int) -> float:
    """a(x) of one group."""
    if place == len(m) - 1:
        return 1 / m[place]
    if place == 0:
        return young(m[0], sex)[0]
    if ages.kind == "complete":
        return 0.5
    if place == 1:
        return young(m[0], sex)[1]
    if place < 4:
        return 2.5
    centre = place - 1 if place == len(m) - 2 else place
    before, after = m[centre - 1], m[centre + 1]
    if not before or not after:
        return 2.5
    a = 2.5 - 25 / 12 * (m[place] - math.log(after / before) / 10)
    return a if 0 < a < 5 else 2.5


def plain(ages: AgeGroups, m: list[float], sex: Sex) -> list[dict[str, float]]:
    """The life table, age by age."""
    rows, alive = [], 100_000.0
    for place, rate in enumerate(m):
        a, last = factor(ages, m, sex, place), place == len(m) - 1
        n = math.inf if last else ages.starts[place + 1] - ages.starts[place]
        if last:
            q = 1.0
        elif a * rate > 1:
            a, q = 1 / rate, 1.0
        else:
            q = n * rate / (1 + (n - a) * rate)
        dying = alive * q
        lived = alive * a if last else n * (alive - dying) + a * dying
        rows.append({"ax": a, "qx": q, "lx": alive, "dx": dying, "Lx": lived, "n": n})
        alive -= dying
    for place in range(len(m) - 1, -1, -1):
        row, above = rows[place], rows[place + 1] if place < len(m) - 1 else {"Tx": 0.0, "ex": 0.0}
        row["Tx"] = row["Lx"] + above["Tx"]
        q, n = row["qx"], row["n"]
        row["ex"] = row["ax"] if math.isinf(n) else row["ax"] * q + (n + above["ex"]) * (1 - q)
    return rows


@given(tables())
@settings(max_examples=150, deadline=None)
def test_many_tables_at_once_are_plain_ones(given_: tuple[AgeGroups, list[list[float]], list[Sex]]) -> None:
    ages, rates, sexes = given_
    found = life_tables(ages, rates, sexes)
    for place, (m, sex) in enumerate(zip(rates, sexes, strict=True)):
        for row, expected in zip(found[place].rows, plain(ages, m, sex), strict=True):
            for name in ("ax", "qx", "ex"):
                assert getattr(row, name) == pytest.approx(expected[name], rel=1e-9, abs=1e-12)
            for name in ("lx", "dx", "Lx", "Tx"):
                assert getattr(row, name) == pytest.approx(expected[name], rel=1e-9, abs=1e-7)


@given(tables())
@settings(max_examples=80, deadline=None)
def test_what_holds_in_every_table(given_: tuple[AgeGroups, list[list[float]], list[Sex]]) -> None:
    ages, rates, sexes = given_
    found, m = life_tables(ages, rates, sexes), np.array(rates)
    assert (found.qx >= 0).all() and (found.qx <= 1).all() and (found.ax > 0).all() and (found.ex > 0).all()
    assert (found.ax[:, :-1] <= ages.widths[:-1]).all()
    assert found.dx.sum(axis=1) == pytest.approx(np.full(len(m), 1e5))
    assert found.dx == pytest.approx(found.mx * found.Lx, abs=1e-6)
    assert found.mx == pytest.approx(m)
    reached = found.lx > 1e-3
    assert (found.Tx / np.where(reached, found.lx, 1))[reached] == pytest.approx(found.ex[reached], rel=1e-6)


@given(tables(), st.data())
@settings(max_examples=60, deadline=None)
def test_rates_that_rise_at_one_age_shorten_no_later_life(
    given_: tuple[AgeGroups, list[list[float]], list[Sex]], data: st.DataObject
) -> None:
    """With the middle of groups for a(x), which does not depend on rates: a higher rate never lengthens life."""
    ages, [m, *_], _ = given_
    place = data.draw(st.integers(1 if len(m) > 2 else 0, len(m) - 1))
    higher = [rate + 0.01 if at == place else rate for at, rate in enumerate(m)]
    one, other = (life_table(ages, each, "both", rule="midpoint") for each in (m, higher))
    assert other.ex[place] <= one.ex[place] + 1e-9
    assert other.ex[place + 1 :].tolist() == one.ex[place + 1 :].tolist()


@given(st.lists(st.text(max_size=6) | st.sampled_from(["0", "1", "1-4", "5", "5-9", "10+", "2", "3+"]), max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_ages_are_groups_or_refused_with_a_code(texts: list[str]) -> None:
    try:
        found = groups(texts, range(2, len(texts) + 2))
    except QuanminError as error:
        assert error.code in {f"QM-VITAL-{number:03d}" for number in (60, 62, 63, 64, 65, 73)}
        return
    assert len(found) == len(texts) and found.starts[0] == 0
    assert list(found.starts) == sorted(set(found.starts))


SIZE = 5
NUMBERS = st.lists(st.floats(0, 1000), min_size=SIZE, max_size=SIZE)
MOVES = st.lists(st.floats(-1, 50), min_size=SIZE, max_size=SIZE)
MORTALITY = st.lists(st.floats(1e-4, 0.15), min_size=21, max_size=21)
BEARING = st.lists(st.floats(0, 0.3), min_size=SIZE, max_size=SIZE)


def by_loop(women: list[float], men: list[float], step: Step, width: int) -> tuple[list[float], list[float]]:
    """One step of a projection, cohort by cohort."""
    grown, born = {}, 0.0
    for name, people, table, moves in (
        ("f", women, step.female, step.female_migrants),
        ("m", men, step.male, step.male_migrants),
    ):
        lived = [0.0] * SIZE
        for age, years in zip(table.ages.starts, table.Lx.tolist(), strict=True):
            lived[min(age // width, SIZE - 1)] += years / 100_000
        present = [one + move / 2 for one, move in zip(people, moves, strict=True)]
        ends = [0.0] * SIZE
        for place in range(SIZE - 2):
            ends[place + 1] = present[place] * lived[place + 1] / lived[place]
        ends[-1] += (present[-2] + present[-1]) * lived[-1] / (lived[-2] + lived[-1])
        grown[name] = (ends, moves, lived[0] / width)
    ends, moves, _ = grown["f"]
    for place in range(SIZE):
        born += width * step.rates[place] * (women[place] + ends[place] + moves[place] / 2) / 2
    shares = {"f": 1 / (1 + step.sex_ratio), "m": step.sex_ratio / (1 + step.sex_ratio)}
    for name, (ends, moves, living) in grown.items():
        ends[0] = born * shares[name] * living
        grown[name] = ([one + move / 2 for one, move in zip(ends, moves, strict=True)], moves, living)
    return grown["f"][0], grown["m"][0]


@given(
    st.tuples(NUMBERS, NUMBERS),
    st.tuples(MORTALITY, MORTALITY),
    BEARING,
    st.tuples(MOVES, MOVES),
    st.sampled_from([1, 5]),
)
@settings(max_examples=80, deadline=None)
def test_a_projection_is_what_a_loop_makes_of_it(people: Any, rates: Any, bearing: Any, moves: Any, width: int) -> None:
    ages = AgeGroups.complete(20)
    female, male = (life_table(ages, one) for one in rates)
    rates_of_births = [*bearing[:-1], 0.0]
    step = Step(female, male, rates_of_births, 1.06, moves[0], moves[1])
    women, men = ([one + 2 for one in each] for each in people)  # nobody leaves who is not there
    try:
        found = project(women, men, [step, step], width)
    except QuanminError as error:
        assert error.code == "QM-VITAL-078"
        return
    for number in (1, 2):
        women, men = by_loop(women, men, step, width)
        assert found.female[number] == pytest.approx(women) and found.male[number] == pytest.approx(men)
    assert found.imbalance < 1e-6
