"""What reviews changed about a person: one document of the ledger a person, with a note for every change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from quanmin import trust
from quanmin.ledger import Action, Workflow, register
from quanmin.text import Text

if TYPE_CHECKING:
    from quanmin.lake import Lake

JOURNAL = register(
    Workflow(
        "person_review", start="kept", actions=[Action("note", "kept", "kept", needs=["event"])], sealed=("reason",)
    )
)

EVENTS: dict[str, Text] = {
    "merged_into": Text("并入另一号码", "merged into another number"),
    "merged": Text("并入了另一号码的记录", "another number was merged into this person"),
    "told_apart": Text("经审核与另一号码不是同一人", "found to be another person than the one with another number"),
    "linked": Text("经审核挂接一条记录", "a record was found to be this person's"),
    "unlinked": Text("经审核一条记录不属本人", "a record was found not to be this person's"),
    "uncontested": Text("经审核号码无争议", "the number was found to be one person's"),
    "contested": Text("经审核一号两人", "the number was found to be used by two people"),
    "undone": Text("撤销审核结论", "a decision was undone"),
}


def reference(lake: Lake, key: int) -> str:
    """What stands for a person in the ledger's references."""
    return trust.Pseudonyms.open(lake.settings, "review").of(key)


def note(lake: Lake, connection: Connection, key: int, entry: Mapping[str, Any], actor: str) -> None:
    """Add a change; `entry` has `event`, `review` and `reason`. The caller holds the lock of reviews."""
    ref = reference(lake, key)
    found = lake.ledger.find(JOURNAL.kind, ref=ref, connection=connection)
    document = found[0] if found else lake.ledger.create(JOURNAL.kind, ref, {}, actor, connection)
    lake.ledger.act(document.id, "note", entry, actor, connection=connection)


def changes(lake: Lake, key: int) -> list[dict[str, Any]]:
    """What reviews changed about a person, oldest first: `at`, `event`, `title`, `review`, `actor`, `reason`."""
    steps = [step for document in lake.ledger.find(JOURNAL.kind, ref=reference(lake, key)) for step in document.actions]
    return [
        {
            "at": step.at,
            "event": step.data["event"],
            "title": EVENTS[step.data["event"]],
            "review": step.data["review"],
            "actor": step.actor,
            "reason": step.data["reason"],
        }
        for step in steps
        if step.name == "note"
    ]
