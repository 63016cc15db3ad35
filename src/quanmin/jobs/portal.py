"""The open data portal's own work, as work that can be queued: harvesting other portals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quanmin.jobs.kind import Choices, Kind, Parameter, Task
from quanmin.ledger import Ledger
from quanmin.opendata import Portal, harvest
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import work

_SHOWN = ("pages", "read", "added", "changed", "unchanged", "held", "refusals", "seconds")


def _sources(settings: Settings) -> Choices:
    """The sources that a server may ask: files are for the command line."""
    with Ledger.open(settings) as ledger:
        found = [one.source for one in harvest.sources(ledger)]
    return [(one.name, Text(one.name, one.name)) for one in found if not one.local]


def _harvest(task: Task) -> Mapping[str, Any]:
    lake, reading = task.lake, Text("收割", "harvesting")
    task.report(stage=reading)
    known = harvest.get(lake.ledger, task.parameters["source"])
    catalogue = Portal(lake.settings, lake.ledger).catalogue
    found = harvest.run(catalogue, known, note=lambda count: task.report(count, None, reading)).to_dict()
    for one in found["refused"]:
        task.report.say(Text(f"拒收：{one['path']}（{one['rule']}）", f"Refused: {one['path']} ({one['rule']})"))
    return {"source": known.source.name, **{name: found[name] for name in _SHOWN}, "gone": len(found["gone"])}


KINDS = (
    Kind(
        "harvest",
        Text("收割其他平台的目录", "Harvest another portal"),
        (work.OPERATOR,),
        _harvest,
        (Parameter("source", Text("来源", "Source"), "choice", True, _sources),),
        hint=Text("来源由 quanmin harvest add 登记", "sources are made known by `quanmin harvest add`"),
    ),
)
