"""`quanmin identity` and `quanmin audit flag` by people of different roles: certificates, passkeys, clock, renewal, flags."""

from __future__ import annotations

import json
import runpy
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app, passkeys
from quanmin.cli.workplace import open_register, session_file
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import Pseudonyms, audit, identity
from quanmin.trust.actor import Kind
from quanmin.trust.identity import account, credential, founding, password, session
from quanmin.trust.identity.errors import (
    CertificateRefused,
    IssueInstead,
    NotYourWork,
    PasskeyRefused,
    RoleHeld,
    SessionOver,
    SignInRefused,
)
from quanmin.trust.keys.errors import RoleMissing

WORD = "marble-Ostrich_55 kite"
NUMBER = "11010519491231002X"
THREE = ("system-admin", "security-admin", "audit-admin")
UNTIL = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}"


class Desk:
    """A terminal of an installation with its three administrators; whoever sits there is signed in already."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with self.register() as register:
            founding.found(register, "office", "卫健委", "110000", *(founding.Founder(one, one) for one in THREE))
            for name in THREE:
                self._opened(register, name)

    def register(self) -> Any:
        """The register, for what the tests need to do behind the commands."""
        return open_register(Settings(home=self.home))

    def _opened(self, register: identity.Registry, name: str) -> None:
        with register.ledger.writing() as connection:
            document = account.get(register, name, connection)
            for step in {"waiting": ("activate", "enrol"), "proposed": ("open",)}[document.state]:
                register.ledger.act(document.id, step, None, name, connection=connection)
            credential.keep(connection, name, "password", password.digest(WORD, 4), register.ledger.now())

    def person(self, name: str, kind: Kind, number: str | None = None) -> None:
        """One more account, at the office."""
        with self.register() as register, register.ledger.writing() as connection:
            subject = account.subject_of(register, number or name)
            account.create(register, "founding", connection, name, kind, "office", subject, None)
        with self.register() as register:
            if kind != "organisation":
                number = account.get(register, name).id
                register.ledger.act(number, "confirm", None, "founding")
            self._opened(register, name)

    def sits(self, name: str | None) -> None:
        """From now on this one is signed in here (None: nobody)."""
        for kept in self.home.glob("session-*"):
            kept.unlink()
        if name is None:
            return
        with self.register() as register, register.ledger.writing() as connection:
            token = session.begin(register, connection, name, "office", "password+totp", 2, True)
        session_file(Settings(home=self.home)).write_text(token)

    def run(self, *words: str, typed: str = "") -> Any:
        """A command, its errors raised; the JSON that it printed, or its text."""
        done = CliRunner().invoke(app, list(words), input=typed, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout) if "--json" in words else done.stdout

    def events(self, event: str) -> list[Any]:
        """Entries of the audit."""
        with Ledger.open(Settings(home=self.home)) as ledger:
            return [one.fields for one in audit.entries(ledger, event)]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A home with accounts."""
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    made = password.digest
    monkeypatch.setattr(password, "digest", lambda text, _work: made(text, 4))  # cheap; the cost is not what is tested
    return Desk(tmp_path / "home")


def certify(desk: Desk, name: str, by: str, folder: Path, word: str) -> tuple[Path, Path]:
    """Certificate and key of an account, by the commands."""
    desk.sits("security-admin")
    if not desk.events("identity.authority"):
        desk.run("identity", "certificates", "create")
    desk.sits(by)
    ask = ("identity", "certificates", "request", name, str(folder / f"{name}.csr"), "--until", UNTIL, "--json")
    asked = desk.run(*ask, typed=f"{word}\n")
    desk.sits("security-admin")
    with pytest.raises(IssueInstead):
        desk.run("identity", "confirm", str(asked["document"]))
    pem = folder / f"{name}.pem"
    pem.write_text(desk.run("identity", "certificates", "issue", str(asked["document"])))
    desk.sits(None)
    return pem, folder / f"{name}.key"


def test_a_person_signs_in_by_certificate_and_password(desk: Desk, tmp_path: Path) -> None:
    desk.person("clerk", "staff")
    pem, key = certify(desk, "clerk", "clerk", tmp_path, "open the key")
    assert stat.S_IMODE(key.stat().st_mode) == stat.S_IMODE(pem.with_suffix(".csr").stat().st_mode) == 0o600
    assert b"ENCRYPTED" in key.read_bytes()
    words = ("identity", "sign-in", "clerk", "--certificate", str(pem), "--key", str(key), "--json")
    told = desk.run(*words, typed=f"open the key\n{WORD}\n")
    assert (told["account"], told["assurance"], told["mfa"]) == ("clerk", 3, True)
    assert desk.run("identity", "whoami", "--json")["account"] == "clerk"
    with pytest.raises(CertificateRefused):
        desk.run(*words, typed=f"another word\n{WORD}\n")
    with pytest.raises(SignInRefused):
        desk.run(*words, typed="open the key\nnot the password\n")
    assert "open the key" not in str(desk.events("identity.sign_in"))
    assert CliRunner().invoke(app, [*words[:5]]).exit_code == 2  # a certificate without its key


def test_an_organisation_signs_in_by_certificate_alone(desk: Desk, tmp_path: Path) -> None:
    desk.person("county-lab", "organisation")
    pem, key = certify(desk, "county-lab", "system-admin", tmp_path, "")
    told = desk.run("identity", "sign-in", "county-lab", "--certificate", str(pem), "--key", str(key), "--json")
    assert (told["kind"], told["mfa"]) == ("organisation", False)
    desk.person("other-lab", "organisation")
    with pytest.raises(SignInRefused):
        desk.run("identity", "sign-in", "other-lab", "--certificate", str(pem), "--key", str(key))


def test_a_request_that_exists_is_sent_as_it_is(desk: Desk, tmp_path: Path) -> None:
    desk.person("clerk", "staff")
    key, csr = tmp_path / "own.key", tmp_path / "own.csr"
    key.write_bytes(identity.holder.new_key("word"))
    desk.sits("clerk")
    ask = ("identity", "certificates", "request", "clerk", str(csr), "--until", UNTIL, "--key", str(key))
    before = key.read_bytes()
    desk.run(*ask, typed="word\n")
    made = csr.read_bytes()
    desk.run(*ask)
    assert (key.read_bytes(), csr.read_bytes()) == (before, made)


def test_passkeys_are_kept_listed_used_and_removed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = runpy.run_path(str(Path(__file__).parents[1] / "trust" / "identity" / "test_passkeys.py"))
    key = browser["Authenticator"]()
    desk.person("clerk", "staff")
    desk.sits("clerk")
    printed: list[dict[str, Any]] = []
    ask = passkeys.asked

    def answering(options: Any) -> str:
        monkeypatch.setattr(passkeys, "secret", lambda *_: reply(options))
        printed.append(dict(options))
        return ask(options)

    def reply(options: dict[str, Any]) -> str:
        return str(key.register(options) if "rp" in options else key.answer(options))

    monkeypatch.setattr(passkeys, "asked", answering)
    monkeypatch.setattr("quanmin.cli.identity.asked", answering)
    said = desk.run("identity", "passkeys", "register")
    assert json.loads(said.splitlines()[0])["challenge"] == printed[0]["challenge"]
    [kept] = desk.run("identity", "passkeys", "list", "--json")
    desk.sits(None)
    said = desk.run("identity", "sign-in", "clerk", "--passkey", typed=f"{WORD}\n")
    assert desk.run("identity", "whoami", "--json")["assurance"] == 3
    with pytest.raises(PasskeyRefused):
        desk.run("identity", "passkeys", "remove", str(kept["number"] + 1))
    desk.run("identity", "passkeys", "remove", str(kept["number"]))
    assert desk.run("identity", "passkeys", "list", "--json") == []
    with pytest.raises(SignInRefused):
        desk.run("identity", "sign-in", "clerk", "--passkey", typed=f"{WORD}\n")


def test_dormant_accounts_are_an_administrators_work(desk: Desk) -> None:
    with pytest.raises(SessionOver):
        desk.run("identity", "people", "dormant")
    desk.sits("audit-admin")
    with pytest.raises(NotYourWork):
        desk.run("identity", "people", "dormant")
    desk.sits("security-admin")
    assert desk.run("identity", "people", "dormant", "--json") == {"disabled": ""}


def test_the_clock_is_reset_without_a_session_only_while_it_is_back(desk: Desk) -> None:
    with pytest.raises(SessionOver):
        desk.run("identity", "clock", "--reset")
    desk.sits("system-admin")
    with pytest.raises(NotYourWork):
        desk.run("identity", "clock", "--reset")
    with desk.register() as register:
        register.ledger.now = lambda: datetime.now(UTC) + timedelta(days=400)
        assert not identity.clock.back(register)  # the time that was seen stands in the future now
    desk.run("identity", "clock", "--reset")
    with pytest.raises(SessionOver):
        desk.run("identity", "whoami")
    assert [one["back"] for one in desk.events("identity.clock_reset")] == [True]
    desk.sits("audit-admin")
    assert [one["rule"] for one in desk.run("audit", "alarms", "--json") if one["rule"] == "identity"] == ["identity"]
    desk.sits("security-admin")
    desk.run("identity", "clock", "--reset")
    assert [one["actor"] for one in desk.events("identity.clock_reset")] == ["local-administrator", "security-admin"]


def test_a_renewal_is_proposed_by_one_and_confirmed_by_the_third(desk: Desk) -> None:
    desk.sits("audit-admin")
    made = desk.run("identity", "renew", "security-admin", "--until", UNTIL, "--json")
    with pytest.raises(RoleHeld):
        desk.run("identity", "recover", "security", "security-two", typed="number of two\n")
    desk.sits("system-admin")
    assert desk.run("identity", "confirm", str(made["document"]), "--json")["state"] == "held"
    found = desk.run("identity", "grants", "list", "--expiring", "100", "--json")
    assert [one["document"] for one in found] == [made["document"]]
    assert desk.run("identity", "grants", "list", "--expiring", "30", "--json") == []


def test_a_role_that_nobody_has_is_recovered(desk: Desk) -> None:
    with desk.register() as register:
        [grant] = register.ledger.find("identity_grant", ref="audit-admin")
        register.ledger.act(grant.id, "end", {"reason": "left"}, "security-admin", role="security_administrator")
    told = desk.run("identity", "recover", "audit", "audit-two", "--json", typed=f"{NUMBER}\n")
    assert len(told["audit-two"].split(" / ")) == 2
    with desk.register() as register:
        desk._opened(register, "audit-two")
    desk.sits("audit-two")
    assert desk.run("identity", "whoami", "--json")["roles"] == "audit_administrator"
    assert "identity" in {one["rule"] for one in desk.run("audit", "alarms", "--json")}


def test_a_flag_is_set_by_two_and_reads_of_the_person_alarm(desk: Desk) -> None:
    desk.sits("security-admin")
    add = ("audit", "flag", "add", "--reason", "threatened", "--until", UNTIL, "--json")
    number = str(desk.run(*add, typed=f"{NUMBER}\n")["document"])
    with pytest.raises(NotYourWork):
        desk.run("audit", "flag", "confirm", number)
    desk.sits("audit-admin")
    assert desk.run("audit", "flag", "confirm", number, "--json")["state"] == "in_force"
    person = Pseudonyms.open(Settings(home=desk.home), "audit").of(NUMBER)
    with Ledger.open(Settings(home=desk.home)) as ledger:
        audit.append(ledger, "read", "clerk", {"persons": [person], "rows": 1})
    assert ("flagged", "clerk") in {(one["rule"], one["actor"]) for one in desk.run("audit", "alarms", "--json")}
    [told] = desk.run("audit", "flag", "list", "--json")
    assert (told["person"], told["state"]) == (person, "in_force") and NUMBER[:17] not in str(told)
    assert "threatened" in desk.run("audit", "flag", "list")
    desk.run("audit", "flag", "end", number, "--reason", "over")
    assert [one["state"] for one in desk.run("audit", "flag", "list", "--json")] == ["ended"]


def test_ones_own_record_shows_in_what_post_somebody_read(desk: Desk) -> None:
    person = Pseudonyms.open(Settings(home=desk.home), "audit").of(NUMBER)
    with Ledger.open(Settings(home=desk.home)) as ledger:
        facts = {"roles": ["physician"], "organisation": "old-hospital"}
        audit.append(ledger, "decide", "system-admin", {"decision": "d", "facts": facts})
        audit.append(ledger, "read", "system-admin", {"decision": "d", "persons": [person], "rows": 1})
        audit.append(ledger, "read", "system-admin", {"persons": [person], "rows": 1})
    desk.sits("audit-admin")
    later, decided = desk.run("audit", "mine", NUMBER, "--json")[-2:]
    assert (decided["roles"], decided["organisation"]) == (["physician"], "old-hospital")
    assert (later["roles"], later["organisation"]) == (["system_administrator"], "office")


def test_the_audit_is_read_by_its_administrator_and_ones_own_record_by_oneself(desk: Desk, tmp_path: Path) -> None:
    desk.person("clerk", "staff", NUMBER)
    reads = (
        ("search",),
        ("alarms",),
        ("export", str(tmp_path / "log.ndjson")),
        ("mine", "440524188001010014"),
    )
    for who, refusal in ((None, SessionOver), ("clerk", RoleMissing), ("security-admin", RoleMissing)):
        desk.sits(who)
        for words in reads:
            with pytest.raises(refusal):
                desk.run("audit", *words)
    assert not (tmp_path / "log.ndjson").exists() and len(desk.events("refused")) == 2 * len(reads)
    person = Pseudonyms.open(Settings(home=desk.home), "audit").of(NUMBER)
    with Ledger.open(Settings(home=desk.home)) as ledger:
        audit.append(ledger, "read", "system-admin", {"persons": [person], "rows": 1})
    desk.sits("clerk")
    assert "system-admin" not in desk.run("audit", "mine", NUMBER)
    desk.sits("audit-admin")
    for words in reads:
        desk.run("audit", *words)
    assert [one["actor"] for one in desk.events("audit")] == ["clerk"] + ["audit-admin"] * len(reads)
