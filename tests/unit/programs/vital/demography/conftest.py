"""The shared data beside the project, or the reason to skip."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[5].parent / "shared" / "data"


@pytest.fixture
def shared() -> Callable[[str], list[dict[str, str]]]:
    """Rows of a CSV file (gzip or not) of the shared data."""

    def rows(name: str) -> list[dict[str, str]]:
        path = DATA / name
        if not path.exists():
            pytest.skip("the shared data are not here")
        opened = gzip.open(path, "rt", encoding="utf-8") if name.endswith(".gz") else path.open(encoding="utf-8")
        with opened as stream:
            return list(csv.DictReader(stream))

    return rows


@pytest.fixture
def oracle() -> dict[str, Any]:
    """The published numbers of the shared data."""
    path = DATA / "expected" / "oracle_numbers.json"
    if not path.exists():
        pytest.skip("the shared data are not here")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found
