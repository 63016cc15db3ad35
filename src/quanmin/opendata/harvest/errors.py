"""What the harvester refuses. A source is told by its name; an address by its host at most."""

from __future__ import annotations

from quanmin.errors import Conflict, Invalid, NotFound, Unavailable
from quanmin.text import Text


class BadSource(Invalid):
    """A source cannot be as it was given."""

    code = "QM-HARVEST-001"
    title = Text("收割来源的 {field} 有误：应为 {allowed}", "the {field} of the source is wrong: it is {allowed}")
    step = Text("请更正后重新登记。", "Correct it and add the source again.")


class SourceKnown(Conflict):
    """There is a source of this name."""

    code = "QM-HARVEST-002"
    title = Text("已有名为 {source} 的收割来源", "there is a source named {source}")
    step = Text("请另取名称，或先停用原来源。", "Choose another name, or stop that source first.")


class NoSuchSource(NotFound):
    """No active source has this name."""

    code = "QM-HARVEST-003"
    title = Text("没有名为 {source} 的收割来源", "there is no source named {source}")
    step = Text("用 quanmin harvest list 查看。", "See `quanmin harvest list`.")


class SourceAway(Unavailable):
    """The source did not answer, or not as it must; nothing was changed."""

    code = "QM-HARVEST-004"
    title = Text("收割来源 {source} 无法读取：{reason}", "the source {source} cannot be read: {reason}")
    step = Text("目录未作任何更改；稍后重试。", "Nothing in the catalogue was changed; try again later.")


class ElsewhereRefused(Invalid):
    """The source leads to another host than the one that was named."""

    code = "QM-HARVEST-005"
    title = Text(
        "收割来源 {source} 指向登记以外的主机，未访问",
        "the source {source} leads to a host that was not named; not asked",
    )
    step = Text("如属正常，请以新地址另行登记来源。", "If that is right, add a source with the new address.")


class TooMuch(Invalid):
    """The source is larger or slower than anything that is read."""

    code = "QM-HARVEST-006"
    title = Text("收割来源 {source} 超过上限：{limit}", "the source {source} is beyond the limit: {limit}")
    step = Text("目录未作任何更改；请核对来源地址。", "Nothing was changed; check the address of the source.")


class Unreadable(Invalid):
    """What came is not of the format of the source."""

    code = "QM-HARVEST-007"
    title = Text(
        "收割来源 {source} 第 {page} 页不是有效的 {format}：{reason}",
        "page {page} of the source {source} is no {format}: {reason}",
    )
    step = Text("目录未作任何更改；请告知来源维护者。", "Nothing was changed; tell whoever keeps the source.")


class PageLoop(Invalid):
    """The pages of a source lead back to one that was read."""

    code = "QM-HARVEST-008"
    title = Text(
        "收割来源 {source} 的分页在第 {page} 页循环", "the pages of the source {source} go in a circle at page {page}"
    )
    step = Text("目录未作任何更改；请告知来源维护者。", "Nothing was changed; tell whoever keeps the source.")


class NothingThere(Conflict):
    """A source that had records has none: more likely broken than empty."""

    code = "QM-HARVEST-009"
    title = Text(
        "收割来源 {source} 为空，而此前有 {known} 条记录", "the source {source} is empty; it had {known} records"
    )
    step = Text(
        "未撤回任何记录；确属清空时用 --accept-empty。", "Nothing was withdrawn; say --accept-empty if it is meant."
    )
