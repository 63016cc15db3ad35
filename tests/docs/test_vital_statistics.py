"""The page on vital statistics is true: its example and its file run, its commands, methods and codes exist."""

from __future__ import annotations

import doctest
import importlib
import json
import re
from pathlib import Path

import typer.main
from typer.testing import CliRunner

from quanmin.cli import app
from quanmin.errors import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "vital_statistics.md"


def test_the_example_runs() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted > 5 and not found.failed


def test_the_file_of_the_page_gives_the_document_of_the_page(tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8")
    [table] = re.findall(r"^```text\n(age,.*?)^```", text, re.M | re.S)
    (tmp_path / "rates.csv").write_text(table, "utf-8")
    found = CliRunner().invoke(app, ["vital", "lifetable", str(tmp_path / "rates.csv"), "--json"])
    assert found.exit_code == 0, found.output
    [told] = re.findall(r"one document: (.*?)`n` is null", text, re.S)
    names = set(re.findall(r"`(\w+)`", told)) - {"complete", "abridged"}
    shape = json.loads(found.stdout)
    assert names == {*shape, *shape["interval"], *shape["rows"][0]}


def test_the_commands_of_the_page_exist() -> None:
    commands = typer.main.get_command(app).commands["vital"].commands
    lines = re.findall(r"^quanmin vital (.*)$", PAGE.read_text("utf-8"), re.M)
    assert lines
    for line in lines:
        name, *words = line.split()
        known = {option for one in commands[name].params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_the_methods_and_codes_of_the_page_exist() -> None:
    text = PAGE.read_text("utf-8")
    modules = re.findall(r"^\| [^|]*\(`(\w+)`\)", text, re.M)
    assert len(modules) > 8
    for name in modules:
        importlib.import_module(f"quanmin.programs.vital.demography.{name}")
    numbers = re.findall(r"\((?:`QM-VITAL-)?(0\d\d)`?\)", text)
    assert len(numbers) > 8 and all(f"QM-VITAL-{number}" in KINDS for number in numbers)
