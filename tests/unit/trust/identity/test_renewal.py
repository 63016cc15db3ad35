"""Administrators stay by the word of the other two, and a role that nobody has is taken up anew, with an alarm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quanmin.trust import identity
from quanmin.trust.identity import account, duty, founding, mandate, renewal
from quanmin.trust.identity.errors import (
    AccountTaken,
    BadMandate,
    NotFounded,
    NothingToRenew,
    NotYourWork,
    OwnFavour,
    RoleHeld,
    RolesApart,
    SignInRefused,
    WeakPassword,
)

House = Any  # the fixture of conftest.py
NAMES = dict(zip(duty.ADMINISTRATORS, ("sys-one", "sec-one", "aud-one"), strict=True))


def late(house: House, days: int = 350) -> None:
    """Most of the year passes; everybody signs in now and then, with a new password where it is due."""
    for _ in range(days // 50):
        house.pass_time(days=50)
        with house.registry.ledger.writing() as connection:
            connection.exec_driver_sql("UPDATE credential SET at = (SELECT at FROM mark) WHERE kind = 'password'")
        for name in NAMES.values():
            house.token(name)


def test_each_administrator_is_renewed_by_the_other_two(house: House) -> None:
    for (holder, name), proposer, confirmer in (((r, NAMES[r]), *others(r)) for r in duty.ADMINISTRATORS):
        made = renewal.propose(house.registry, house.actor(proposer), name, house.until(365))
        with pytest.raises(OwnFavour):
            mandate.confirm(house.registry, house.actor(proposer), made.id)
        with pytest.raises(NotYourWork):
            mandate.confirm(house.registry, house.actor(name), made.id)
        done = mandate.confirm(house.registry, house.actor(confirmer), made.id)
        assert (done.state, done.data["role"], done.data["owner"]) == ("held", holder, proposer)
        assert house.actor(name).roles == {holder}


def others(role: str) -> list[str]:
    """The other two."""
    return [NAMES[one] for one in duty.ADMINISTRATORS if one != role]


def test_nobody_proposes_his_own_and_one_factor_is_none(house: House) -> None:
    for role, name in NAMES.items():
        with pytest.raises(NotYourWork):
            renewal.propose(house.registry, house.actor(name), name, house.until())
        with pytest.raises(NotYourWork):
            renewal.propose(house.registry, replace(house.actor(others(role)[0]), mfa=False), name, house.until())


def test_a_renewed_grant_carries_on_where_the_first_one_ends(house: House) -> None:
    late(house)
    made = [renewal.propose(house.registry, house.actor(others(r)[0]), NAMES[r], house.until(366)) for r in NAMES]
    for (role, _), document in zip(NAMES.items(), made, strict=True):
        mandate.confirm(house.registry, house.actor(others(role)[1]), document.id)
    house.pass_time(days=30)
    assert [house.actor(name).roles for name in NAMES.values()] == [{role} for role in NAMES]


def test_what_ended_is_not_renewed(house: House) -> None:
    made = renewal.propose(house.registry, house.system, "aud-one", house.until())
    [grant] = [one for one in house.registry.ledger.find("identity_grant", ref="aud-one") if one.state == "held"]
    mandate.end(house.registry, house.security, grant.id, "another one does it")
    with pytest.raises(NothingToRenew):
        mandate.confirm(house.registry, house.security, made.id)
    with pytest.raises(NothingToRenew):
        renewal.propose(house.registry, house.system, "aud-one", house.until())
    house.doctor()
    with pytest.raises(NothingToRenew):
        renewal.propose(house.registry, house.system, "dr-wang", house.until())
    with pytest.raises(BadMandate):  # no proposal makes itself a renewal
        fields = {"role": "nurse", "organisation": "city-hospital", "purpose": "x", "owner": "sec-one"}
        mandate.propose(house.registry, house.system, "grant", "dr-wang", house.until(), renews=grant.id, **fields)


def test_grants_that_end_within_thirty_days_are_listed(house: House) -> None:
    house.doctor()
    fields = {"role": "researcher", "organisation": "city-hospital", "purpose": "study", "owner": "aud-one"}
    soon = house.give("grant", "dr-wang", 20, **fields)
    assert [one["document"] for one in mandate.listing(house.registry, house.audit, "grant", 30)] == [soon]
    assert len(mandate.listing(house.registry, house.audit, "grant")) == 4


@pytest.mark.parametrize("role", duty.ADMINISTRATORS)
def test_no_role_is_recovered_while_somebody_has_it(house: House, role: str) -> None:
    for person in (
        founding.Founder("new-one", "number of new"),
        founding.Founder(NAMES[role], f"number of {NAMES[role]}"),
    ):
        with pytest.raises(RoleHeld):
            renewal.recover(house.registry, role, person)
    assert house.reasons("refused") == ["role_held"] * 2 and house.alarms == []


def test_a_role_counts_as_held_for_three_days_after_its_holder_was_put_out(house: House) -> None:
    account.disable(house.registry, house.system, "sec-one", "gone")
    with pytest.raises(RoleHeld):
        renewal.recover(house.registry, duty.SECURITY, founding.Founder("sec-two", "number of sec-two"))
    house.pass_time(days=3, hours=1)
    assert renewal.recover(house.registry, duty.SECURITY, founding.Founder("sec-two", "number of sec-two"))


def test_when_all_three_lapsed_each_is_taken_up_anew(house: House) -> None:
    late(house)
    house.pass_time(days=20)
    assert [house.actor(name).roles for name in NAMES.values()] == [set()] * 3
    for n, role in enumerate(NAMES):
        founder = founding.Founder(f"second-{n}", f"number of second {n}")
        house.open(founder.account, renewal.recover(house.registry, role, founder))
        with pytest.raises(RoleHeld):
            renewal.recover(house.registry, role, founder)
    assert [house.actor(f"second-{n}").roles for n in range(3)] == [{role} for role in NAMES]
    assert house.alarms == ["administrator_recovered"] * 3
    assert [one["role"] for one in house.events("recover")] == list(NAMES)
    assert all(secret not in house.audit_text() for secret in house.shown)


def test_the_dormant_are_no_holders_and_their_old_proofs_are_gone(house: House) -> None:
    house.pass_time(days=100)
    halves = renewal.recover(house.registry, duty.SYSTEM, founding.Founder("sys-one", "number of sys-one"))
    with pytest.raises(SignInRefused):
        house.token("sys-one")
    with pytest.raises(WeakPassword):
        house.open("sys-one", halves)  # nor does the old password come back
    seed = identity.activate(house.registry, "sys-one", halves, "Harbour9 lanterns!")
    assert seed != house.seeds["sys-one"]


def test_who_is_one_administrator_does_not_become_another(house: House) -> None:
    house.pass_time(days=60)
    house.token("sec-one")
    house.token("aud-one")
    house.pass_time(days=60)
    with pytest.raises(RolesApart):
        renewal.recover(house.registry, duty.SYSTEM, founding.Founder("sec-one", "number of sec-one"))
    assert house.registry.ledger.find("account", ref="sec-one")[0].state == "active"
    with pytest.raises(AccountTaken):
        renewal.recover(house.registry, duty.SYSTEM, founding.Founder("sec-one", "number of another"))
    with pytest.raises(AccountTaken):
        renewal.recover(house.registry, duty.SYSTEM, founding.Founder("sec-again", "number of sec-one"))


def test_nothing_is_recovered_before_the_founding(empty: House) -> None:
    with pytest.raises(NotFounded):
        renewal.recover(empty.registry, duty.SYSTEM, founding.Founder("sys-one", "number"))
    assert identity.founding.founded(empty.registry) is False
