"""The exchange, as queued work: its own statistics published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quanmin.exchange.role import OPERATOR
from quanmin.jobs.kind import Kind, Task
from quanmin.opendata import Portal, exchange_use
from quanmin.text import Text
from quanmin.trust import work


def _statistics(task: Task) -> Mapping[str, Any]:
    task.report(stage=Text("统计共享交换情况", "counting how agencies share"))
    return exchange_use.publish(Portal(task.lake.settings, task.lake.ledger), task.actor.id)


KINDS = (
    Kind(
        "exchange_statistics",
        Text("发布共享交换统计", "Publish the exchange's statistics"),
        (work.OPERATOR, OPERATOR),
        _statistics,
        hint=Text("统计后作为开放数据集发布", "counted, then published as an open dataset"),
    ),
)
