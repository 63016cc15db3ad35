"""`quanmin identity` end to end: the founding, an activation, a sign-in, and what one without a session may not do."""

from __future__ import annotations

import base64
import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app
from quanmin.cli.workplace import operator
from quanmin.trust.identity import password, totp
from quanmin.trust.identity.errors import SessionOver
from quanmin.trust.identity.registry import Registry

WORD = "marble-Ostrich_55 kite"


def run(*words: str, typed: str = "") -> Any:
    return CliRunner().invoke(app, ["identity", *words], input=typed)


def test_from_the_founding_to_a_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path))
    made = password.digest
    monkeypatch.setattr(password, "digest", lambda text, _work: made(text, 4))  # cheap; the cost is not what is tested
    monkeypatch.setattr(Registry, "work", 4, raising=False)
    assert operator().id == "local-administrator"
    found = run("found", "office", "--title", "卫健委", "--region", "110000", "--json", typed="A1\nB2\nC3\n")
    codes = json.loads(found.stdout)
    assert set(codes) == {"system-admin", "security-admin", "audit-admin"}
    halves = codes["system-admin"].split(" / ")
    opened = run("activate", "system-admin", "--json", typed="\n".join([*halves, WORD]) + "\n")
    seed = json.loads(opened.stdout)["seed"]
    now = totp.step_of(datetime.now(UTC))
    first, second = (totp.code(base64.b32decode(seed), step) for step in (now, now + 1))
    assert run("enrol", "system-admin", typed=f"{WORD}\n{first}\n").exit_code == 0
    with pytest.raises(SessionOver):
        operator()  # once there are accounts, nobody acts without one
    entered = run("sign-in", "system-admin", "--json", typed=f"{WORD}\n{second}\n")
    assert json.loads(entered.stdout)["roles"] == "system_administrator", entered.output
    [kept] = tmp_path.glob("session-*")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600 and kept.read_text() not in entered.output
    assert operator().id == "system-admin" and WORD not in opened.output + entered.output
    assert len(json.loads(run("people", "list", "--json").stdout)) == 3
    assert run("sessions", "revoke", "audit-admin").exit_code != 0  # the work of the security administrator
    assert run("sign-out").exit_code == 0
    with pytest.raises(SessionOver):
        operator()
