"""`quanmin trust selfcheck` as a user meets it, on a new home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.trust.selfcheck import SelfCheckFailed, policies


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_row_with_its_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", language)
    monkeypatch.setattr(output.out, "width", 300)
    table = policies.shipped_table()  # another test computes it from the policies, which takes a while
    monkeypatch.setattr(policies, "computed", lambda _rules: table)
    monkeypatch.setattr(policies, "datasets", lambda: ("health.death", "linked.person"))
    done = CliRunner().invoke(app, ["trust", "selfcheck", *(["--json"] if language == "en" else [])])
    assert isinstance(done.exception, SelfCheckFailed) and "#1, #4, #6" in done.exception.message(
        "en"
    )  # a new home has no accounts and no backup
    if language == "zh":
        assert "尚无账号" in done.stdout and "由运营者负责" in done.stdout and "8.1.4.2g" in done.stdout
        return
    told = json.loads(done.stdout)
    by = {row["row"]: row["verdict"] for row in told["rows"]}
    assert len(by) == 27 and by[1] == by[20] == "fail" and by[8] == by[14] == "pass" and by[3] == "operator"
    assert all(row["evidence"]["zh"] and row["evidence"]["en"] for row in told["rows"])
