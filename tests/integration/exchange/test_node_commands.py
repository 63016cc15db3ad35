"""`quanmin node`: two homes become platform and node by the command line, and the node serves until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any


def run(home: Path, member: str, *words: str, fails: bool = False, **more: str) -> str:
    """A command in a home; what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "quanmin", *words],
        env=environment(home, member, **more),
        capture_output=True,
        text=True,
        cwd=home.parent,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr if fails else done.stdout


def environment(home: Path, member: str, **more: str) -> dict[str, str]:
    return {**os.environ, "QUANMIN_HOME": str(home), "QUANMIN_MEMBER": member, **more}


def test_two_homes_become_platform_and_node(tmp_path: Path) -> None:
    there, here = tmp_path / "health", tmp_path / "civil_affairs"
    apart: dict[str, Any] = {"QUANMIN_EXCHANGE_PLATFORM": "https://127.0.0.1:9"}
    assert "QM-EXCHANGE-060" in run(here, "civil_affairs", "node", "status", fails=True, **apart)
    run(there, "health", "node", "found")
    run(here, "civil_affairs", "node", "init", "--out", "enrolment.json", **apart)
    run(there, "health", "exchange", "member", "admit", "enrolment.json", "--to", "membership.json")
    assert "QM-EXCHANGE" in run(there, "education", "node", "join", "membership.json", fails=True)
    run(here, "civil_affairs", "node", "join", "membership.json", **apart)
    told = json.loads(run(here, "civil_affairs", "node", "status", "--json", **apart))
    assert (told["member"], told["platform"]) == ("civil_affairs", "health")
    assert {one["member"] for one in told["members"]} == {"health", "civil_affairs"}
    refused = run(here, "civil_affairs", "node", "ask", "A-1999-0001", "--number", "1", fails=True, **apart)
    assert "QM-EXCHANGE-021" in refused
    assert "QM-EXCHANGE-069" in run(tmp_path / "bare", "health", "node", "serve", "--host", "0.0.0.0", fails=True)
    serving = subprocess.Popen(
        [sys.executable, "-m", "quanmin", "node", "serve", "--local", "0"],
        env=environment(here, "civil_affairs", **apart),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with serving:
        assert serving.stdout is not None
        origin, door = serving.stdout.readline().strip(), serving.stdout.readline().strip()
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(60) == 0
    assert origin.startswith("https://127.0.0.1:") and door.startswith("http://127.0.0.1:")


def test_a_commission_of_a_province_joins_the_nation_and_one_of_no_province_does_not(tmp_path: Path) -> None:
    there, here = tmp_path / "nation", tmp_path / "hubei"
    apart: dict[str, Any] = {"QUANMIN_EXCHANGE_PLATFORM": "https://127.0.0.1:9"}
    run(there, "nation", "node", "found")
    run(here, "health_420000", "node", "init", "--out", "enrolment.json", **apart)
    run(there, "nation", "exchange", "member", "admit", "enrolment.json", "--to", "membership.json")
    run(here, "health_420000", "node", "join", "membership.json", **apart)
    told = {one["member"]: one for one in json.loads(run(there, "nation", "exchange", "member", "list", "--json"))}
    assert told["health_420000"]["title"] == {"zh": "湖北省卫生健康", "en": "Health, 湖北省"}
    assert {one["id"] for one in told["health_420000"]["keys"]} >= {"health_420000/signature/1"}
    run(tmp_path / "lost", "health_999999", "node", "init", "--out", "lost.json", **apart)
    refused = run(there, "nation", "exchange", "member", "admit", "lost.json", fails=True)
    assert "QM-EXCHANGE-141" in refused and "health_999999" in refused
