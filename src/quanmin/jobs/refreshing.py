"""What keeps the open data fresh, as work that can be queued and scheduled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from quanmin.jobs.kind import Kind, Task
from quanmin.opendata.release import OFFICER, Releases, live
from quanmin.text import Text


def _refresh(task: Task) -> Mapping[str, Any]:
    task.report(stage=Text("重新运行动态数据集", "running the live datasets again"))
    found = live.refresh(Releases.open(task.lake), task.actor)
    for one in found:
        word = live.WHAT[one.what]
        task.report.say(Text(f"{one.name}：{word.zh}", f"{one.name}: {word.en}"))
    return {"datasets": len(found), **Counter(one.what for one in found)}


KINDS = (
    Kind(
        "refresh",
        Text("更新动态数据集", "Refresh the live datasets"),
        (OFFICER,),
        _refresh,
        hint=Text("在最新快照上重新审查并发布", "on the newest snapshot, through the same disclosure control"),
    ),
)
