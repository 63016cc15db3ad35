"""Survival curves: against Kaplan and Meier's estimate, a plain form, and whoever looks for single people in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from quanmin.opendata.disclosure import PROFILES, survival
from quanmin.opendata.disclosure.errors import ProfileUnsound, RowsUnfit

STRICT = PROFILES["strict"]


def study(people: int, seed: int = 1, censored: bool = True) -> pa.Table:
    """Times of people who die at random, and leave at random where they may."""
    draw = np.random.default_rng(seed)
    dies = draw.exponential(500, people).astype(int)
    leaves = draw.integers(1, 1_500, people) if censored else np.full(people, 10**6)
    return pa.table({"person": range(people), "time": np.minimum(dies, leaves), "event": dies <= leaves})


def lines(rows: pa.Table, **more: Any) -> list[dict[str, str]]:
    verdict = survival(rows, **more)
    assert verdict.accepted and verdict.table is not None
    return verdict.table.to_pylist()


def test_without_anybody_leaving_it_is_kaplan_and_meier_s_curve() -> None:
    rows = study(600, censored=False)
    curve = ecdf(rows["time"].to_numpy()).sf
    found = lines(rows, until=1_000, every=10, rules="strict")
    assert len(found) > 20 and found[-1]["until"] == "1000"
    for line in found[:-1]:
        assert float(line["survival"]) == pytest.approx(curve.evaluate(int(line["until"])), abs=1e-4)


@pytest.mark.parametrize("rules", PROFILES)
def test_with_people_leaving_it_stays_close_to_it(rules: str) -> None:
    rows = study(3_000)
    times, died = rows["time"].to_numpy(), rows["event"].to_numpy()
    curve = ecdf(CensoredData(uncensored=times[died], right=times[~died])).sf
    for line in lines(rows, until=900, every=30, rules=rules):
        assert float(line["survival"]) == pytest.approx(float(curve.evaluate(int(line["until"]))), abs=0.02)


rows_of = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=200)


@given(rows=rows_of, rules=st.sampled_from([*PROFILES]), every=st.sampled_from([1, 5]))
@settings(max_examples=80, deadline=None)
def test_each_interval_has_enough_and_everybody_is_in_one(rows: list[tuple[int, bool]], rules: str, every: int) -> None:
    """Counted anew from the published times alone."""
    table = pa.table({"person": range(len(rows)), "time": [t for t, _ in rows], "event": [e for _, e in rows]})
    verdict, chosen = survival(table, until=30, every=every, rules=rules), PROFILES[rules]
    deaths = [min(t, 30) for t, e in rows if e and t <= 30]
    leaving = [min(t, 30) for t, e in rows if not e or t > 30]
    if not verdict.accepted:
        assert verdict.table is None and verdict.codes == {"O8.few"}
        assert len(deaths) < chosen.events or 0 < len(leaving) < chosen.smallest
        return
    assert verdict.table is not None
    found, before, at_risk = verdict.table.to_pylist(), 0, None
    died = left = told_died = told_left = 0
    for line in found:
        begin, end = int(line["from"]), int(line["until"])
        assert begin == before and end % every == 0
        within = [sum((t > begin or begin == 0) and t <= end for t in times) for times in (deaths, leaving)]
        assert within[0] >= 10 and (within[1] == 0 or within[1] >= chosen.smallest)
        died, left = died + within[0], left + within[1]
        told_died, told_left = told_died + int(line["events"]), told_left + int(line["censored"])
        expected = [int(chosen.rounded(np.array([one]))[0]) for one in (died, left)]
        assert [told_died, told_left] == expected
        assert at_risk is None or int(line["at_risk"]) == at_risk
        at_risk = int(line["at_risk"]) - int(line["events"]) - int(line["censored"])
        assert 0 <= float(line["survival"]) <= 1
        before = end
    assert before == 30 and at_risk == 0 and died + left == len(rows)


def test_a_single_day_or_the_longest_time_of_a_person_is_not_to_be_seen() -> None:
    """A person more who dies alone on day 777, or is watched for ten years, changes no time of the table."""
    rows = study(500, 2)
    for time, event in ((777, True), (3_650, False), (3_650, True), (0, True)):
        one = pa.table({"person": [9_999], "time": [time], "event": [event]})
        more = pa.concat_tables([rows, one.cast(rows.schema)])
        for found in (lines(rows, until=900, every=90), lines(more, until=900, every=90)):
            assert {int(line["until"]) % 90 for line in found} == {0} and found[-1]["until"] == "900"
    few = survival(study(500, 2).slice(0, 9), until=900)
    assert not few.accepted and few.table is None


def test_groups_with_too_few_events_have_stars_and_there_is_no_total() -> None:
    rows = study(400).append_column("stage", pa.array(["I"] * 390 + ["IV"] * 10))
    verdict = survival(rows, until=900, every=30, groups=["stage"])
    assert verdict.table is not None and verdict.codes == {"O8.few"}
    by = {stage: [one for one in verdict.table.to_pylist() if one["stage"] == stage] for stage in ("I", "IV")}
    assert by["IV"] == [
        {
            "stage": "IV",
            "from": "0",
            "until": "900",
            **dict.fromkeys(("at_risk", "events", "censored", "survival"), "*"),
        }
    ]
    assert len(by["I"]) > 3 and sum(map(len, by.values())) == verdict.table.num_rows
    assert verdict.evidence["withheld"] == 1 and verdict.evidence["fewest_events"] >= 10


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"time": [-1] * 40}, "time"),
        ({"time": [1.5] * 40}, "time"),
        ({"event": [2] * 40}, "event"),
        ({"event": ["yes"] * 40}, "event"),
        ({"person": [1] * 40}, "person"),
    ],
)
def test_rows_that_cannot_be_meant_are_refused(change: dict[str, Any], column: str) -> None:
    good = {"person": list(range(40)), "time": list(range(40)), "event": [True] * 40}
    assert survival(pa.table(good), until=40).accepted
    with pytest.raises(RowsUnfit) as caught:
        survival(pa.table(good | change), until=40)
    assert caught.value.fields["column"] == column


@pytest.mark.parametrize(("until", "every"), [(0, 1), (-5, 1), (10, 0), (10, 3), (10, 20), (10**9, 1)])
def test_a_grid_that_is_none_is_refused(until: int, every: int) -> None:
    with pytest.raises(RowsUnfit):
        survival(study(50), until=until, every=every)


def test_missing_values_are_told_and_an_empty_table_is_refused() -> None:
    rows = pa.table({"person": [*range(40), None], "time": [*range(39), None, 3], "event": [True] * 41})
    found = survival(rows, until=40)
    assert found.accepted and [(one.code, one.count) for one in found.findings] == [("O16.missing", 2)]
    empty = pa.table(
        {"person": pa.array([], pa.int64()), "time": pa.array([], pa.int64()), "event": pa.array([], pa.bool_())}
    )
    assert not survival(empty, until=40).accepted
    assert not survival(empty.append_column("stage", pa.array([], pa.string())), until=40, groups=["stage"]).accepted
    with pytest.raises(RowsUnfit):
        survival(rows, until=40, groups=["stage"])


def test_a_profile_without_events_is_none() -> None:
    from dataclasses import replace

    with pytest.raises(ProfileUnsound):
        replace(STRICT, events=0)
