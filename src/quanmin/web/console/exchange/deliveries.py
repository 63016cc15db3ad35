"""All deliveries, sent from here and come in: how many are in each state, and each with its agreement."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from quanmin.exchange import statistic
from quanmin.exchange.delivery import command
from quanmin.exchange.delivery.workflow import DELIVERY, INTAKE
from quanmin.ledger import Document
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.exchange.area import ROLES, PageNumber, State, mine, paged, shown
from quanmin.web.face import Face
from quanmin.web.view import Answer

MOST = 5_000
"""Deliveries that are looked through, the newest; older ones are found by their agreement."""
Direction = Annotated[str, Query(max_length=3, pattern=r"^(in|out)?$")]


def line(document: Document) -> dict[str, Any]:
    """A delivery as a line of a list."""
    return {**command.told(document), "since": document.since, "made": document.at}


def listed(ask: Ask, agreement: str | None = None, state: str = "", direction: str = "") -> list[dict[str, Any]]:
    """Those that the viewer may see, the newest first."""
    kinds = {"out": [DELIVERY.kind], "in": [INTAKE.kind]}.get(direction, [DELIVERY.kind, INTAKE.kind])
    found = ask.lake.ledger.find(kinds, states=[state] if state else [], limit=MOST)
    lines = [line(one) for one in found[::-1]]
    own = [one for one in lines if mine(ask, (one["sender"], one["receiver"]))]
    return [one for one in own if agreement is None or one["agreement"].partition(";")[0] == agreement]


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/exchange/deliveries", "console/exchange/deliveries.html", roles=ROLES)
    def deliveries(ask: Ask, state: State = "", direction: Direction = "", page: PageNumber = 1) -> Answer:
        """The deliveries, the newest first, and how many are in each state."""
        lines = listed(ask, None, state, direction)
        data = {"state": state, "direction": direction, **paged(lines, page)}
        data["standing"] = statistic.standing(ask.lake.ledger)._asdict() if mine(ask, ()) else None
        return shown(Text("推送", "Deliveries"), data, ask)
