"""What was counted and what was expected: how they are mixed, and that levels never seen keep their places."""

from __future__ import annotations

from typing import Any

import pytest

from quanmin.population.linkage import model, setting, training


def comparison(*m: float) -> dict[str, Any]:
    levels = [{"m_probability": share, "u_probability": 0.5} for share in m]
    return {"output_column_name": "sex", "comparison_levels": [{"is_null_level": True}, *levels]}


def test_the_expected_shares_weigh_as_so_many_pairs() -> None:
    each = comparison(0.9, 0.1)
    training._mix(each, "m_probability", {"sex": [0.5, 0.5]}, int(setting.PRIOR_PAIRS))
    assert [level["m_probability"] for level in each["comparison_levels"][1:]] == pytest.approx([0.7, 0.3])


def test_nothing_counted_leaves_the_expected_shares() -> None:
    each = comparison(0.9, 0.1)
    training._mix(each, "m_probability", {}, 0)
    assert each == comparison(0.9, 0.1)


def test_never_seen_is_no_proof_of_never() -> None:
    each = comparison(0.0, 1.0)
    training._mix(each, "m_probability", {"sex": [0.0, 1.0]}, 950, floor=True)
    assert each["comparison_levels"][1]["m_probability"] == pytest.approx(0.001)


def test_expected_shares_of_a_comparison_are_all_of_it() -> None:
    for each in model.comparisons(1000):
        assert sum(level.m for level in each.levels) == pytest.approx(1), each.name
        assert sum(level.u for level in each.levels) == pytest.approx(1, abs=0.001), each.name
        assert [level.frequent for level in each.levels].count(True) <= 1


def test_agreement_speaks_for_and_disagreement_against() -> None:
    for each in model.comparisons(1000):
        first, last = each.levels[0], each.levels[-1]
        assert first.m > first.u and last.m < last.u, each.name


def test_the_settings_hold_what_the_comparisons_say() -> None:
    settings = model.settings(1000)
    assert settings["probability_two_random_records_match"] == setting.HAVE_A_PERSON / 1000
    levels = {each["output_column_name"]: training._levels(each) for each in settings["comparisons"]}
    for each in model.comparisons(1000):
        assert [level["m_probability"] for level in levels[each.name]] == [level.m for level in each.levels]
