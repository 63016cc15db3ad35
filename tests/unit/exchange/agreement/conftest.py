"""The members and the office, on each kind of ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quanmin.settings import Settings

from .parties import Parties


@pytest.fixture
def parties(either_settings: Settings) -> Iterator[Parties]:
    """Four members and the platform's office."""
    made = Parties(either_settings)
    with made.ledger:
        yield made
