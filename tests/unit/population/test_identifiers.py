"""Cross-reference of identifiers: whom a number means, under which decision, and what is never told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from quanmin import standards, trust
from quanmin.lake.errors import NotReadable
from quanmin.population.errors import (
    NotAnIdentifier,
    NotBuilt,
    TooMany,
    UnknownIdentifier,
    UnknownNumber,
    UnusableNumber,
)
from quanmin.population.identifiers import PENDING, identifiers, identifiers_of, identify
from quanmin.trust.errors import AccessDenied

LI, WANG, ABSENT = "11010519491231002X", "440524188001010014", "110105198001010016"
BIRTH, NCMS, DEGREE = "health.birth", "health.ncms_enrolment", "education.degree"


@pytest.fixture
def base(office: Any) -> Any:
    """李明 with a birth certificate, a degree and a family card that she shares with 王芳."""
    office.send(office.bench, {"number": LI, "name": "李明"}, {"number": WANG, "name": "王芳"})
    office.send(BIRTH, {"number": LI, "name": "李明", "certificate_no": "A000000001"})
    office.send(DEGREE, {"number": LI, "name": "李明", "certificate_no": "105651200405000011"})
    office.send(
        NCMS,
        {"number": LI, "name": "李明", "scheme_no": "CARD0001", "member_no": 1},
        {"number": WANG, "name": "王芳", "scheme_no": "CARD0001", "member_no": 2},
        {"number": WANG, "name": "李明", "scheme_no": "CARD0001", "member_no": 3},
        {"number": WANG, "name": "李明", "scheme_no": "CARD0002", "member_no": 1},
        {"number": None, "name": "李明", "scheme_no": "CARD0003", "member_no": 1},
    )
    office.build()
    return office


def deciding(base: Any, purpose: str = "treatment", case: str | None = "C-1") -> Any:
    def decide(dataset: str, elements: Sequence[str]) -> trust.Decision:
        return trust.decide(base.lake.ledger, trust.local_administrator(), purpose, dataset, tuple(elements), case)

    return decide


def ask(base: Any, dataset: str, value: str, element: str | None = None, **why: Any) -> Any:
    return identify(base.lake, deciding(base, **why), dataset, value, element)


def values(person: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in person["identifiers"]:
        found.setdefault(one["dataset"], []).append(one["value"])
    return found


def test_an_identifier_leads_to_the_person_and_to_all_their_identifiers(base: Any) -> None:
    found = ask(base, BIRTH, " A000000001 ")
    [person] = found["people"]
    assert (person["person"], found["set_aside"]) == (LI, [])
    told = values(person)
    assert set(told) == {BIRTH, DEGREE, NCMS, base.bench}
    assert (told[BIRTH], told[DEGREE], told[NCMS]) == (["A000000001"], ["105651200405000011"], ["CARD0001"])
    assert person == identifiers_of(base.lake, deciding(base), LI)


def test_a_record_that_was_set_aside_leads_to_nobody(base: Any) -> None:
    """A family card with two members, and a record with another's name; one with a name that is not the number's; one
    without a number."""
    shared = ask(base, NCMS, "CARD0001")
    assert [person["person"] for person in shared["people"]] == [LI, WANG]
    assert [(one["row"], one["outcome"]) for one in shared["set_aside"]] == [(3, "E03")]
    for card, outcome in (("CARD0002", "E03"), ("CARD0003", "E12")):
        found = ask(base, NCMS, card)
        assert found["people"] == []
        assert [one["outcome"] for one in found["set_aside"]] == [outcome]
    assert "CARD0002" not in str(identifiers_of(base.lake, deciding(base), WANG))


def test_a_record_after_the_last_build_is_pending(base: Any) -> None:
    base.send(DEGREE, {"number": WANG, "name": "王芳", "certificate_no": "105651200405000022"})
    found = ask(base, DEGREE, "105651200405000022")
    assert (found["people"], [one["outcome"] for one in found["set_aside"]]) == ([], [PENDING])


def test_without_a_case_nobody_is_asked_for_by_what_is_not_shown(base: Any) -> None:
    for purpose in ("treatment", "supervision", "emergency"):
        with pytest.raises(NotReadable) as caught:
            ask(base, BIRTH, "A000000001", purpose=purpose, case=None)
        assert caught.value.fields == {"columns": "certificate_no"}


def test_without_a_case_identifiers_are_masked(base: Any) -> None:
    person = identifiers_of(base.lake, deciding(base, case=None), LI)
    assert person["person"] == "110105************"
    told = values(person)
    assert told[BIRTH] == ["********01"] and told[NCMS] == ["******01"]
    assert {one["shown"] for one in person["identifiers"] if one["dataset"] == BIRTH} == {"masked"}
    assert not any(secret in str(person) for secret in (LI, "A000000001", "CARD0001"))


@pytest.mark.parametrize("purpose", ["verification", "statistics", "research", "operation", "curiosity"])
@pytest.mark.parametrize("case", [None, "C-1"])
def test_other_purposes_learn_nothing(base: Any, purpose: str, case: str | None) -> None:
    with pytest.raises((NotReadable, AccessDenied)):
        ask(base, NCMS, "CARD0003", purpose=purpose, case=case)
    with pytest.raises((NotReadable, AccessDenied)):
        identifiers_of(base.lake, deciding(base, purpose, case), LI)


def test_every_dataset_is_read_under_its_own_decision_and_audited(base: Any) -> None:
    ask(base, BIRTH, "A000000001")
    decided = {entry.fields["dataset"] for entry in trust.audit.entries(base.lake.ledger, "decide")}
    read = {entry.fields["dataset"] for entry in trust.audit.entries(base.lake.ledger, "read")}
    assert decided == read == {"linked.person", base.bench, BIRTH, DEGREE, NCMS}
    everything = str([entry.fields for entry in trust.audit.entries(base.lake.ledger)])
    assert not any(secret in everything for secret in (LI[:17], "李", "A000000001", "CARD0001"))
    who = trust.Pseudonyms.open(base.lake.settings, "audit").of(int(LI[:17]))
    assert who in everything


def test_identifiers_are_the_text_elements_of_the_keys() -> None:
    known = {dataset: [one.element for one in named] for dataset, named in identifiers().items()}
    assert known["health.ncms_enrolment"] == ["scheme_no"]
    assert known["health.birth"] == ["certificate_no"]
    assert known["social_security.residence"] == ["residence_no"]
    assert set(known) == {one.id for one in standards.catalogue().sources}


def test_wrong_questions_are_refused_and_not_repeated(base: Any) -> None:
    wrong: list[tuple[Any, ...]] = [
        (UnknownIdentifier, BIRTH, "A999999999", None),
        (UnknownIdentifier, "health.death", "A999999999", None),
        (NotAnIdentifier, BIRTH, "A000000001", "mother_name"),
        (NotAnIdentifier, "health.nowhere", "A000000001", None),
        (NotAnIdentifier, "cdc.notifiable_disease_monthly", "A000000001", None),
    ]
    for kind, dataset, value, element in wrong:
        with pytest.raises(kind) as caught:
            ask(base, dataset, value, element)
        assert value not in str(caught.value)
    for number, other in ((ABSENT, UnknownNumber), ("110105194912310021", UnusableNumber)):
        with pytest.raises(other):
            identifiers_of(base.lake, deciding(base), number)


def test_an_identifier_of_a_crowd_is_refused(base: Any) -> None:
    rows = [{"number": LI, "name": "李明", "scheme_no": "CARD0009", "member_no": n} for n in range(101)]
    base.send(NCMS, *rows)
    with pytest.raises(TooMany):
        ask(base, NCMS, "CARD0009")


def test_before_the_first_build_there_is_nothing_to_ask(office: Any) -> None:
    with pytest.raises(NotBuilt):
        identify(office.lake, deciding(office), BIRTH, "A000000001")
