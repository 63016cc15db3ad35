"""What the open data portal has done beside its pages: exports, and the indexes of large tables. Ordered by the portal only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quanmin.jobs.kind import Kind, Parameter, Task
from quanmin.opendata import Portal, exports
from quanmin.text import Text


def _export(task: Task) -> Mapping[str, Any]:
    writing = Text("写出行", "writing rows")
    portal = Portal(task.lake.settings, task.lake.ledger)
    made = exports.make(portal, task.parameters["export"], lambda rows: task.report(rows, None, writing))
    return {"export": made.number, "rows": made.rows, "bytes": made.bytes}


def _index(task: Task) -> Mapping[str, Any]:
    task.report(stage=Text("建立索引", "making the index"))
    portal = Portal(task.lake.settings, task.lake.ledger)
    return {"rows": portal.tables.prepare(task.parameters["table"]).rows}


EXPORT, INDEX = "export", "index"
KINDS = (
    Kind(
        EXPORT,
        Text("导出开放数据", "Export open data"),
        (),
        _export,
        (Parameter("export", Text("导出编号", "Number of the export"), "number", True),),
    ),
    Kind(
        INDEX,
        Text("为开放数据表建索引", "Index a table of open data"),
        (),
        _index,
        (Parameter("table", Text("文件校验和", "Checksum of the file"), "file", True),),
    ),
)
