"""A provider and a consumer for every test of deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.exchange.delivery.network import Pair, pair


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Pair]:
    """Two members under one agreement, bodies sealed."""
    with pair(tmp_path) as made:
        yield made
