"""What a self-check raises."""

from __future__ import annotations

from quanmin.errors import Conflict
from quanmin.text import Text


class SelfCheckFailed(Conflict):
    """At least one row of the self-check failed."""

    code = "QM-SELFCHECK-001"
    title = Text("自查有 {count} 项未通过：第 {rows} 项", "the self-check fails in {count} rows: {rows}")
    step = Text("请按各项证据处理后再次自查。", "Act on the evidence of each row, then check again.")
