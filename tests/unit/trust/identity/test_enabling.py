"""A disabled account is used again: proposed by one administrator, confirmed by another, with proofs that are not stale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from quanmin.settings import Settings
from quanmin.trust import identity
from quanmin.trust.approval import Desk
from quanmin.trust.identity import Proofs, account
from quanmin.trust.identity.errors import (
    ActivationRefused,
    NotYourWork,
    OwnFavour,
    SessionOver,
    SignInRefused,
    WrongState,
)

House = Any  # the fixture of conftest.py


def state(house: House, name: str = "dr-wang") -> str:
    return str(account.get(house.registry, name).state)


def disabled(house: House) -> None:
    house.doctor()
    house.token("dr-wang")
    account.disable(house.registry, house.security, "dr-wang", "on leave")


def idle(house: House, days: int = 91) -> None:
    """Days in which the three administrators sign in, and nobody else."""
    while days > 0:
        house.pass_time(days=min(29, days))
        days -= 29
        for name in ("sys-one", "sec-one", "aud-one"):
            house.token(name)


def test_it_takes_two_and_the_proofs_are_kept(house: House) -> None:
    disabled(house)
    assert account.enable(house.registry, house.system, "dr-wang", "back from leave") == ""
    assert state(house) == "returning"
    house.pass_time(seconds=60)
    with pytest.raises(SignInRefused):
        house.token("dr-wang")
    assert account.confirm(house.registry, house.security, "dr-wang") == ""
    assert state(house) == "active"
    house.pass_time(minutes=10)
    assert house.actor("dr-wang").roles == {"physician"}  # the post has lasted
    [proposed], [confirmed] = house.events("account.enable"), house.events("account.restore")
    assert (proposed["actor"], proposed["account"], proposed["anew"]) == ("sys-one", "dr-wang", False)
    assert (confirmed["actor"], confirmed["account"]) == ("sec-one", "dr-wang")
    assert "back from leave" not in house.audit_text()


def test_sessions_from_before_do_not_come_back(house: House) -> None:
    house.doctor()
    token = house.token("dr-wang")
    account.disable(house.registry, house.security, "dr-wang", "on leave")
    account.enable(house.registry, house.system, "dr-wang", "back")
    account.confirm(house.registry, house.security, "dr-wang")
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, token)


@pytest.mark.parametrize("how", ["lapsed", "disabled long ago", "disabled after long idleness"])
def test_after_ninety_days_both_proofs_are_made_anew(house: House, how: str) -> None:
    house.doctor()
    house.token("dr-wang")
    if how == "disabled long ago":
        account.disable(house.registry, house.security, "dr-wang", "on leave")
    idle(house)
    if how == "lapsed":
        assert account.sweep(house.registry, house.security) == ["dr-wang"]
    elif how != "disabled long ago":
        account.disable(house.registry, house.security, "dr-wang", "on leave")
    first = account.enable(house.registry, house.system, "dr-wang", "back")
    assert first and state(house) == "returning"
    with pytest.raises(ActivationRefused):  # not before it is confirmed
        identity.activate(house.registry, "dr-wang", (first, first), house.word("dr-wang") + "2", "desk")
    second = account.confirm(house.registry, house.security, "dr-wang")
    assert second and second != first and state(house) == "waiting"
    house.pass_time(minutes=1)
    with pytest.raises(SignInRefused):
        given = Proofs(house.word("dr-wang"), house.code("dr-wang"))
        identity.sign_in(house.registry, "dr-wang", given, "desk dr-wang")
    house.pass_time(minutes=10)
    word, before = "Another9!harbour-tulip", house.seeds["dr-wang"]
    house.seeds["dr-wang"] = identity.activate(house.registry, "dr-wang", (first, second), word, "desk dr-wang")
    assert house.seeds["dr-wang"] != before
    house.pass_time(seconds=60)
    identity.enrol(house.registry, "dr-wang", Proofs(word, house.code("dr-wang")), "desk dr-wang")
    house.pass_time(seconds=60)
    assert identity.sign_in(house.registry, "dr-wang", Proofs(word, house.code("dr-wang")), "desk dr-wang")
    assert [one["anew"] for one in house.events("account.enable")] == [True] and house.events("account.reopen")


def test_a_proposal_to_keep_the_proofs_does_not_outlive_ninety_days(house: House) -> None:
    disabled(house)
    assert account.enable(house.registry, house.system, "dr-wang", "back") == ""
    idle(house)
    with pytest.raises(WrongState):
        account.confirm(house.registry, house.security, "dr-wang")
    account.disable(house.registry, house.security, "dr-wang", "too late")
    assert account.enable(house.registry, house.system, "dr-wang", "back after all") != ""


def test_a_service_has_no_proofs_to_make_anew(house: House) -> None:
    account.add(house.registry, house.system, "lab-one", "service", "city-hospital")
    account.confirm(house.registry, house.security, "lab-one")
    account.disable(house.registry, house.security, "lab-one", "over")
    idle(house)
    assert account.enable(house.registry, house.system, "lab-one", "goes on") == ""
    assert account.confirm(house.registry, house.security, "lab-one") == "" and state(house, "lab-one") == "active"


def test_only_what_was_in_use_and_is_disabled_is_enabled(house: House) -> None:
    house.doctor()
    with pytest.raises(WrongState):
        account.enable(house.registry, house.system, "dr-wang", "why")
    account.add(house.registry, house.system, "dr-lin", "clinician", "city-hospital", "number of dr-lin", "林")
    account.disable(
        house.registry, house.security, "dr-lin", "refused"
    )  # it was never opened: that would be a way around
    with pytest.raises(WrongState):
        account.enable(house.registry, house.system, "dr-lin", "why")
    account.reset(house.registry, house.system, "dr-wang", "new phone")
    account.disable(house.registry, house.security, "dr-wang", "refused")
    with pytest.raises(WrongState):  # its proofs were given up
        account.enable(house.registry, house.system, "dr-wang", "why")
    rows = {row["account"]: row["returns"] for row in account.listing(house.registry, house.system)}
    assert not rows["dr-wang"] and not rows["dr-lin"]


def test_nobody_proposes_or_confirms_another_s_work_or_his_own(house: House) -> None:
    disabled(house)
    others: tuple[Callable[[], Any], ...] = (
        lambda: account.enable(house.registry, house.security, "dr-wang", "why"),
        lambda: account.enable(house.registry, house.audit, "dr-wang", "why"),
    )
    for step in others:
        with pytest.raises(NotYourWork):
            step()
    system = house.system
    with pytest.raises(OwnFavour):
        account.enable(house.registry, system, "sys-one", "why")
    account.enable(house.registry, system, "dr-wang", "back")
    for actor in (system, house.audit):
        with pytest.raises(NotYourWork):
            account.confirm(house.registry, actor, "dr-wang")
    assert state(house) == "returning" and not house.events("account.restore")


def test_a_second_account_of_one_person_is_not_enabled_by_that_person(house: House) -> None:
    """The security administrator is also a citizen with an account, and has no part in it."""
    house.person("citizen-sec", "staff", "another number")
    document = account.get(house.registry, "citizen-sec")
    account.disable(house.registry, house.security, "citizen-sec", "gone")
    account.enable(house.registry, house.system, "citizen-sec", "back")
    security = house.security
    same = type(security)(**{**vars(security), "subject": document.data["subject"]})
    with pytest.raises(OwnFavour):
        account.confirm(house.registry, same, "citizen-sec")


def test_it_stands_among_the_approvals_and_can_be_refused(house: House, settings: Settings) -> None:
    disabled(house)
    account.enable(house.registry, house.system, "dr-wang", "back")
    desk = Desk(house.registry, settings, house.security)
    [one] = desk.waiting()
    assert (one.sort, one.about, one.by, one.step, one.due) == ("account", "dr-wang", "sys-one", "enable", None)
    assert Desk(house.registry, settings, house.system).asked() == [one]
    desk.refuse(one.sort, one.document, "not yet")
    assert state(house) == "disabled"
    account.enable(house.registry, house.system, "dr-wang", "now")
    [again] = desk.waiting()
    signed = desk.approve(again.sort, again.document)
    assert signed.half is None and state(house) == "active"
