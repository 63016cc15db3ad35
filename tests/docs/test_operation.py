"""What the manual tells an administrator to type and to look up exists."""

import re
from pathlib import Path

import pytest
import typer.main

from quanmin.cli import app
from quanmin.errors import KINDS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operation.md").read_text("utf-8")


def codes() -> list[str]:
    """Every code of the page; `QM-LAKE-004, 009` names two."""
    found = re.findall(r"(QM-[A-Z]+-)(\d{3}(?:, \d{3})*)", TEXT)
    return [family + number for family, numbers in found for number in numbers.split(", ")]


def test_every_code_that_the_page_explains_is_one() -> None:
    assert len(codes()) > 15
    assert [code for code in codes() if code not in KINDS] == []


@pytest.mark.parametrize("line", re.findall(r"`?(quanmin [a-z][^`#\n]*)", TEXT))
def test_every_command_and_option_that_the_page_names_exists(line: str) -> None:
    command, words = typer.main.get_command(app), line.split()[1:]
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    assert command is not typer.main.get_command(app), line
    known = {option for parameter in command.params for option in parameter.opts}
    assert [word for word in words if word.startswith("--") and word not in known] == [], line
    if hasattr(command, "commands"):  # a group is named with one of its commands
        pytest.fail(f"no such command: {line}")


def test_the_exit_codes_of_the_page_are_those_of_the_program() -> None:
    from quanmin.errors import CATEGORIES, exit_code

    assert {f"| {exit_code(category)} |" in TEXT for category in CATEGORIES} == {True}
