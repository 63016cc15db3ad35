"""Three administrators: no pair in one hand, none does another's work, nobody anything for himself; every try is in the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest

from quanmin.trust import audit, identity, local_administrator
from quanmin.trust.identity import account, authority, clock, duty, founding, mandate, organisation, renewal, session
from quanmin.trust.identity.errors import (
    AccountTaken,
    ActivationRefused,
    BadMandate,
    BadName,
    Founded,
    NotYourWork,
    OwnFavour,
    RolesApart,
    SessionOver,
)

House = Any  # the fixture of conftest.py


def _works(house: House, actor: Any) -> dict[str, Any]:
    """Every work of the register, tried by an actor; what it needs does not matter to who may do it."""
    register = house.registry
    return {
        "organisation": lambda: organisation.add(register, actor, "x-one", "x", "110105", "health-office"),
        "account": lambda: account.add(register, actor, "dr-x", "clinician", "city-hospital", "number x"),
        "account.reset": lambda: account.reset(register, actor, "dr-wang", "lost"),
        "account.confirm": lambda: account.confirm(register, actor, "dr-wang"),
        "account.enable": lambda: account.enable(register, actor, "dr-wang", "came back"),
        "account.disable": lambda: account.disable(register, actor, "dr-wang", "left"),
        "account.dormant": lambda: account.sweep(register, actor),
        "clock": lambda: clock.reset(register, actor),
        "propose": lambda: mandate.propose(
            register, actor, "post", "dr-wang", house.until(), role="a", organisation="b"
        ),
        "confirm": lambda: mandate.confirm(register, actor, 1),
        "end": lambda: mandate.end(register, actor, 1, "over"),
        **{f"renew.{role}": _renewing(register, actor, role) for role in duty.ADMINISTRATORS},
        "session.revoke": lambda: session.revoke(register, actor, "somebody-else"),
        "authority": lambda: authority.create(register, actor),
        "certificate.revoke": lambda: authority.revoke(register, actor, "1", "ceased"),
        "emergency.review": lambda: identity.emergency.review(register, actor, 1, "justified", "fine"),
        "list": lambda: account.listing(register, actor),
    }


def _renewing(register: Any, actor: Any, role: str) -> Any:
    """Renewing the administrator of a role."""
    name = dict(zip(duty.ADMINISTRATORS, ("sys-one", "sec-one", "aud-one"), strict=True))[role]
    return lambda: renewal.propose(register, actor, name, (register.ledger.now() + timedelta(days=300)).date())


@pytest.mark.parametrize("who", ["system", "security", "audit", "doctor", "local", "one_factor", "forged_pair"])
def test_none_does_the_work_of_another(house: House, who: str) -> None:
    house.doctor()
    actor = {
        "system": lambda: house.system,
        "security": lambda: house.security,
        "audit": lambda: house.audit,
        "doctor": lambda: house.actor("dr-wang"),
        "local": local_administrator,
        "one_factor": lambda: replace(house.system, mfa=False),
        "forged_pair": lambda: replace(house.system, roles=frozenset(duty.ADMINISTRATORS)),
    }[who]()
    nobody = who in ("doctor", "local", "one_factor", "forged_pair")
    for work, attempt in _works(house, actor).items():
        if nobody or not actor.roles & set(duty.WORK[work]):
            before = len(house.events("refused"))
            with pytest.raises(NotYourWork):
                attempt()
            assert house.events("refused")[before:][0]["work"] == work


def test_each_work_is_somebodys(house: House) -> None:
    assert {role for roles in duty.WORK.values() for role in roles} == set(duty.ADMINISTRATORS)
    assert all(roles != duty.ADMINISTRATORS for work, roles in duty.WORK.items() if work != "list")


def test_no_pair_of_administrators_is_one_person(house: House) -> None:
    names = dict(zip(duty.ADMINISTRATORS, ("sys-one", "sec-one", "aud-one"), strict=True))
    fields = {"organisation": "health-office", "purpose": "stand in", "owner": "aud-one"}
    for first, second in combinations(duty.ADMINISTRATORS, 2):
        assert duty.conflict({first, second}) == tuple(sorted((first, second)))
        holder = names[first] if names[first] != "sys-one" else names[second]
        role = second if holder == names[first] else first
        given = {**fields, "owner": "sec-one" if holder == "aud-one" else "aud-one"}
        with pytest.raises(RolesApart):
            mandate.propose(house.registry, house.system, "grant", holder, house.until(), role=role, **given)
    assert "roles_apart" in house.reasons("refused")


def test_an_administrator_holds_no_other_role_and_no_other_account(house: House) -> None:
    with pytest.raises(RolesApart):
        mandate.propose(
            house.registry,
            house.system,
            "post",
            "sec-one",
            house.until(),
            role="physician",
            organisation="city-hospital",
        )
    with pytest.raises(AccountTaken):
        account.add(house.registry, house.system, "second-self", "staff", "city-hospital", "NUMBER of sec-one")


def test_two_proposals_cannot_be_confirmed_to_a_pair(house: House) -> None:
    house.person("zhao", "staff")
    fields = {"organisation": "health-office", "purpose": "duty", "owner": "aud-one"}
    made = [
        mandate.propose(house.registry, house.system, "grant", "zhao", house.until(), role=role, **fields)
        for role in (duty.AUDIT, duty.SECURITY)
    ]
    mandate.confirm(house.registry, house.security, made[0].id)
    with pytest.raises(RolesApart):
        mandate.confirm(house.registry, house.security, made[1].id)
    assert house.actor("zhao", organisation="health-office").roles == {duty.AUDIT}


def test_nobody_grants_himself_anything(house: House) -> None:
    with pytest.raises(OwnFavour):
        mandate.propose(
            house.registry,
            house.system,
            "post",
            "sys-one",
            house.until(),
            role="physician",
            organisation="city-hospital",
        )
    made = mandate.propose(
        house.registry,
        house.system,
        "grant",
        "sec-one",
        house.until(360),
        role=duty.SECURITY,
        organisation="health-office",
        purpose="another year",
        owner="aud-one",
    )
    with pytest.raises(OwnFavour):
        mandate.confirm(house.registry, house.security, made.id)
    with pytest.raises(OwnFavour):
        account.reset(house.registry, house.system, "sys-one", "new phone")
    assert house.reasons("refused") == ["own_favour"] * 3


def test_a_grant_without_purpose_owner_or_end_is_refused(house: House) -> None:
    house.person("zhao", "staff")
    whole = {"role": "statistician", "organisation": "city-hospital", "purpose": "yearbook", "owner": "aud-one"}
    for missing in ("role", "organisation", "purpose", "owner"):
        with pytest.raises(BadMandate) as caught:
            mandate.propose(house.registry, house.system, "grant", "zhao", house.until(), **{**whole, missing: " "})
        assert caught.value.fields["fields"] == missing
    for days in (-1, 400):
        with pytest.raises(BadMandate):
            mandate.propose(house.registry, house.system, "grant", "zhao", house.until(days), **whole)
    with pytest.raises(BadMandate):  # nobody answers for himself
        mandate.propose(house.registry, house.system, "grant", "zhao", house.until(), **{**whole, "owner": "zhao"})
    for role in ("administrator", "patient", "Guardian", "a b"):
        with pytest.raises(BadName):
            mandate.propose(house.registry, house.system, "grant", "zhao", house.until(), **{**whole, "role": role})


def test_one_person_alone_cannot_open_an_account_of_another(house: House) -> None:
    first = account.add(house.registry, house.system, "dr-wu", "clinician", "city-hospital", "number of wu")
    with pytest.raises(NotYourWork):
        account.confirm(house.registry, house.system, "dr-wu")
    with pytest.raises(ActivationRefused):
        identity.activate(house.registry, "dr-wu", (first, ""), house.word("dr-wu"))
    second = account.confirm(house.registry, house.security, "dr-wu")
    with pytest.raises(ActivationRefused):
        identity.activate(house.registry, "dr-wu", ("", second), house.word("dr-wu"))
    house.open("dr-wu", (first, second))


def test_the_founding_happens_once_and_needs_three_people(empty: House) -> None:
    one, two, three = (founding.Founder(f"adm-{n}", f"person {n}") for n in range(3))
    place = ("health-office", "卫健委", "110000")
    with pytest.raises(AccountTaken):
        founding.found(empty.registry, *place, one, two, three._replace(person="PERSON 0"))
    assert not founding.founded(empty.registry)
    codes = founding.found(empty.registry, *place, one, two, three)
    assert set(codes) == {"adm-0", "adm-1", "adm-2"} and len({half for pair in codes.values() for half in pair}) == 6
    with pytest.raises(Founded):
        founding.found(empty.registry, *place, one, two, three)


def test_administrators_lose_their_work_when_the_grant_ends(house: House) -> None:
    actor = house.system
    assert duty.SYSTEM in actor.roles
    known = house.registry.ledger.find("identity_grant", ref="sys-one")[0]
    mandate.end(house.registry, house.security, known.id, "another one does it now")
    assert house.system.roles == frozenset()
    with pytest.raises(NotYourWork):
        account.add(house.registry, house.system, "dr-x", "clinician", "city-hospital", "number x")


def test_an_ending_counts_in_a_session_that_is_open(house: House) -> None:
    house.doctor()
    number = house.give(
        "grant", "dr-wang", role="researcher", organisation="city-hospital", purpose="study", owner="aud-one"
    )
    token = house.token("dr-wang")
    assert identity.authenticate(house.registry, token).roles == {"physician", "researcher"}
    mandate.end(house.registry, house.security, number, "study over")
    assert identity.authenticate(house.registry, token).roles == {"physician"}
    account.disable(house.registry, house.system, "dr-wang", "left")
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, token)
    assert {"grant.propose", "grant.confirm", "grant.end", "account.disable"} <= {
        one.fields["event"].removeprefix("identity.") for one in audit.entries(house.registry.ledger)
    }
