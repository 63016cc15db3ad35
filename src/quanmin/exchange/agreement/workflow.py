"""The life of an agreement: drafted, requested, reviewed, answered, signed by both sides, in force, and how it ends.

Days: the authority reviews within 2 working days, the provider answers within 5, and a refusal gives its reason. So a county has
it (高平市政务数据共享, 2024); the regulation on sharing (政务数据共享条例, State Council order 809, in force since 2025-08-01)
sets limits of its own that were not at hand in their full text. An installation under other limits changes `REVIEW`, `ANSWER`
and `SIGN` before anything is registered.
"""

from __future__ import annotations

from datetime import datetime

from quanmin.ledger import Action, Both, Document, Either, Workflow, WorkingDays, register
from quanmin.text import Text
from quanmin.trust.agreed import COURSE, IN_FORCE, SUSPENDED

PROVIDER, CONSUMER, AUTHORITY = "exchange_provider", "exchange_consumer", "exchange_authority"
SIDE: dict[str, Text] = {
    PROVIDER: Text("提供方", "the provider"),
    CONSUMER: Text("使用方", "the consumer"),
    AUTHORITY: Text("主管部门", "the authority"),
}
REVIEW, ANSWER, SIGN = WorkingDays(2), WorkingDays(5), WorkingDays(5)

_ASKING = ("draft", "requested", "reviewed", "answered")
_STANDING = (IN_FORCE, SUSPENDED)
_BOTH = Either(CONSUMER, PROVIDER)

AGREEMENT = register(
    Workflow(
        COURSE,
        start="draft",
        actions=[
            Action("change", "draft", "draft", by=_BOTH, needs=("terms",)),
            Action("request", "draft", "requested", by=_BOTH),
            Action("review", "requested", "reviewed", by=AUTHORITY, due=REVIEW),
            Action("grant", "requested", "answered", by=AUTHORITY, due=REVIEW),
            Action("refuse", "requested", "refused", by=AUTHORITY, needs=("reason",)),
            Action("answer", "reviewed", "answered", by=PROVIDER, needs=("terms",), due=ANSWER),
            Action("answer", "answered", "answered", by=PROVIDER, needs=("terms",)),
            Action("refuse", "reviewed", "refused", by=PROVIDER, needs=("reason",)),
            Action("sign", "answered", IN_FORCE, by=Both(PROVIDER, CONSUMER), needs=("signatures",), due=SIGN),
            Action("withdraw", "draft", "withdrawn", by=_BOTH),
            Action("withdraw", (*_ASKING[1:], *_STANDING), "withdrawn", by=CONSUMER),
            Action("suspend", IN_FORCE, SUSPENDED, by=Either(PROVIDER, AUTHORITY), needs=("reason",)),
            Action("resume", SUSPENDED, IN_FORCE, by=Either(PROVIDER, AUTHORITY)),
            Action("revoke", _STANDING, "revoked", by=Either(PROVIDER, AUTHORITY), needs=("reason",)),
            Action("expire", (*_ASKING, *_STANDING), "expired"),
            Action("supersede", _STANDING, "superseded"),
        ],
        words=("reason",),
    )
)
"""`change` and the second `answer` correct what was written before; signatures under other words are then void."""

STATES: dict[str, Text] = {
    "draft": Text("草拟", "draft"),
    "requested": Text("已申请", "requested"),
    "reviewed": Text("已审核", "reviewed"),
    "answered": Text("已答复，待签署", "answered, to be signed"),
    IN_FORCE: Text("生效", "in force"),
    SUSPENDED: Text("暂停", "suspended"),
    "refused": Text("不予共享", "refused"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "revoked": Text("已撤销", "revoked"),
    "expired": Text("已届满", "expired"),
    "superseded": Text("已由新版本取代", "superseded by a newer version"),
}
OPEN: tuple[str, ...] = (*_ASKING, *_STANDING)
"""States in which something can still happen."""


def due(document: Document) -> datetime | None:
    """By when the next step of a course is owed; None where nobody owes one."""
    owed = [one.due.after(document.since) for one in AGREEMENT.allowed(document.state) if one.due is not None]
    return min(owed, default=None)


def diagram() -> str:
    """The life of an agreement as a Mermaid state diagram: the one in the manual is this one."""
    lines = ["stateDiagram-v2", f"    [*] --> {AGREEMENT.start}: draft"]
    for one in AGREEMENT.actions:
        by = " + ".join(SIDE[role].en.removeprefix("the ") for role in one.roles) or "the clock"
        if isinstance(one.by, Either):
            by = by.replace(" + ", " or ")
        days = f", {one.due.count} working days" if one.due is not None else ""
        lines += [f"    {source} --> {one.target}: {one.name} ({by}{days})" for source in one.sources]
    sources = {source for one in AGREEMENT.actions for source in one.sources}
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in AGREEMENT.states if state not in sources)])
