"""An installation to be checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust.selfcheck.place import Place, Trial, place, trial


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def here(settings: Settings) -> Iterator[Place]:
    """A new one, without accounts."""
    with Ledger.open(settings) as ledger, place(settings, ledger) as made:
        yield made


@pytest.fixture
def founded() -> Iterator[tuple[Place, Trial]]:
    """One with three administrators, and the trial that it is: its clock can be turned."""
    with trial() as own, place(own.settings, own.ledger) as made:
        yield made, own
