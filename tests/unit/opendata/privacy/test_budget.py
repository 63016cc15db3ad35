"""Budgets: two people, one at a time, never more, never back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.unit.opendata.privacy.conftest import LI, VISITS, ZHANG, give, officer

from quanmin.errors import QuanminError
from quanmin.ledger import Ledger
from quanmin.ledger.errors import IllegalAction, MissingField
from quanmin.opendata.privacy import budget, spending
from quanmin.opendata.privacy.errors import (
    BudgetExhausted,
    BudgetInvalid,
    BudgetMissing,
    BudgetOverlaps,
    OwnProposal,
    UnknownBudget,
)
from quanmin.trust import audit, local_administrator
from quanmin.trust.keys.errors import RoleMissing


def cost(question: str, epsilon: int, delta: int = 0) -> spending.Cost:
    return spending.Cost(VISITS, question, (epsilon, delta), "zhang", {"query": {"statistic": "count"}}, 60)


def test_who_proposed_does_not_confirm_and_without_both_there_is_no_budget(ledger: Ledger) -> None:
    today = ledger.now().date()
    made = budget.propose(ledger, ZHANG, VISITS, "1", "0", today, today, "why")
    with pytest.raises(OwnProposal):
        budget.confirm(ledger, ZHANG, made.id)
    with pytest.raises(BudgetMissing):
        budget.in_force(ledger, VISITS)
    budget.confirm(ledger, officer("wang", "security_administrator"), made.id)
    assert budget.in_force(ledger, VISITS).left == (1_000_000, 0)
    steps = [one.fields["action"] for one in audit.entries(ledger, "privacy")]
    assert steps == ["propose", "confirm"]


@pytest.mark.parametrize("actor", [officer("x", "statistician"), officer("x", mfa=False), officer("x", "operator")])
def test_others_neither_propose_nor_confirm(ledger: Ledger, actor: object) -> None:
    today = ledger.now().date()
    made = budget.propose(ledger, ZHANG, VISITS, "1", "0", today, today, "why")
    with pytest.raises(RoleMissing):
        budget.propose(ledger, actor, VISITS, "1", "0", today, today, "why")
    with pytest.raises(RoleMissing):
        budget.confirm(ledger, actor, made.id)
    with pytest.raises(RoleMissing):
        budget.end(ledger, actor, made.id, "why")


def test_the_security_administrator_confirms_and_does_not_propose(ledger: Ledger) -> None:
    today = ledger.now().date()
    with pytest.raises(RoleMissing):
        budget.propose(ledger, officer("w", "security_administrator"), VISITS, "1", "0", today, today, "why")


@pytest.mark.parametrize("epsilon", [0, -1, "NaN", "inf", "101", "1e-7", "x", None, True, "sNaN"])
def test_an_epsilon_that_is_none_is_refused(ledger: Ledger, epsilon: object) -> None:
    today = ledger.now().date()
    with pytest.raises(BudgetInvalid) as caught:
        budget.propose(ledger, ZHANG, VISITS, epsilon, "0", today, today, "why")
    assert caught.value.fields["fields"] == "epsilon"


def test_every_other_part_is_looked_at_too(ledger: Ledger) -> None:
    today, day = ledger.now().date(), timedelta(1)
    odd = {
        "dataset": (ZHANG, "", "1", "0", today, today, "why"),
        "delta": (ZHANG, VISITS, "1", "1", today, today, "why"),
        "until": (ZHANG, VISITS, "1", "0", today, today - day, "why"),
        "reason": (ZHANG, VISITS, "1", "0", today, today, "  "),
    }
    for field, given in odd.items():
        with pytest.raises(BudgetInvalid) as caught:
            budget.propose(ledger, *given)
        assert caught.value.fields["fields"] == field


def test_there_is_one_budget_at_a_time_and_a_new_one_after_the_old_was_ended(ledger: Ledger) -> None:
    first = give(ledger, "1")
    with pytest.raises(BudgetOverlaps):
        give(ledger, "5")
    spending.spend(ledger, cost("a", 600_000))
    with pytest.raises(MissingField):
        budget.end(ledger, LI, first, " ")
    budget.end(ledger, LI, first, "a new year begins")
    with pytest.raises(BudgetMissing):
        spending.spend(ledger, cost("b", 1))
    give(ledger, "1")
    now = budget.in_force(ledger, VISITS)
    assert now.left == (1_000_000, 0) and now.ever == (600_000, 0)


def test_a_budget_that_ended_comes_back_by_no_action(ledger: Ledger) -> None:
    number = give(ledger, "1")
    budget.end(ledger, LI, number, "over")
    for action in (
        budget.confirm,
        lambda *given: budget.end(*given, "again"),
        lambda *given: budget.refuse(*given, "no"),
    ):
        with pytest.raises(IllegalAction):
            action(ledger, LI, number)


def test_a_budget_of_days_to_come_or_past_covers_nothing(ledger: Ledger) -> None:
    today, day = ledger.now().date(), timedelta(1)
    made = budget.propose(ledger, ZHANG, VISITS, "1", "0", today + day, today + 2 * day, "why")
    budget.confirm(ledger, LI, made.id)
    with pytest.raises(BudgetMissing):
        spending.spend(ledger, cost("a", 1))
    later = ledger.now() + 3 * day
    ledger.now = lambda: later
    with pytest.raises(BudgetMissing):
        spending.spend(ledger, cost("a", 1))


def test_spending_is_exact_to_the_last_unit_and_the_rest_is_told(ledger: Ledger) -> None:
    give(ledger, "1", "1e-6")
    for number in range(9):
        assert isinstance(spending.spend(ledger, cost(str(number), 100_000, 10**8)), spending.Spending)
    with pytest.raises(BudgetExhausted) as caught:
        spending.spend(ledger, cost("one too many", 100_001))
    assert (caught.value.fields["left"], caught.value.fields["asked"]) == ("0.1", "0.100001")
    spending.spend(ledger, cost("last", 100_000, 10**8))
    standing = budget.in_force(ledger, VISITS)
    assert standing.left == (0, 0) and standing.to_dict()["left"] == {"epsilon": "0", "delta": "0"}
    with pytest.raises(BudgetExhausted):
        spending.spend(ledger, cost("nothing left", 1))


def test_delta_runs_out_by_itself(ledger: Ledger) -> None:
    give(ledger, "1", "1e-7")
    spending.spend(ledger, cost("a", 1, 10**8))
    with pytest.raises(BudgetExhausted):
        spending.spend(ledger, cost("b", 1, 1))


def test_what_is_not_there_is_told_so(ledger: Ledger) -> None:
    other = ledger.create("care_relation", "x", {}, "zhang")
    for number in (4_711, other.id):
        with pytest.raises(UnknownBudget):
            budget.confirm(ledger, LI, number)
    with pytest.raises(QuanminError):
        spending.answer(ledger, 4_711)


def test_the_local_administrator_needs_two_names_too(ledger: Ledger) -> None:
    today, me = ledger.now().date(), local_administrator()
    made = budget.propose(ledger, me, VISITS, "1", "0", today, today, "why")
    with pytest.raises(OwnProposal):
        budget.confirm(ledger, me, made.id)


def test_a_spending_is_in_the_audit_with_its_loss(ledger: Ledger) -> None:
    give(ledger, "1")
    spent = spending.spend(ledger, cost("a", 250_000))
    entry = list(audit.entries(ledger, "privacy"))[-1].fields
    assert isinstance(spent, spending.Spending)
    assert (entry["action"], entry["spending"], entry["epsilon"]) == ("spend", spent.number, "0.25")
