"""What the public adds, as queued work: the portal's own statistics published, and packages scanned that waited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quanmin.jobs.kind import Kind, Task
from quanmin.opendata import Portal
from quanmin.opendata.participation import reuse, statistics
from quanmin.opendata.participation.role import MODERATOR
from quanmin.text import Text
from quanmin.trust import work


def _statistics(task: Task) -> Mapping[str, Any]:
    task.report(stage=Text("统计门户使用情况", "counting how the portal is used"))
    return statistics.publish(Portal(task.lake.settings, task.lake.ledger), task.actor.id)


def _scan(task: Task) -> Mapping[str, Any]:
    task.report(stage=Text("扫描等待中的程序包", "scanning the packages that wait"))
    return reuse.rescan(Portal(task.lake.settings, task.lake.ledger), task.actor)


KINDS = (
    Kind(
        "portal_statistics",
        Text("发布门户统计", "Publish the portal's statistics"),
        (work.OPERATOR, MODERATOR),
        _statistics,
        hint=Text("统计后作为开放数据集发布", "counted, then published as an open dataset"),
    ),
    Kind(
        "portal_scan",
        Text("扫描程序包", "Scan packages of apps"),
        (work.OPERATOR, MODERATOR),
        _scan,
        hint=Text("扫描器恢复后运行", "when the scanner answers again"),
    ),
)
