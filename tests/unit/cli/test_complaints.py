"""What a user reads when something is wrong: one line, one next step, a code that a script can tell; never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = "户号,户内序号,公民身份号码,姓名,性别,出生日期,户籍地行政区划\nHH0001,1,11010519491231002X,李明,2,1949-12-31,110105\n"
REGISTER = "public_security.household_registration"


def quanmin(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "QUANMIN_HOME": str(home), "QUANMIN_LANGUAGE": "en", **environment}
    return subprocess.run([sys.executable, "-m", "quanmin", *arguments], capture_output=True, text=True, env=variables)


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "exit_code"),
    [
        (("collect", "no.such", "FILE", "--source", "health"), {}, "QM-STANDARDS-001", 11),
        (("collect", REGISTER, "FILE", "--source", "nobody"), {}, "QM-STANDARDS-002", 11),
        (("collect", REGISTER, "FILE", "--source", "education"), {}, "QM-COLLECT-016", 13),
        (("population", "show", "12345"), {}, "QM-POPULATION-005", 10),
        (("population", "verify", "11010519491231002X", "李明"), {}, "QM-POPULATION-003", 11),
        (("population", "build"), {}, "QM-POPULATION-002", 12),
        (("population", "link"), {}, "QM-POPULATION-002", 12),
        (("population", "explain", "health.death", "1", "1"), {}, "QM-POPULATION-002", 12),
        (("init",), {"QUANMIN_HOME": "/proc/nowhere"}, "QM-LAKE-009", 14),
        (("init",), {"QUANMIN_THREADS": "many"}, "QM-SETTINGS-001", 10),
        (("init",), {"QUANMIN_LANGUAGE": "xx"}, "QM-SETTINGS-001", 10),
    ],
)
def test_a_mistake_is_one_line_and_a_next_step(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], code: str, exit_code: int
) -> None:
    file = tmp_path / "file.csv"
    file.write_text(ROWS, "utf-8")
    words = [str(file) if word == "FILE" else word for word in arguments]
    done = quanmin(*words, home=tmp_path / "home", **environment)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == exit_code, done.stderr
    assert lines[0].startswith(code) and lines[1].startswith("→") and len(lines) == 2
    assert "李明" not in done.stderr and "11010519491231002X" not in done.stderr
