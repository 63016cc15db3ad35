"""A change of policies: proposed, seen, approved by another, activated; effective at once, and never by one person."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from quanmin import trust
from quanmin.ledger import Ledger
from quanmin.ledger.errors import IllegalAction
from quanmin.ledger.table import ActionRow
from quanmin.settings import Settings
from quanmin.trust import audit, explanation
from quanmin.trust.errors import PolicyDiffers, PolicyDuty, PolicyInvalid
from quanmin.trust.keys import open_store
from quanmin.trust.policy import active, change, rule, shipped
from quanmin.trust.policy.expected import PERSON
from quanmin.trust.policy.role import typical

OFFICER = trust.Actor("sec-one", frozenset({"security_administrator"}), kind="staff", mfa=True, assurance=2)
SECOND = trust.Actor("chief", frozenset({"policy_approver"}), kind="staff", mfa=True, assurance=2)
FILES = dict(shipped().files)
OPERATION = 'context.purpose == Purpose::"operation" && resource.grade == 1'
WIDER = {
    **FILES,
    "administration.cedar": FILES["administration.cedar"].replace(OPERATION, OPERATION.replace("== 1", "<= 2")),
}
OPERATOR = typical("operator")


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison over two datasets: the whole of it is in test_expected."""
    monkeypatch.setattr(
        "quanmin.trust.policy.expected.datasets", lambda: ("health.birth", "cdc.notifiable_disease_monthly")
    )


def _shown(ledger: Ledger) -> bool:
    return trust.decide(ledger, OPERATOR, "operation", "health.birth", ("sex",)).allowed


def test_a_change_takes_two_people_and_holds_at_once(ledger: Ledger, settings: Settings) -> None:
    assert not _shown(ledger) and active(ledger) is shipped()
    made = change.propose(ledger, OFFICER, WIDER, "the desk needs it")
    assert not _shown(ledger)
    found = change.differences(ledger, made.id)
    assert found and all(one.wider for one in found)
    assert any(one.asked.startswith("health.birth operator operation") for one in found)
    assert any(one.asked.startswith("decision ") for one in found)  # what was asked above is asked again
    digest = change.digest(found)
    with pytest.raises(PolicyDuty):
        change.approve(ledger, OFFICER, made.id, digest)
    with pytest.raises(IllegalAction):
        change.activate(ledger, OFFICER, made.id)
    with pytest.raises(PolicyDiffers):
        change.approve(ledger, SECOND, made.id, "0" * 64)
    change.approve(ledger, SECOND, made.id, digest)
    assert not _shown(ledger)
    with pytest.raises(PolicyDuty):
        change.activate(ledger, SECOND, made.id)
    store = open_store(settings)
    change.activate(ledger, OFFICER, made.id, store)
    assert _shown(ledger) and active(ledger).version == made.data["version"]
    assert change.sound(ledger, store) is True
    steps = [one.fields["event"] for one in audit.entries(ledger) if one.fields["event"].startswith("policy.")]
    assert steps == ["policy.propose", "policy.approve", "policy.activate"]


def _through(ledger: Ledger, files: dict[str, str]) -> int:
    made = change.propose(ledger, OFFICER, files, "because")
    change.approve(ledger, SECOND, made.id, change.digest(change.differences(ledger, made.id)))
    change.activate(ledger, OFFICER, made.id)
    return made.id


def test_back_to_what_was(ledger: Ledger) -> None:
    first = _through(ledger, WIDER)
    assert _shown(ledger)
    _through(ledger, FILES)
    assert not _shown(ledger) and ledger.get(first).state == "replaced"
    assert active(ledger).version == shipped().version


def test_what_was_approved_on_another_base_is_not_activated(ledger: Ledger) -> None:
    late = change.propose(ledger, OFFICER, WIDER, "because")
    change.approve(ledger, SECOND, late.id, change.digest(change.differences(ledger, late.id)))
    closed = {
        **FILES,
        "administration.cedar": FILES["administration.cedar"].replace(OPERATION, f"{OPERATION} && context.case"),
    }
    _through(ledger, closed)
    with pytest.raises(PolicyDiffers):
        change.activate(ledger, OFFICER, late.id)


@pytest.mark.parametrize(
    "actor",
    [
        typical("system_administrator"),
        typical("audit_administrator"),
        typical("clinician"),
        trust.Actor("sec-one", frozenset({"security_administrator"}), kind="staff", mfa=False),
    ],
)
def test_others_do_not_propose(ledger: Ledger, actor: trust.Actor) -> None:
    with pytest.raises(PolicyDuty):
        change.propose(ledger, actor, FILES, "because")


def test_a_set_that_does_not_hold_against_the_schema_is_not_even_proposed(ledger: Ledger) -> None:
    with pytest.raises(PolicyInvalid):
        change.propose(ledger, OFFICER, {**FILES, "more.cedar": "permit (principal, action, resource);"}, "because")
    with pytest.raises(PolicyInvalid):
        change.propose(ledger, OFFICER, FILES, " ")
    assert ledger.find(change.KIND) == []


def test_a_refused_proposal_stays_refused(ledger: Ledger) -> None:
    made = change.propose(ledger, OFFICER, WIDER, "because")
    change.refuse(ledger, SECOND, made.id, "no need")
    with pytest.raises(IllegalAction):
        change.activate(ledger, OFFICER, made.id)


def test_files_that_were_edited_in_the_database_let_nobody_see_anything(ledger: Ledger) -> None:
    number = _through(ledger, WIDER)
    assert _shown(ledger)
    with ledger.writing() as connection:
        row = (ActionRow.document == number) & (ActionRow.sequence == 0)
        data = connection.execute(select(ActionRow.data).where(row)).scalar_one()
        files = {
            name: body.replace("resource.grade <= 2", "resource.grade <= 5") for name, body in data["files"].items()
        }
        assert files != data["files"]
        connection.execute(update(ActionRow).where(row).values(data={**data, "files": files}))
    rule._loaded.clear()
    assert not _shown(ledger)
    made = trust.decide(ledger, trust.local_administrator(), "treatment", "linked.person", ("sex",), case="C-1")
    assert not made.allowed


def test_why_and_what_is_missing(ledger: Ledger) -> None:
    doctor = typical("clinician")
    told = explanation.why(ledger, doctor, "treatment", "health.death", ("cause_a", "sex"))
    assert {one.outcome for one in told.columns} == {"withheld"}
    assert told.columns[0].would == ()  # without a person there is nobody to show
    about = trust.Situation(person=PERSON)
    told = explanation.why(ledger, doctor, "treatment", "health.death", ("cause_a",), about)
    assert told.columns[0].would == (("care",), ("rescue",))
    one_proof = typical("clinician", mfa=False)
    treated = trust.Situation(person=PERSON, care=True)
    told = explanation.why(ledger, one_proof, "treatment", "health.death", ("cause_a", "sex"), treated)
    by = {one.column: one for one in told.columns}
    assert by["sex"].outcome == "clear" and by["sex"].policies == ("treatment.care",)
    assert by["cause_a"].policies == ("guard.factors",) and by["cause_a"].would == (("mfa",),)


def test_a_decision_of_the_audit_is_explained(ledger: Ledger) -> None:
    made = trust.decide(ledger, trust.local_administrator(), "supervision", "health.death", ("sex", "cause_a"))
    told = explanation.of_decision(ledger, made.id)
    assert told.in_force and told.decision == made.id and told.actor == "local-administrator"
    assert {one.column: (one.outcome, one.policies) for one in told.columns} == {
        "sex": ("clear", ("local.clear",)),
        "cause_a": ("masked", ("local.mask",)),
    }
    assert next(one for one in told.columns if one.column == "cause_a").would == (("case",),)
    with pytest.raises(trust.errors.UnknownDecision):
        explanation.of_decision(ledger, "0" * 32)


def test_what_somebody_may_see(ledger: Ledger) -> None:
    rows = explanation.may_see(ledger, typical("operator"))
    assert {row["purpose"] for row in rows} == {"operation", "open_data"}
    assert explanation.may_see(ledger, typical("security_administrator")) == []
