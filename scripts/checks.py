"""`make test`: every check, each run to its end, then the tests; the exit code counts what failed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

TESTS = "-n 2 --dist loadfile --no-loadscope-reorder --durations 25"  # what a file's tests share is made once

CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("lint", [str(BIN / "ruff"), "check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("contracts", [str(BIN / "lint-imports")]),
    ("manual", [sys.executable, "scripts/build_manual.py"]),
    ("tests", [sys.executable, "-m", "pytest", *TESTS.split(), *sys.argv[1:]]),
)


def main() -> int:
    """Run the checks in order, never stopping at the first failure."""
    failed = []
    for name, command in CHECKS:
        print(f"── {name}", flush=True)
        if subprocess.run(command, cwd=ROOT).returncode:
            failed.append(name)
    print(f"failed checks: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
