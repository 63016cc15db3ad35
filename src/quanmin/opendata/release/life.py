"""The life of a release, declared once: run by an officer, checked by another person, published; superseded or withdrawn.

Approval is the point of no return: what it promises (register, catalogue) is done after it, and done again by `settle` where
a kill came between.
"""

from __future__ import annotations

from quanmin.ledger import Action, Either, Workflow, register
from quanmin.text import Text

OFFICER, CHECKER = "release_officer", "release_checker"

RELEASE = register(
    Workflow(
        "release",
        start="draft",
        actions=[
            Action("propose", "draft", "proposed", by=OFFICER, needs=["files", "statement"]),
            Action("fail", "draft", "refused", by=OFFICER, needs=["findings"]),
            Action("approve", "proposed", "approved", by=CHECKER, needs=["evidence", "record"]),
            Action("refuse", "proposed", "refused", by=CHECKER, needs=["reason"]),
            Action("publish", "approved", "published"),
            Action("supersede", "published", "superseded", needs=["successor"]),
            Action("withdraw", "published", "withdrawn", by=Either(OFFICER, CHECKER), needs=["reason"]),
        ],
    )
)

STATES: dict[str, Text] = {
    "draft": Text("草稿", "draft"),
    "proposed": Text("待复核", "waits for its check"),
    "approved": Text("已批准，发布中", "approved, going out"),
    "published": Text("已发布", "published"),
    "superseded": Text("已被取代", "superseded"),
    "refused": Text("未通过", "refused"),
    "withdrawn": Text("已撤回", "withdrawn"),
}
OPEN = ("draft", "proposed", "approved")
