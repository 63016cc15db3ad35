"""Nothing else opens a table for an actor: outside of the lake a session stands for a declared stage or within a gated read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[3] / "src" / "quanmin"
READINGS = {"Past", "Traced", "Figures", "Comparison", "Search", "Heads", "Gate"}
"""Subclasses of Reading; `Desk` holds gated reads, which it makes of decisions itself."""
OUTSIDE = sorted(path for path in SOURCE.rglob("*.py") if SOURCE / "lake" not in path.parents)
FILES = {"open_table", "DeltaTable", "read_parquet", "parquet_scan", "delta_scan"}


def _calls(tree: ast.AST) -> list[tuple[str | None, ast.Call, str]]:
    """Every call by a plain name or method, with the class that it stands in."""
    found = []

    def walk(node: ast.AST, owner: str | None) -> None:
        for child in ast.iter_child_nodes(node):
            inner = child.name if isinstance(child, ast.ClassDef) else owner
            if isinstance(child, ast.Call):
                name = child.func.id if isinstance(child.func, ast.Name) else getattr(child.func, "attr", "")
                found.append((owner, child, name))
            walk(child, inner)

    walk(tree, None)
    return found


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_session_is_a_stages_or_a_gated_reads(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    readings = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "Reading" for base in node.bases)
    }
    for owner, call, name in _calls(tree):
        if name == "Session" and "quanmin.lake.session" in path.read_text("utf-8"):
            by_stage = len(call.args) == 2 and isinstance(call.args[1], ast.Name) and call.args[1].id == "STAGE"
            assert owner in readings | {"Desk"} or by_stage, (path.name, call.lineno)
        assert name not in FILES, (path.name, call.lineno, name)
    assert readings <= READINGS


def test_every_answer_that_is_made_of_all_rows_asks_for_all_of_them() -> None:
    """What does not pass `_query` must heed the rows of a decision itself."""
    for name, word in {
        "population/statistics.py": "self.whole()",
        "population/structure.py": "self.whole()",
        "population/verification.py": "self.whole()",
        "population/history.py": "self.admits(",
        "population/find.py": "self.admits(",
        "programs/vital/statistic/gate.py": "self.whole()",
        "lake/lookup.py": "reading.admits(",
    }.items():
        assert word in (SOURCE / name).read_text("utf-8"), name
