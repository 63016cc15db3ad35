"""The house rules that a machine can hold: size caps, exported names, no address of a machine or a registry."""

import ast
import importlib
import pkgutil
import re
import statistics
import subprocess
from pathlib import Path

import pytest

import quanmin

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src" / "quanmin").rglob("*.py"))
FILE_CAP, FUNCTION_CAP = 600, 60


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(node.name, node.end_lineno - node.lineno + 1) for node in ast.walk(tree) if isinstance(node, kinds)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sizes_stay_under_the_caps(path):
    assert len(path.read_text("utf-8").splitlines()) <= FILE_CAP
    assert [name for name, lines in functions(path) if lines > FUNCTION_CAP] == []


def test_the_typical_file_and_function_are_small():
    files = [len(path.read_text("utf-8").splitlines()) for path in SOURCES]
    lengths = [lines for path in SOURCES for _, lines in functions(path)]
    assert statistics.median(files) <= 160
    assert statistics.median(lengths) <= 10


def rank(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as the linter sorts `__all__`."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


PACKAGES = [name for _, name, is_package in pkgutil.iter_modules(quanmin.__path__, "quanmin.") if is_package]


def _rank(name):
    """Constants, then classes, then functions and modules, each by name: the order that ruff asks for."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_says_what_it_does_and_exports_sorted_names(name):
    package = importlib.import_module(name)
    assert len(package.__doc__ or "") > 80
    assert list(package.__all__) == sorted(package.__all__, key=_rank)
    assert all(hasattr(package, exported) for exported in package.__all__)


@pytest.mark.parametrize("name", PACKAGES)
def test_everything_public_has_a_docstring(name):
    package = importlib.import_module(name)
    naked = [
        exported
        for exported in package.__all__
        if callable(getattr(package, exported)) and not (getattr(package, exported).__doc__ or "").strip()
    ]
    assert naked == []


def test_no_machine_path_and_no_registry_host_is_tracked():
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode:
        pytest.skip("not a git checkout")
    places = re.compile(
        rb"/(wo" rb"rk|ro" rb"ot|ho" rb"me/[a-z]+)/|py" rb"pi\.org|files\.python" rb"hosted|registry\.npm" rb"js"
    )
    found = [
        name
        for name in listing.stdout.splitlines()
        if (ROOT / name).is_file() and places.search((ROOT / name).read_bytes())
    ]
    assert found == []
