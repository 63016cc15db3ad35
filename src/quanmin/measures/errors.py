"""What can go wrong with indicators."""

from __future__ import annotations

from quanmin.errors import Invalid, NotFound
from quanmin.text import Text


class UnknownIndicator(NotFound):
    """The catalogue has no indicator of this id."""

    code = "QM-MEASURES-002"
    title = Text("没有指标 {indicator}", "there is no indicator {indicator}")
    step = Text("用 quanmin measures list 查看指标", "see the indicators with: quanmin measures list")


class NoFigures(NotFound):
    """No figure of the indicator was computed yet."""

    code = "QM-MEASURES-003"
    title = Text("指标 {indicator} 尚未计算", "no figure of {indicator} has been computed yet")
    step = Text("运行：quanmin measures compute", "run: quanmin measures compute")


class BadPeriod(Invalid):
    """A period that is none."""

    code = "QM-MEASURES-004"
    title = Text("“{period}”不是期间", "{period} is not a period")
    step = Text("写作 2015、2015-Q1 或 2015-03", "write 2015, 2015-Q1 or 2015-03")


class NoSuchDivision(NotFound):
    """The code was never that of a division."""

    code = "QM-MEASURES-005"
    title = Text("从未有过区划代码 {region}", "{region} was never the code of a division")
    step = Text("六位区划代码；全国为 000000", "a code has six digits; the whole country is 000000")
