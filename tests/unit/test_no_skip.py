"""The switch that lets no test skip unnoticed: what it turns into failures, and what it lets be."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

CONFTEST = Path(__file__).parents[1] / "conftest.py"

TESTS = """
import pytest

def test_passes():
    pass

def test_skips_for_a_reason_of_its_own():
    pytest.skip("no PostgreSQL")

@pytest.mark.skip(reason="by mark")
def test_skips_by_mark():
    pass

@pytest.fixture
def missing():
    pytest.skip("in a fixture")

def test_skips_in_a_fixture(missing):
    pass

def test_skips_where_shared_data_is_absent():
    pytest.skip("the shared data are not here")

@pytest.mark.xfail(reason="known", strict=True)
def test_fails_as_expected():
    assert False
"""


def outcomes(folder: Path, switch: str) -> dict[str, int]:
    """How many tests of a small suite passed, failed and were skipped with the switch so."""
    (folder / "conftest.py").write_text(CONFTEST.read_text("utf-8"), "utf-8")
    (folder / "test_some.py").write_text(TESTS, "utf-8")
    (folder / "test_whole_file.py").write_text(
        'import pytest\n\npytest.importorskip("no_such_module_at_all")\n', "utf-8"
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    done = subprocess.run(
        [*command, "-c", os.devnull, "--continue-on-collection-errors", str(folder)],
        env={**os.environ, "QUANMIN_TEST_NO_SKIP": switch, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
    )
    words = done.stdout.strip().splitlines()[-1].replace(",", "").strip("= ").split()
    return {word.rstrip("s"): int(number) for number, word in pairwise(words) if number.isdigit()}


def test_the_switch_turns_skips_into_failures_but_for_absent_shared_data(tmp_path: Path) -> None:
    """A skip in the body is a failed test; one by mark, in a fixture or of a whole file is an error before it."""
    assert outcomes(tmp_path, "1") == {"passed": 1, "failed": 1, "error": 3, "skipped": 1, "xfailed": 1}


def test_without_the_switch_skips_are_skips(tmp_path: Path) -> None:
    assert outcomes(tmp_path, "") == {"passed": 1, "skipped": 5, "xfailed": 1}
