"""`quanmin exchange agreement` at the platform and at two nodes, over HTTP: from draft to force, and back."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.exchange.agreement.errors import ModeUnfit, NotASide, TermsUnreadable, TermsWidened
from quanmin.exchange.member import enrolment
from quanmin.exchange.node.opening import Listener, opened
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import local_administrator

PLATFORM, PROVIDER, CONSUMER = "health", "civil_affairs", "social_security"
Run = Callable[..., Any]


def _port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command at a member; the platform listens meanwhile."""
    port = _port()
    origin = f"https://127.0.0.1:{port}"
    monkeypatch.setattr(output.out, "width", 250)
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")

    def settings(member: str) -> Settings:
        own, platform = (origin, None) if member == PLATFORM else (None, origin)
        more = {"exchange_origin": own, "exchange_platform": platform}
        return Settings(home=tmp_path / member, member=member, buckets=1, **more)

    def at(member: str, *words: str, code: int = 0, as_json: bool = True) -> Any:
        made = settings(member)
        monkeypatch.setenv("QUANMIN_HOME", str(made.home))
        monkeypatch.setenv("QUANMIN_MEMBER", member)
        for name, value in (("PLATFORM", made.exchange_platform), ("ORIGIN", made.exchange_origin)):
            monkeypatch.delenv(f"QUANMIN_EXCHANGE_{name}", raising=False)
            if value is not None:
                monkeypatch.setenv(f"QUANMIN_EXCHANGE_{name}", value)
        done = CliRunner().invoke(app, ["exchange", "agreement", *words, *(["--json"] if as_json else [])])
        assert (done.exit_code != 0) == bool(code), (done.output, done.exception)
        if code:
            return done.exception
        return json.loads(done.stdout) if as_json else done.stdout

    platform = settings(PLATFORM)
    with opened_platform(platform) as node:
        for member in (PROVIDER, CONSUMER):
            own = settings(member)
            enrolment.join(own, enrolment.admit(node.ledger, platform, local_administrator(), enrolment.asked(own)))
        known: Any = node.directory
        known.forget()
        listener = Listener(node, "127.0.0.1", port, work=False)
        try:
            yield at
        finally:
            listener.close()


def opened_platform(settings: Settings) -> Any:
    """The platform's node of a new home."""

    with Lake.open(settings) as lake:
        enrolment.found(lake.ledger, settings, local_administrator())
    return opened(settings)


def _file(folder: Path, **changed: Any) -> str:
    today = date.today()
    told: dict[str, Any] = {
        "item": "9",
        "title_zh": "火化信息",
        "title_en": "cremations",
        "provider": PROVIDER,
        "consumer": CONSUMER,
        "dataset": "civil_affairs.funeral",
        "elements": ["citizen_number", "death_date", "disposal"],
        "purpose": "sharing",
        "legal_basis": "政务数据共享条例",
        "mode": "both",
        "initiative": "consumer",
        "frequency": "monthly",
        "operations": ["lookup"],
        "case": True,
    } | changed
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in told.items()]
    lines += [f"starts = {today - timedelta(days=1)}", f"until = {today + timedelta(days=90)}"]
    path = folder / "terms.toml"
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


def test_three_members_bring_an_agreement_into_force_and_suspend_it(run: Run, tmp_path: Path) -> None:
    made = run(CONSUMER, "draft", _file(tmp_path))
    name = made["id"]
    assert made["state"] == "draft" and made["terms"]["elements"] == ["citizen_number", "death_date", "disposal"]
    changes = tmp_path / "changes.json"
    changes.write_text(json.dumps({"quota": 100}), "utf-8")
    assert run(CONSUMER, "change", name, str(changes))["terms"]["quota"] == 100
    assert run(CONSUMER, "request", name)["state"] == "requested"
    assert isinstance(run(PROVIDER, "review", name, code=13), NotASide)
    [waiting] = run(PLATFORM, "list", "--state", "requested")
    assert waiting["due"] is not None
    assert run(PLATFORM, "review", name)["state"] == "reviewed"
    narrow = tmp_path / "narrow.toml"
    narrow.write_text('elements = ["citizen_number", "death_date"]\nonward = false\n', "utf-8")
    assert run(PROVIDER, "answer", name, "--change", str(narrow))["state"] == "answered"
    assert isinstance(run(PLATFORM, "sign", name, code=13), NotASide)
    assert run(PROVIDER, "sign", name)["state"] == "answered"
    signed = run(CONSUMER, "sign", name)
    assert signed["state"] == "in_force" and set(signed["signatures"]) == {"provider", "consumer"}
    assert run(PROVIDER, "refresh") == {"changed": 1}
    assert run(PROVIDER, "show", name)["terms"]["elements"] == ["citizen_number", "death_date"]
    shared = {one["id"]: one for one in run(PLATFORM, "catalogue")}
    assert shared["civil_affairs.funeral"]["agreements"] == [f"{name};v=1"]
    assert shared["civil_affairs.funeral"]["legal_basis"]["zh"] == "《殡葬管理条例》"
    assert shared["linked.person"]["share"] == "conditional" and len(shared["linked.person"]["elements"]) == 13
    assert {one["share"] for one in run(CONSUMER, "catalogue", "--share", "closed")} == {"closed"}
    assert run(PROVIDER, "suspend", name, "--reason", "核查")["reason"] == "核查"
    assert run(PROVIDER, "resume", name)["state"] == "in_force"
    assert run(CONSUMER, "revise", name)["terms"]["version"] == 2
    assert run(CONSUMER, "show", name, "--version", "1")["state"] == "in_force"
    assert run(CONSUMER, "withdraw", name)["state"] == "withdrawn"
    assert run(PLATFORM, "revoke", name, "--reason", "终止")["state"] == "revoked"
    refused = run(CONSUMER, "draft", _file(tmp_path), "--request")["id"]
    assert run(PLATFORM, "refuse", refused, "--reason", "另有渠道")["state"] == "refused"


def test_people_are_told_the_same_in_tables(run: Run, tmp_path: Path) -> None:
    name = run(CONSUMER, "draft", _file(tmp_path, region="370000", where={}), "--request")["id"]
    assert "cremations" in run(PLATFORM, "list", as_json=False)
    told = run(PLATFORM, "show", name, as_json=False)
    assert "370000" in told and "requested" in told and "due" in told
    assert "Regulations on Funeral" in run(PLATFORM, "catalogue", as_json=False)
    assert "0 changed" in run(PLATFORM, "refresh", as_json=False)


def test_rows_may_be_agreed_on_as_lines_and_that_is_shown_and_copied(run: Run, tmp_path: Path) -> None:
    name = run(CONSUMER, "draft", _file(tmp_path, form="ndjson"), "--request")["id"]
    assert run(PLATFORM, "review", name)["terms"]["form"] == "ndjson"
    anew = tmp_path / "anew.json"
    anew.write_text(json.dumps({"form": "parquet"}), "utf-8")
    assert isinstance(run(PROVIDER, "answer", name, "--change", str(anew), code=10), TermsWidened)
    run(PROVIDER, "answer", name)
    for member in (PROVIDER, CONSUMER):
        run(member, "sign", name)
    run(PROVIDER, "refresh")
    assert run(PROVIDER, "show", name)["terms"]["form"] == "ndjson"
    [line] = [one for one in run(PROVIDER, "show", name, as_json=False).splitlines() if "form of rows" in one]
    assert "ndjson" in line
    unfit = _file(tmp_path, form="ndjson", content="file")
    assert isinstance(run(CONSUMER, "draft", unfit, "--request", code=10), ModeUnfit)


def test_a_file_that_holds_no_terms_is_refused_before_anything_is_sent(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("elements = [", "utf-8")
    listed = tmp_path / "list.json"
    listed.write_text("[1]", "utf-8")
    for path in (broken, listed, tmp_path / "absent.toml", tmp_path):
        assert isinstance(run(CONSUMER, "draft", str(path), code=10), TermsUnreadable)
    assert run(CONSUMER, "list") == []
