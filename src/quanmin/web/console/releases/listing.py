"""All releases: those that wait for the viewer first, then every one, the newest first."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from quanmin.ledger.listing import SIZE, place
from quanmin.opendata.release import STATES, Release
from quanmin.web.ask import Ask
from quanmin.web.console.releases.area import ROLES, TITLE, PageNumber, checks, shown
from quanmin.web.face import Face
from quanmin.web.view import Answer

State = Annotated[str, Query(max_length=20, pattern=r"^[a-z]*$")]


def line(one: Release) -> dict[str, Any]:
    """A release as a line of a list."""
    names = (
        "number",
        "name",
        "kind",
        "title",
        "state",
        "state_title",
        "since",
        "officer",
        "checker",
        "version",
        "rows",
    )
    return {name: getattr(one, name) for name in names}


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/releases", "console/releases/listing.html", roles=ROLES)
    def listed(ask: Ask, state: State = "", page: PageNumber = 1) -> Answer:
        """The releases: what waits for the viewer's check, and all, the newest first."""
        known = ask.place.releases.listing()[::-1]
        counts = {name: sum(one.state == name for one in known) for name in STATES}
        found = [one for one in known if not state or one.state == state]
        at = place(page, len(found))
        data: dict[str, Any] = {"waiting": [line(one) for one in known if checks(ask, one)][::-1]}
        data |= {"releases": [line(one) for one in found[at.skip : at.skip + SIZE]], "state": state, "counts": counts}
        return shown(ask, TITLE, {**data, "total": len(found), "page": at.page, "pages": at.pages})
