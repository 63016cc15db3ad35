"""Private statistics of people through the gate: persons as pseudonyms, nothing read in clear, narrowed reads refused."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from quanmin import trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.opendata.privacy import Query, answered, ask, budget, opened
from quanmin.opendata.privacy.errors import ColumnUnfit, DirectIdentifier, QueryInvalid
from quanmin.settings import Settings
from quanmin.trust import Actor, local_administrator

DATASET = "health.birth"


@pytest.fixture
def lake(made: Path, tmp_path: Path) -> Lake:
    """A demonstration with a budget, which two people gave."""
    home = tmp_path / "home"
    shutil.copytree(made, home)
    opened_ = Lake.open(Settings(home=home, buckets=4))
    today, names = opened_.ledger.now().date(), ("zhang", "li")
    zhang, li = (Actor(name, frozenset({"release_officer"}), kind="staff", mfa=True) for name in names)
    given = budget.propose(opened_.ledger, zhang, DATASET, "4", "0", today, today + timedelta(30), "a test")
    budget.confirm(opened_.ledger, li, given.id)
    return opened_


def test_an_officer_asks_about_people_whom_nobody_sees(lake: Lake) -> None:
    officer = Actor("zhang", frozenset({"release_officer"}), kind="staff", mfa=True)
    decision = trust.decide(lake.ledger, officer, "open_data", DATASET, ("person_key", "sex"))
    assert decision.outcome("person_key") == "pseudonymised"
    with pytest.raises(NotReadable):
        lake.read(decision)
    asked = Query.of({"statistic": "count", "epsilon": "1", "person": "person_key"})
    told = answered(lake, officer, decision, asked)
    people = len(set(lake.read(decided(lake, "person_key")).fetch()["person_key"].to_pylist()))
    assert abs(told["answer"] - people) < 30 and told["spent"]["epsilon"] == "1"
    assert answered(lake, officer, decision, asked) == told


def decided(lake: Lake, *columns: str) -> trust.Decision:
    """A researcher's: the worker does not care what the purpose is called."""
    return trust.decide(lake.ledger, local_administrator(), "research", DATASET, columns, "C-1")


def test_people_are_counted_by_pseudonyms_and_a_direct_identifier_is_refused(lake: Lake) -> None:
    reading, me = lake.read(decided(lake, "person_key", "sex", "name", "weight")), local_administrator()
    table = reading.fetch()
    assert reading.decision.outcome("person_key") == "pseudonymised"
    people = len(set(table["person_key"].to_pylist()))
    origin, rows = opened(reading)
    assert origin.personal and {"person_key", "name"} <= origin.direct and "sex" not in origin.direct
    counted = ask(
        lake.ledger, me, Query.of({"statistic": "count", "epsilon": "1", "person": "person_key"}), origin, rows
    )
    assert abs(counted["answer"] - people) < 30 and counted["snapshot"] == reading.snapshot.id
    sexes = {
        "statistic": "histogram",
        "column": "sex",
        "categories": ["1", "2"],
        "epsilon": "1",
        "person": "person_key",
    }
    cells = ask(lake.ledger, me, Query.of(sexes), origin, rows)["answer"]
    assert abs(sum(cells["categories"].values()) + cells["other"] - people) < 60
    with pytest.raises(DirectIdentifier):
        ask(lake.ledger, me, Query.of({**sexes, "column": "name"}), origin, rows)
    with pytest.raises(DirectIdentifier):
        ask(lake.ledger, me, Query.of({**sexes, "column": "person_key"}), origin, rows)
    with pytest.raises(ColumnUnfit):  # a column that nobody asked the decision for
        ask(lake.ledger, me, Query.of({**sexes, "column": "birth_place_type"}), origin, rows)
    assert budget.in_force(lake.ledger, DATASET).spent == (2_000_000, 0)


def test_a_narrowed_read_is_no_dataset(lake: Lake) -> None:
    reading = lake.read(decided(lake, "person_key", "sex"))
    with pytest.raises(QueryInvalid):
        opened(reading.where(sex="1"))
