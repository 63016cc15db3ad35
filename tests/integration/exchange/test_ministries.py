"""Five ministries as five nodes in five processes: agreements, a push with its errors, a look-up with proof, a recall."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quanmin import demo
from quanmin.demo import DemoReport
from quanmin.exchange.log.check import verify
from quanmin.exchange.node.opening import opened
from quanmin.settings import Settings


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoReport]:
    home = tmp_path_factory.mktemp("ministries")
    yield demo.run(Settings(home=home, buckets=4), 300, 2015, lambda _text: None, exchange=True)


@pytest.fixture(scope="module")
def told(report: DemoReport) -> dict[str, Any]:
    return report.exchange


def test_five_processes_served_five_members(told: dict[str, Any]) -> None:
    members = ("public_security", "education", "civil_affairs", "social_security", "food_drug")
    assert tuple(told["nodes"]) == members
    assert len({*told["nodes"].values(), os.getpid()}) == 6
    for process in told["nodes"].values():
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)  # none is left behind


def test_errors_of_a_push_come_back_and_are_closed_by_a_correction(told: dict[str, Any]) -> None:
    pushed, mended = told["pushed"], told["corrected"]
    assert pushed["state"] == mended["state"] == "acknowledged"
    assert pushed["quarantined"] == pushed["errors_told"]["told"] > 0
    assert mended["quarantined"] == 0 and mended["accepted"] == pushed["accepted"] + pushed["quarantined"]
    assert mended["errors"]["state"] == "closed" and mended["errors"]["closed"] == mended["errors"]["told"]


def test_only_what_was_agreed_on_is_answered_directly_and_by_the_platform(told: dict[str, Any]) -> None:
    found = told["looked_up"]
    assert (found["status"], found["node_to_node"]["status"]) == (200, 200)
    assert found["fields"] == ["citizen_number", "death_date", "name", "residence"]
    assert found["node_to_node"]["fields"] == ["birth_date", "citizen_number", "name"]


def test_what_was_recalled_is_gone_and_both_sides_say_so(told: dict[str, Any]) -> None:
    assert told["recalled"] | {"delivery": None} == {
        "delivery": None,
        "before": "acknowledged",
        "recall": "confirmed",
        "after": "recalled",
    }


def test_the_proof_of_the_look_up_is_verified_from_an_empty_directory(told: dict[str, Any], tmp_path: Path) -> None:
    proof = Path(told["looked_up"]["proof"])
    key = proof.parent / "keys" / "audit.pub"
    (tmp_path / "proof.json").write_bytes(proof.read_bytes())
    (tmp_path / "audit.pub").write_bytes(key.read_bytes())
    command = [sys.executable, "-m", "quanmin", "proof", "verify", "proof.json", "--key", "audit.pub", "--json"]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("QUANMIN_")}
    done = subprocess.run(command, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["audit.pub", "proof.json"]  # it made nothing
    altered = proof.read_text("utf-8").replace("civil", "cibil", 1)
    (tmp_path / "proof.json").write_text(altered, "utf-8")
    assert subprocess.run(command, cwd=tmp_path, env=bare, capture_output=True, check=False).returncode not in (0, 2)


def test_the_log_of_every_node_verifies(report: DemoReport) -> None:
    for member in report.exchange["nodes"]:
        settings = Settings(
            home=report.home / "nodes" / member, member=member, buckets=4, exchange_platform="https://127.0.0.1:9"
        )
        with opened(settings) as node:
            found = verify(node.ledger, node.directory())
            assert found.sound and found.entries > 0 and found.unsigned == 0, member


def test_a_year_of_births_and_deaths_is_lived_pushed_answered_and_opened(report: DemoReport) -> None:
    """The year of certificates, in which the nation's node takes part."""
    year = report.vital
    blanks, births, deaths = year["blanks"], year["births"], year["deaths"]
    uses = ("free", "bound", "lost", "destroyed")
    assert blanks["printed"] == sum(blanks[one] for one in uses) and blanks["lost"] == 2
    assert births["cards"] >= births["issued"] > 0 and blanks["bound"] >= births["issued"]
    assert deaths["certified"] == deaths["selected"] + deaths.get("queued", 0) > 0
    assert year["breaches"] == year["overdue"]["open"] == 0
    assert [one["month"] for one in year["months"]] == [f"2016-{month:02d}" for month in range(1, 13)]
    for month in year["months"]:
        assert {answer["package"] for answer in month["answers"]} >= {month["package"]}
        for answer in month["answers"]:
            assert answer["rows"] == answer["accepted"] > 0 and answer["quarantined"] == answer["refused"] == 0
    checks = year["checks"]
    assert checks["newborns"]["joined"] >= checks["registered"] > 0
    opened = year["statistics"]["published"]
    assert opened.keys() == {f"{name}-130000" for name in ("vital-statistics", "life-tables", "leading-causes")}
    assert opened["vital-statistics-130000"] > 0  # of so few people no life table may be told
    assert (report.home / year["statistics"]["report"]).read_bytes().startswith(b"%PDF")
