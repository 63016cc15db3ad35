"""What can be wrong with a question for a template. A wrong file of one is an error of the catalogue, with its line."""

from __future__ import annotations

from quanmin.errors import Invalid, NotFound
from quanmin.text import Text


class TemplateUnknown(NotFound):
    """The sharing table has no item of this number."""

    code = "QM-EXCHANGE-120"
    title = Text("共享目录中没有第 {number} 项", "the sharing table has no item {number}")
    step = Text(
        "用 quanmin exchange template list 查看有哪些项。", "See which there are with: quanmin exchange template list"
    )


class PeriodBackwards(Invalid):
    """An agreement would end before it starts."""

    code = "QM-EXCHANGE-121"
    title = Text(
        "协议的终止日期 {until} 早于起始日期 {starts}",
        "the agreement would end on {until}, before it starts on {starts}",
    )
    step = Text("请给出不早于起始日期的终止日期。", "Give a last day that is not before the first.")


class SameSides(Invalid):
    """An agency would share with itself."""

    code = "QM-EXCHANGE-122"
    title = Text("提供方与使用方都是 {member}", "provider and consumer are both {member}")
    step = Text("请给出两个不同的部门。", "Name two agencies.")
