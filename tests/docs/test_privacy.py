"""The page on private statistics is true: its example runs, its commands and statistics exist."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import typer.main

from quanmin.cli import app
from quanmin.opendata.privacy import STATISTICS, process, query

PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"


def test_the_example_runs() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted > 10 and not found.failed


def test_every_command_and_option_of_the_page_exists() -> None:
    root = typer.main.get_command(app)
    lines = re.findall(r"^quanmin (privacy .*)$", PAGE.read_text("utf-8"), re.M)
    assert len(lines) > 8
    for line in lines:
        command, words = root, line.split()
        while words and hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        known = {option for one in command.params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_every_statistic_has_its_line_and_the_limits_are_those_of_the_program() -> None:
    text = PAGE.read_text("utf-8")
    assert [one for one in re.findall(r"^\| `(\w+)` \|", text, re.M)] == list(STATISTICS)
    assert f"from {query.EPSILON} to {query.MOST_EPSILON}" in text
    assert f"after {process.SECONDS} seconds or {process.MEMORY >> 30} GiB" in text
