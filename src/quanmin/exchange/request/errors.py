"""What a request is refused for."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound
from quanmin.text import Text


class RequestUnreadable(Invalid):
    """The body of a request is none."""

    code = "QM-EXCHANGE-061"
    title = Text("请求无法读取：{where}", "the request cannot be read: {where}")
    step = Text("手册“交换接口”一页有请求的样例。", "The manual's page of the interface shows a request.")


class NotAgreed(Denied):
    """The agreement gives no such operation, or not in this direction."""

    code = "QM-EXCHANGE-062"
    title = Text(
        "协议 {agreement} 未约定“{operation}”", "the agreement {agreement} does not give the operation {operation}"
    )
    step = Text("请按协议约定的方式请求，或修订协议。", "Ask what was agreed on, or have the agreement revised.")


class CaseNeeded(Denied):
    """The agreement asks for a case number with every request."""

    code = "QM-EXCHANGE-063"
    title = Text("协议 {agreement} 要求办件号", "the agreement {agreement} asks for a case number")
    step = Text("请在报文头 exchange-case 中填写办件号。", "Give the number of the case in the header exchange-case.")


class QuotaSpent(Conflict):
    """So many requests as the agreement allows a day were made."""

    code = "QM-EXCHANGE-064"
    title = Text("协议 {agreement} 当日 {quota} 次请求已用完", "the {quota} requests a day of {agreement} are spent")
    step = Text("请明日再试，或修订协议。", "Ask again tomorrow, or have the agreement revised.")


class TooManyKeys(Invalid):
    """More records at once than a request may ask for."""

    code = "QM-EXCHANGE-065"
    title = Text("一次请求最多 {limit} 条，现为 {count} 条", "a request asks for {limit} records at most, not {count}")
    step = Text("请分次请求，或约定推送。", "Ask several times, or agree on a push.")


class NothingHere(NotFound):
    """This node has no such data."""

    code = "QM-EXCHANGE-066"
    title = Text("本节点没有数据集 {dataset} 的数据", "this node has no data of {dataset}")
    step = Text("请提供方先采集该数据集。", "The provider collects it first.")
