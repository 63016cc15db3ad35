"""Posts that begin and end, one organisation at a time, guardians, patients proven by the base, emergency access."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest

from quanmin.trust import identity
from quanmin.trust.identity import Claim, account, emergency, lockout, mandate, organisation, patient
from quanmin.trust.identity.errors import AccountTaken, EmergencyRefused, Locked, NotProven, NotYourWork, WrongState

House = Any  # the fixture of conftest.py
NUMBER, NAME, PLACE = "11010519491231002X", "李明", "北京市朝阳区一号"


def prove(claim: Claim) -> str | None:
    """A base of one person."""
    known = {("registered_address", PLACE)}
    return claim.number if claim[:2] == (NUMBER, NAME) and (claim.item, claim.value) in known else None


def test_a_post_counts_between_its_days_only(house: House) -> None:
    house.person("dr-wang")
    start = (house.now + timedelta(days=2)).date()
    given = {"role": "physician", "organisation": "city-hospital"}
    made = mandate.propose(house.registry, house.system, "post", "dr-wang", house.until(5), start, **given)
    assert house.actor("dr-wang").roles == frozenset()  # proposed is not held
    mandate.confirm(house.registry, house.security, made.id)
    assert house.actor("dr-wang").roles == frozenset()  # not yet
    house.pass_time(days=2)
    assert house.actor("dr-wang").roles == {"physician"}
    house.pass_time(days=3)
    token = house.token("dr-wang")
    assert identity.authenticate(house.registry, token).roles == {"physician"}  # the last day counts
    house.pass_time(days=1)
    assert house.actor("dr-wang").roles == frozenset()
    with pytest.raises(WrongState):
        mandate.confirm(house.registry, house.security, made.id)


def test_roles_of_two_organisations_are_never_mixed(house: House) -> None:
    organisation.add(house.registry, house.system, "second-clinic", "第二诊所", "110108", "health-office")
    house.doctor()
    house.give("post", "dr-wang", role="registrar", organisation="second-clinic")
    first, second = house.actor("dr-wang"), house.actor("dr-wang", organisation="second-clinic")
    assert (first.organisation, first.region, first.roles) == ("city-hospital", "110105", {"physician"})
    assert (second.organisation, second.region, second.roles) == ("second-clinic", "110108", {"registrar"})
    organisation.close(house.registry, house.system, "second-clinic", "merged")
    closed = house.actor("dr-wang", organisation="second-clinic")
    assert (closed.organisation, closed.roles) == (None, frozenset())


def test_a_place_where_nothing_is_held_is_refused(house: House) -> None:
    organisation.add(house.registry, house.system, "second-clinic", "第二诊所", "110108", "health-office")
    house.doctor()
    with pytest.raises(Exception, match="QM-IDENTITY-001"):
        house.token("dr-wang", organisation="second-clinic")


def test_a_patient_is_who_the_base_says(house: House) -> None:
    name, halves = patient.enrol(house.registry, prove, Claim(NUMBER, NAME, "registered_address", PLACE), "kiosk")
    house.open(name, halves)
    actor = house.actor(name)
    assert (actor.kind, actor.roles, actor.organisation) == ("patient", {"patient"}, None)
    assert actor.subject == account.subject_of(house.registry, NUMBER)
    with pytest.raises(AccountTaken):
        patient.enrol(house.registry, prove, Claim(NUMBER, NAME, "registered_address", PLACE), "kiosk")
    assert [one for one in (NUMBER, NAME, PLACE) if one in house.audit_text()] == []


@pytest.mark.parametrize(
    "claim",
    [
        Claim(NUMBER, NAME, "registered_address", "somewhere"),
        Claim(NUMBER, "张三", "registered_address", PLACE),
        Claim("110105194912310038", NAME, "registered_address", PLACE),
        Claim(NUMBER, NAME, "birth_date", "1949-12-31"),
        Claim(NUMBER, NAME, "registered_address", " "),
    ],
)
def test_nobody_is_a_patient_by_his_own_word(house: House, claim: Claim) -> None:
    before = len(account.listing(house.registry, house.system))
    with pytest.raises(NotProven):
        patient.enrol(house.registry, prove, claim, "kiosk")
    assert len(account.listing(house.registry, house.system)) == before
    assert house.events("patient.failed")


def test_a_base_that_fails_proves_nobody_and_guessing_is_stopped(house: House) -> None:
    def broken(_claim: Claim) -> str | None:
        raise RuntimeError

    claim = Claim(NUMBER, NAME, "registered_address", PLACE)
    for turn in range(lockout.FREE_ACCOUNT):
        with pytest.raises(NotProven):
            patient.enrol(house.registry, broken, claim, f"kiosk {turn}")
    with pytest.raises(Locked):
        patient.enrol(house.registry, prove, claim, "kiosk 9")


def _family(house: House) -> tuple[str, int]:
    name, halves = patient.enrol(house.registry, prove, Claim(NUMBER, NAME, "registered_address", PLACE), "kiosk")
    house.open(name, halves)
    made = patient.guardian(house.registry, house.system, name, "110105202001010012", "parent", house.until(30))
    return name, mandate.confirm(house.registry, house.security, made.id).id


def test_a_guardian_acts_for_the_ward_while_it_lasts(house: House) -> None:
    name, number = _family(house)
    token = house.token(name)
    assert identity.authenticate(house.registry, token).acting_for is None
    acting = identity.act_for(house.registry, token, number)
    assert (acting.roles, acting.acting_for) == ({"guardian"}, account.subject_of(house.registry, "110105202001010012"))
    assert identity.act_for(house.registry, token, None).roles == {"patient"}
    identity.act_for(house.registry, token, number)
    mandate.end(house.registry, house.security, number, "custody changed")
    after = identity.authenticate(house.registry, token)
    assert (after.acting_for, after.roles) == (None, {"patient"})
    assert "110105202001010012" not in house.audit_text() and acting.acting_for not in house.audit_text()


def test_a_guardianship_ends_by_its_day(house: House) -> None:
    name, number = _family(house)
    house.pass_time(days=31)
    with pytest.raises(NotYourWork):
        identity.act_for(house.registry, house.token(name), number)


def test_a_patient_is_enrolled_even_where_chance_draws_digits_only(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda octets: "59762803"[: 2 * octets].ljust(2 * octets, "1"))
    account, _ = patient.enrol(house.registry, prove, Claim(NUMBER, NAME, "registered_address", PLACE), "kiosk")
    assert account == "p-5976x5976x5976"


def test_nobody_acts_for_the_ward_of_another(house: House) -> None:
    _, number = _family(house)
    house.doctor()
    with pytest.raises(NotYourWork):
        identity.act_for(house.registry, house.token("dr-wang"), number)
    assert [one["given"] for one in house.events("act_for")] == [False]


def test_emergency_access_rings_ends_and_is_reviewed(house: House) -> None:
    house.doctor()
    doctor = house.actor("dr-wang")
    made = emergency.open_access(house.registry, doctor, NUMBER, "unconscious, allergies unknown")
    assert house.alarms == ["emergency_access"] and house.events("emergency")[0]["document"] == made.id
    assert emergency.opened(house.registry, doctor, NUMBER) is not None
    assert emergency.opened(house.registry, doctor, "110105194912310038") is None
    house.pass_time(hours=4)
    assert emergency.opened(house.registry, doctor, NUMBER) is None
    assert house.registry.ledger.overdue(house.now) == []
    assert [one.document for one in house.registry.ledger.overdue(house.now + timedelta(days=2))] == [made.id]
    done = emergency.review(house.registry, house.audit, made.id, "unjustified", "was not on duty")
    assert (done.state, house.alarms[-1]) == ("reviewed", "emergency_unjustified")
    with pytest.raises(WrongState):
        emergency.review(house.registry, house.audit, made.id, "justified", "on second thought")
    assert [one for one in (NUMBER, "allergies", made.data["subject"]) if one in house.audit_text()] == []


def test_emergency_access_is_for_clinicians_in_a_post_with_a_reason(house: House) -> None:
    house.doctor()
    house.person("dr-new")
    doctor = house.actor("dr-wang")
    for actor, reason, why in (
        (house.system, "a long enough reason", "not_a_clinician"),
        (house.actor("dr-new"), "a long enough reason", "no_post"),
        (doctor, "  because ", "reason"),
    ):
        with pytest.raises(EmergencyRefused) as caught:
            emergency.open_access(house.registry, actor, NUMBER, reason)
        assert caught.value.fields["reason"] == why
    made = emergency.open_access(house.registry, doctor, NUMBER, "unconscious, allergies unknown")
    with pytest.raises(NotYourWork):
        emergency.review(house.registry, house.security, made.id, "justified", "fine")
    assert house.reasons("emergency.refused") == ["not_a_clinician", "no_post", "reason"]
