"""What is asked: everything odd is refused with its code, before anything else happens."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from quanmin.errors import QuanminError
from quanmin.opendata.privacy import Query
from quanmin.opendata.privacy.query import digest

COUNT = {"statistic": "count", "epsilon": "0.5"}
HISTOGRAM = {"statistic": "histogram", "epsilon": "0.5", "column": "sex", "categories": ["1", "2"]}
MEAN = {"statistic": "mean", "epsilon": "0.5", "column": "age", "lower": 0, "upper": 120}
QUANTILE = {**MEAN, "statistic": "quantile", "share": "0.5"}
GAUSS = {**COUNT, "mechanism": "gaussian", "delta": "1e-7"}

REFUSED: list[tuple[dict[str, Any], str]] = [
    *(
        ({**COUNT, "epsilon": one}, "001")
        for one in (0, -1, "-0.5", "NaN", "sNaN", "inf", "11", "1e-7", "0.1234567", "x")
    ),
    *(({**COUNT, "epsilon": one}, "001") for one in (None, True, [1], {}, float("nan"), float("inf"), "9" * 300)),
    *(({**GAUSS, "delta": one}, "001") for one in (0, "-1e-7", "1e-4", "NaN", "1e-16", "inf", None)),
    ({**COUNT, "delta": "1e-7"}, "001"),
    *(({**MEAN, "lower": one}, "002") for one in ("NaN", "inf", "-inf", 120, 121, "1e400", "-1e400", "0.5", "x", True)),
    *(({**MEAN, "upper": one}, "002") for one in ("1e10", "2000000000", "1e-999999", float("nan"))),
    *(({**MEAN, "step": one}, "002") for one in (0, -1, "NaN", "inf", "1e-999999", "1e-10", "1e300", 7)),
    ({**MEAN, "lower": None}, "002"),
    ({**QUANTILE, "upper": 10_001}, "002"),
    *(({**COUNT, "contributions": one}, "003") for one in (0, -1, 1_001, 10**30, 1.5, "2", True, None)),
    *(({**HISTOGRAM, "categories": one}, "004") for one in ([], ["1", "1"], [""], ["x" * 201], [1], [{}], "12", None)),
    ({**HISTOGRAM, "categories": [str(one) for one in range(10_001)]}, "004"),
    ({**HISTOGRAM, "categories": ["370102194912310018"]}, "004"),
    ({**HISTOGRAM, "categories": ["Zhang 13812345678"]}, "004"),
    *(({**QUANTILE, "share": one}, "007") for one in (0, 1, -1, "NaN", "1.1", "0.00001", None)),
    ({**QUANTILE, "mechanism": "gaussian", "delta": "1e-7"}, "007"),
    ({**COUNT, "statistic": "max"}, "007"),
    ({**COUNT, "mechanism": "exponential"}, "007"),
    ({**COUNT, "column": "age"}, "007"),
    ({**COUNT, "lower": 0}, "007"),
    ({**COUNT, "categories": ["1"]}, "007"),
    ({**COUNT, "share": "0.5"}, "007"),
    ({**COUNT, "where": "age > 3"}, "007"),
    ({"statistic": "count"}, "007"),
    ({"epsilon": 1}, "007"),
    ({}, "007"),
    *(({**MEAN, "column": one}, "007") for one in (None, "", "a b", 'x"; DROP TABLE x', "年龄", 3, "x" * 101)),
    *(({**COUNT, "person": one}, "007") for one in ("", "a b", 3)),
]


@pytest.mark.parametrize(("given", "code"), REFUSED, ids=lambda one: str(one)[:80])
def test_what_cannot_be_meant_is_refused_with_its_code(given: dict[str, Any], code: str) -> None:
    with pytest.raises(QuanminError) as caught:
        Query.of(given)
    assert caught.value.code == f"QM-PRIVACY-{code}"
    assert "370102194912310018" not in str(caught.value.to_dict())


@pytest.mark.parametrize("given", [COUNT, HISTOGRAM, MEAN, QUANTILE, GAUSS], ids=lambda one: str(one["statistic"]))
def test_what_is_asked_comes_back_as_json(given: dict[str, Any]) -> None:
    query = Query.of(given)
    assert Query.of(query.document()) == query


def test_the_same_question_has_one_digest_however_it_is_written() -> None:
    one, other = (Query.of({**MEAN, "epsilon": value, "lower": low}) for value, low in (("0.50", "-0.0"), (0.5, 0)))
    assert digest(one.document()) == digest(other.document())
    assert digest(Query.of({**MEAN, "epsilon": "0.5", "upper": 121}).document()) != digest(one.document())


def test_the_loss_that_the_worker_is_told_is_never_above_what_is_paid() -> None:
    for part in range(1, 2_000):
        query = Query("count", Decimal(part) / 1_000)
        assert Decimal(query.plan()["epsilon"]) <= query.epsilon
        assert query.spends == (part * 1_000, 0)


def test_bounds_become_whole_steps_and_a_mean_is_taken_around_their_middle() -> None:
    plan = Query.of({**MEAN, "lower": "-0.3", "upper": "0.5", "step": "0.1"}).plan()
    assert (plan["lower"], plan["upper"], plan["shift"]) == (-4, 4, 1)
