"""What can go wrong with the monthly push."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound
from quanmin.text import Text


class BadMonth(Invalid):
    """What was typed is no month."""

    code = "QM-VITAL-111"
    title = Text("月份的写法不对", "that is no month")
    step = Text("月份写作 2026-10。", "Write a month as 2026-10.")


class MonthOpen(Conflict):
    """A month is pushed when it is over."""

    code = "QM-VITAL-112"
    title = Text("{month} 尚未结束", "{month} is not over yet")
    step = Text("请于次月 1 日至 5 日报送。", "Push it from the 1st to the 5th of the next month.")


class MonthClosed(Conflict):
    """Corrections of a year are taken until 20 February of the next."""

    code = "QM-VITAL-113"
    title = Text("{month} 的更正已于 {closed} 截止", "corrections of {month} ended on {closed}")
    step = Text("请联系上级主管部门。", "Ask the level above.")


class PushUnknown(NotFound):
    """There is no such package."""

    code = "QM-VITAL-114"
    title = Text("没有编号为 {package} 的报送包", "there is no package {package}")
    step = Text("请用 quanmin vital pushes 查看。", "See quanmin vital pushes.")


class AlreadyPushed(Conflict):
    """A month that was sent is corrected, not pushed again."""

    code = "QM-VITAL-115"
    title = Text("{month} 已报送（{package}）", "{month} was pushed already ({package})")
    step = Text("如有更正，请加 --correction-of {package}。", "To correct it, add --correction-of {package}.")


class NothingChanged(Conflict):
    """A correction says the same as what it corrects."""

    code = "QM-VITAL-116"
    title = Text("{month} 与 {package} 相比没有变化", "nothing of {month} changed since {package}")
    step = Text("无需更正。", "There is nothing to correct.")


class PackageBroken(Invalid):
    """A package is not what its manifest says."""

    code = "QM-VITAL-117"
    title = Text("报送包不完整或被改动：{file}（{fault}）", "the package is broken: {file} ({fault})")
    step = Text("请重新生成报送包。", "Make the package again.")


class NotAgreed(Denied):
    """No agreement covers a part of the package, or not all that it holds."""

    code = "QM-VITAL-118"
    title = Text("没有报送 {dataset} 的协议，或协议未含其全部项", "no agreement covers {dataset} with all its elements")
    step = Text("请先与上级签订该数据集的报送协议。", "Agree on that dataset with the level above first.")


class TooManyRuns(Conflict):
    """One action has more runs of numbers than its running number can tell apart."""

    code = "QM-VITAL-119"
    title = Text("出入库单 {movement} 的编号段过多", "action {movement} has too many runs of numbers")
    step = Text("请联系技术支持。", "Ask whoever maintains the program.")


class NotSent(Conflict):
    """What was not sent yet is made anew, not corrected."""

    code = "QM-VITAL-120"
    title = Text("报送包 {package} 尚未发出", "{package} was not sent yet")
    step = Text("请不加 --correction-of 重新生成。", "Make it anew without --correction-of.")
