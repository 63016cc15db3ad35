"""Signing in: two proofs, one message for every failure, back-off, spraying, fixation, replayed codes."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from quanmin.trust import identity
from quanmin.trust.identity import Proofs, account, clock, founding, lockout, session
from quanmin.trust.identity.errors import (
    ActivationRefused,
    ClockBack,
    Locked,
    NotYourWork,
    PasswordOld,
    SessionOver,
    SignInRefused,
    WeakPassword,
)

House = Any  # the fixture of conftest.py


def _try(house: House, name: str, word: str | None = None, code: str | None = None, address: str = "a1") -> None:
    with pytest.raises(SignInRefused) as caught:
        identity.sign_in(house.registry, name, Proofs(word, code), address)
    assert str(caught.value) == "QM-IDENTITY-001 the sign-in was refused"


def test_a_session_yields_an_actor_with_all_that_policies_ask_for(house: House) -> None:
    house.doctor()
    actor = house.actor("dr-wang")
    assert (actor.id, actor.roles, actor.organisation) == ("dr-wang", {"physician"}, "city-hospital")
    assert (actor.region, actor.kind, actor.assurance, actor.mfa) == ("110105", "clinician", 2, True)
    assert actor.subject and actor.session and actor.acting_for is None
    assert "number of" not in actor.subject


def test_one_proof_is_none(house: House) -> None:
    house.pass_time(minutes=1)
    good = house.word("sys-one")
    _try(house, "sys-one", good)
    _try(house, "sys-one", None, house.code("sys-one"))
    _try(house, "sys-one", "wrong password 123", house.code("sys-one"))
    _try(house, "sys-one", good, "000000")
    assert house.reasons("sign_in.failed") == ["second_factor_missing", "password_missing", "password", "code"]


def test_an_account_that_is_not_there_fails_alike(house: House) -> None:
    _try(house, "nobody-here", "some long password", "123456")
    entry = house.events("sign_in.failed")[-1]
    assert (entry["actor"], entry["why"]) == ("unknown", "unknown_account")
    assert "nobody-here" not in house.audit_text()


def test_a_code_is_good_once_also_for_many_at_once(house: House) -> None:
    house.token("sys-one")
    _try(house, "sys-one", house.word("sys-one"), house.code("sys-one"))
    assert house.reasons("sign_in.failed") == ["code_replayed"]
    house.pass_time(minutes=2)
    given, tokens, refused = Proofs(house.word("sys-one"), house.code("sys-one")), list[str](), list[Exception]()

    def enter() -> None:
        try:
            tokens.append(identity.sign_in(house.registry, "sys-one", given))
        except SignInRefused as error:
            refused.append(error)

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(tokens), len(refused)) == (1, 3)


def test_an_earlier_code_than_the_last_used_is_refused(house: House) -> None:
    house.token("sys-one")
    _try(house, "sys-one", house.word("sys-one"), house.code("sys-one", -1))


def test_five_failures_lock_an_account_and_the_wait_doubles(house: House) -> None:
    for turn in range(lockout.FREE_ACCOUNT):
        _try(house, "sys-one", "wrong password 123", "111111", f"a{turn}")
    assert "account_locked" in house.alarms
    good = Proofs(house.word("sys-one"), house.code("sys-one"))
    with pytest.raises(Locked) as caught:
        identity.sign_in(house.registry, "sys-one", good, "b")
    assert 0 < int(str(caught.value.fields["seconds"])) <= 61
    house.pass_time(seconds=61)
    _try(house, "sys-one", "wrong password 123", "111111", "c")
    house.pass_time(seconds=61)
    with pytest.raises(Locked):  # two minutes now
        identity.sign_in(house.registry, "sys-one", good, "b")
    house.pass_time(seconds=61)
    assert house.token("sys-one")
    _try(house, "sys-one", "wrong password 123", "111111", "d")  # and the count starts anew
    assert house.reasons("sign_in.failed").count("locked") == 2


def test_parallel_guesses_cannot_slip_under_the_count(house: House) -> None:
    outcomes: list[type[Exception]] = []

    def guess(turn: int) -> None:
        try:
            identity.sign_in(house.registry, "sys-one", Proofs(f"guess number {turn}", "1"), f"a{turn}")
        except (SignInRefused, Locked) as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=guess, args=(turn,)) for turn in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(SignInRefused) == lockout.FREE_ACCOUNT and len(outcomes) == 12


def test_spraying_from_one_address_is_found_and_stopped(house: House) -> None:
    house.doctor()
    for turn in range(lockout.SPRAY_ADDRESS):
        _try(house, f"victim-{turn}", "Summer2026!!", None, "attacker")
    assert house.alarms == ["password_spraying"]
    house.pass_time(minutes=2)
    good = Proofs(house.word("dr-wang"), house.code("dr-wang"))
    with pytest.raises(Locked):
        identity.sign_in(house.registry, "dr-wang", good, "attacker")
    assert identity.sign_in(house.registry, "dr-wang", good, "elsewhere")
    house.pass_time(minutes=61)
    assert identity.sign_in(house.registry, "dr-wang", Proofs(good.password, house.code("dr-wang")), "attacker")


def test_an_own_success_between_does_not_hide_spraying(house: House) -> None:
    for turn in range(lockout.SPRAY_ADDRESS - 1):
        _try(house, f"victim-{turn}", "Summer2026!!", None, "desk sys-one")
    house.token("sys-one")
    _try(house, "victim-last", "Summer2026!!", None, "desk sys-one")
    assert house.alarms == ["password_spraying"]


def test_spraying_from_many_addresses_is_found(house: House) -> None:
    for turn in range(lockout.SPRAY_ALL):
        _try(house, f"victim-{turn}", "Summer2026!!", None, f"bot {turn}")
    assert house.alarms == ["password_spraying"]


def test_a_token_chosen_by_another_is_never_taken_over(house: House) -> None:
    planted = "x" * 43
    fresh = house.token("sys-one", former=planted)
    assert fresh != planted
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, planted)
    again = house.token("sys-one", former=fresh)
    assert again != fresh and identity.authenticate(house.registry, again).id == "sys-one"
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, fresh)


def test_a_session_ends_idle_absolute_revoked_and_signed_out(house: House) -> None:
    idle = house.token("sys-one")
    house.pass_time(minutes=15)
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, idle)
    long = house.token("sys-one")
    for _ in range(48):
        house.pass_time(minutes=9, seconds=59)
        identity.authenticate(house.registry, long)
    house.pass_time(minutes=2)
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, long)
    assert house.reasons("session.end") == ["idle", "absolute"]
    revoked = house.token("sys-one")
    assert session.revoke(house.registry, house.security, "sys-one") >= 1
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, revoked)
    left = house.token("sys-one")
    session.end(house.registry, left)
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, left)


def test_a_clock_set_back_revives_nothing(house: House) -> None:
    token = house.token("sys-one")
    house.pass_time(minutes=20)
    house.token("sec-one")  # the later time is seen by anybody's work
    house.pass_time(minutes=-20)
    with pytest.raises(ClockBack):
        identity.authenticate(house.registry, token)
    with pytest.raises(ClockBack):
        identity.sign_in(house.registry, "sys-one", Proofs("x", "1"))
    clock.reset(house.registry, None)  # nobody can sign in: whoever holds the machine may
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, token)
    [noted] = house.events("clock_reset")
    assert (noted["actor"], noted["back"]) == ("local-administrator", True) and house.alarms == ["clock_reset"]


def test_a_clock_that_is_right_is_reset_by_the_security_administrator_only(house: House) -> None:
    with pytest.raises(SessionOver):
        clock.reset(house.registry, None)
    with pytest.raises(NotYourWork):
        clock.reset(house.registry, house.system)
    assert house.reasons("refused") == ["no_session", "not_your_work"] and not house.events("clock_reset")
    token = house.token("sec-one")
    clock.reset(house.registry, identity.authenticate(house.registry, token))
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, token)
    assert [one["actor"] for one in house.events("clock_reset")] == ["sec-one"] and house.alarms == []


def test_a_clock_within_the_tolerance_is_not_back(house: House) -> None:
    house.token("sys-one")
    house.pass_time(minutes=-4)
    assert not clock.back(house.registry)
    house.pass_time(minutes=-2)
    assert clock.back(house.registry)


def test_before_the_founding_the_clock_is_reset_without_a_session(empty: House) -> None:
    clock.reset(empty.registry, None)
    assert [one["back"] for one in empty.events("clock_reset")] == [False]


def test_a_disabled_account_is_out_at_once(house: House) -> None:
    house.doctor()
    token = house.token("dr-wang")
    account.disable(house.registry, house.security, "dr-wang", "left")
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, token)
    house.pass_time(minutes=1)
    _try(house, "dr-wang", house.word("dr-wang"), house.code("dr-wang"))


def test_ninety_days_without_a_sign_in_disable(house: House) -> None:
    house.doctor()
    house.doctor("dr-lin")
    for _ in range(3):
        house.pass_time(days=29)
        house.token("dr-lin")
        house.token("sec-one")
    house.pass_time(days=5)
    _try(house, "dr-wang", house.word("dr-wang"), house.code("dr-wang"))
    assert house.reasons("sign_in.failed")[-1] == "dormant"
    with pytest.raises(NotYourWork):
        account.sweep(house.registry, house.actor("dr-lin"))
    assert sorted(account.sweep(house.registry, house.security)) == ["aud-one", "sys-one"]
    assert [one["actor"] for one in house.events("account.dormant")] == ["system", "sec-one", "sec-one"]
    states = {one.ref: one.state for one in house.registry.ledger.find("account")}
    assert states["dr-wang"] == "disabled" and states["dr-lin"] == "active"


def test_an_old_password_must_be_changed_and_none_comes_back(house: House) -> None:
    for _ in range(4):
        house.pass_time(days=50)
        try:
            house.token("sys-one")
        except PasswordOld:
            break
    else:
        raise AssertionError("an old password went on")
    old = house.word("sys-one")
    house.pass_time(minutes=1)
    with pytest.raises(WeakPassword) as caught:
        identity.change_password(house.registry, "sys-one", Proofs(old, house.code("sys-one")), old)
    assert caught.value.fields["reason"] == "used_before"
    identity.change_password(house.registry, "sys-one", Proofs(old, house.code("sys-one")), "marble-Ostrich_55 kite")
    house.pass_time(minutes=1)
    _try(house, "sys-one", old, house.code("sys-one"))
    assert identity.sign_in(house.registry, "sys-one", Proofs("marble-Ostrich_55 kite", house.code("sys-one")))


def test_an_activation_code_is_good_once_whole_and_for_three_days(house: House) -> None:
    first = account.add(house.registry, house.system, "dr-wu", "clinician", "city-hospital", "number")
    with pytest.raises(ActivationRefused):
        identity.activate(house.registry, "dr-wu", (first, first), house.word("dr-wu"))
    second = account.confirm(house.registry, house.security, "dr-wu")
    house.pass_time(days=4)
    with pytest.raises(ActivationRefused):
        identity.activate(house.registry, "dr-wu", (first, second), house.word("dr-wu"))
    first = account.reset(house.registry, house.system, "dr-wu", "late")
    halves = (first, account.confirm(house.registry, house.security, "dr-wu"))
    with pytest.raises(WeakPassword):
        identity.activate(house.registry, "dr-wu", halves, "short")
    house.open("dr-wu", halves)
    with pytest.raises(ActivationRefused):
        identity.activate(house.registry, "dr-wu", halves, house.word("dr-wu"))


def test_no_secret_and_no_person_is_in_the_ledger_or_the_audit(house: House) -> None:
    house.doctor()
    house.actor("dr-wang")
    _try(house, "dr-wang", "my secret typed wrong", "123456")
    text = house.audit_text()
    with house.registry.ledger.reading() as connection:
        for table in ("credential", "session", "attempt", "spent", "action", "certificate"):
            text += str(connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall())
    assert (
        house.shown
        and [one for one in [*house.shown, "my secret typed wrong", "number of", "王dr"] if one in text] == []
    )


def test_no_account_exists_before_the_founding(empty: House) -> None:
    assert not founding.founded(empty.registry)
    for name in ("admin", "administrator", "root", "local-administrator"):
        _try(empty, name, "admin", "000000", f"a {name}")
