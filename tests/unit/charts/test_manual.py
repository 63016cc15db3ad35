"""The page of the manual about charts is true: its examples run, its table has every kind and its numbers are those written."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import quanmin.charts
from quanmin.charts import Chart, scaled

PAGE = Path(__file__).resolve().parents[3] / "docs" / "charts.md"


def test_the_examples_run() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted >= 6 and found.failed == 0


def test_every_kind_and_no_other_is_in_the_table() -> None:
    listed = set(re.findall(r"`(\w+(?:Chart|Table|Map))`", PAGE.read_text("utf-8")))
    assert listed == {
        n for n, one in vars(quanmin.charts).items() if isinstance(one, type) and issubclass(one, Chart)
    } - {"Chart"}


def test_the_scaled_numbers_are_those_that_are_written() -> None:
    rows = re.findall(r"^\| ([\d,]+) \| (\S+) \| (\S+) \|$", PAGE.read_text("utf-8"), re.M)
    assert len(rows) == 3
    for number, zh, en in rows:
        value = int(number.replace(",", ""))
        assert (scaled(value, "zh"), scaled(value, "en")) == (zh, en)
