"""A hospital that issues, in a province of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.programs.vital.birth.hospital import Desk


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Desk]:
    """A hospital that issues."""
    made = Desk(tmp_path / "home")
    yield made
    made.lake.close()
