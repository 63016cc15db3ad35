"""Rows about people: each passes in a sound installation, and fails where it should."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quanmin.trust.identity import account, credential, mandate, session
from quanmin.trust.policy import shipped
from quanmin.trust.policy.rule import load
from quanmin.trust.selfcheck import people
from quanmin.trust.selfcheck.finding import NO_ACCOUNTS
from quanmin.trust.selfcheck.place import THREE, Place, Trial

Founded = tuple[Place, Trial]


def test_without_accounts_the_rows_about_them_fail(here: Place) -> None:
    assert {people.unique(here), people.factors(here), people.separation(here), people.grants(here)} == {NO_ACCOUNTS}


def test_three_administrators_pass(founded: Founded) -> None:
    for check in (people.unique, people.failures, people.defaults, people.separation, people.grants, people.at_once):
        assert check(founded[0]).verdict == "pass", check


def test_two_accounts_of_one_person(founded: Founded) -> None:
    here, own = founded
    first = own.ledger.find(account.KIND.kind)[0].data
    own.ledger.create(account.KIND.kind, "second", {**first}, "somebody")
    assert people.unique(here).verdict == "fail"


def test_a_weak_password_that_is_taken(founded: Founded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "WEAK", (*people.WEAK, "marble-Ostrich_55 kite"))
    found = people.unique(founded[0])
    assert found.verdict == "fail" and f"1 of {len(people.WEAK)}" in found.evidence.en


def test_sessions_that_never_end(founded: Founded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_over", lambda *_: None)
    assert people.failures(founded[0]).verdict == "fail"


def test_sign_ins_that_never_lock(founded: Founded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quanmin.trust.identity.lockout.FREE_ACCOUNT", 99)
    monkeypatch.setattr("quanmin.trust.identity.lockout.FREE_ADDRESS", 99)
    found = people.failures(founded[0])
    assert found.verdict == "fail" and found.evidence.en.startswith("never locked")


def test_one_proof(founded: Founded, monkeypatch: pytest.MonkeyPatch) -> None:
    here, own = founded
    monkeypatch.setattr(people, "datasets", lambda: ("health.death",))
    assert people.factors(here).verdict == "pass"
    with own.ledger.writing() as connection:
        credential.retire(connection, THREE[0], own.now, "totp")
    assert "1 of 3 accounts" in people.factors(here).evidence.en


def test_policies_that_ask_for_one_proof_only(founded: Founded, monkeypatch: pytest.MonkeyPatch) -> None:
    here, _ = founded
    monkeypatch.setattr(people, "datasets", lambda: ("health.death",))
    files = dict(shipped().files)
    start = files["guard.cedar"].index('@id("guard.factors")')
    end = files["guard.cedar"].index(";", start) + 1
    rules = load({**files, "guard.cedar": files["guard.cedar"][:start] + files["guard.cedar"][end:]})
    weak = Place(here.settings, here.ledger, here.registry, rules, here.trial)
    found = people.factors(weak)
    assert found.verdict == "fail" and not found.evidence.en.startswith("0 ")


def test_an_account_that_nobody_uses(founded: Founded) -> None:
    here, own = founded
    own.now += timedelta(days=91)
    assert people.defaults(here).verdict == "fail"


def test_an_account_of_a_demonstration(founded: Founded) -> None:
    here, own = founded
    data = {"kind": "organisation", "group": "worker", "organisation": "trial", "subject": None}
    made = own.ledger.create(account.KIND.kind, f"{people.DEMO}insurer", data, "somebody")
    assert people.defaults(here).verdict == "pass"  # nobody can sign in with it yet
    own.ledger.act(made.id, "open", None, "somebody", role="security_administrator")
    found = people.defaults(here)
    assert found.verdict == "fail" and "1 demo accounts" in found.evidence.en


def test_an_administrator_that_is_missing(founded: Founded) -> None:
    here, own = founded
    security = own.actor(own.sign_in(THREE[1]))
    grant = next(one for one in own.ledger.find("identity_grant") if one.data["account"] == THREE[2])
    mandate.end(own.registry, security, grant.id, "left")
    found = people.separation(here)
    assert found.verdict == "fail" and "audit_administrator" in found.evidence.en


def test_a_grant_that_one_person_gave_alone(founded: Founded) -> None:
    here, own = founded
    data = {"role": "operator", "organisation": "trial", "purpose": "p", "owner": THREE[2], "account": THREE[2]}
    made = own.ledger.create("identity_grant", THREE[2], {**data, "from": "2026-01-01", "until": "2099-01-01"}, "one")
    own.ledger.act(made.id, "confirm", None, "one", role="security_administrator")
    assert people.grants(here).verdict == "fail"


def test_grants_that_end_soon_are_told(founded: Founded) -> None:
    here, own = founded
    assert people.grants(here).evidence.en.endswith("0 end within 30 days")
    own.now += timedelta(days=340)
    assert people.grants(here).evidence.en.endswith("3 end within 30 days")
    own.now += timedelta(days=30)  # over
    assert people.grants(here).evidence.en.endswith("0 end within 30 days")


def test_rights_that_outlive_their_end(founded: Founded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mandate, "end", lambda *_: None)
    assert people.at_once(founded[0]).verdict == "fail"


def test_a_service_that_may_see_by_itself(founded: Founded) -> None:
    here, _ = founded
    assert people.behalf(here).verdict == "pass"
    wide = '@id("x") @zh("甲") @en("all") @rows("all") permit (principal, action, resource);'
    rules = load({"x.cedar": wide})
    assert people.behalf(Place(here.settings, here.ledger, here.registry, rules, here.trial)).verdict == "fail"
