"""What the pages of the area share: whose they are, the links between them, and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Query

from quanmin.opendata.release import CHECKER, OFFICER, STATES, Release
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.areas import RELEASERS
from quanmin.web.view import View

ROLES = RELEASERS
OFFICERS, CHECKERS = (OFFICER,), (CHECKER,)
TITLE = Text("开放发布", "Open releases")
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]

TONES = {"proposed": "wait", "approved": "wait", "published": "ok", "refused": "bad", "withdrawn": "bad"}
KINDS = {"table": Text("汇总表", "table"), "microdata": Text("微数据", "microdata")}
WEIGHTS = {
    "noted": Text("提示", "noted"),
    "treated": Text("已处理", "put right"),
    "reason": Text("须说明理由", "needs a reason"),
    "refused": Text("不予通过", "refused"),
}
WEIGHT_TONES = {"noted": "calm", "treated": "ok", "reason": "bad", "refused": "bad"}


def links(ask: Ask) -> list[tuple[str, Text]]:
    """The pages of the area that are somebody's work."""
    found = [("/releases", Text("全部发布", "Releases"))]
    return [*found, ("/releases/new", Text("新发布", "New release"))] if ask.holds(*OFFICERS) else found


def shown(ask: Ask, title: Text, data: Mapping[str, Any], **more: Any) -> View:
    """A page of the area."""
    words = {"states": STATES, "tones": TONES, "kinds": KINDS, "weights": WEIGHTS, "weight_tones": WEIGHT_TONES}
    return View(title, data, {"links": links(ask), "runs": ask.holds(*OFFICERS), **words, **more})


def checks(ask: Ask, release: Release) -> bool:
    """Whether the release waits for the viewer: somebody else's run, and the viewer's work."""
    return release.state == "proposed" and ask.holds(*CHECKERS) and release.officer != ask.who.id
