"""What exports refuse."""

from __future__ import annotations

from quanmin.errors import Conflict, Invalid, NotFound, Unavailable
from quanmin.text import Text


class TooManyExports(Unavailable):
    """Somebody has as many exports under way as one may."""

    code = "QM-EXPORTS-001"
    title = Text("您已有 {limit} 个导出在进行", "you have {limit} exports under way already")
    step = Text(
        "等其中一个完成，{seconds} 秒后再试。", "Wait until one of them is done; try again in {seconds} seconds."
    )


class UnknownExport(NotFound):
    """There is no such export."""

    code = "QM-EXPORTS-002"
    title = Text("没有编号为 {export} 的导出", "there is no export of the number {export}")
    step = Text("检查编号。", "Check its number.")


class BadExport(Invalid):
    """What an export is asked with is not of its shape."""

    code = "QM-EXPORTS-003"
    title = Text("导出请求的 {parameter} 有误", "{parameter} of the request for an export is wrong")
    step = Text("请求体的格式见接口文档。", "The description of the interface has the shape of the body.")


class NotMade(Conflict):
    """An export that is not done has no file."""

    code = "QM-EXPORTS-004"
    title = Text("导出 {export} 尚未完成", "the export {export} is not done")
    step = Text("稍后再取；其状态见导出的地址。", "Ask again later; its address tells its state.")
