"""A small town: people by county, birth day, sex and illness."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from quanmin.opendata.microdata import Hierarchy, Plan, dates, flat, prefixes

COUNTIES = [f"37{city:02}{county:02}" for city in (1, 2, 3) for county in (1, 2, 3, 4)]


@pytest.fixture
def hierarchies() -> dict[str, Hierarchy]:
    return {
        "county": prefixes("counties", COUNTIES, (4, 2)),
        "born": dates(date(1950, 1, 1), date(1989, 12, 31)),
        "sex": flat("sex", ["1", "2"]),
    }


@pytest.fixture
def town() -> pa.Table:
    """4,000 people, each in one row."""
    random = np.random.default_rng(11)
    count = 4000
    days = random.integers(0, 14_609, count).tolist()
    return pa.table(
        {
            "person": pa.array(random.permutation(count).astype(np.int64)),
            "county": [COUNTIES[n] for n in random.integers(0, len(COUNTIES), count)],
            "born": pa.array([date(1950, 1, 1) + timedelta(days=n) for n in days]),
            "sex": ["12"[n] for n in random.integers(0, 2, count)],
            "illness": ["ABCDE"[n] for n in np.minimum(random.geometric(0.4, count) - 1, 4)],
            "cost": pa.array(random.integers(1, 9, count) * 100),
        }
    )


@pytest.fixture
def plan(hierarchies: dict[str, Hierarchy]) -> Plan:
    return Plan(
        quasi=hierarchies,
        k=10,
        sensitive=("illness", "cost"),
        person="person",
        diversity=3,
        closeness=0.3,
        ordered=frozenset({"cost"}),
        suppress=0.05,
    )
