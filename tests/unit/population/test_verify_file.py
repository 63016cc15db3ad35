"""Verification of a file from the command line: every row answered once, in order, and nothing of it repeated."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli.app import app
from quanmin.cli.progress import Bar
from quanmin.installation.pairs import verify_file
from quanmin.population import verification
from quanmin.population.errors import NotBuilt
from quanmin.population.verification import NothingToVerify

LI, ABSENT = "11010519491231002X", "110105198001010016"
ROWS = [f"{LI},李明", f"{LI},王芳", f"{ABSENT},李明", f"{LI},李明,1", f"{LI},\0", f"{LI},李 明"]
ANSWERS = ["agree", "differ", "unknown", "malformed", "malformed", "agree"]


@pytest.fixture
def base(office: Any) -> Any:
    office.send(office.bench, {"number": LI, "name": "李明"})
    office.build()
    return office


def written(path: Path, *rows: str, title: str = "公民身份号码,姓名", encoding: str = "utf-8-sig") -> Path:
    path.write_bytes("".join(f"{row}\r\n" for row in (title, *rows)).encode(encoding))
    return path


def answered(base: Any, asked: Path) -> tuple[list[tuple[str, str, str]], dict[str, Any]]:
    """The lines of the answers, and the report."""
    target = asked.with_name("answers.csv")
    report = verify_file(base.lake, base.decision(), asked, target, Bar(asked.name))
    with target.open(encoding="utf-8", newline="") as file:
        return [tuple(line.values()) for line in csv.DictReader(file)], report


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_row_is_answered_in_order(base: Any, tmp_path: Path, encoding: str) -> None:
    lines, report = answered(base, written(tmp_path / "asked.csv", *ROWS, encoding=encoding))
    assert [(row, answer) for row, answer, _ in lines] == [(str(n), one) for n, one in enumerate(ANSWERS, start=1)]
    assert [title for *_, title in lines[:3]] == ["一致", "不一致", "库中无此号"]
    assert report == {
        "columns": ("citizen_number", "name"),
        "pairs": 4,
        "answers": {"agree": 2, "differ": 1, "unknown": 1},
        "malformed": 2,
        "rows": 6,
        "file": "answers.csv",
    }


def test_parts_of_a_file_are_numbered_through(base: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that come in other parts than the rows were read in still meet their rows."""
    monkeypatch.setattr(verification, "PAIRS", 3)
    lines, report = answered(base, written(tmp_path / "asked.csv", *ROWS * 4))
    assert [(row, answer) for row, answer, _ in lines] == [(str(n), one) for n, one in enumerate(ANSWERS * 4, start=1)]
    assert (report["rows"], report["malformed"]) == (24, 8)


def test_a_file_of_unreadable_rows_only_is_accounted_for(base: Any, tmp_path: Path) -> None:
    lines, report = answered(base, written(tmp_path / "asked.csv", f"{LI},李明,1", f"{LI},李明,2"))
    assert [(row, answer) for row, answer, _ in lines] == [("1", "malformed"), ("2", "malformed")]
    assert (report["pairs"], report["rows"]) == (0, 2)


def test_the_answers_repeat_nothing(base: Any, tmp_path: Path) -> None:
    answered(base, written(tmp_path / "asked.csv", *ROWS))
    text = (tmp_path / "answers.csv").read_text("utf-8")
    assert LI not in text and ABSENT not in text and "李" not in text


def test_a_file_that_is_refused_leaves_no_answers(base: Any, tmp_path: Path) -> None:
    with pytest.raises(NothingToVerify) as caught:
        answered(base, written(tmp_path / "asked.csv", f"{LI},李明", title=f"{ABSENT},王芳"))
    assert ABSENT not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["asked.csv"]


def test_a_verification_that_fails_leaves_no_answers_and_keeps_the_old_ones(office: Any, tmp_path: Path) -> None:
    asked, old = written(tmp_path / "asked.csv", *ROWS), tmp_path / "answers.csv"
    old.write_text("old", "utf-8")
    with pytest.raises(NotBuilt):
        answered(office, asked)
    assert old.read_text("utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["answers.csv", "asked.csv"]


def test_the_command(base: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANMIN_HOME", str(base.lake.settings.home))
    asked, target = written(tmp_path / "asked.csv", *ROWS), tmp_path / "answers.csv"
    words = ["population", "verify", "--file", str(asked), "--answers", str(target)]
    done = CliRunner().invoke(app, [*words, "--json"])
    assert json.loads(done.stdout)["answers"] == {"agree": 2, "differ": 1, "unknown": 1}
    assert len(target.read_text("utf-8").splitlines()) == 7
    monkeypatch.setenv("QUANMIN_LANGUAGE", "zh")
    shown = CliRunner().invoke(app, words).stdout
    assert all(word in shown for word in ("一致", "不一致", "库中无此号", "未核验")) and "李" not in shown


@pytest.mark.parametrize(
    "words",
    [[], [LI], [LI, "李明", "--file", "a"], [LI, "--file", "a", "--answers", "b"], ["--file", "a"], ["--answers", "b"]],
)
def test_one_pair_or_one_file_and_nothing_between(words: list[str]) -> None:
    done = CliRunner().invoke(app, ["population", "verify", *words])
    assert done.exit_code == 2 and LI not in done.output
