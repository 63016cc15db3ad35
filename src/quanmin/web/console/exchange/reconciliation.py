"""Both sides' counts day by day: where they agree, where not, and what differs."""

from __future__ import annotations

from typing import Any

from quanmin.exchange.intake.difference import WORDS
from quanmin.exchange.intake.reconciliation import RECONCILIATION, STATES
from quanmin.exchange.intake.sheet import SUMS
from quanmin.ledger import Document
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.exchange.area import ROLES, Number, PageNumber, State, clock, late, mine, paged, shown
from quanmin.web.errors import NotYourPage
from quanmin.web.face import Face
from quanmin.web.view import Answer

MOST = 5_000
COUNTED = {
    "request": Text("请求（条）", "requests"),
    "response": Text("答复（条）", "responses"),
    "offer": Text("推送清单（条）", "offers"),
    "chunk": Text("分块（条）", "chunks"),
    "receipt": Text("回执（条）", "receipts"),
    "notice": Text("通知（条）", "notices"),
    "delivery_count": Text("推送（次）", "deliveries"),
    "delivery_rows": Text("推送的行", "rows delivered"),
    "delivery_accepted": Text("接收的行", "rows accepted"),
    "delivery_quarantined": Text("隔离的行", "rows set aside"),
    "delivery_pending": Text("未有结果的行", "rows of which nothing is known yet"),
    "delivery_waiting": Text("未回执的推送", "deliveries without a receipt"),
}


def line(document: Document) -> dict[str, Any]:
    """A day as a line of a list."""
    data = document.data
    names = ("agreement", "day", "member")
    told = {"number": document.id, **{name: data[name] for name in names}, "state": document.state}
    return told | {"since": document.since, "found": data.get("found", 0), "clock": clock(document)}


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/exchange/reconciliation", "console/exchange/reconciliation.html", roles=ROLES)
    def reconciliation(ask: Ask, state: State = "", page: PageNumber = 1) -> Answer:
        """The days that were compared, the newest first."""
        ledger = ask.lake.ledger
        found = ledger.find(RECONCILIATION.kind, states=[state] if state else [], limit=MOST)[::-1]
        seen = [line(one) for one in found if mine(ask, (one.data["member"],))]
        lines = [{**one, "late": late(one["clock"], ledger.now())} for one in seen]
        data = {"state": state, "counts": ledger.count(RECONCILIATION.kind), **paged(lines, page)}
        return shown(Text("对账", "Reconciliation"), data, ask, day_states=STATES)

    @face.page("/exchange/reconciliation/{number}", "console/exchange/day.html", roles=ROLES)
    def day(ask: Ask, number: Number) -> Answer:
        """One day under one agreement: both sides' counts beside each other, and what differs."""
        document = ask.lake.ledger.get(number, kinds=(RECONCILIATION.kind,))
        if not mine(ask, (document.data["member"],)):
            raise NotYourPage(roles="exchange_operator")
        data = {**line(document), "late": late(clock(document), ask.lake.ledger.now())}
        data |= {"findings": document.data.get("findings", []), "rows": _beside(document)}
        title = Text(f"{data['agreement']} {data['day']} 对账", f"{data['agreement']} on {data['day']}")
        return shown(title, data, ask, day_states=STATES, finding_words=WORDS, counted=COUNTED)


def _beside(document: Document) -> list[dict[str, Any]]:
    """The counts of both sides, one beside the other: messages by kind, deliveries by what is counted, of each sender."""
    here, there = (_flat(document.data.get(side) or {}) for side in ("mine", "theirs"))
    return [
        {"sender": key[0], "what": key[1], "here": here.get(key), "there": there.get(key)}
        for key in sorted({*here, *there})
    ]


def _flat(sheet: dict[str, Any]) -> dict[tuple[str, str], int]:
    """The counts of a sheet, by sender and what they count."""
    found: dict[tuple[str, str], int] = {}
    for name, count in (sheet.get("messages") or {}).items():
        kind, _, sender = name.partition(" ")
        found[sender, kind] = count
    for sender, counts in (sheet.get("deliveries") or {}).items():
        found |= {(sender, f"delivery_{name}"): counts[name] for name in SUMS if name in counts}
    return found
