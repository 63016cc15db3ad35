"""The first page of the console: what came in, what waits, what is near its deadline, how large the store is, what rang."""

from __future__ import annotations

from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.view import Answer, View


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/", "console/overview.html")
    def overview(ask: Ask) -> Answer:
        """What there is to do today."""
        return View(Text("总览", "Overview"), {"snapshot": ask.place.snapshot()})
