"""Write the lock files: pinned versions with hashes, and no registry host."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

LOCKS = {
    "requirements.lock": ["--extra", "build"],
    "requirements-node.lock": ["--extra", "node"],
    "requirements-dev.lock": ["--extra", "build", "--extra", "dev", "--extra", "spark"],
}


def lock(name: str, extras: list[str]) -> None:
    """Resolve `pyproject.toml` with `extras` into the lock file `name`; the first lock binds the others."""
    command = [sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--strip-extras"]
    command += ["--no-header", "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links"]
    command += ["--allow-unsafe", *extras, "--output-file", name, "pyproject.toml"]
    if name != "requirements.lock":
        command += ["--constraint", "requirements.lock"]
    subprocess.run(command, cwd=ROOT, check=True)


def main() -> None:
    """All locks, the runtime one first."""
    for name, extras in LOCKS.items():
        lock(name, extras)


if __name__ == "__main__":
    main()
