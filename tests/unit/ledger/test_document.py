"""Documents and workflows, on a library's loans: the ledger knows nothing of health."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from quanmin.ledger import WORKFLOWS, Action, Both, Days, Either, Ledger, Workflow, WorkingDays, register
from quanmin.ledger.errors import IllegalAction, MissingField, NotYours, UnknownDocument, UnknownWorkflow

LOAN = Workflow(
    "loan",
    start="asked",
    actions=[
        Action("lend", "asked", "lent", by="librarian", needs=["due_on"], due=WorkingDays(2)),
        Action("refuse", "asked", "refused", by=Either("librarian", "director"), needs=["reason"]),
        Action("extend", "lent", "lent", by="reader"),
        Action("close", ("lent", "lost"), "closed", by=Both("reader", "librarian"), due=Days(30)),
        Action("lose", "lent", "lost"),
    ],
)


@pytest.fixture(autouse=True)
def _loans() -> Iterator[None]:
    register(LOAN)
    yield
    WORKFLOWS.pop("loan")


class Roles:
    """A permit that holds some roles."""

    def __init__(self, *roles: str) -> None:
        self.roles = roles

    def holds(self, role: str) -> bool:
        return role in self.roles


def test_state_and_data_are_a_fold_of_the_actions(ledger: Ledger) -> None:
    loan = ledger.create("loan", ref="book 1", data={"title": "三体", "reader": 7}, actor="desk")
    assert (loan.state, loan.data) == ("asked", {"title": "三体", "reader": 7})
    lent = ledger.act(loan.id, "lend", {"due_on": "2026-12-01"}, actor="desk")
    longer = ledger.act(loan.id, "extend", {"due_on": "2026-12-15"}, actor="reader 7")
    assert longer.data == {"title": "三体", "reader": 7, "due_on": "2026-12-15"}
    assert [step.name for step in longer.actions] == ["create", "lend", "extend"]
    assert lent.actions == longer.actions[:2]
    assert ledger.get(loan.id) == longer
    assert ledger.find("loan", state="lent") == [longer] and ledger.find("loan", state="asked") == []


def test_an_action_that_the_state_forbids_is_a_conflict_and_leaves_no_trace(ledger: Ledger) -> None:
    loan = ledger.create("loan")
    with pytest.raises(IllegalAction) as caught:
        ledger.act(loan.id, "extend")
    assert caught.value.category == "conflict" and "lend, refuse" in caught.value.next_step("en")
    assert ledger.get(loan.id) == loan


def test_what_an_action_needs_must_be_given_with_it(ledger: Ledger) -> None:
    loan = ledger.create("loan", data={"reason": "from before"})
    with pytest.raises(MissingField) as caught:
        ledger.act(loan.id, "refuse", {"reason": ""}, role="director")
    assert caught.value.category == "invalid"
    assert ledger.act(loan.id, "refuse", {"reason": "lost card"}, role="director").state == "refused"


def test_both_must_act_before_the_state_moves(ledger: Ledger) -> None:
    loan = ledger.create("loan")
    ledger.act(loan.id, "lend", {"due_on": "x"})
    half = ledger.act(loan.id, "close", role="reader")
    assert half.state == "lent" and half.waiting == {"close": {"reader"}}
    with pytest.raises(NotYours):
        ledger.act(loan.id, "close", role="reader")
    assert ledger.act(loan.id, "close", role="librarian").state == "closed"


def test_who_may_act_is_asked_of_the_permit(ledger: Ledger) -> None:
    loan = ledger.create("loan")
    with pytest.raises(NotYours):
        ledger.act(loan.id, "lend", {"due_on": "x"}, permit=Roles("reader"))
    with pytest.raises(NotYours):
        ledger.act(loan.id, "refuse", {"reason": "x"}, role="reader", permit=Roles("reader"))
    assert ledger.act(loan.id, "lend", {"due_on": "x"}, permit=Roles("librarian")).state == "lent"


def test_overdue_names_the_action_that_is_late(ledger: Ledger) -> None:
    friday = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    ledger.now = lambda: friday
    loan = ledger.create("loan")
    assert ledger.overdue(datetime(2026, 11, 24, 15, 59, tzinfo=UTC)) == []
    late = ledger.overdue(datetime(2026, 11, 24, 16, 1, tzinfo=UTC))  # Tuesday is over in Shanghai at 16:00 UTC
    assert [(one.document, one.action, one.due) for one in late] == [
        (loan.id, "lend", datetime(2026, 11, 24, 16, 0, tzinfo=UTC))
    ]
    ledger.act(loan.id, "lend", {"due_on": "x"})
    assert [one.action for one in ledger.overdue(friday + timedelta(days=31))] == ["close"]


def test_unknown_kinds_and_numbers(ledger: Ledger) -> None:
    with pytest.raises(UnknownWorkflow):
        ledger.create("nothing")
    with pytest.raises(UnknownDocument):
        ledger.get(404)


def test_a_workflow_is_registered_once() -> None:
    assert register(LOAN) is LOAN
    with pytest.raises(TypeError):
        register(Workflow("loan", "other", []))
    with pytest.raises(TypeError):
        Workflow("twice", "a", [Action("go", "a", "b"), Action("go", ("c", "a"), "d")])


def test_ensure_gives_one_document_for_a_ref(ledger: Ledger) -> None:
    first, fresh = ledger.ensure("loan", "book 1", {}, ["asked", "lent"])
    again, repeated = ledger.ensure("loan", "book 1", {}, ["asked", "lent"])
    assert fresh and not repeated and again == first
    ledger.act(first.id, "refuse", {"reason": "x"}, role="librarian")
    assert ledger.ensure("loan", "book 1", {}, ["asked", "lent"])[1]


def test_find_narrows_and_limits(ledger: Ledger) -> None:
    made = [ledger.create("loan", ref=f"book {n % 2}") for n in range(5)]
    assert ledger.find("loan", ref="book 1") == [made[1], made[3]]
    assert ledger.find("loan", limit=2) == made[3:]
    ledger.act(made[0].id, "refuse", {"reason": "x"}, role="librarian")
    assert ledger.count("loan") == {"asked": 4, "refused": 1}


class Model:
    """The plain model of a loan: what the engine must agree with."""

    def __init__(self) -> None:
        self.state, self.signed, self.count = "asked", set[str](), 1

    def act(self, name: str, role: str | None, given: bool) -> bool:
        moves = {("asked", "lend"): "lent", ("asked", "refuse"): "refused", ("lent", "extend"): "lent"}
        moves |= {("lent", "lose"): "lost", ("lent", "close"): "closed", ("lost", "close"): "closed"}
        target = moves.get((self.state, name))
        if target is None or (name in ("lend", "refuse") and not given):
            return False
        allowed = {"lend": {None, "librarian"}, "refuse": {"librarian", "director"}, "extend": {None, "reader"}}
        allowed |= {"close": {"reader", "librarian"} - self.signed}
        if name in allowed and role not in allowed[name]:
            return False
        self.count += 1
        if name == "close" and len(self.signed | {str(role)}) < 2:
            self.signed.add(str(role))
            return True
        self.state, self.signed = target, set()
        return True


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["lend", "refuse", "extend", "close", "lose", "burn"]),
        st.sampled_from([None, "reader", "librarian", "director"]),
        st.booleans(),
    ),
    max_size=12,
)


@profile(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_random_walks_agree_with_the_plain_model(ledger: Ledger, steps: list[tuple[str, str | None, bool]]) -> None:
    model, loan = Model(), ledger.create("loan")
    for name, role, given_ in steps:
        data = {"due_on": "x", "reason": "y"} if given_ else {}
        try:
            ledger.act(loan.id, name, data, role=role)
            done = True
        except (IllegalAction, MissingField, NotYours):
            done = False
        assert done == model.act(name, role, given_)
    found = ledger.get(loan.id)
    assert (found.state, found.waiting.get("close", set()), len(found.actions)) == (
        model.state,
        model.signed,
        model.count,
    )
    assert ledger.find("loan", state=model.state)[-1] == found  # the stored state is the fold's
