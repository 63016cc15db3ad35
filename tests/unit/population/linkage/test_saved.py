"""A model in the ledger: versions, the newest, and a refusal of one that compares other columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quanmin.ledger import Ledger
from quanmin.population.linkage import saved, side
from quanmin.population.linkage.errors import NoModel, OtherColumns
from quanmin.settings import Settings


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(Settings(home=tmp_path)) as made:
        yield made


def test_the_newest_model_that_is_not_retired_counts(ledger: Ledger) -> None:
    assert saved.newest(ledger) is None
    first = saved.save(ledger, {"a": 1}, {"people": 5})
    second = saved.save(ledger, {"a": 2}, {"people": 6})
    assert saved.newest(ledger) == second and second.version > first.version
    ledger.act(second.version, "retire")
    assert saved.newest(ledger) == first == saved.load(ledger, first.version)


def test_a_model_of_other_columns_is_refused_and_named(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(saved, "COLUMNS", (*side.COLUMNS, "blood_group"))
        old = saved.save(ledger, {}, {"people": 5})
    for ask in (lambda: saved.newest(ledger), lambda: saved.load(ledger, old.version)):
        with pytest.raises(OtherColumns) as told:
            ask()
        assert told.value.fields == {"version": old.version, "columns": "blood_group"}


def test_a_version_that_is_none_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(NoModel):
        saved.load(ledger, 99)
