"""Random histories of full rows, changes and recalls against a plain model of which errors of which rows stand.

Whatever is pushed, the provider knows exactly the errors that stand, each of the delivery that brought it, told once; a case is
closed exactly when none of its errors stands; and receipts count what the model counts.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from tests.unit.exchange.supply.pushing import Line, Pushing, pushing

from quanmin.exchange.intake import correction, feedback
from quanmin.exchange.supply import standing
from quanmin.ledger import Document

RULES = {"1": (), "2": (), "3": ("QM-EXCHANGE-130",), "x": ("E11", "QM-EXCHANGE-130")}
"""What a row with each way of disposal fails."""
Error = tuple[str, str]
"""Mark and code."""
Told = tuple[str, int]
"""Delivery and row."""


@dataclass
class Sent:
    """A delivery: its rows (with a third part in a change), its state and the one that it starts from."""

    document: Document
    rows: list[tuple[Any, ...]]
    snapshot: int
    since: int | None
    recalled: bool = False


@dataclass
class Model:
    """What was sent, and what follows from it, row by row."""

    sent: list[Sent] = field(default_factory=list)

    def counted(self) -> list[Sent]:
        """Those that are not recalled and lead back to full rows; a full one begins anew."""
        found: list[Sent] = []
        for one in self.sent:
            reached = {other.snapshot for other in found}
            if not one.recalled and (one.since is None or one.since in reached):
                found.append(one)
        return found

    def standing(self) -> set[Line]:
        """Errors by mark and code, in the order in which they came; put right and brought row by row."""
        stands: dict[Error, list[Told]] = {}
        for one in self.counted():
            (self._full if one.since is None else self._change)(stands, one)
        return {(name, row, "disposal", code) for (_, code), rows in stands.items() for name, row in rows}

    @staticmethod
    def failing(one: Sent, rows: list[tuple[int, tuple[Any, ...]]]) -> dict[Error, list[Told]]:
        """The errors of some rows of a delivery."""
        found: dict[Error, list[Told]] = {}
        for number, row in rows:
            for code in RULES[row[1]]:
                found.setdefault((mark(row), code), []).append((str(one.document.ref), number))
        return found

    def _full(self, stands: dict[Error, list[Told]], one: Sent) -> None:
        fresh = self.failing(one, list(enumerate(one.rows, 1)))
        before = dict(stands)
        stands.clear()
        for error, rows in fresh.items():
            stands[error] = merged(before.get(error, []), rows)

    def _change(self, stands: dict[Error, list[Told]], one: Sent) -> None:
        keyed = {mark(row) for row in one.rows if row[0] is not None}
        fresh = self.failing(one, [(n, row) for n, row in enumerate(one.rows, 1) if row[2] != "delete"])
        for error in list(stands):
            if error[0] in keyed:
                stands[error] = stands[error][: len(fresh.get(error, []))]
        for row in one.rows:
            if row[0] is None and row[2] == "delete":
                for code in RULES[row[1]]:
                    stands.get((mark(row), code), [None])[-1:] = []
        for error, rows in fresh.items():
            own = stands.get(error, [])
            stands[error] = merged(own, rows) if error[0] in keyed else [*own, *rows]


def mark(row: tuple[Any, ...]) -> str:
    """By what a row is known: its number, or what it says."""
    return f"key {row[0]}" if row[0] is not None else f"value {row[1]}"


def merged(before: list[Told], now: list[Told]) -> list[Told]:
    """As many as there are now, those from before first."""
    return [*before[: len(now)], *now[len(before) :]]


rows = st.one_of(
    st.tuples(st.sampled_from(["F1", "F2", "F3", None]), st.sampled_from(["1", "1", "2", "3", "x"])),
    st.just((None, "3")),  # so that rows of the same values meet
)
full = st.lists(rows, max_size=6)
changes = st.lists(
    st.tuples(rows, st.sampled_from(["insert", "update", "delete", "delete"])).map(lambda one: (*one[0], one[1])),
    min_size=1,
    max_size=5,
).filter(lambda found: all(told_once(found, row) for row in found))
steps = st.one_of(
    st.tuples(st.just("full"), full),
    st.tuples(st.just("change"), changes),
    st.tuples(st.just("change"), changes),
    st.tuples(st.just("change"), changes),
    st.tuples(st.just("recall"), st.integers(0, 9)),
)


def told_once(found: list[tuple[Any, ...]], row: tuple[Any, ...]) -> bool:
    """A key is deleted, or there with all its rows; what is known by its values comes, changes nothing, or goes."""
    same = {other[2] for other in found if mark(other) == mark(row)}
    return len(same) == 1 and (row[0] is not None or row[2] != "update")


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example is two installations: it is not shrunk
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(full, st.lists(steps, min_size=2, max_size=6), st.booleans())
def test_the_provider_knows_what_stands(first: list[Any], history: list[Any], patient: bool) -> None:
    """`patient`: the consumer tells after several deliveries, not after each."""
    with tempfile.TemporaryDirectory() as folder, pushing(Path(folder)) as made:
        model = Model()
        for number, (step, given_) in enumerate([("full", first), *history]):
            happen(made, model, step, given_)
            if not patient or number % 3 == 2 or number == len(history):
                made.tell()
                made.tell()
                check(made, model)


def happen(made: Pushing, model: Model, step: str, given_: Any) -> None:
    """One step on both sides and in the model."""
    if step == "recall":
        chosen = model.sent[given_ % len(model.sent)]
        if not chosen.recalled:
            event("recalled")
            assert made.recall(chosen.document).state == "confirmed"
            chosen.recalled = True
        return
    counted = model.counted()
    if step == "change" and not counted:
        step, given_ = "full", [row[:2] for row in given_]
    since = counted[-1].snapshot if step == "change" else None
    document = made.full(*given_) if since is None else made.change(*given_, since=since)
    assert document.state == "acknowledged", document.data.get("refusal")
    model.sent.append(Sent(document, given_, made.snapshot, since))
    bad = sum(bool(RULES[row[1]]) and not (row[0] is not None and row[-1] == "delete") for row in given_)
    assert (document.data["accepted"], document.data["quarantined"]) == (len(given_) - bad, bad)
    event(step)


def check(made: Pushing, model: Model) -> None:
    """What holds whenever everything is told."""
    stands = model.standing()
    assert made.standing() == stands
    assert standing.counts(made.consumer, made.terms.id) == by_event(model, stands)
    found = correction.progress(made.consumer)
    assert sum(one.open for one in found) == len(stands)
    for one in found:
        assert one.told == one.open + one.closed and one.state == ("open" if one.open else "closed")
    assert feedback.tell(made.consumer, made.terms).feedback == ()


def by_event(model: Model, stands: set[Line]) -> dict[int, int]:
    events = {one.document.ref: int(one.document.data["manifest"]["event"]) for one in model.sent}
    return dict(Counter(events[name] for name, *_ in stands))
