"""The manual's page runs."""

import doctest
from pathlib import Path

PAGE = Path(__file__).resolve().parents[4] / "docs" / "disclosure.md"


def test_the_examples_of_the_page_run():
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted >= 12 and found.failed == 0
