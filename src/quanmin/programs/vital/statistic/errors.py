"""What is refused of vital statistics."""

from __future__ import annotations

from quanmin.errors import Conflict, Invalid, NotFound
from quanmin.text import Text


class NotMeasured(Conflict):
    """The counts were not made yet."""

    code = "QM-VITAL-130"
    title = Text("尚未汇总生命统计", "vital statistics have not been counted yet")
    step = Text("请先运行 quanmin vital measure。", "Run quanmin vital measure first.")


class RegionUnknown(NotFound):
    """There is no such division on the last day of the period."""

    code = "QM-VITAL-131"
    title = Text("{day} 没有行政区划 {region}", "there is no division {region} on {day}")
    step = Text(
        "请用该日有效的六位代码，全国为 000000。", "Use a six-digit code valid on that day, 000000 for the nation."
    )


class PeriodWrong(Invalid):
    """The period is none that figures are made of."""

    code = "QM-VITAL-132"
    title = Text("不能统计 {last} 年止的 {years} 年", "no figures of {years} years to {last}")
    step = Text(
        "年份须有出生和死亡登记；多年合计为 1、3 或 5 年，统计用途下须为该长度的整段（如 2011-2015）。",
        "The years need certificates of births and deaths; 1, 3 or 5 of them, for statistics a whole block such as 2011-2015.",
    )
