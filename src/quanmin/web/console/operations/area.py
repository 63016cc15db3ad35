"""What the pages of the area share: whose they are, the links between them, and bounded parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Query

from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.areas import ADMINISTRATORS, OPERATOR
from quanmin.web.view import View

ROLES = (*OPERATOR, *ADMINISTRATORS)
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
Word = Annotated[str, Path(max_length=40, pattern=r"^[a-z_]+$")]

SUB = (
    ("/operations", Text("作业", "Jobs")),
    ("/operations/orders", Text("新作业", "New job")),
    ("/operations/schedules", Text("定时", "Schedules")),
    ("/operations/snapshots", Text("快照", "Snapshots")),
    ("/operations/backups", Text("备份", "Backups")),
    ("/operations/health", Text("存储与状态", "Store and health")),
)


def shown(title: Text, data: Mapping[str, Any], ask: Ask, **more: Any) -> View:
    """A page of the area."""
    tones = {"done": "ok", "failed": "bad", "running": "wait", "stopping": "wait", "interrupted": "bad"}
    return View(title, data, {"sub": SUB, "tones": tones, "holds": ask.holds, **more})
