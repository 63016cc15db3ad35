"""Rules of statistics that are no table, and rates."""

import pytest

from quanmin.opendata.disclosure import evaluate, model, percentile, profile, protect, rate
from quanmin.opendata.disclosure.errors import RowsUnfit

HEALTH = profile("health")


def test_a_model_needs_ten_residual_degrees_of_freedom():
    assert model(30, 20, HEALTH) == []
    (found,) = model(30, 21, HEALTH)
    assert found.code == "O7.freedom" and found.weight == "refused"


@pytest.mark.parametrize(
    ("persons", "share", "fine"), [(20, 0.5, True), (19, 0.5, False), (100, 0.9, True), (99, 0.9, False)]
)
def test_a_percentile_needs_ten_people_on_either_side(persons, share, fine):
    assert (percentile(persons, share, HEALTH) == []) is fine
    assert (percentile(persons, 1 - share, HEALTH) == []) is fine


def test_a_rate_comes_from_rounded_parts_and_is_a_star_where_either_is(rows_of):
    all_ = rows_of({("u",): 103, ("v",): 211, ("w",): 4, ("x",): 96}, ("county",))
    ill = rows_of({("u",): 12, ("v",): 23, ("x",): 9}, ("county",))
    made = rate(protect(evaluate(ill, ["county"]), HEALTH), protect(evaluate(all_, ["county"]), HEALTH))
    found = {row["county"]: row["rate"] for row in made.to_pylist()}
    assert found["v"] == f"{25 / 210 * 1000:.1f}" and found["w"] == "*"
    told = {row["county"]: row["denominator"] for row in made.to_pylist()}
    assert [county for county, n in told.items() if n == "*"] == [county for county, r in found.items() if r == "*"]


def test_parts_of_another_rounding_or_other_dimensions_make_no_rate(rows_of):
    one = evaluate(rows_of({("u",): 103}, ("county",)), ["county"])
    other = evaluate(rows_of({("u",): 103}, ("sex",)), ["sex"])
    with pytest.raises(RowsUnfit):
        rate(protect(one, HEALTH), protect(one, profile("health_midpoint6")))
    with pytest.raises(RowsUnfit):
        rate(protect(other, HEALTH), protect(one, HEALTH))
