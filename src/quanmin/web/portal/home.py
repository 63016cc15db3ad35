"""The first page of the portal."""

from __future__ import annotations

from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.view import Answer, View


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/", "portal/home.html", signed=False, public=True)
    def home(ask: Ask) -> Answer:
        """What there is here."""
        return View(Text("全民健康数据", "Quanmin health data"), {"snapshot": ask.place.snapshot()})
