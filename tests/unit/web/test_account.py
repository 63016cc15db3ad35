"""One's own account through the pages: a passkey registered and used, password changed, account opened, sessions ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from quanmin.ledger import Ledger
from quanmin.ledger.credential import CredentialRow
from quanmin.trust import identity
from quanmin.trust.identity import account as accounts

from ..trust.identity.test_passkeys import Authenticator
from .conftest import Browser
from .test_entry import proofs

Browse = Callable[..., Browser]
OWN, SIGN_IN = "/console/en/account", "/console/en/sign-in"
NEW = "quiet-Harbour7-pencil"


@pytest.fixture
def at(home: Path, browse: Browse) -> Browser:
    """A browser of a home that may be changed."""
    return browse(home)


def test_a_passkey_is_registered_and_signs_in_with_the_password(at: Browser) -> None:
    key, typed = Authenticator(), proofs(at, "demo-operator")
    at.sign_in("demo-operator")
    options = at.post(f"{OWN}/passkeys/options")
    assert options.headers["content-type"] == "application/json" and options.json()["rp"]["id"] == "localhost"
    made = {"answer": key.register(options.json())}
    assert at.post(f"{OWN}/passkeys/register", made).status_code == 303
    assert at.post(f"{OWN}/passkeys/register", made).status_code == 403  # a challenge is answered once
    [kept] = at.get(f"{OWN}.json").json()["passkeys"]
    at.sign_out()
    asked = at.post(f"{SIGN_IN}/passkey", {"account": "demo-operator"}).json()
    answer = {"account": "demo-operator", "password": typed["password"], "passkey": key.answer(asked)}
    assert at.post(SIGN_IN, {**answer, "password": "another one"}).status_code == 403
    answer["passkey"] = key.answer(at.post(f"{SIGN_IN}/passkey", {"account": "demo-operator"}).json())
    assert at.post(SIGN_IN, answer).status_code == 303
    told = at.get(f"{OWN}.json").json()
    assert told["assurance"] == 3 and told["sessions"][-1]["methods"] == "password+passkey"
    assert at.post(f"{OWN}/passkeys/{kept['number']}/remove").status_code == 303
    assert at.post(f"{OWN}/passkeys/{kept['number']}/remove").status_code == 403
    assert at.get(f"{OWN}.json").json()["passkeys"] == []


def test_a_passkey_of_another_site_or_account_opens_nothing(at: Browser) -> None:
    key = Authenticator()
    at.sign_in("demo-operator")
    assert at.post(f"{OWN}/passkeys/register", {"answer": "{}"}).status_code == 403
    key.origin = "https://attacker.example"
    assert (
        at.post(
            f"{OWN}/passkeys/register", {"answer": key.register(at.post(f"{OWN}/passkeys/options").json())}
        ).status_code
        == 403
    )
    known = at.post(f"{SIGN_IN}/passkey", {"account": "demo-operator"}).json()
    nobody = at.post(f"{SIGN_IN}/passkey", {"account": "nobody-here"}).json()
    assert set(known) == set(nobody) and len(nobody["allowCredentials"]) == 1  # nobody can tell who has an account


def test_signing_in_takes_a_code_or_a_passkey(at: Browser) -> None:
    typed = proofs(at, "demo-operator")
    bare = at.post(SIGN_IN, {"account": typed["account"], "password": typed["password"]})
    assert bare.status_code == 422 and "one-time code is needed, or a passkey" in bare.text
    assert typed["password"] not in bare.text


def test_a_password_is_changed_and_every_session_ends(at: Browser) -> None:
    typed = proofs(at, "demo-operator", 1)
    at.sign_in("demo-operator")
    change = {**typed, "chosen": NEW, "again": NEW}
    other = at.post(f"{SIGN_IN}/password", {**change, "again": "something else"})
    assert other.status_code == 422 and NEW not in other.text
    weak = at.post(f"{SIGN_IN}/password", {**change, "chosen": "short", "again": "short"})
    assert weak.status_code == 422 and "QM-IDENTITY-004" in weak.text
    assert at.post(f"{SIGN_IN}/password", {**change, "password": "wrong one"}).status_code == 403
    assert at.post(f"{SIGN_IN}/password", change).status_code == 303
    assert at.get(OWN).status_code == 303


def test_an_old_password_leads_to_the_page_that_changes_it(at: Browser) -> None:
    with Ledger.open(at.settings) as ledger, ledger.writing() as connection:
        old = ledger.now() - timedelta(days=200)
        row = update(CredentialRow).where(CredentialRow.account == "demo-operator", CredentialRow.kind == "password")
        connection.execute(row.values(at=old))
    answer = at.post(SIGN_IN, proofs(at, "demo-operator", 1))
    assert answer.status_code == 303 and answer.headers["location"] == f"{SIGN_IN}/password"
    assert "quanmin_console" not in at.client.cookies
    assert "has expired" in at.get(f"{SIGN_IN}/password").text


def test_an_account_is_opened_with_both_halves_and_a_first_code(at: Browser) -> None:
    with Ledger.open(at.settings) as ledger:
        registry = identity.Registry.open(ledger, at.settings)
        with ledger.writing() as connection:
            made = accounts.create(registry, "base", connection, "new-citizen", "patient", None, "s", None)
            ledger.act(made.id, "prove", {"item": "residence"}, "base", connection=connection)
            first, second = (accounts.half(registry, connection, "new-citizen", place) for place in (0, 1))
    given = {"account": "new-citizen", "first": first, "second": second, "chosen": NEW, "again": NEW}
    assert at.post(f"{SIGN_IN}/activate", {**given, "second": first}).status_code == 403
    weak = at.post(f"{SIGN_IN}/activate", {**given, "chosen": "new-citizen", "again": "new-citizen"})
    assert weak.status_code == 422 and first not in weak.text and second not in weak.text
    opened = at.post(f"{SIGN_IN}/activate", given)
    assert opened.status_code == 200 and "otpauth://totp/quanmin:new-citizen?" in opened.text
    assert at.post(f"{SIGN_IN}/activate", given).status_code == 403  # a code is used once
    seed = opened.text.split("<dd><code>")[1].split("<")[0]
    wrong = at.post(f"{SIGN_IN}/enrol", {"account": "new-citizen", "password": NEW, "code": "000000"})
    assert wrong.status_code == 403 and seed not in wrong.text
    from quanmin.demo_people import SignIn
    from quanmin.text import Text
    from quanmin.trust.identity import totp

    phone = SignIn("new-citizen", Text("", ""), None, (), NEW, seed)
    with Ledger.open(at.settings) as ledger:
        code = phone.code(totp.step_of(ledger.now()))
    assert at.post(f"{SIGN_IN}/enrol", {"account": "new-citizen", "password": NEW, "code": code}).status_code == 303
    at.sign_in("new-citizen")
    assert at.get(f"{OWN}.json").json()["roles"] == ["patient"]


def test_one_sees_and_ends_ones_own_sessions(at: Browser, home: Path, browse: Browse) -> None:
    elsewhere = browse(home).sign_in("demo-doctor")
    at.sign_in("demo-doctor")
    rows = at.get(f"{OWN}.json").json()["sessions"]
    assert [row["here"] for row in rows][-1] is True and {row["account"] for row in rows} == {"demo-doctor"}
    assert at.post(f"{OWN}/end-sessions").status_code == 303
    assert elsewhere.get(OWN).status_code == 303 and at.get(OWN).status_code == 303


def test_nobody_acts_for_a_ward_that_is_not_his(at: Browser) -> None:
    at.sign_in("demo-citizen")
    assert at.post(f"{OWN}/act-for", {"guardianship": "7"}).status_code == 422
    assert at.post(f"{OWN}/act-for", {"guardianship": "0"}).status_code == 303
    assert "Act for a ward" not in at.get(OWN).text
