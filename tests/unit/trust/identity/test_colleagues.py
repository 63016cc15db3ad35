"""What the audit is told of people: posts and colleagues at the time of an entry, and flags that two administrators set."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from quanmin.ledger.errors import UnknownDocument
from quanmin.settings import Settings
from quanmin.trust import Pseudonyms, audit, local_administrator
from quanmin.trust.colleague import Colleagues
from quanmin.trust.flag import Flags
from quanmin.trust.identity import duty, mandate
from quanmin.trust.identity.errors import BadMandate, NotYourWork, WrongState

House = Any  # the fixture of conftest.py
NURSE, DOCTOR, STRANGER = "11010519491231002X", "440524188001010014", "110105198001010016"


def pseudonym(settings: Settings, number: str) -> str:
    return Pseudonyms.open(settings, "audit").of(number)


def facts(house: House, settings: Settings) -> Colleagues:
    return Colleagues(house.registry, settings)


@pytest.fixture
def ward(house: House) -> House:
    """A doctor with a post at the hospital, a nurse of the hospital, a clerk elsewhere."""
    house.person("dr-wang", person=DOCTOR)
    house.give("post", "dr-wang", role="physician", organisation="city-hospital")
    house.person("nurse-li", person=NURSE.lower())
    house.person("clerk", "staff", place="health-office")
    return house


def test_who_works_at_the_same_place_is_a_colleague(ward: House, settings: Settings) -> None:
    known, now = facts(ward, settings), ward.now
    nurse, doctor, stranger = (pseudonym(settings, one) for one in (NURSE, DOCTOR, STRANGER))
    assert known.colleague("dr-wang", nurse, now) and known.colleague("nurse-li", doctor, now)
    assert not known.colleague("dr-wang", stranger, now)
    assert not known.colleague("clerk", nurse, now), "another organisation"
    assert not known.colleague("nurse-li", nurse, now), "oneself"
    assert not known.colleague("local-administrator", nurse, now)
    assert not known.colleague("dr-wang", "f" * 32, now) and not known.colleague("dr-wang", "no pseudonym", now)


def test_it_is_asked_at_the_time_of_the_entry(ward: House, settings: Settings) -> None:
    before = ward.now
    post = ward.give("post", "clerk", 30, role="registrar", organisation="city-hospital")
    during = ward.now
    ward.pass_time(days=10)
    mandate.end(ward.registry, ward.security, post, "moved")
    known, nurse = facts(ward, settings), pseudonym(settings, NURSE)
    told = [known.colleague("clerk", nurse, at) for at in (before, during, ward.now)]
    assert told == [False, True, False]
    assert [known.post("clerk", at) for at in (before, during, ward.now)] == [
        ((), "health-office"),
        (("registrar",), "city-hospital"),
        ((), "health-office"),
    ]
    late = known.post("dr-wang", during + timedelta(days=400))
    assert late == ((), "city-hospital") and known.post("nobody", during) == ((), None)


def test_reads_of_colleagues_alarm_and_of_oneself_do_not(ward: House, settings: Settings) -> None:
    ledger, start = ward.registry.ledger, ward.now
    for actor, number in (("dr-wang", NURSE), ("nurse-li", NURSE), ("clerk", NURSE), ("dr-wang", STRANGER)):
        audit.append(ledger, "read", actor, {"persons": [pseudonym(settings, number)], "rows": 1})
    found = audit.alarms(ledger, start, ward.now + timedelta(hours=1), facts(ward, settings))
    assert [(one.rule, one.actor, one.amount) for one in found if one.rule == "colleague"] == [
        ("colleague", "dr-wang", 1)
    ]


def test_a_flag_counts_from_its_confirmation_to_its_end(ward: House, settings: Settings) -> None:
    flags, person = Flags(ward.registry, settings), pseudonym(settings, STRANGER)
    key = int(STRANGER[:17])
    made = flags.propose(ward.security, key, f"threatened, {STRANGER}", ward.until(30))
    proposed = ward.now
    flags.confirm(ward.audit, made.id)
    confirmed = ward.now
    audit.append(ward.registry.ledger, "read", "clerk", {"persons": [person], "rows": 1})
    alarms = audit.alarms(ward.registry.ledger, proposed, ward.now + timedelta(hours=1), facts(ward, settings))
    assert [(one.rule, one.actor) for one in alarms if one.rule == "flagged"] == [("flagged", "clerk")]
    ward.pass_time(days=2)
    flags.end(ward.security, made.id, "over")
    known, later = facts(ward, settings), ward.now
    assert [known.flagged(person, at) for at in (proposed, confirmed, later)] == [False, True, False]
    assert not known.flagged(person, confirmed + timedelta(days=31))
    assert not known.flagged(pseudonym(settings, NURSE), confirmed)
    kept = str([step.data for one in ward.registry.ledger.find("person_flag") for step in one.actions])
    assert "***" in kept and STRANGER[:17] not in kept
    assert STRANGER[:17] not in ward.audit_text()
    assert person not in str(ward.events("flag.propose") + ward.events("flag.confirm") + ward.events("flag.end"))


def test_a_flag_ends_with_its_day(ward: House, settings: Settings) -> None:
    flags = Flags(ward.registry, settings)
    made = flags.propose(ward.security, int(STRANGER[:17]), "threatened", ward.until(3))
    flags.confirm(ward.audit, made.id)
    assert [one["state"] for one in flags.listing(ward.audit)] == ["in_force"]
    ward.pass_time(days=4)
    assert [one["state"] for one in flags.listing(ward.security)] == ["over"]
    assert not facts(ward, settings).flagged(pseudonym(settings, STRANGER), ward.now)


def test_two_administrators_set_a_flag_and_nobody_else(ward: House, settings: Settings) -> None:
    flags, key = Flags(ward.registry, settings), int(STRANGER[:17])
    made = flags.propose(ward.security, key, "threatened", ward.until(30))
    roles = {duty.SYSTEM: ward.system, duty.SECURITY: ward.security, duty.AUDIT: ward.audit}
    others = [ward.actor("dr-wang"), local_administrator()]
    works: dict[str, Any] = {
        "flag.propose": lambda actor: flags.propose(actor, key, "x", ward.until(30)),
        "flag.confirm": lambda actor: flags.confirm(actor, made.id),
        "flag.end": lambda actor: flags.end(actor, made.id, "x"),
        "flag.list": flags.listing,
    }
    for work, attempt in works.items():
        for actor in [*(one for role, one in roles.items() if role not in duty.WORK[work]), *others]:
            with pytest.raises(NotYourWork):
                attempt(actor)
    assert len(ward.events("refused")) == 2 + 2 + 1 + 1 + 4 * len(others)
    flags.end(ward.audit, made.id, "no reason")
    with pytest.raises(WrongState):
        flags.confirm(ward.audit, made.id)


def test_a_flag_has_a_reason_and_an_end(ward: House, settings: Settings) -> None:
    flags, key = Flags(ward.registry, settings), int(STRANGER[:17])
    for reason, days in ((" ", 30), ("threatened", -1), ("threatened", 400)):
        with pytest.raises(BadMandate):
            flags.propose(ward.security, key, reason, ward.until(days))
    with pytest.raises(UnknownDocument):
        flags.confirm(ward.audit, ward.registry.ledger.find("account")[0].id)
