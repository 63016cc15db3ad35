"""What waits for a second person: who finds it, who does not, and that signing goes through the package's own call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quanmin.ledger.errors import UnknownDocument
from quanmin.settings import Settings
from quanmin.trust import Actor, reidentification
from quanmin.trust.approval import Desk, Waiting
from quanmin.trust.circumstance import Circumstances
from quanmin.trust.errors import DayPassed
from quanmin.trust.flag import Flags
from quanmin.trust.identity import account, emergency, mandate, renewal, session
from quanmin.trust.identity.errors import BadMandate, NotYourWork, OwnFavour, WrongState
from quanmin.trust.policy import change, shipped

House = Any  # the fixture of conftest.py
KEY = 37010219491231002


def desk(house: House, settings: Settings, actor: Actor) -> Desk:
    return Desk(house.registry, settings, actor)


def found(waiting: list[Waiting]) -> list[tuple[str, str, str]]:
    return [(one.sort, one.kind, one.by) for one in waiting]


def test_each_administrator_finds_what_the_others_proposed(house: House, settings: Settings) -> None:
    house.doctor()
    system, security, audit = house.system, house.security, house.audit
    account.add(house.registry, system, "dr-lin", "clinician", "city-hospital", "number of dr-lin", "林")
    mandate.propose(
        house.registry, system, "post", "dr-wang", house.until(30), role="nurse", organisation="city-hospital"
    )
    facts = Circumstances(house.registry, settings)
    facts.propose_agreement(system, "city-hospital", "insurance", ["health.death"], house.until(30))
    Flags(house.registry, settings).propose(security, KEY, "known from television", house.until(30))
    renewal.propose(house.registry, system, "sec-one", house.until(300))
    emergency.open_access(house.registry, house.actor("dr-wang"), "number of somebody", "unconscious at the door")
    assert desk(house, settings, system).waiting() == []
    assert found(desk(house, settings, security).waiting()) == [
        ("account", "account", "sys-one"),
        ("mandate", "post", "sys-one"),
        ("agreement", "data_agreement", "sys-one"),
    ]
    assert found(desk(house, settings, audit).waiting()) == [
        ("flag", "person_flag", "sec-one"),
        ("mandate", "grant", "sys-one"),
        ("emergency", "emergency_access", "dr-wang"),
    ]
    assert len(desk(house, settings, system).asked()) == 4
    assert found(desk(house, settings, security).asked()) == [("flag", "person_flag", "sec-one")]
    assert desk(house, settings, house.actor("dr-wang")).waiting() == []
    assert desk(house, settings, replace(security, mfa=False)).waiting() == []


def test_refusing_a_renewal_is_the_security_administrator_s_only(house: House, settings: Settings) -> None:
    made = renewal.propose(house.registry, house.audit, "sys-one", house.until(300))
    security, theirs = (
        desk(house, settings, house.security),
        renewal.propose(house.registry, house.system, "sec-one", house.until(300)),
    )
    audit = desk(house, settings, house.audit)
    [mine], [his] = security.waiting(), audit.waiting()
    assert (mine.document, his.document) == (made.id, theirs.id)
    assert security.refuses(mine) and not audit.refuses(his)
    with pytest.raises(NotYourWork):
        audit.refuse("mandate", theirs.id, "no")
    security.refuse("mandate", made.id, "no")


def test_signing_and_refusing_go_through_the_package(house: House, settings: Settings) -> None:
    house.doctor()
    security = house.security
    half = account.add(house.registry, house.system, "dr-lin", "clinician", "city-hospital", "number of dr-lin", "林")
    at = desk(house, settings, security)
    [one] = at.waiting()
    assert one.due == one.since + account.CODE_LASTS and one.about == "dr-lin"
    signed = at.approve(one.sort, one.document)
    assert signed.half and signed.half != half
    assert at.waiting() == []
    with pytest.raises(UnknownDocument):
        at.one(one.sort, one.document)
    with pytest.raises(WrongState):
        at.refuse("mandate", house.give("post", "dr-lin", role="nurse", organisation="city-hospital"), "too late")
    post = mandate.propose(
        house.registry, house.system, "post", "dr-wang", house.until(9), role="nurse", organisation="city-hospital"
    )
    with pytest.raises(NotYourWork):
        desk(house, settings, house.system).approve("mandate", post.id)
    at.refuse("mandate", post.id, "not needed")
    with pytest.raises(WrongState):
        at.approve("mandate", post.id)
    for forged in (10**9, one.document):
        with pytest.raises(UnknownDocument):
            at.approve("mandate", forged)
        with pytest.raises(UnknownDocument):
            at.approve("policy", forged)


def test_nobody_finds_what_is_for_himself(house: House, settings: Settings) -> None:
    """The renewal of the security administrator by the system administrator waits for the audit administrator only."""
    renewal.propose(house.registry, house.system, "sec-one", house.until(300))
    assert desk(house, settings, house.security).waiting() == []
    [one] = desk(house, settings, house.audit).waiting()
    with pytest.raises((NotYourWork, OwnFavour)):
        desk(house, settings, house.security).approve("mandate", one.document)
    assert desk(house, settings, house.audit).approve("mandate", one.document).state == "held"


def test_what_is_past_its_last_day_is_not_confirmed_any_more(house: House, settings: Settings) -> None:
    house.doctor()
    post = mandate.propose(
        house.registry, house.system, "post", "dr-wang", house.until(1), role="nurse", organisation="city-hospital"
    )
    facts = Circumstances(house.registry, settings)
    agreement = facts.propose_agreement(house.system, "city-hospital", "insurance", ["health.death"], house.until(1))
    flagged = Flags(house.registry, settings).propose(house.security, KEY, "known", house.until(1))
    house.pass_time(days=2)
    at = desk(house, settings, house.security)
    assert all(one.due is not None and one.due < house.now for one in at.waiting())
    with pytest.raises(BadMandate):
        at.approve("mandate", post.id)
    with pytest.raises(DayPassed):
        at.approve("agreement", agreement.id)
    with pytest.raises(BadMandate):
        desk(house, settings, house.audit).approve("flag", flagged.id)
    at.refuse("mandate", post.id, "too late")
    at.refuse("agreement", agreement.id, "too late")
    assert at.waiting() == []


def test_requests_for_people_and_policies_wait_for_their_approvers(house: House, settings: Settings) -> None:
    ledger = house.registry.ledger
    asker = Actor("asker", frozenset({reidentification.ASKS}), kind="staff", mfa=True, assurance=2, session="s")
    chief = Actor(
        "chief",
        frozenset({reidentification.APPROVES, change.APPROVER}),
        kind="staff",
        mfa=True,
        assurance=2,
        session="s",
    )
    asked = reidentification.ask(ledger, asker, "research", ["0" * 32], "C-1", "a finding that must be told")
    files = {name: f"{text}\n" for name, text in shipped().files.items()}
    proposed = change.propose(ledger, house.security, files, "an empty line")
    waiting = desk(house, settings, chief).waiting()
    assert {(one.sort, one.document) for one in waiting} == {
        ("reidentification", asked.id),
        ("policy", proposed.id),
    }
    assert next(one for one in waiting if one.sort == "reidentification").told["pseudonyms"] == 1
    assert desk(house, settings, asker).waiting() == []
    assert desk(house, settings, chief).approve("reidentification", asked.id).state == "approved"
    assert desk(house, settings, house.security).waiting() == []  # she proposed the policies herself


def test_one_sees_ones_own_sessions_and_emergency_accesses(house: House) -> None:
    house.doctor()
    first, second = house.actor("dr-wang"), house.actor("dr-wang")
    rows = session.own(house.registry, second)
    assert [row["here"] for row in rows] == [False, True] and {row["account"] for row in rows} == {"dr-wang"}
    emergency.open_access(house.registry, second, "number of somebody", "unconscious at the door")
    [row] = emergency.own(house.registry, first)
    assert row["state"] == "in_force" and "subject" not in row
    house.pass_time(minutes=10)
    house.actor("dr-wang")
    house.pass_time(hours=4)
    assert session.own(house.registry, first) == []
    assert emergency.own(house.registry, first)[0]["state"] == "over"
