"""Rows about policies, records, protection and edges: each can pass and fail; and the run as a whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from quanmin.ledger.table import AuditRow
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import audit, local_administrator
from quanmin.trust.keys import open_store
from quanmin.trust.policy import change
from quanmin.trust.selfcheck import ROWS, checklist, policies, protection, records, run, surface
from quanmin.trust.selfcheck.finding import Finding
from quanmin.trust.selfcheck.place import Place, Trial, trial

Founded = tuple[Place, Trial]


def verdict(check: Callable[[Place], Finding], place: Place) -> str:
    return check(place).verdict


def test_a_change_of_policies_that_its_proposer_approved(here: Place) -> None:
    assert verdict(policies.changes, here) == "pass"
    made = here.ledger.create(change.CHANGE.kind, "x", {"files": {}, "version": "0"}, "one")
    here.ledger.act(made.id, "approve", {"differences": "d"}, "one", role="security_administrator")
    here.ledger.act(made.id, "activate", {}, "one", role="security_administrator")
    assert verdict(policies.changes, here) == "fail"


def test_decisions_other_than_the_shipped_table(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    table = policies.shipped_table()
    monkeypatch.setattr(policies, "computed", lambda _rules: table)
    assert verdict(policies.matrix, here) == "pass"
    monkeypatch.setattr(policies, "computed", lambda _rules: table[1:])
    assert verdict(policies.matrix, here) == "fail"


def test_a_column_without_a_grade(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(policies.labels, here) == "pass"
    own = policies.known
    monkeypatch.setattr(policies, "known", lambda dataset, name: None if name == "sex" else own(dataset, name))
    assert verdict(policies.labels, here) == "fail"


def test_reading_without_a_purpose(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "datasets", lambda: ("health.death",))
    assert verdict(policies.purpose, here) == "pass"
    granted = policies.decide(here.trial().ledger, local_administrator(), "supervision", "health.death", ("sex",))
    monkeypatch.setattr(policies, "decide", lambda *_, **__: granted)
    assert verdict(policies.purpose, here) == "fail"


def test_a_read_without_a_decision(here: Place) -> None:
    assert verdict(records.covers, here) == "pass"
    audit.append(here.ledger, "read", "somebody", {"decision": "d" * 32, "purpose": "treatment"})
    assert verdict(records.covers, here) == "fail"


def test_a_decision_without_its_facts(here: Place) -> None:
    assert verdict(records.complete, here) == "pass"
    audit.append(here.ledger, "decide", "somebody", {"decision": "d" * 32, "purpose": "treatment"})
    assert verdict(records.complete, here) == "fail"


def test_a_log_without_a_head_with_an_old_one_and_changed(here: Place) -> None:
    audit.append(here.ledger, "x", "somebody", {})
    assert verdict(records.protected, here) == "fail"
    audit.sign(here.ledger, here.settings)
    assert verdict(records.protected, here) == "pass"
    now = here.ledger.now()
    here.ledger.now = lambda: now + timedelta(hours=25)
    assert verdict(records.protected, here) == "fail"
    here.ledger.now = lambda: now
    with here.ledger.writing() as connection:
        connection.execute(update(AuditRow).values(entry='{"a":1}'))
    assert verdict(records.protected, here) == "fail"


def test_an_answer_without_a_record(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(records.no_record_no_answer, here) == "pass"
    kept = records.decide(here.trial().ledger, records.typical("supervisor"), "supervision", "linked.person", ("sex",))
    monkeypatch.setattr(records, "decide", lambda *_, **__: kept)
    assert verdict(records.no_record_no_answer, here) == "fail"


@pytest.mark.parametrize("number", ["11010519491231002X", "110105491231002", "11010519491231002"])
def test_a_number_in_the_log_or_in_a_document(here: Place, number: str) -> None:
    assert verdict(records.no_numbers, here) == "pass"
    here.ledger.create(change.CHANGE.kind, "x", {"files": {"a": f"for {number}."}}, "one")
    assert verdict(records.no_numbers, here) == "fail"


def test_digits_that_are_no_number() -> None:
    assert records.numbers(["123456789012345678", "a110105194912310021", "20261128065500123", "0" * 17]) == 0


def test_ciphertexts_that_open_elsewhere(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(protection.integrity, here) == "pass"
    monkeypatch.setattr(protection.Fields, "text", lambda *_: "trial")
    assert verdict(protection.integrity, here) == "fail"


@pytest.mark.parametrize(
    ("url", "open_"),
    [
        ("postgresql+psycopg://u@db.example/x", ["QUANMIN_LEDGER"]),
        ("postgresql+psycopg://u@db.example/x?sslmode=prefer", ["QUANMIN_LEDGER"]),
        ("postgresql+psycopg://u@db.example/x?sslmode=verify-full", []),
        ("postgresql+psycopg://u@127.0.0.1/x", []),
        (None, []),
    ],
)
def test_a_database_reached_without_tls(url: str | None, open_: list[str]) -> None:
    assert protection.open_ways(Settings(ledger=url)) == open_


def test_where_the_master_and_the_volumes_are(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection.volume, "state", lambda _path: "encrypted")
    assert "beside the ring" in protection.at_rest(here).evidence.en and verdict(protection.at_rest, here) == "fail"
    elsewhere = here.settings.model_copy(
        update={"home": here.settings.home / "two", "passphrase": SecretStr("correct horse")}
    )
    place = dataclasses.replace(here, settings=elsewhere)
    assert verdict(protection.at_rest, place) == "pass"
    monkeypatch.setattr(protection.volume, "state", lambda _path: "unknown")
    assert verdict(protection.at_rest, place) == "operator"
    monkeypatch.setattr(protection.volume, "state", lambda _path: "plain")
    assert verdict(protection.at_rest, place) == "fail"


def test_an_older_key_ring_that_was_put_back(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection.volume, "state", lambda _path: "encrypted")
    own = here.settings.home
    elsewhere = here.settings.model_copy(update={"home": own / "two", "master": own / "masters"})
    place, store = dataclasses.replace(here, settings=elsewhere), open_store(elsewhere)
    store.ensure("field/x")
    before = (elsewhere.home / "keys" / "keyring.json").read_bytes()
    store.rotate("field/x")
    audit.append(here.ledger, "keys", "somebody", {"action": "rotate", "revision": store.ring().revision})
    assert verdict(protection.at_rest, place) == "pass"
    (elsewhere.home / "keys" / "keyring.json").write_bytes(before)
    assert "older key ring" in protection.at_rest(place).evidence.en and verdict(protection.at_rest, place) == "fail"


def test_backups_that_were_never_drilled(here: Place) -> None:
    assert verdict(protection.backups, here) == "fail"
    audit.append(here.ledger, "backup", "somebody", {"action": "create", "backup": "x"})
    audit.append(here.ledger, "backup", "somebody", {"action": "drill", "sound": False})
    assert verdict(protection.backups, here) == "fail"
    audit.append(here.ledger, "backup", "somebody", {"action": "drill", "sound": True})
    assert verdict(protection.backups, here) == "pass"
    elsewhere = here.settings.model_copy(update={"ledger": "postgresql://x/y"})
    assert verdict(protection.backups, dataclasses.replace(here, settings=elsewhere)) == "operator"


def test_what_a_dead_process_left(here: Place) -> None:
    assert verdict(protection.leftovers, here) == "pass"
    (here.settings.home / "tmp" / "engine" / "999999999-1-abc").mkdir(parents=True)
    assert verdict(protection.leftovers, here) == "fail"


def test_limits_that_are_none(here: Place) -> None:
    assert verdict(surface.limits, here) == "pass"
    wide = here.settings.model_copy(update={"max_expansion": 100_000})
    assert verdict(surface.limits, dataclasses.replace(here, settings=wide)) == "fail"


def test_an_administrator_about_to_lapse(founded: Founded) -> None:
    here, own = founded
    assert verdict(surface.centre, here) == "pass"
    own.now += timedelta(days=340)
    assert verdict(surface.centre, here) == "fail"


def test_an_error_without_a_text(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(surface.errors, here) == "pass"
    bare = type("Bare", (), {"title": Text("", ""), "step": Text("", ""), "category": "invalid"})
    monkeypatch.setattr(surface, "KINDS", {"QM-X-001": bare})
    assert verdict(surface.errors, here) == "fail"


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://health.example.cn", "operator"),
        ("http://localhost:8000", "operator"),
        ("http://127.0.0.1:8000", "operator"),
        ("http://10.1.2.3:8000", "fail"),
        ("http://localhost.example.cn", "fail"),
    ],
)
def test_pages_for_other_machines_go_by_https(here: Place, origin: str, expected: str) -> None:
    served = here.settings.model_copy(update={"origin": origin})
    assert verdict(surface.remote, dataclasses.replace(here, settings=served)) == expected


def test_what_no_program_sees_is_the_operators(here: Place) -> None:
    assert {check(here).verdict for check in (surface.remote, surface.cache, protection.weaknesses)} == {"operator"}


def test_a_run_checks_every_row_and_a_check_that_breaks_fails(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [row.number for row in ROWS] == list(range(1, 28))

    def broken(_place: Place) -> Finding:
        raise ZeroDivisionError("of 11010519491231002X")

    row = checklist.Row(99, "8.1.0", "V0", Text("坏", "broken"), broken)
    monkeypatch.setattr(checklist, "ROWS", (ROWS[4], row))
    found = run(here.settings, here.ledger, local_administrator())
    assert [one.verdict for one in found] == ["pass", "fail"]
    assert "ZeroDivisionError" in found[1].finding.evidence.en and "1101" not in found[1].finding.evidence.en
    assert [one.fields["rows"] for one in audit.entries(here.ledger, "selfcheck")] == [{"5": "pass", "99": "fail"}]


def test_the_trial_never_touches_the_installation_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = f"sqlite:///{tmp_path / 'real.sqlite'}"
    for name, value in (("LEDGER", own), ("HOME", str(tmp_path / "real")), ("LAKE", str(tmp_path / "lake"))):
        monkeypatch.setenv(f"QUANMIN_{name}", value)
    monkeypatch.setenv("QUANMIN_PASSPHRASE", "correct horse")
    monkeypatch.setenv("QUANMIN_MASTER", str(tmp_path / "masters"))
    with trial() as made:
        assert str(made.settings.home) not in own and made.settings.ledger_url != own
        assert str(made.ledger.engine.url) == made.settings.ledger_url
    assert not list(tmp_path.iterdir()) and not made.settings.home.exists()
