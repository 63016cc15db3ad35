"""A dataset with a budget, its people, and two officers."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from quanmin.ledger import Ledger
from quanmin.opendata.privacy import Origin, budget
from quanmin.trust import Actor

VISITS = "health.visit"


def officer(name: str, *roles: str, mfa: bool = True) -> Actor:
    """Somebody with two proofs."""
    return Actor(name, frozenset(roles or ("release_officer",)), kind="staff", mfa=mfa)


ZHANG, LI = officer("zhang"), officer("li")
ORIGIN = Origin(VISITS, 7, "d", direct=frozenset({"name"}))


def give(ledger: Ledger, epsilon: str, delta: str = "0", dataset: str = VISITS) -> int:
    """A budget of a month that two people gave."""
    today = ledger.now().date()
    made = budget.propose(ledger, ZHANG, dataset, epsilon, delta, today, today + timedelta(30), "the first year")
    return budget.confirm(ledger, LI, made.id).id


def visits(people: int = 1_000, rows: int = 2_000) -> pa.Table:
    """Visits of people: some many times, some ages unknown or absurd."""
    made = np.random.default_rng(1)
    ages = made.integers(0, 100, rows).astype(float)
    ages[:6] = (np.nan, np.inf, -np.inf, 1e300, -1e300, 250)
    names = ["person", "age", "sex", "name"]
    columns = [made.integers(0, people, rows), ages, made.choice(["1", "2", "9"], rows), ["x"] * rows]
    return pa.table(columns, names=names)


@pytest.fixture
def rows() -> pa.Table:
    """Two thousand visits."""
    return visits()
