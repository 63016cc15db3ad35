"""Decisions: the table of purposes and grades, default deny, and who can make one."""

from __future__ import annotations

import copy
import dataclasses
import itertools

import pytest

from quanmin import standards, trust
from quanmin.ledger import Ledger
from quanmin.trust import audit, column, decision
from quanmin.trust.policy import shipped
from quanmin.trust.purpose import PURPOSES

ME = trust.local_administrator()
ITEMS = ("citizen_number", "name", "sex", "birth_date", "registered_address", "death_date")


def _outcomes(made: trust.Decision) -> dict[str, str]:
    return {one.name: one.outcome for one in made.columns}


def test_grade_five_is_clear_only_with_a_case(ledger: Ledger) -> None:
    without = trust.decide(ledger, ME, "treatment", "linked.person", ITEMS)
    assert without.outcome("citizen_number") == without.outcome("name") == "masked"
    for case in ("", "  ", None):
        again = trust.decide(ledger, ME, "treatment", "linked.person", ITEMS, case=case)
        assert _outcomes(again) == _outcomes(without)
    with_case = trust.decide(ledger, ME, "treatment", "linked.person", ITEMS, case="C-2026-118")
    assert set(_outcomes(with_case).values()) == {"clear"} and with_case.case == "C-2026-118"


@pytest.mark.parametrize("case", [None, "C-1"])
@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_no_purpose_shows_more_of_a_higher_grade(ledger: Ledger, purpose: str, case: str | None) -> None:
    """Of the columns that identify alike; verification compares a number and a name, and shows nothing else."""
    order = ["withheld", "pseudonymised", "masked", "generalised", "clear"]
    for dataset in standards.catalogue().datasets.values():
        names = tuple(one.name for one in dataset.elements)
        made = trust.decide(ledger, ME, purpose, dataset.id, names, case=case)
        least = {grade: "clear" for grade in range(1, 6)}
        most = {grade: "withheld" for grade in range(1, 6)}
        for name in names:
            about = column.known(dataset.id, name)
            assert about is not None
            least[about.grade] = min(least[about.grade], made.outcome(name), key=order.index)
            most[about.grade] = max(most[about.grade], made.outcome(name), key=order.index)
        if purpose == "verification":
            assert {most[grade] for grade in range(1, 5)} == {"withheld"}
            assert made.obligations == (("answer_only",) if made.allowed else ())
            continue
        present = sorted({one.grade for name in names if (one := column.known(dataset.id, name)) is not None})
        for low, high in itertools.pairwise(present):
            assert order.index(most[high]) <= order.index(least[low])


def test_statistics_never_sees_who(ledger: Ledger) -> None:
    made = trust.decide(ledger, ME, "statistics", "linked.person", (*ITEMS, "person_key"), case="C-1")
    assert {made.outcome(name) for name in ("citizen_number", "name", "person_key")} == {"withheld"}
    assert made.outcome("sex") == "clear"


def test_what_is_not_known_is_denied(ledger: Ledger) -> None:
    made = trust.decide(ledger, ME, "treatment", "linked.person", ("name", "secret"), case="C-1")
    assert made.outcome("secret") == "withheld" and made.outcome("never asked") == "withheld"
    assert made.outcome("name") == "clear"
    assert not trust.decide(ledger, ME, "curiosity", "linked.person", ITEMS).allowed
    assert not trust.decide(ledger, ME, "treatment", "no.such", ITEMS, case="C-1").allowed
    assert not trust.decide(ledger, ME, "research", "linked.person", ITEMS).allowed


def test_a_policy_that_fails_denies(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object) -> None:
        raise RuntimeError("broken")

    shipped().memory.clear()  # what was answered before is not asked again
    monkeypatch.setattr(decision, "known", fails)
    assert not trust.decide(ledger, ME, "treatment", "linked.person", ITEMS, case="C-1").allowed
    monkeypatch.undo()
    monkeypatch.setattr(audit, "append", fails)  # what cannot be logged is not allowed
    assert not trust.decide(ledger, ME, "treatment", "linked.person", ITEMS, case="C-1").allowed


def test_nobody_else_makes_a_decision(ledger: Ledger) -> None:
    made = trust.decide(ledger, ME, "statistics", "linked.person", ITEMS)
    values = {field.name: getattr(made, field.name) for field in dataclasses.fields(made)}
    with pytest.raises(TypeError):
        trust.Decision(token=object(), **values)
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(made, columns=())
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.columns = ()  # type: ignore[misc]
    assert copy.copy(made) == made


def test_every_decision_is_in_the_audit(ledger: Ledger) -> None:
    yes = trust.decide(ledger, ME, "treatment", "linked.person", ("name",), case="C-1")
    trust.decide(ledger, ME, "curiosity", "linked.person", ("name",))
    logged = [entry.fields for entry in audit.entries(ledger, "decide")]
    assert [(one["purpose"], one["allowed"]) for one in logged] == [("treatment", True), ("curiosity", False)]
    assert logged[0]["decision"] == yes.id and logged[0]["columns"] == {"name": "clear"}


def test_every_reason_is_in_both_languages(ledger: Ledger) -> None:
    made = trust.decide(ledger, ME, "supervision", "linked.person", (*ITEMS, "secret"))
    for one in made.columns:
        assert one.reason.zh and one.reason.en and one.reason.zh != one.reason.en
    assert all(purpose.title.zh and purpose.title.en for purpose in PURPOSES.values())


def test_every_column_of_the_catalogue_is_known() -> None:
    for dataset in standards.catalogue().datasets.values():
        for element in dataset.elements:
            about = column.known(dataset.id, element.name)
            assert about is not None and about.grade >= element.grade
            assert about.grade == 5 or element.role != "direct"
    for item in standards.catalogue().items:
        assert column.known("linked.person", item.id) is not None
        assert column.known("linked.person", f"{item.id}_source") == column.Known(1, "other")
    assert column.known("linked.person", "other_source") is None


def test_a_reason_tells_the_grade_of_the_column_and_that_of_all_together(ledger: Ledger) -> None:
    def reason(*columns: str) -> str:
        made = trust.decide(ledger, ME, "research", "linked.person", columns, case="C-1")
        return made.columns[0].reason.en

    assert reason("sex").startswith("grade 2 data for research")
    together = reason("sex", "birth_date", "birth_place")
    assert together.startswith("grade 2 data (grade 3 together with the others asked for) for research")
