"""The review queue of an installation: gather the open questions, look at a pair, decide, undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from quanmin import trust
from quanmin.installation.answer import Listed, Told
from quanmin.lake import Lake
from quanmin.population.review import agreement, item, queue, side, verdict
from quanmin.population.review.item import About
from quanmin.population.review.queue import Gathered
from quanmin.population.tables import PERSON

QUEUE = ("review", "about", "state", "since", "due", "dataset", "batch", "row", "weight", "answer")


class Review:
    """What a person must decide. `reviewer` is who does, where several share an installation without accounts."""

    def __init__(self, lake: Lake, actor: trust.Actor) -> None:
        self._lake, self._known = lake, actor

    def gather(self) -> Gathered:
        """Bring the open questions of the base into the queue; what is no longer asked lapses."""
        return queue.gather(self._lake)

    def list(
        self, about: Sequence[About] = (), states: Sequence[str] = item.WAITING, limit: int | None = None
    ) -> Listed:
        """The items that wait (or those in other states), the oldest first; nobody's data."""
        return Listed(queue.listing(self._lake, tuple(about), tuple(states), limit), QUEUE)

    def page(self, about: Sequence[About] = (), states: Sequence[str] = item.WAITING, number: int = 1) -> Told:
        """A page of the list, with `page`, `pages` and `total`."""
        return Told(queue.page(self._lake, tuple(about), tuple(states), number), {"items": QUEUE})

    def counts(self) -> dict[About, dict[str, int]]:
        """How many items are in each state, by what they are about."""
        return queue.counts(self._lake)

    def following(self, review: int = 0, about: Sequence[About] = (), *, back: bool = False) -> int | None:
        """The next item (or the one before) that waits for an opinion of whoever opened the installation."""
        return queue.following(self._lake, self._known, review, tuple(about), back)

    def may(self, review: int) -> tuple[bool, bool]:
        """Whether whoever opened the installation may give the next opinion on an item, and may undo its decision."""
        document = item.get(self._lake.ledger, review)
        return item.waits_for(document, self._known, self._known.id), item.undoable(document, self._known)

    def show(
        self, review: int, *, purpose: str = "supervision", case: str | None = None, reviewer: str | None = None
    ) -> Told:
        """A pair side by side, as the purpose shows it, differences marked."""
        actor = self._actor(reviewer)

        def decide(table: str, elements: Sequence[str]) -> trust.Decision:
            return trust.decide(self._lake.ledger, actor, purpose, table, tuple(elements), case=case)

        shown = side.show(self._lake, decide, review)
        rows = [
            {"item": one["item"], **{f"side_{place}": value for place, value in enumerate(one["values"], 1)}}
            | {f"mark_{place}": mark for place, mark in enumerate(one["marks"], 2)}
            for one in shown["items"]
        ]
        return Told(shown, {"items": None}, {"items": rows})

    def decide(
        self,
        review: int,
        answer: str,
        reason: str,
        *,
        keep: verdict.Keep | None = None,
        seen: int | None = None,
        reviewer: str | None = None,
        purpose: str = "supervision",
        case: str | None = None,
    ) -> dict[str, Any]:
        """Say same, different or unsure, and why; the item after it. Of two numbers, `keep` says which survives.

        `seen` is the number of `steps` that the item was shown with: ChangedMeanwhile when it has more by now.
        """
        decision = self._decision(reviewer, purpose, case)
        return queue.told(verdict.decide(self._lake, decision, review, answer, reason, keep, seen))

    def undo(
        self,
        review: int,
        reason: str,
        *,
        seen: int | None = None,
        reviewer: str | None = None,
        purpose: str = "supervision",
        case: str | None = None,
    ) -> dict[str, Any]:
        """Take a decision back, with the merge that followed from it; the item is open again."""
        return queue.told(verdict.undo(self._lake, self._decision(reviewer, purpose, case), review, reason, seen))

    def standings(self) -> Sequence[agreement.Agreement]:
        """`stats` as they are: of each kind of item, then of all."""
        return agreement.statistics(self._lake)

    def stats(self) -> pa.Table:
        """A row for each kind of item and one for all: states, answers, overdue items, agreement of two reviewers, kappa."""
        rows = [
            {"about": one.about or "all", **one.states, **one.answers, "overdue": one.overdue}
            | {"pairs": one.pairs, "agreement": one.agreement, "kappa": one.kappa}
            for one in agreement.statistics(self._lake)
        ]
        names = ("about", *item.STATES, *item.ANSWERS, "overdue", "pairs")
        columns = {name: [row[name] for row in rows] for name in names}
        shares = {name: pa.array([row[name] for row in rows], pa.float64()) for name in ("agreement", "kappa")}
        return pa.table(columns | shares)

    def _actor(self, reviewer: str | None) -> trust.Actor:
        return trust.acting_as(self._known, reviewer)

    def _decision(self, reviewer: str | None, purpose: str, case: str | None) -> trust.Decision:
        return trust.decide(self._lake.ledger, self._actor(reviewer), purpose, PERSON, ("person_key",), case=case)
