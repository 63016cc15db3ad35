"""What can go wrong between births and base."""

from __future__ import annotations

from quanmin.errors import Conflict
from quanmin.text import Text


class NotJoined(Conflict):
    """Newborns were never joined to the base."""

    code = "QM-VITAL-110"
    title = Text("新生儿尚未与人口库关联", "newborns have not been joined to the base yet")
    step = Text("请先运行 quanmin vital birth join。", "Run quanmin vital birth join first.")
