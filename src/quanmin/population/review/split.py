"""The register of splits: numbers that two people use. A split is a document, and so is its undoing.

One number is one person in the base: the holder keeps it, and the other person, who has no number of their own until public
security gives one, has no golden record. Their records stay set aside and never speak of the holder.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from quanmin.ledger import Action, Document, Ledger, Workflow, register
from quanmin.population.review import item, journal

if TYPE_CHECKING:
    from quanmin.lake import Lake

SPLIT = register(
    Workflow(
        "person_split",
        start="split",
        actions=[Action("undo", "split", "undone", needs=["reason"])],
        sealed=("number", "reason"),
    )
)


def make(lake: Lake, connection: Connection, key: int, rows: Sequence[Sequence[int]], review: int, actor: str) -> None:
    """Record that a number is used by its holder and by the person of some rows of the register."""
    data = {"number": key, "rows": [list(row) for row in rows], "review": review}
    lake.ledger.create(SPLIT.kind, journal.reference(lake, key), data, actor, connection)


def undo(lake: Lake, connection: Connection, review: int, people: Sequence[int], reason: str, actor: str) -> None:
    """Take back what a review split."""
    for key in people:
        for found in lake.ledger.find(
            SPLIT.kind, ref=journal.reference(lake, key), state="split", connection=connection
        ):
            if found.data["review"] == review:
                lake.ledger.act(found.id, "undo", {"reason": reason}, actor, connection=connection)


def everyone(ledger: Ledger) -> list[int]:
    """Every number that is known to be two people's, unless a later review found its records to be one person's."""
    standing = {int(one.data["number"]) for one in ledger.find(SPLIT.kind, state="split")}
    return sorted(standing - set(uncontested(ledger))) if standing else []


def of(lake: Lake, key: int) -> Document | None:
    """The split of a number; None while nobody knows of one."""
    found = lake.ledger.find(SPLIT.kind, ref=journal.reference(lake, key), state="split")
    return found[-1] if found and key not in uncontested(lake.ledger) else None


def uncontested(ledger: Ledger) -> list[int]:
    """The people whose contested number was last found to be one person's."""
    last: dict[int, bool] = {}
    for document in ledger.find(item.KINDS["contested"].kind):
        if document.state != "lapsed":
            last[item.people(document.data)[0]] = item.settled(document) == "same"
    return [key for key, free in last.items() if free]
