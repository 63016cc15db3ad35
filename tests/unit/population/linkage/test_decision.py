"""Attach, review, apart: the bounds, what forbids attaching, and that the columns say what the reference says."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.population.linkage import decision, setting
from quanmin.population.linkage.decision import Best, decide

SURE = Best(setting.ATTACH_WEIGHT, setting.ATTACH_MARGIN, other_number=False, contested=False)


@pytest.mark.parametrize(
    ("best", "expected"),
    [
        (SURE, "attach"),
        (SURE._replace(weight=setting.ATTACH_WEIGHT - 0.01), "review"),
        (SURE._replace(margin=setting.ATTACH_MARGIN - 0.01), "review"),
        (SURE._replace(other_number=True), "review"),
        (SURE._replace(contested=True), "review"),
        (SURE._replace(weight=setting.REVIEW_WEIGHT), "review"),
        (SURE._replace(weight=setting.REVIEW_WEIGHT - 0.01), "apart"),
    ],
)
def test_the_bounds(best: Best, expected: str) -> None:
    assert decide(best) == expected


NUMBERS = st.floats(-40, 60, allow_nan=False) | st.sampled_from(
    [setting.ATTACH_WEIGHT, setting.ATTACH_MARGIN, setting.REVIEW_WEIGHT]
)


@settings(deadline=None)
@given(st.lists(st.builds(Best, NUMBERS, NUMBERS, st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_the_columns_say_what_the_reference_says(cases: list[Best]) -> None:
    rows = ", ".join(f"({c.weight!r}::DOUBLE, {c.margin!r}::DOUBLE, {c.other_number}, {c.contested})" for c in cases)
    query = f"SELECT {decision.SQL} FROM (VALUES {rows}) AS t(weight, margin, other_number, contested)"
    with duckdb.connect() as connection:
        assert [row[0] for row in connection.execute(query).fetchall()] == [decide(case) for case in cases]


def test_a_record_goes_to_its_best_candidate_and_the_margin_is_to_the_next() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE scored AS SELECT * FROM (VALUES (7, 1, 12e0, 9e-1), (8, 1, 3e0, 1e-1), (9, 2, 5e0, 5e-1)) "
            "AS t(id_l, id_r, match_weight, match_probability)"
        )
        found = connection.execute(f"SELECT * FROM ({decision.best('scored')}) ORDER BY record").fetchall()
    assert found == [(1, 7, 12.0, 0.9, 9.0), (2, 9, 5.0, 0.5, decision.CERTAIN)]
