"""The register of merges: which number leads to which person. A merge is a document, and so is its undoing.

Questions by the old number are led to the survivor at once (`lead`); the next build makes one golden record of both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from quanmin.ledger import Action, Document, Ledger, Workflow, register
from quanmin.population.review import journal

if TYPE_CHECKING:
    from quanmin.lake import Lake

MERGE = register(
    Workflow(
        "person_merge",
        start="merged",
        actions=[Action("undo", "merged", "undone", needs=["reason"])],
        sealed=("old", "surviving", "reason"),
    )
)
LOCK = "reviews"
"""Held by every transaction that decides: two merges never cross."""


def make(lake: Lake, connection: Connection, old: int, surviving: int, review: int, actor: str) -> None:
    """Record that the number `old` leads to the person `surviving` from now on."""
    data = {"old": old, "surviving": surviving, "review": review}
    lake.ledger.create(MERGE.kind, journal.reference(lake, old), data, actor, connection)


def undo(lake: Lake, connection: Connection, review: int, people: Sequence[int], reason: str, actor: str) -> None:
    """Take back what a review merged."""
    for key in people:
        found = of(lake, key, connection)
        if found is not None and found.data["review"] == review:
            lake.ledger.act(found.id, "undo", {"reason": reason}, actor, connection=connection)


def of(lake: Lake, key: int, connection: Connection | None = None) -> Document | None:
    """The merge that a number was given up by; None while it stands for a person of its own."""
    found = lake.ledger.find(MERGE.kind, ref=journal.reference(lake, key), state="merged", connection=connection)
    return found[-1] if found else None


def surviving(lake: Lake, key: int) -> int:
    """The person whom a number leads to: its own, or the one that it was merged into, however often."""
    while (found := of(lake, key)) is not None:
        key = int(found.data["surviving"])
    return key


def standing(ledger: Ledger) -> dict[int, Document]:
    """The merge of every number that was given up."""
    return {int(one.data["old"]): one for one in ledger.find(MERGE.kind, state="merged")}


def everyone(ledger: Ledger) -> dict[int, int]:
    """Every number that was given up, with the person whom it leads to."""
    return rooted({old: int(one.data["surviving"]) for old, one in standing(ledger).items()})


def rooted(direct: Mapping[int, int]) -> dict[int, int]:
    """The person at the end of each chain."""
    return {old: _root(direct, old) for old in direct}


def _root(direct: Mapping[int, int], key: int) -> int:
    while key in direct:
        key = direct[key]
    return key


def replaced(merged: Mapping[int, int], keys: pa.Array) -> pa.Array:
    """The keys with every number that was given up replaced by the person whom it leads to."""
    if not merged:
        return keys
    places = pc.index_in(keys, pa.array(list(merged), keys.type))
    return pc.coalesce(pa.array(list(merged.values()), keys.type).take(places), keys)


def concerned(lake: Lake, changes: Sequence[Mapping[str, Any]]) -> set[int]:
    """The numbers that the merges among some changes of a person are about, undone ones too."""
    reviews = {int(change["review"]) for change in changes if change["event"] in ("merged", "merged_into")}
    return {int(key) for review in reviews for key in lake.ledger.get(review).data["people"]}


def others(lake: Lake, key: int) -> list[int]:
    """The numbers that were merged into a person, those merged into them among them."""
    told = [change["review"] for change in journal.changes(lake, key) if change["event"] == "merged"]
    found = list[int]()
    for review in dict.fromkeys(told):
        for old in map(int, lake.ledger.get(review).data["people"]):
            merge = of(lake, old) if old != key else None
            if merge is not None and merge.data["review"] == review and merge.data["surviving"] == key:
                found += [old, *others(lake, old)]
    return found
