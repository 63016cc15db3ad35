"""The example of the page on microdata runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "microdata.md"


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    found = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    assert found
    for block in found:
        exec(compile(block, PAGE.name, "exec"), {})
    assert "county" in capsys.readouterr().out


def test_every_call_that_the_page_names_exists() -> None:
    from quanmin.opendata import microdata

    named = set(re.findall(r"md\.([a-zA-Z_]+)", PAGE.read_text("utf-8")))
    assert named and all(hasattr(microdata, name) for name in named)
