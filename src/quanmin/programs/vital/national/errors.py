"""What the check of the national register refuses."""

from __future__ import annotations

from quanmin.errors import Conflict, Invalid
from quanmin.text import Text


class BadPeriod(Invalid):
    """The period is neither a year nor a month."""

    code = "QM-VITAL-080"
    title = Text("期间“{period}”写法不对", "{period} is no period")
    step = Text("写年份或年月，如 2024、2024-05。", "Write a year or a month: 2024, 2024-05.")


class NothingToCheck(Conflict):
    """A dataset that the check needs was not collected yet."""

    code = "QM-VITAL-081"
    title = Text("尚未采集 {dataset}，无法检查", "{dataset} has not been collected yet; nothing can be checked")
    step = Text("先采集：quanmin collect {dataset} 文件", "collect it first: quanmin collect {dataset} FILE")
