"""How tables are laid out: a terminal folds them, a file or a pipe gets whole lines."""

from __future__ import annotations

import io

from quanmin.cli.output import WIDE, width


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_only_a_terminal_or_the_variable_says_how_wide_a_table_is() -> None:
    assert width(io.StringIO(), None) == WIDE
    assert width(io.StringIO(), "80") is None
    assert width(Terminal(), None) is None
