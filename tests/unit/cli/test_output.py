"""How tables are laid out: a terminal folds them, a file or a pipe gets whole lines."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from quanmin.cli.output import WIDE, deadline, width


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_only_a_terminal_or_the_variable_says_how_wide_a_table_is() -> None:
    assert width(io.StringIO(), None) == WIDE
    assert width(io.StringIO(), "80") is None
    assert width(Terminal(), None) is None


def test_a_deadline_is_told_by_its_last_day_in_the_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANMIN_ZONE", "Asia/Shanghai")
    assert deadline(datetime(2026, 11, 30, 16, tzinfo=UTC)) == "2026-11-30"
    assert deadline(datetime(2026, 11, 30, 17, 5, tzinfo=UTC)) == "2026-12-01 01:05"
    assert deadline(None) == ""
