"""What is asked of the whole of trust, as work that can be queued: the self-check, and what a change of policies would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from quanmin.jobs.kind import Kind, Parameter, Task
from quanmin.ledger.errors import UnknownDocument
from quanmin.text import Text
from quanmin.trust import selfcheck, work
from quanmin.trust.identity import duty
from quanmin.trust.policy import active, change


def _selfcheck(task: Task) -> Mapping[str, Any]:
    def told(row: selfcheck.Row) -> None:
        title = Text(f"第 {row.number} 项：{row.title.zh}", f"row {row.number}: {row.title.en}")
        task.report(row.number - 1, len(selfcheck.ROWS), title)

    found = selfcheck.run(task.lake.settings, task.lake.ledger, task.actor, told)
    return Counter(one.verdict for one in found)


def _compare(task: Task) -> Mapping[str, Any]:
    ledger, number = task.lake.ledger, task.parameters["change"]
    document = ledger.get(number)
    if document.kind != change.CHANGE.kind:
        raise UnknownDocument(document=number)
    asking, base = Text("询问两个版本", "asking both versions"), active(ledger).version
    task.report(stage=asking)
    found = change.differences(ledger, number, lambda done, whole: task.report(done, whole, asking))
    told = {"base": base, "version": document.data["version"], "digest": change.digest(found)}
    return {"change": number, **told, "differences": [one._asdict() for one in found]}


KINDS = (
    Kind(
        "selfcheck",
        Text("自查", "Self-check"),
        (*duty.ADMINISTRATORS, work.OPERATOR),
        _selfcheck,
        hint=Text("逐项自查等级保护三级要求", "the rows of classified protection level 3, one by one"),
    ),
    Kind(
        "compare",
        Text("比较策略", "Compare policies"),
        (*duty.ADMINISTRATORS, change.APPROVER),
        _compare,
        (Parameter("change", Text("策略变更编号", "Number of the change"), "number", True),),
        hint=Text("向现行策略和变更后的策略提出同样的问题", "ask the policies in force and those of a change the same"),
    ),
)
