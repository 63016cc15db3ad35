"""The policies: parsed and checked once, and no to whatever is not whole (attack A5)."""

from __future__ import annotations

import copy
import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin import population, trust
from quanmin.ledger import Ledger
from quanmin.trust import decision
from quanmin.trust.column import BASE, grade_of, known
from quanmin.trust.decision import consider
from quanmin.trust.errors import PolicyInvalid
from quanmin.trust.policy import Situation, rule, shipped
from quanmin.trust.policy.expected import FULL
from quanmin.trust.policy.situation import FACTS
from quanmin.trust.policy.weighing import ORDER, Sort, entities, facts, judge, request, weigh
from quanmin.trust.purpose import OBLIGATIONS, PURPOSES

ROLES = (
    *("clinician", "nurse", "public_health_officer", "supervisor", "reviewer", "insurer", "researcher", "statistician"),
    *("verifier", "operator", "patient", "guardian", "system_administrator", "security_administrator"),
)
SORTS = [
    Sort(grade, min(5, grade + raised), role, third, open_, steward)
    for grade in range(1, 6)
    for raised in (0, 1)
    for role in ("direct", "quasi", "sensitive", "none")
    for third in (False, True)
    for open_, steward in (("open", "cdc"), ("closed", "base"), ("aggregated", "health"), ("closed", "public_security"))
]
ACTORS = st.builds(
    trust.Actor,
    id=st.just("it"),
    roles=st.frozensets(st.sampled_from(ROLES), max_size=3),
    region=st.sampled_from([None, "000000", "370000", "370100", "370102"]),
    kind=st.sampled_from(["staff", "clinician", "patient"]),
    assurance=st.integers(0, 3),
    mfa=st.booleans(),
)
SITUATIONS = st.builds(
    Situation,
    **{name: st.booleans() for name in FACTS},
    region=st.sampled_from([None, "370000", "370102", "440000"]),
)
PURPOSE = st.sampled_from(sorted(PURPOSES))


def _asked(actor: trust.Actor, purpose: str, situation: Situation, sorts: list[Sort]) -> tuple[list[Any], list[Any]]:
    region = situation.region or actor.region or "none"
    context = facts(purpose, situation, region)
    wanted = [request(action, sort, context) for sort in sorts for action, _ in ORDER]
    return wanted, entities(actor, region, sorts)


def test_the_shipped_policies_are_few_readable_and_checked() -> None:
    rules = shipped()
    assert 20 <= len(rules.policies) <= 40 and shipped() is rules
    for one in rules.policies.values():
        assert one.title.zh and one.title.en and set(one.owes) <= set(OBLIGATIONS)
    owed = {word for one in rules.policies.values() for word in one.owes}
    assert owed == set(OBLIGATIONS) and {w for p in PURPOSES.values() for w in p.obligations} <= owed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "permit (principal, action, resource);",
        '@id("a") @zh("一") @en("a") @rows("everything") permit (principal, action, resource);',
        '@id("a") @zh("一") @en("a") permit (principal, action, resource);',
        '@id("a") @zh("一") @en("a") @rows("all") permit (principal, action, resource) when { context.mfa };',
        '@id("a") @zh("一") @en("a") @rows("all") permit (principal, action, resource) when { context.purpose == "x" };',
        '@id("a") @zh("一") @en("a") @rows("all") permit (principal, action == Action::"drop", resource);',
        '@id("a") @zh("一") @en("a") @rows("all") permit (principal == ?principal, action, resource);',
        '@id("a") @zh("一") @en("a") @rows("all") permit (principal, action, resource',
        '@id("a") @zh("一") @en("a") forbid (principal, action, resource);' * 2,
    ],
)
def test_a_set_that_is_not_right_is_no_set(text: str) -> None:
    with pytest.raises(PolicyInvalid):
        rule.load({"a.cedar": text})


@given(actor=ACTORS, purpose=PURPOSE, situation=SITUATIONS, sort=st.sampled_from(SORTS), data=st.data())
def test_a_request_that_lacks_a_fact_is_never_allowed(
    actor: trust.Actor, purpose: str, situation: Situation, sort: Sort, data: st.DataObject
) -> None:
    """Attack A5: each attribute dropped, null or of a wrong type, of the context, the actor and the column."""
    wanted, told = _asked(actor, purpose, situation, [sort])
    whole = judge(shipped(), wanted, told)
    assert not any(one.failed for one in whole)
    broken, changed = [{**one, "context": dict(one["context"])} for one in wanted], copy.deepcopy(told)
    how = data.draw(st.sampled_from(HOW), "how")
    if data.draw(st.booleans(), "of the context"):
        name = data.draw(st.sampled_from(sorted(broken[0]["context"])), "fact")
        for one in broken:
            _spoil(one["context"], name, how)
    else:
        one = data.draw(st.sampled_from([e for e in changed if e["attrs"]]), "entity")
        _spoil(one["attrs"], data.draw(st.sampled_from(sorted(one["attrs"])), "fact"), how)
    assert not any(one.allowed for one in judge(shipped(), broken, changed))


HOW = ("drop", "null", "text", "list", "entity", "number")


def _spoil(record: dict[str, Any], name: str, how: str) -> None:
    was = record.pop(name)
    match how:
        case "null":
            record[name] = None
        case "text":
            record[name] = "yes" if not isinstance(was, str) else 1
        case "list":
            record[name] = [was]
        case "entity":
            record[name] = {"__entity": {"type": "Role", "id": "clinician"}}
        case "number":
            record[name] = 1 if not isinstance(was, int) or isinstance(was, bool) else "1"


@given(actor=ACTORS, purpose=PURPOSE, situation=SITUATIONS, sorts=st.lists(st.sampled_from(SORTS), max_size=4))
def test_more_facts_of_the_asker_never_take_a_no_away_from_a_weaker_one(
    actor: trust.Actor, purpose: str, situation: Situation, sorts: list[Sort]
) -> None:
    """Whoever shows one proof sees nothing that whoever shows two does not; a withdrawn consent opens nothing."""
    rank = ["withheld", "pseudonymised", "masked", "generalised", "clear"].index
    full = weigh(shipped(), actor, purpose, situation, sorts)
    weaker = dataclasses.replace(actor, mfa=False, assurance=0)
    for sort, found in weigh(shipped(), weaker, purpose, situation, sorts).items():
        assert rank(found.outcome) <= rank(full[sort].outcome)
    back = dataclasses.replace(situation, withdrawn=True)
    for sort, found in weigh(shipped(), actor, purpose, back, sorts).items():
        assert rank(found.outcome) <= rank(full[sort].outcome)


def test_a_forbid_that_fails_is_a_no_and_not_left_out() -> None:
    """Finding 5: Cedar skips it, and says Allow; we look at the diagnostics."""
    text = (
        '@id("open") @zh("开") @en("open") @rows("all") permit (principal, action, resource);'
        '@id("shut") @zh("关") @en("shut") forbid (principal, action, resource) '
        "when { resource.grade * 9223372036854775807 > 0 };"
    )
    rules = rule.load({"a.cedar": text})
    actor, sorts = trust.Actor("it", frozenset(), kind="staff"), [Sort(5, 5, "none", False, "closed", "base")]
    wanted, told = _asked(actor, "treatment", Situation(), sorts)
    assert all(one.failed and not one.allowed for one in judge(rules, wanted, told))
    [found] = weigh(rules, actor, "treatment", Situation(), sorts).values()
    assert found.outcome == "withheld"


@pytest.mark.parametrize("name", ["active", "weigh", "known", "combined", "kind_of", "_rows", "_make"])
def test_whatever_fails_within_decide_withholds_everything(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    real = getattr(decision, name)
    shipped().memory.clear()

    def fails(*given: Any, **named: Any) -> Any:
        if name == "_make" and any(isinstance(one, trust.Rows) and one.nobody for one in given):
            return real(*given, **named)
        raise RuntimeError("broken")

    monkeypatch.setattr(decision, name, fails)
    made = trust.decide(ledger, trust.local_administrator(), "treatment", "linked.person", ("name", "sex"), case="C-1")
    assert not made.allowed and made.rows == trust.Rows(nobody=True)


def test_an_actor_without_roles_gets_nothing_but_what_is_open(ledger: Ledger) -> None:
    nobody = trust.Actor("it", frozenset(), kind="staff", region="000000", mfa=True, assurance=3)
    for purpose in PURPOSES:
        assert not trust.decide(ledger, nobody, purpose, "health.death", ("sex", "cause_a"), case="C-1").allowed
    assert trust.decide(ledger, nobody, "open_data", "cdc.notifiable_disease_monthly", ("cases",)).allowed


def test_a_kind_called_local_is_no_administrator(ledger: Ledger) -> None:
    nobody = trust.Actor("it", frozenset({"clerk"}), region="000000")
    assert not trust.decide(ledger, nobody, "supervision", "linked.person", ("sex",), case="C-1").allowed


def test_columns_asked_together_count_higher(ledger: Ledger) -> None:
    actor = trust.Actor("it", frozenset({"statistician"}), kind="staff", region="000000", mfa=True, assurance=2)
    alone = trust.decide(ledger, actor, "statistics", "health.death", ("birth_date", "sex"))
    assert {one.outcome for one in alone.columns} == {"clear"}
    together = trust.decide(ledger, actor, "statistics", "health.death", ("birth_date", "sex", "region", "ethnicity"))
    assert {one.name: one.outcome for one in together.columns} == {
        "birth_date": "generalised",
        "sex": "clear",
        "region": "generalised",
        "ethnicity": "generalised",
    }
    assert grade_of("health.death", ("sex", "birth_date")) == 3
    assert grade_of("health.death", ("sex", "birth_date", "region")) == 4
    assert grade_of("health.death", ("cause_a",)) == grade_of("health.death", ("nothing",)) == 5


def test_rows_follow_the_division_and_the_person(ledger: Ledger) -> None:
    officer = trust.Actor("it", frozenset({"supervisor"}), kind="staff", region="370100", mfa=True, assurance=2)
    made = trust.decide(ledger, officer, "supervision", "linked.person", ("sex",))
    assert made.rows == trust.Rows(region="370100") and made.rows.stem == "3701"
    assert made.rows.admits(37010219491231002) and not made.rows.admits(37020219491231002)
    county = trust.decide(ledger, officer, "supervision", "linked.person", ("sex",), context=Situation(region="370102"))
    assert county.rows == trust.Rows(region="370102")
    for outside in ("370000", "370200", "000000"):
        context = Situation(region=outside)
        assert not trust.decide(ledger, officer, "supervision", "linked.person", ("sex",), context=context).allowed
    doctor = trust.Actor("it", frozenset({"clinician"}), kind="clinician", region="370100", mfa=True, assurance=2)
    treated = trust.decide(
        ledger, doctor, "treatment", "linked.person", ("name",), context=Situation(care=True, person=7)
    )
    assert treated.rows == trust.Rows(person=7) and treated.outcome("name") == "clear"
    unnamed = trust.decide(ledger, doctor, "treatment", "linked.person", ("name",), context=Situation(care=True))
    assert unnamed.rows is not None and unnamed.rows.nobody and not unnamed.allowed
    assert not trust.decide(ledger, doctor, "treatment", "linked.person", ("name",), case="C-1").allowed


def test_the_public_gets_counts_of_the_base_and_nothing_of_anybody() -> None:
    """Of the base only where values came from is shown, for statistics; for every other purpose nothing is."""
    rules, columns = shipped(), population.PERSON_COLUMNS
    for purpose in PURPOSES:
        made = consider(rules, datetime.now(UTC), trust.public_reader(), purpose, BASE, columns, "C-1", FULL)
        shown = {column.name for column in made.columns if column.outcome != "withheld"}
        if purpose != "statistics":
            assert not shown
    made = consider(rules, datetime.now(UTC), trust.public_reader(), "statistics", BASE, columns)
    shown = {column.name for column in made.columns if column.outcome != "withheld"}
    assert made.obligations == ("aggregate_only",) and made.rows is None
    assert shown and not shown & {"person_key", *population.ITEM_NAMES}
    assert all(about is not None and about.grade == 1 for about in (known(BASE, name) for name in shown))
