"""What a value may do to the terminal of whoever looks at it: nothing."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin.cli import output
from quanmin.cli.output import Plain, complain, print_json, print_table, visible
from quanmin.cli.typed import Unexpected, untyped
from quanmin.collect.errors import NoSuchFile
from quanmin.text import Text

NUMBER = "11010519491231002X"
EVIL = {
    "colour": "\x1b[31m李明\x1b[0m",
    "clear": "\x1b[2J\x1b[H",
    "title": "\x1b]0;quanmin\x07",
    "line": "李明\r\nQM-AUDIT-000 all entries hold",
    "back": "李明\b\b王",
    "bidi": "\u202e明李\u202c",
    "isolate": "\u2066x\u2069",
    "hidden": "李\u200b明\ufeff",
    "c1": "\x9b31m",
    "separator": "李\u2028明\x85",
    "half": "李\ud800",
    "tag": "\U000e0041",
}


def shown(*cells: str) -> str:
    """A table with these cells, as it is printed."""
    file = io.StringIO()
    console, output.out = output.out, Plain(file=file, width=240, markup=False, emoji=False, highlight=False)
    try:
        print_table([Text("一", "one")] * len(cells), [cells])
        output.out.print(cells[0])
    finally:
        output.out = console
    return file.getvalue()


@pytest.mark.parametrize("name", EVIL)
def test_a_cell_commands_nothing(name: str) -> None:
    text = shown(EVIL[name], "b")
    assert visible(text.replace("\n", "")) == text.replace("\n", "") and text.count("\n") == 3


@given(st.text())
def test_whatever_is_printed_is_one_line_and_can_be_told_apart(text: str) -> None:
    told = visible(text)
    assert len(told.splitlines()) <= 1 and visible(told) == told
    assert told == text or "\\" in told


@pytest.mark.parametrize(
    "text", ["[bold]李明[/bold]", "[/]", "[link=http://x]y[/link]", ":smile:", "[red", "李明　王芳"]
)
def test_markup_is_text(text: str) -> None:
    assert shown(text).count(text) == 2


@pytest.mark.parametrize("name", EVIL)
def test_json_says_the_same_without_commanding(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": EVIL[name], "ok": "李明　"})
    text = capsys.readouterr().out
    assert visible(text.replace("\n", "")) == text.replace("\n", "")
    assert json.loads(text) == {"name": EVIL[name], "ok": "李明　"}


def test_a_complaint_is_two_lines_whatever_the_file_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    complain(NoSuchFile(file=f"a\r\nb \x1b[2J [/red] {NUMBER}.csv"))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 and NUMBER not in lines[0] and "\x1b[2J" not in lines[0] and "[/red]" in lines[0]


def test_words_that_were_typed_wrong_are_not_repeated() -> None:
    words = ["show", f"--born={NUMBER}", "李明", "--limit", "12", "collect", "shwo", "\x1b[2J"]
    said = "No such command 'shwo'. Got unexpected extra arguments (李明 12 \\x1b[2J)"
    assert untyped(said, words) == "No such command 'shwo'. Got unexpected extra arguments (*** 12 ***)"
    assert untyped(f"'{NUMBER}' is no integer", []) == "'***' is no integer"


def test_an_error_that_nobody_foresaw_tells_its_place_and_not_its_words() -> None:
    try:
        visible(cast(str, None))
    except AttributeError as error:
        error.args = (f"no such {NUMBER} 李明",)
        told = Unexpected.of(error)
    assert "AttributeError" in str(told) and "cli/output.py:" in str(told)
    assert NUMBER not in str(told.to_dict()) and "李明" not in str(told.to_dict())


def test_the_command_line_ends_with_it(tmp_path: Path) -> None:
    program = (
        "import sys, quanmin.cli\n"
        "a = sys.modules['quanmin.cli.app']\n"
        "def init(): raise RuntimeError('11010519491231002X 李明')\n"
        "a.app.registered_commands[0].callback = init\n"
        "sys.argv = ['quanmin', 'init']\n"
        "a.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 15 and done.stderr.startswith("QM-CLI-001"), done.stderr
    assert NUMBER not in done.stderr and "李明" not in done.stderr and "Traceback" not in done.stderr
